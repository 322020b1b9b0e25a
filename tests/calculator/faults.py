"""What tests of bad input share: refused data, and the plain clinic with one thing wrong."""

from __future__ import annotations

from typing import Any

import pytest

from calculator import InputError, Problem, parse_scenario
from tests.calculator.clinics import plain, with_changes

MINIMAL: dict[str, Any] = {
    "clinic": {"setting": "outpatient", "intakes_per_month": 40},
    "payers": [{"allowed_per_unit": 140.0}],
}


def problems(data: Any) -> tuple[Problem, ...]:
    """Return what is wrong with data that must be refused."""
    with pytest.raises(InputError) as caught:
        parse_scenario(data)
    assert caught.value.problems
    return caught.value.problems


def only(data: Any, path: str) -> str:
    """Return the message of the one problem there must be, at ``path``."""
    found = problems(data)
    assert [problem.path for problem in found] == [path]
    return found[0].message


def bad(path: str, value: Any) -> dict[str, Any]:
    """Return the plain clinic with one value replaced; a single payer, so that shares do not interfere."""
    data = plain()
    data["payers"] = data["payers"][:1]
    data["payers"][0]["share"] = 1.0
    return with_changes(data, {path: value})
