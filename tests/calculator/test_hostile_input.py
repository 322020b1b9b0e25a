"""Input that was made to break things: refused in readable lines, and nothing else happens."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assumptions import load_library
from calculator import InputError, Problem, parse_scenario, resolve
from calculator.resolve import QUANTITIES
from tests.calculator.clinics import plain, with_changes
from tests.calculator.faults import MINIMAL, bad, problems

PLACES = [path for path in QUANTITIES if not path.startswith("payers.") or path.startswith("payers.1.")]
PLACES += ["analysis.seed", "analysis.draws", "analysis.horizon_months", "clinic.setting", "clinic.measured"]


def assert_is_readable(found: tuple[Problem, ...]) -> None:
    """One line a problem, of a length that a person reads, in characters that any terminal takes."""
    for problem in found:
        text = str(problem)
        assert "\n" not in text
        assert "\r" not in text
        assert "\x1b" not in text
        assert len(text) < 1200, len(text)
        text.encode()


def nested(depth: int) -> list[Any]:
    """Return a list in a list in a list …"""
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


HOSTILE: list[Any] = [
    10**5000,
    -(10**5000),
    "\ud800",
    "a\nb",
    "\x1b[31mred",
    "x" * 100_000,
    "<script>alert(1)</script>",
    nested(50),
    {"low": {"low": {"low": 1}}},
    {"a\nb": 1},
    b"\xff",
    "0x10",
    "1e999",
    "NaN",
    "99999999999999999999%",
    1e308,
    -0.5,
    {"low": 1e308, "likely": 1e308, "high": 1e308},
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("path", ["clinic.setting", "clinic.currency", "clinic.measured", "clinic.dropout_rate",
                                  "payers.1.share", "program.evidence_road", "analysis.seed"])  # fmt: skip
def test_hostile_values(path: str, value: Any) -> None:
    assert_is_readable(problems(bad(path, value)))


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("table", ["clinic", "payers", "program", "analysis", "clinic.measured"])
def test_hostile_tables(table: str, value: Any) -> None:
    data = bad(table, [value]) if table == "clinic.measured" else {**MINIMAL, table: value}
    assert_is_readable(problems(data))


@pytest.mark.parametrize("key", ["a\nb", "\x1b[31m", "x" * 50_000, "", " ", "clinic.name", "__class__", "\ud800", "é"])
def test_hostile_keys(key: str) -> None:
    assert_is_readable(problems({**MINIMAL, key: 1}))
    for table in ("clinic", "program", "analysis"):
        assert_is_readable(problems(bad(f"{table}.x", 1) | {table: {**plain()[table], key: 1}}))
    assert_is_readable(problems({**MINIMAL, "payers": [{"allowed_per_unit": 1.0, key: 1}]}))
    assert_is_readable(problems(bad("clinic.dropout_rate", {"low": 0.1, "likely": 0.2, "high": 0.3, key: 1})))


def test_names_that_no_file_can_hold_are_refused() -> None:
    """Half a surrogate pair is no character: it could be neither hashed nor printed nor saved later."""
    assert_is_readable(problems(bad("clinic.name", "\ud800")))
    assert_is_readable(problems(bad("payers.1.name", "\udfff")))


def test_keys_that_are_not_text() -> None:
    """Not from TOML or JSON, but from a notebook."""
    assert_is_readable(problems({**MINIMAL, 3: 1}))
    assert_is_readable(problems({**MINIMAL, "clinic": {**MINIMAL["clinic"], 3: 1}}))
    assert_is_readable(problems(bad("clinic.dropout_rate", {"low": 0.1, "likely": 0.2, "high": 0.3, "x": 1, 3: 1})))


@pytest.mark.parametrize("data", [None, [], "text", 3, [MINIMAL], True])
def test_data_that_are_no_table_at_all(data: Any) -> None:
    assert_is_readable(problems(data))


def test_very_deep_nesting() -> None:
    for path in ("clinic.setting", "clinic.dropout_rate", "clinic.measured", "payers"):
        assert_is_readable(problems(bad(path, nested(100_000))))


KEYS = [path.split(".")[-1] for path in QUANTITIES]
KEYS += ["setting", "name", "currency", "measured", "evidence_road", "practice_capacity", "seed", "draws"]
KEYS += ["low", "likely", "high"]
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["outpatient", "iop", "mixed", "program", "USD", 0.3, 12, 1.0, 40])
)  # fmt: skip
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=6), inner),
    max_leaves=12,
)


@given(data=st.dictionaries(st.sampled_from(["clinic", "payers", "program", "analysis"]) | st.text(max_size=6), JUNK))
@settings(max_examples=150)
def test_junk_is_refused_and_nothing_else_happens(data: dict[str, Any]) -> None:
    try:
        scenario = parse_scenario(data)
        resolve(scenario, load_library())
    except InputError as error:
        assert_is_readable(error.problems)


@given(values=st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=5))
@settings(max_examples=150)
def test_junk_in_known_places_is_refused_and_nothing_else_happens(values: list[tuple[str, Any]]) -> None:
    data = plain()
    for path, value in values:
        data = with_changes(data, {path: value})
    try:
        scenario = parse_scenario(data)
        resolve(scenario, load_library())
    except InputError as error:
        assert_is_readable(error.problems)
