"""What tests of shared pages look at again and again."""

from __future__ import annotations

from bs4 import BeautifulSoup
from sqlalchemy import select

from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import ShareLink

PASSCODE = "open sesame"


def views(database: Database) -> int:
    with database.reading(EVERY_ORGANISATION) as session:
        return session.scalars(select(ShareLink.views)).one()


def figures(page: BeautifulSoup, within: str = "#results") -> list[str]:
    found = page.select(f"{within} .headline .figure, {within} .headline .range, {within} .headline .pays")
    return [" ".join(each.get_text().split()) for each in found]
