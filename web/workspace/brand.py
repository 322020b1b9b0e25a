"""The brand of an organisation: on the proposals and batches that its members make, in place of the server's own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from flask import current_app
from sqlalchemy.orm import Session

from calculator import InputError, Problem
from calculator.language import gettext as _
from calculator.language import mark
from reports.brand import Brand, parse_brand
from reports.brand.logo import paper_logo
from web.accounts.visitor import Visitor, current_visitor
from web.settings import current_settings
from web.storage import current_database
from web.storage.base import Json
from web.storage.tables import Organisation
from web.workspace.audit import record

LOGO: Final = "seller"  # of the two logos that a proposal may bear: the other is the client's
#: Fields of the form, as paths of BRAND.toml, in the words of the page.
FIELDS: Final = {
    "seller.name": mark("Name"),
    "seller.product": mark("What you sell, in one line"),
    "seller.prepared_by": mark("Who prepares proposals"),
    "seller.email": mark("E-mail address"),
    "seller.phone": mark("Telephone"),
    "seller.website": mark("Website"),
    "colours.accent": mark("Colour"),
    "text.disclaimer": mark("Disclaimer"),
    "text.next_steps": mark("Next steps"),
}
LISTS: Final = ("text.disclaimer", "text.next_steps")


def tables_of(typed: Mapping[str, str]) -> Json:
    """Return what was typed as the tables of BRAND.toml, without what is blank."""
    tables: Json = {}
    for path in FIELDS:
        text = typed.get(path, "").strip()
        if text:
            table, _dot, key = path.partition(".")
            tables.setdefault(table, {})[key] = text
    if "text" in tables and "next_steps" in tables["text"]:  # one a line
        steps = [line.strip() for line in tables["text"]["next_steps"].splitlines()]
        tables["text"]["next_steps"] = [line for line in steps if line]
    return tables


def texts_of(tables: Mapping[str, Any]) -> dict[str, str]:
    """Return the tables as they stand in the form."""
    found = {path: tables.get(path.partition(".")[0], {}).get(path.partition(".")[2], "") for path in FIELDS}
    return {path: value if isinstance(value, str) else "\n".join(value) for path, value in found.items()}


def brand_from(tables: Mapping[str, Any], logo: bytes | None) -> Brand:
    """Return a brand.

    Raises:
        InputError: with everything that is wrong, by path of BRAND.toml.
    """
    if logo is None:
        return parse_brand(tables)
    return parse_brand({**tables, "logos": {LOGO: "logo"}}, {LOGO: logo})


def checked(typed: Mapping[str, str], logo: bytes | None, name: str) -> Json:
    """Return what was typed as tables, when it makes a brand.

    Args:
        typed: texts by path.
        logo: a new one; None to keep what there is.
        name: of the new logo's file.

    Raises:
        InputError: with everything that is wrong, by path.
    """
    tables, problems = tables_of(typed), list[Problem]()
    try:
        parse_brand(tables)
    except InputError as error:
        problems += [_placed(problem) for problem in error.problems]
    if logo is not None:
        try:
            paper_logo(logo)
        except ValueError as fault:
            problems.append(Problem("logo", f"“{name}”{fault}"))
    if problems:
        raise InputError(problems)
    return tables


def save(session: Session, visitor: Visitor, tables: Json, logo: bytes | None, *, drop_logo: bool) -> None:
    """Keep a brand that was checked; ``logo`` takes the place of the one before, which else stays or is dropped."""
    mine = session.get_one(Organisation, visitor.organisation)
    mine.brand = tables
    if logo is not None or drop_logo:
        mine.logo = logo
    record(session, visitor, "changed", "brand", mine.id)


def reset(session: Session, visitor: Visitor) -> None:
    """Go back to the server's brand."""
    mine = session.get_one(Organisation, visitor.organisation)
    mine.brand, mine.logo = {}, None
    record(session, visitor, "deleted", "brand", mine.id)


def own_brand(organisation: Organisation) -> Brand | None:
    """Return the brand of an organisation, None where it has none of its own."""
    if not organisation.brand and organisation.logo is None:
        return None
    try:
        return brand_from(organisation.brand, organisation.logo)
    except InputError:  # checked by a release that was less strict; a proposal without it is better than none
        current_app.logger.error("the brand of organisation %s cannot be used", organisation.id)
        return None


def brand_of(organisation: uuid.UUID | None) -> Brand:
    """Return the brand of an organisation's proposals: its own, else the server's."""
    if organisation is None:
        return current_settings().brand
    with current_database().reading(organisation) as session:
        found = session.get(Organisation, organisation)
    return (own_brand(found) if found else None) or current_settings().brand


def current_brand() -> Brand:
    """Return the brand of the proposals that whoever sent this request makes."""
    return brand_of(current_visitor().organisation)


def _placed(problem: Problem) -> Problem:
    """Return a problem at its field, in a sentence: the faults of a list are those of its one field."""
    path = next((each for each in FIELDS if problem.path == each or problem.path.startswith(f"{each}.")), problem.path)
    return Problem(path, f"{_(FIELDS[path])} {problem.message}" if path in FIELDS else problem.message)
