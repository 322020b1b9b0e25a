"""How uncertain an estimate is that was given as one number: the rule of the package README, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assumptions import Distribution, load_library
from calculator.quantity import quantity_of
from calculator.resolve import QUANTITIES
from calculator.scenario import Clinic
from calculator.widening import rule, widened
from tests.calculator.clinics import plain, resolved_of


def test_an_estimate_of_an_amount_is_widened_by_a_quarter_each_way() -> None:
    """README: "an amount may be 1.25 times smaller or larger": 40 intakes go from 32 to 50."""
    found = resolved_of(plain()).inputs["clinic.intakes_per_month"].distribution
    assert found.kind == "pert"
    assert found.parameters == pytest.approx((32.0, 40.0, 50.0))


def test_an_estimate_of_a_share_is_widened_on_its_odds() -> None:
    """README: "the odds of a share 1.5 times". 0.2 has the odds 1/4; 1/6 and 3/8 are shares of 1/7 and 3/11."""
    found = resolved_of(plain(clinic__dropout_rate=0.2)).inputs["clinic.dropout_rate"].distribution
    assert found.kind == "pert"
    assert found.parameters == pytest.approx((1.0 / 7.0, 0.2, 3.0 / 11.0))


@pytest.mark.parametrize(
    ("path", "value"),
    [("clinic.no_show_rate", 0.0), ("program.adoption_rate", 1.0), ("clinic.intake_growth_rate", 0.0),
     ("program.subscription_per_clinician_month", 30.0), ("clinic.planned_units", 12.0),
     ("program.implementation_cost", 2500.0), ("analysis.discount_rate", 0.1), ("clinic.clinicians", 10.0)],
)  # fmt: skip
def test_nothing_none_all_and_what_is_decided_are_not_widened(path: str, value: float) -> None:
    assert widened(value, QUANTITIES[path], load_library()) == Distribution("fixed", (value,))


@given(path=st.sampled_from(sorted(QUANTITIES)), data=st.data())
@settings(max_examples=200)
def test_widening_never_leaves_the_bounds(path: str, data: st.DataObject) -> None:
    declared = QUANTITIES[path]
    value = data.draw(st.floats(declared.ge, declared.le, allow_subnormal=False))
    spread = widened(value, declared, load_library())
    low, high = spread.parameters[0], spread.parameters[-1]
    assert declared.ge <= low <= value <= high <= declared.le
    if spread.kind == "pert":
        assert declared.widen != "none"
        assert low < high


def test_widening_rule_in_words_has_the_factors_of_the_library() -> None:
    library = load_library()
    for role in ("estimate_amount_factor", "estimate_odds_factor"):
        assert f"{library.roles[role].value:g} times" in rule(library)


def test_decided_numbers_keep_their_declaration() -> None:
    """What is decided rather than estimated (package README): plan, schedule, prices, set-up and so on."""
    decided = {path for path, item in QUANTITIES.items() if item.widen == "none" and not path.startswith("payers.")}
    assert decided == {
        "clinic.clinicians",
        "clinic.planned_units",
        "clinic.units_per_month",
        "program.ramp_months",
        "program.subscription_per_clinician_month",
        "program.subscription_per_intake",
        "program.implementation_cost",
        "analysis.discount_rate",
    }
    dropout = quantity_of(Clinic.model_fields["dropout_rate"])
    assert dropout is not None
    assert dropout.widen == "share"
