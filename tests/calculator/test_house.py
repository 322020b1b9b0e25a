"""An organisation's own value counts as an estimate does, and is told as what it is, with its reason."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from assumptions import Library, load_library
from calculator import InputError, evaluate, parse_scenario
from calculator.house import HOUSE_PATHS, unnumbered
from calculator.quantity import Range
from calculator.resolve import resolve
from calculator.serialize import given_dict
from tests.strategies import scenarios
from web.clinic_toml import read_toml, write_toml

CLINIC: dict[str, Any] = {
    "clinic": {"setting": "outpatient", "intakes_per_month": 40, "no_show_rate": 0.1},
    "payers": [{"collection_rate": 0.9}],
    "analysis": {"draws": 64, "horizon_months": 24},
    "house": {
        "clinic.no_show_rate": "our audit of 2025",
        "payers.1.collection_rate": "billing report: all sites",
        "analysis.horizon_months": "the contract's length",
    },
}
PLAIN = {key: value for key, value in CLINIC.items() if key != "house"}


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def given_paths(data: dict[str, Any]) -> list[str]:
    """Return the paths of a scenario's numbers that an organisation may set."""
    rows = [(f"payers.{row}", payer) for row, payer in enumerate(data["payers"], 1)]
    tables = [(name, data[name]) for name in ("clinic", "program", "analysis")]
    found = [f"{prefix}.{key}" for prefix, table in (*tables, *rows) for key in table]
    return [path for path in found if unnumbered(path) in HOUSE_PATHS]


@settings(max_examples=40)
@given(data=scenarios(), chosen=st.data())
def test_the_result_is_that_of_the_same_value_typed_as_an_estimate(data: dict[str, Any], chosen: st.DataObject) -> None:
    library = load_library()
    data["clinic"]["measured"] = []
    paths = given_paths(data)
    named = chosen.draw(st.lists(st.sampled_from(paths), unique=True, min_size=1)) if paths else []
    typed = evaluate(parse_scenario(data), library)
    house = evaluate(parse_scenario(data | {"house": dict.fromkeys(named, "because")}), library)
    one, other = typed.to_dict(), house.to_dict()
    for told in (one, other):
        told.pop("sources"), told.pop("reproducibility"), told["inputs"].pop("house", None)
    assert one == other
    differ = {path for path, source in house.resolved.sources.items() if source != typed.resolved.sources[path]}
    assert differ == set(named)
    assert all(house.resolved.sources[path] == "organisation: because" for path in named)


def test_it_is_told_with_its_reason_and_is_nobody_elses(library: Library) -> None:
    resolved = resolve(parse_scenario(CLINIC), library)
    assert resolved.sources["clinic.no_show_rate"] == "organisation: our audit of 2025"
    assert resolved.sources["payers.1.collection_rate"] == "organisation: billing report: all sites"
    assert resolved.sources["analysis.horizon_months"] == "organisation: the contract's length"
    assert resolved.sources["clinic.intakes_per_month"] == "estimate"
    item = resolved.inputs["clinic.no_show_rate"]
    assert (item.kind, item.own, item.note) == ("organisation", False, "our audit of 2025")


def test_digests_differ_by_it_and_stay_as_they_were_without_it(library: Library) -> None:
    plain, empty, house = (evaluate(parse_scenario(data), library) for data in (PLAIN, PLAIN | {"house": {}}, CLINIC))
    assert plain.to_dict() == empty.to_dict()
    assert plain.reproducibility.inputs_sha256 != house.reproducibility.inputs_sha256
    assert "house" not in plain.to_dict()["inputs"]
    assert house.to_dict()["inputs"]["house"] == CLINIC["house"]


def test_a_file_keeps_it() -> None:
    scenario = parse_scenario(CLINIC)
    assert parse_scenario(read_toml(write_toml(scenario).encode())) == scenario
    assert parse_scenario(given_dict(scenario)) == scenario


@pytest.mark.parametrize("reason", ['"quoted" \\ back', "ünïcode – dash", "[table] # no comment"])
def test_a_reason_comes_through_a_file_whatever_stands_in_it(reason: str) -> None:
    scenario = parse_scenario(CLINIC | {"house": {"clinic.no_show_rate": reason}})
    assert parse_scenario(read_toml(write_toml(scenario).encode())).house == {"clinic.no_show_rate": reason}


WRONG: dict[str, tuple[Any, str]] = {
    "no table": ("audit", "it is a table"),
    "no such number": ({"clinic.colour": "x"}, "is no number that an organisation may set"),
    "only the clinic knows": ({"clinic.intakes_per_month": "x"}, "is no number that an organisation may set"),
    "no such payer": ({"payers.9.collection_rate": "x"}, "is no number that an organisation may set"),
    "a payer without a number": ({"payers.collection_rate": "x"}, "is no number that an organisation may set"),
    "no value": ({"clinic.dropout_rate": "x"}, "has a reason and no value"),
    "a payer that is not there": ({"payers.2.collection_rate": "x"}, "has a reason and no value"),
    "no reason": ({"clinic.no_show_rate": " "}, "is empty"),
    "a long reason": ({"clinic.no_show_rate": "x" * 301}, "at most 300"),
    "two lines": ({"clinic.no_show_rate": "two\nlines"}, "cannot be printed"),
    "no text": ({"clinic.no_show_rate": 7}, "it is text"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_it_is_said_at_its_path(wrong: str) -> None:
    house, said = WRONG[wrong]
    with pytest.raises(InputError) as error:
        parse_scenario(PLAIN | {"house": house})
    (problem,) = error.value.problems
    assert problem.path.startswith("house")
    assert said in problem.message


@pytest.mark.parametrize("name", ["no_show_rate", "clinic.no_show_rate"])
def test_a_number_is_the_organisations_or_measured(name: str) -> None:
    clinic = CLINIC["clinic"] | {"measured": [name]}
    with pytest.raises(InputError, match="not both"):
        parse_scenario(CLINIC | {"clinic": clinic})


def test_a_range_may_be_set_too(library: Library) -> None:
    span = {"low": 0.05, "likely": 0.1, "high": 0.2}
    scenario = parse_scenario(CLINIC | {"clinic": CLINIC["clinic"] | {"no_show_rate": span}})
    item = resolve(scenario, library).inputs["clinic.no_show_rate"]
    assert item.kind == "organisation"
    assert item.distribution.kind == "pert"
    assert isinstance(item.given, Range)
