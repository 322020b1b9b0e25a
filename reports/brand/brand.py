"""A brand: whose proposal it is, what they sell, and how it looks. Everything in it may be left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from reports.brand.colours import EYES, FROM_LOST, apart, readable, roles, taken_for
from reports.brand.logo import Logo
from reports.tokens import load_tokens

SCHEMA = "rapport.brand/1"


@dataclass(frozen=True)
class Brand:
    """What BRAND.toml says, checked; ``Brand()`` is the plain one. Frozen, hashable, and fit to be pickled.

    Attributes:
        seller: the name of who makes the offer.
        product: what they sell, in one line.
        prepared_by: the person who prepared it.
        email: where to write to that person.
        phone: where to call.
        website: with its scheme, http or https.
        seller_logo: the seller's logo.
        client_logo: the logo of whom the proposal is for.
        accent: the brand colour as ``#rrggbb``, which text can have on our paper; empty for ours.
        disclaimer: paragraphs.
        next_steps: in place of the proposal's own; empty for those.
    """

    seller: str = ""
    product: str = ""
    prepared_by: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    seller_logo: Logo | None = None
    client_logo: Logo | None = None
    accent: str = ""
    disclaimer: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()

    def palette(self) -> Mapping[str, str]:
        """Return the colour of each role on paper: our light scheme with the brand's tones in it.

        Besides the roles of ``tokens.toml`` there are ``brand`` (areas in the brand colour), ``on_brand`` (text on
        them) and ``brand_edge`` (the brand's own tone for text and lines).
        """
        return _palette(self.accent)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what whoever wrote the file should know, though nothing is wrong: one plain sentence each."""
        light = load_tokens().light
        role = taken_for(self.accent, light) if self.accent else ""
        if not role:
            return ()
        if role == "cost":
            what = f"close to the slate of costs ({light['cost']})"
        else:
            eyes = [kind for kind in EYES if apart(self.accent, light["lost"], kind) < FROM_LOST]
            whose = "" if "most" in eyes else f" to eyes with {' or '.join(eyes)}"
            what = f"close to the clay of what is lost ({light['lost']}){whose}"
        return (
            f"colours.accent {self.accent} is {what}. It is used for the cover, headings and rules; charts and figures "
            "of what is kept stay in our teal, so that nobody takes a gain for a loss or a cost.",
        )

    def attachment(self) -> dict[str, Any]:
        """Return the brand as plain data for JSON: the texts and the colour, and of each logo its fingerprint.

        It has the tables and keys of BRAND.toml, and only what was given.
        """
        seller = {"name": self.seller} | {key: getattr(self, key) for key in CONTACT}
        logos = {key: logo.fingerprint for key, logo in self.logos.items()}
        tables: dict[str, Mapping[str, Any]] = {
            "seller": seller,
            "logos": logos,
            "colours": {"accent": self.accent},
            "text": {"disclaimer": list(self.disclaimer), "next_steps": list(self.next_steps)},
        }
        filled = {name: {key: value for key, value in table.items() if value} for name, table in tables.items()}
        return {"schema": SCHEMA} | {name: table for name, table in filled.items() if table}

    @classmethod
    def from_attachment(cls, data: Mapping[str, Any]) -> Brand:
        """Return the brand that an attachment tells of, without its logos.

        Raises:
            InputError: if it is not what :meth:`attachment` writes.
        """
        from reports.brand.parse import parse_attachment

        return parse_attachment(data)

    @property
    def logos(self) -> Mapping[str, Logo]:
        """Return the logos there are, as ``seller`` and ``client``."""
        both = {"seller": self.seller_logo, "client": self.client_logo}
        return {key: logo for key, logo in both.items() if logo is not None}


CONTACT = ("product", "prepared_by", "email", "phone", "website")  # keys of [seller] besides its name


@lru_cache(maxsize=64)
def _palette(accent: str) -> Mapping[str, str]:
    light = load_tokens().light
    ours = {"brand": light["kept"], "on_brand": light["on_kept"], "brand_edge": readable(light["kept"], light)}
    return MappingProxyType({**light, **(roles(accent, light) if accent else ours)})
