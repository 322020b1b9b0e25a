"""What an attachment asks for: a scenario, and how its proposal was to look; checked before anything is computed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn, cast

from calculator.errors import InputError
from calculator.parse import parse_scenario
from calculator.quantity import shown
from calculator.result import SCHEMA
from calculator.scenario import Scenario
from calculator.serialize import canonical
from reports.attachment import NAME
from reports.brand import Brand
from reports.proposal import FORMS, Form

LONGEST = 10_000  # letters of a name on the cover
MOST_BESIDE = 50
KEYS = ("form", "page_size", "language", "prepared_for", "prepared_by", "prepared_on", "brand", "beside")


class DifferenceError(Exception):
    """The file is not what Rapport writes; the text says where first."""


@dataclass(frozen=True)
class Asked:
    """What it takes to make the document again."""

    given: Scenario
    form: Form
    page_size: str
    language: str
    prepared_for: str
    prepared_by: str
    prepared_on: date | None
    brand: Brand
    beside: tuple[Scenario, ...]

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Return every scenario that has to be computed."""
        return (self.given, *self.beside)


def read_data(content: bytes) -> dict[str, Any]:
    """Return what stands in an attachment.

    Raises:
        DifferenceError: if it is not the published JSON with what a proposal adds, in its one canonical form.
    """
    try:
        data = json.loads(content.decode("utf-8"), parse_constant=_no_constant)
        written = f"{canonical(data)}\n".encode()
    except RecursionError:
        raise DifferenceError(f"{NAME} is nested too deeply") from None
    except ValueError as error:
        raise DifferenceError(f"{NAME} is not JSON: {_line(str(error))}") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = shown(data.get("schema")) if isinstance(data, dict) else shown(data)
        raise DifferenceError(f"schema: {NAME} is of {found}, and {SCHEMA} is what this command knows")
    for key in ("given", "document"):
        if not isinstance(data.get(key), dict):
            raise DifferenceError(f"{key}: {NAME} does not say it, so the proposal cannot be made again")
    if written != content:
        raise DifferenceError(f"{NAME} is not in its one canonical form (sorted keys, no blanks): it was changed")
    return data


def read_asked(data: Mapping[str, Any]) -> Asked:
    """Return what the keys ``given`` and ``document`` of an attachment ask for.

    Raises:
        DifferenceError: where they ask for something that Rapport refuses.
    """
    document = data["document"]
    wrong = next((key for key in (*KEYS, *document) if (key in document) != (key in KEYS)), "")
    if wrong:
        raise DifferenceError(f"document.{_line(wrong)}: {'unknown' if wrong in document else 'missing'}")
    for key in ("page_size", "language", "prepared_for", "prepared_by"):
        if not isinstance(document[key], str) or len(document[key]) > LONGEST:
            raise DifferenceError(f"document.{key} is {shown(document[key])}; it is text")
    if document["form"] not in tuple(FORMS):
        raise DifferenceError(f"document.form is {shown(document['form'])}; it is {' or '.join(FORMS)}")
    if document["page_size"].upper() not in ("A4", "LETTER"):
        raise DifferenceError(f"document.page_size is {shown(document['page_size'])}; it is A4 or Letter")
    others = document["beside"]
    if not isinstance(others, list) or len(others) > MOST_BESIDE:
        raise DifferenceError(f"document.beside is {shown(others)}; it is a list of at most {MOST_BESIDE} scenarios")
    return Asked(
        given=_scenario(data["given"], "given"),
        form=cast(Form, document["form"]),
        page_size=document["page_size"],
        language=document["language"],
        prepared_for=document["prepared_for"],
        prepared_by=document["prepared_by"],
        prepared_on=_day(document["prepared_on"]),
        brand=_brand(document["brand"]),
        beside=tuple(_scenario(other, f"document.beside.{place}") for place, other in enumerate(others, 1)),
    )


def _scenario(given: Any, path: str) -> Scenario:
    try:
        return parse_scenario(given)
    except InputError as error:
        raise DifferenceError(f"{path}.{error.problems[0]}") from None


def _brand(given: Any) -> Brand:
    try:
        return Brand.from_attachment(given)
    except InputError as error:
        raise DifferenceError(f"document.brand.{error.problems[0]}") from None


def _day(given: Any) -> date | None:
    try:
        return None if given is None else date.fromisoformat(given)
    except (TypeError, ValueError):
        raise DifferenceError(f"document.prepared_on is {shown(given)}; it is a date such as 2026-11-25") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number JSON knows")


def _line(text: str) -> str:
    return "".join(sign if sign.isprintable() else "□" for sign in text[:120])
