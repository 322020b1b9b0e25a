"""The form and the scenario hold the same: forth, back, and every problem at its field."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from assumptions import Library, load_library
from calculator import InputError, parse_scenario, resolve
from calculator.language import Language, speaking
from tests.strategies import scenarios
from web.forms import form_of, parse_form

EXAMPLES = Path(__file__).parents[2] / "examples"


def typed(library: Library, *measured: str, **fields: str) -> Any:
    data = MultiDict({"clinic.setting": "outpatient", "clinic.intakes_per_month": "40"})
    for name, text in fields.items():
        data[name.replace("__", ".")] = text
    for name in measured:
        data.add("measured", name)
    return parse_form(data, library)


def problems(form: Any) -> dict[str, str]:
    return {problem.path: problem.message for problem in form.problems}


@given(data=scenarios(), name=st.text(max_size=40), currency=st.sampled_from(["USD", "EUR", "JPY"]))
def test_any_scenario_survives_the_form_and_the_address(data: dict[str, Any], name: str, currency: str) -> None:
    library = load_library()
    data["clinic"] |= {"name": name, "currency": currency}
    scenario = parse_scenario(data)
    try:
        resolve(scenario, library)
    except InputError:
        return  # what does not fit the defaults has no result to show
    address = urlencode(form_of(scenario).query)
    back = parse_form(MultiDict(parse_qsl(address, keep_blank_values=True)), library)
    assert back.problems == ()
    assert back.scenario == scenario


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.toml")), ids=lambda file: file.stem)
def test_the_examples_survive_the_form(file: Path, library: Library) -> None:
    scenario = parse_scenario(tomllib.loads(file.read_text("utf-8")))
    assert parse_form(MultiDict(form_of(scenario).query), library).scenario == scenario


def test_a_first_visit_starts_with_a_clinic_to_type_over(library: Library) -> None:
    form = parse_form(MultiDict({"utm_source": "letter"}), library)
    assert form.scenario is not None
    assert form.setting == "outpatient"


def test_blank_means_the_default_of_the_setting(library: Library) -> None:
    form = typed(library, clinic__dropout_rate="", payers__1__allowed_per_unit=" ")
    assert form.scenario.clinic.dropout_rate is None
    assert form.scenario.payers[0].allowed_per_unit is None


def test_percent_is_converted_and_the_text_kept(library: Library) -> None:
    form = typed(library, clinic__dropout_rate="35 %")
    assert form.scenario.clinic.dropout_rate == 0.35
    assert form.text("clinic.dropout_rate") == "35 %"


def test_a_range_needs_all_three_numbers_in_order(library: Library) -> None:
    whole = typed(library, clinic__dropout_rate="35", clinic__dropout_rate__low="25", clinic__dropout_rate__high="45%")
    assert whole.scenario.clinic.dropout_rate.model_dump() == {"low": 0.25, "likely": 0.35, "high": 0.45}
    half = typed(library, clinic__dropout_rate="35", clinic__dropout_rate__low="25")
    assert problems(half) == {"clinic.dropout_rate": "A range needs all three: low, likely and high."}
    turned = typed(library, clinic__dropout_rate="35", clinic__dropout_rate__low="45", clinic__dropout_rate__high="50")
    assert "must rise in that order; they are 45 – 35 – 50" in problems(turned)["clinic.dropout_rate"]


def test_every_problem_is_told_at_once_in_the_words_of_the_page(library: Library) -> None:
    form = typed(
        library,
        clinic__intakes_per_month="",
        clinic__dropout_rate="135",
        clinic__planned_units="12.5",
        clinic__no_show_rate="often",
        payers__1__allowed_per_unit="-1",
        analysis__horizon_months="0",
        clinic__currency="dollars",
    )
    found = problems(form)
    assert form.scenario is None
    assert found["clinic.intakes_per_month"] == "Write a number from 0.1 to 100,000."
    assert found["clinic.dropout_rate"] == "That does not fit: 135. Write a percentage from 0% to 99%."
    assert found["clinic.planned_units"] == "That does not fit: 12.5. Write a whole number from 1 to 400."
    assert found["clinic.no_show_rate"].startswith("“often” is not a number.")
    assert found["payers.1.allowed_per_unit"].startswith("That does not fit: -1.")
    assert found["analysis.horizon_months"] == "That does not fit: 0. Write a whole number from 1 to 120."
    assert "three capital letters" in found["clinic.currency"]


def test_a_problem_between_two_fields_names_them_by_their_labels(library: Library) -> None:
    form = typed(library, clinic__planned_units="6", clinic__median_dropout_unit="5.5")
    message = problems(form)["clinic.median_dropout_unit"]
    assert "“Sessions in a full course”" in message
    assert "planned_units" not in message
    late = typed(library, clinic__median_dropout_unit="50")
    assert "“Sessions in a full course”" in problems(late)["clinic.median_dropout_unit"]


def test_shares_of_payers_must_make_a_whole(library: Library) -> None:
    form = typed(library, payers__1__share="70", payers__2__share="20", payers__2__allowed_per_unit="90")
    assert problems(form) == {"payers": "The shares of all payers together must be 100%."}


def test_blank_payers_are_left_out_and_the_rest_move_up(library: Library) -> None:
    form = typed(library, payers__1__name="", payers__2__name="Medicaid", payers__2__allowed_per_unit="86")
    assert [payer.name for payer in form.scenario.payers] == ["Medicaid"]
    assert form.text("payers.1.allowed_per_unit") == "86"


def test_one_more_payer_is_a_row_and_not_yet_a_payer(library: Library) -> None:
    form = typed(library, more_payers="1")
    assert (form.payers, len(form.scenario.payers), form.blank_payer) == (2, 1, True)


def test_measured_names_are_kept_once_and_wrong_ones_refused(library: Library) -> None:
    assert typed(library, "intakes_per_month", "intakes_per_month", "").measured == ("intakes_per_month",)
    assert "clinic.measured" in problems(typed(library, "moon_phase"))


def test_a_field_nobody_knows_is_named_and_not_dropped(library: Library) -> None:
    assert "There is no field clinic.dropout" in problems(typed(library, clinic__dropout="3"))["clinic.dropout"]


def test_a_server_limits_how_much_it_draws(library: Library) -> None:
    data = MultiDict({"clinic.setting": "iop", "clinic.intakes_per_month": "9", "analysis.draws": "128"})
    assert parse_form(data, library, max_draws=128).scenario is not None
    assert problems(parse_form(data, library, max_draws=127)) == {
        "analysis.draws": "This server draws at most 127 futures."
    }


NAMES = (
    "clinic.setting", "clinic.name", "clinic.dropout_rate", "clinic.dropout_rate.low", "clinic.measured", "clinic.",
    "payers.1.share", "payers.2.name", "payers.x.share", "payers.99999999999.share", "program.evidence_road",
    "analysis.seed", "measured",
)  # fmt: skip


@given(data=st.dictionaries(st.sampled_from(NAMES), st.text(max_size=20)))
def test_any_text_anywhere_gives_a_scenario_or_problems(data: dict[str, str]) -> None:
    form = parse_form(MultiDict(data), load_library())
    assert (form.scenario is None) == bool(form.problems)


def test_a_switch_says_where_a_number_comes_from(library: Library) -> None:
    """What was typed beside it decides: a number with the switch on benchmark gives way, a blank field stays blank."""
    rate = {"clinic__dropout_rate": "35"}
    assert typed(library, **rate, from__clinic__dropout_rate="measured").measured == ("dropout_rate",)
    assert typed(library, "dropout_rate", **rate, from__clinic__dropout_rate="estimate").measured == ()
    assert typed(library, "dropout_rate", **rate).measured == ("dropout_rate",)
    assert typed(library, **rate, from__clinic__dropout_rate="").scenario.clinic.dropout_rate == 0.35
    back = typed(library, "dropout_rate", **rate, from__clinic__dropout_rate="benchmark")
    assert (back.scenario.clinic.dropout_rate, back.measured) == (None, ())
    assert typed(library, from__clinic__dropout_rate="measured").measured == ()


def test_reset_clears_a_field_and_its_range(library: Library) -> None:
    form = typed(
        library,
        clinic__dropout_rate="35",
        clinic__dropout_rate__low="30",
        clinic__dropout_rate__high="40",
        clinic__no_show_rate="10",
        reset="clinic.dropout_rate",
    )
    assert form.scenario.clinic.dropout_rate is None
    assert form.scenario.clinic.no_show_rate == 0.10


def test_a_measured_mix_of_payers_is_taken_apart_by_a_switch(library: Library) -> None:
    mix = {"payers__1__allowed_per_unit": "140", "payers__1__collection_rate": "95", "payers__1__name": "commercial"}
    form = typed(library, "payers", **mix, from__payers__1__collection_rate="estimate")
    assert form.measured == ("payers.1.allowed_per_unit",)
    sources = resolve(form.scenario, library).sources
    assert sources["payers.1.allowed_per_unit"] == "measured"
    assert sources["payers.1.collection_rate"] == "estimate"


def test_a_payer_is_dropped_with_all_that_was_said_of_it(library: Library) -> None:
    mix = {"payers__1__name": "A", "payers__1__share": "60", "payers__2__name": "B", "payers__2__share": "40"}
    form = typed(library, "payers.2.share", "payers.1.share", **mix, drop_payer="1")
    assert [payer.name for payer in form.scenario.payers] == ["B"]
    assert form.text("payers.1.share") == ""  # who is left pays for all
    assert form.measured == ("payers.1.share",)


def test_collected_and_allowed_together_are_explained_in_the_words_of_the_page(library: Library) -> None:
    form = typed(library, payers__1__collected_per_unit="128", payers__1__allowed_per_unit="140")
    assert "not both" in problems(form)["payers.1.collected_per_unit"]


def test_an_address_of_another_version_is_read_with_a_warning(library: Library) -> None:
    assert dict(typed(library, clinic__dropout_rate="35").query)["v"] == "1"
    assert "v" not in problems(typed(library, v="1"))
    newer = typed(library, v="9", clinic__dropout_rate="35")
    assert "another version" in problems(newer)["v"]
    assert newer.text("clinic.dropout_rate") == "35"


def test_a_decimal_comma_is_understood_where_it_is_the_habit_and_carried_to_where_it_is_not(library: Library) -> None:
    fields = {
        "clinic__dropout_rate": "35,5",
        "payers__1__collected_per_unit": "1.280,50",
        "clinic__clinicians": "1.200",
    }
    with speaking(Language("es", "ES")):
        there = typed(library, notation="comma", **fields)
        assert there.scenario.clinic.dropout_rate == 0.355
        assert there.scenario.payers[0].collected_per_unit == 1280.5
        assert there.scenario.clinic.clinicians == 1200.0
        assert there.text("clinic.dropout_rate") == "35,5"
        address = there.query
    here = parse_form(MultiDict(address), library)
    assert here.scenario == there.scenario
    assert here.text("clinic.dropout_rate") == "35.5"
    assert "notation" not in dict(here.query)
    with speaking(Language("es", "ES")):
        assert parse_form(MultiDict(here.query), library).scenario == there.scenario


@given(data=scenarios(), territory=st.sampled_from(["ES", "MX", "AR"]))
def test_any_scenario_survives_an_address_between_two_habits(data: dict[str, Any], territory: str) -> None:
    library = load_library()
    scenario = parse_scenario(data)
    try:
        resolve(scenario, library)
    except InputError:
        return
    with speaking(Language("es", territory)):
        there = form_of(scenario)
        assert parse_form(MultiDict(there.query), library).scenario == scenario
    assert parse_form(MultiDict(there.query), library).scenario == scenario
