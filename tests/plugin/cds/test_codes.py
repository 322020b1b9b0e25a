"""What codes mean: what holds at first, what a clinic changes, and everything that is wrong with its table at once."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assumptions import load_library
from plugin.cds import CodeMap, read_codes, usual_codes
from plugin.cds.codes import ScaleCode
from plugin.errors import PluginError
from plugin.records import MEASURES, SETTINGS

OWN = """
[[measure]]
measure = "symptoms"
system = "https://clinic.example/codes"
code = "OQ-45"
scale_min = 0
scale_max = 180

[[measure]]
measure = "bond"
questionnaire = "https://clinic.example/Questionnaire/alliance"
link_id = "bond-sum"
scale_min = 1.0
scale_max = 7.0

[[setting]]
system = "https://clinic.example/levels"
code = "2.1"
setting = "iop"

[care]
usual_setting = "php"
planned_units = { php = 20 }
"""

WRONG = """
[[measure]]
measure = "mood"
system = "has blank"
scale_min = 5
scale_max = 5

[[measure]]
measure = "bond"
questionnaire = "https://clinic.example/q|2"
scale_min = "1"
scale_max = true
extra = 1

[[measures]]
measure = "goals"

[[setting]]
code = "x"
setting = "outpatient"

[[setting]]
system = "s"
code = "y"
setting = "hospital"

[care]
usual_setting = "home"
planned = 3
planned_units = { outpatient = 0, home = 3.5 }
"""


def read(text: str) -> CodeMap:
    return read_codes(tomllib.loads(text), usual_codes(), "codes.toml")


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(PluginError) as caught:
        read(text)
    return tuple(caught.value.problems)


def test_the_usual_codes_cover_every_measure_and_setting() -> None:
    codes = usual_codes()
    assert {scale.measure for scale in codes.scales.values()} == set(MEASURES)
    assert set(codes.settings.values()) == set(SETTINGS)
    assert codes.usual_setting == "outpatient"
    for name in SETTINGS:
        assert codes.planned_units[name] == round(load_library().settings[name].defaults["clinic.planned_units"].value)
    # LOINC: 44261-6 is the total of nine items from 0 to 3, 70274-6 that of seven
    assert codes.scales["http://loinc.org", "44261-6"].scale_max == 9 * 3
    assert codes.scales["http://loinc.org", "70274-6"].scale_max == 7 * 3


def test_a_clinics_own_codes_replace_those_of_the_same_measure_and_add_settings() -> None:
    codes = read(OWN)
    symptoms = [scale for scale in codes.scales.values() if scale.measure == "symptoms"]
    assert symptoms == [ScaleCode("symptoms", "https://clinic.example/codes", "OQ-45", 0.0, 180.0)]
    address = "https://clinic.example/Questionnaire/alliance"
    assert codes.scales[address, "bond-sum"] == ScaleCode("bond", address, "bond-sum", 1.0, 7.0, questionnaire=True)
    assert {scale.measure for scale in codes.scales.values()} == set(MEASURES)
    assert codes.settings["https://clinic.example/levels", "2.1"] == "iop"
    assert len(codes.settings) == len(usual_codes().settings) + 1
    assert codes.usual_setting == "php"
    assert codes.planned_units == {**usual_codes().planned_units, "php": 20}


def test_a_usual_code_with_another_meaning_has_that_one_only() -> None:
    codes = read(
        '[[measure]]\nmeasure = "satisfaction"\nsystem = "http://loinc.org"\ncode = "44261-6"\n'
        "scale_min = 0\nscale_max = 27\n"
    )
    assert codes.scales["http://loinc.org", "44261-6"].measure == "satisfaction"


def test_an_empty_table_changes_nothing() -> None:
    codes, usual = read(""), usual_codes()
    assert (codes.scales, codes.settings, codes.planned_units) == (usual.scales, usual.settings, usual.planned_units)


def test_everything_that_is_wrong_is_said_at_once_with_its_place() -> None:
    found = problems(WRONG)
    expected = (
        "measures is not known",
        "measure 1: measure is one of bond,",
        "measure 1: system is missing",
        "measure 1: code is missing",
        "measure 1: scale_min and scale_max are two numbers",
        "measure 2: extra is no key",
        "measure 2: questionnaire is missing",
        "measure 2: link_id is missing",
        "measure 2: scale_min and scale_max are two numbers",
        "setting 1: system is missing",
        "setting 2: setting is one of outpatient,",
        "care: planned is no key",
        "care: usual_setting is one of",
        "care: planned_units of outpatient is a whole number",
        "care: planned_units has 'home'",
        "care: planned_units of home is a whole number",
    )
    assert all(said.startswith("codes.toml: ") for said in found)
    for start in expected:
        assert sum(said.startswith(f"codes.toml: {start}") for said in found) == 1, start
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("measure = 3", "measure is a list of tables; write [[measure]] above each"),
        ('setting = ["x"]', "setting is a list of tables; write [[setting]] above each"),
        ("care = 3", "care is a table with usual_setting and planned_units"),
        ("[care]\nplanned_units = 3", "care: planned_units is a table, such as { outpatient = 12 }"),
        (
            '[[measure]]\nmeasure = "bond"\nsystem = "s"\ncode = "c"\nscale_min = 0\nscale_max = 9\n' * 2,
            "measure: c of s is there twice; keep one",
        ),
        (
            f'[[measure]]\nmeasure = "bond"\nsystem = "s"\ncode = "c"\nscale_min = 0\nscale_max = 1{"0" * 400}',
            "measure 1: scale_min and scale_max are two numbers, the lowest and the highest score",
        ),
    ],
)
def test_each_problem_says_what_to_write(text: str, said: str) -> None:
    assert problems(text) == (f"codes.toml: {said}",)


values = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(("bond", "iop", 10**400)),
    lambda below: (
        st.lists(below, max_size=2)
        | st.dictionaries(st.sampled_from(("measure", "setting", "system", "code", "scale_min", "scale_max")), below)
    ),
    max_leaves=9,
)


tables = st.dictionaries(st.sampled_from(("measure", "setting", "care", "x")), values | st.lists(values, max_size=2))


@given(tables=tables)
def test_hostile_tables_are_read_or_refused(tables: Any) -> None:
    try:
        codes = read_codes(tables, usual_codes(), "codes.toml")
    except PluginError:
        return
    assert codes.usual_setting in SETTINGS
    assert all(scale.scale_min < scale.scale_max for scale in codes.scales.values())
