"""Administration of an organisation, a page a topic: members, keys, brand, house values, audit log, data."""

from web.pages.administration import audit, brand, data, house, keys, members
from web.pages.administration.blueprint import bp

__all__ = ["audit", "bp", "brand", "data", "house", "keys", "members"]
