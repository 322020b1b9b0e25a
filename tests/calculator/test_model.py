"""Every point figure and every month against the second implementation, over the whole allowed input space."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given, settings

from calculator import FIGURES
from calculator.evaluate import _months
from calculator.figures import figures
from calculator.resolve import Resolved
from tests.calculator import reference
from tests.calculator.clinics import PAYING, plain, resolved_of
from tests.strategies import scenarios

COLUMNS = ("covered_intakes", "extra_units", "revenue_kept", "contribution_kept", "acquisition_saved")
IN_EXAMPLES: list[dict[str, Any]] = [
    plain(),
    plain(**PAYING, clinic__intake_growth_rate=0.3),
    plain(clinic__planned_units=1, clinic__median_dropout_unit=1, program__evidence_road="targeted"),
    plain(clinic__planned_units=2, clinic__median_dropout_unit=1),
    plain(clinic__dropout_rate=0.0, program__evidence_road="alliance"),
    plain(clinic__dropout_rate=0.99, program__odds_ratio=2.0),
]


def agree(found: float, expected: float, scale: float = 0.0) -> bool:
    """Return whether two implementations agree up to rounding, of the figure or of what it is a difference of."""
    return math.isclose(found, expected, rel_tol=1e-7, abs_tol=1e-11 * scale + 1e-15)


def scales(resolved: Resolved, out: reference.Flows) -> dict[str, float]:
    """Return the money and units that each column is a small difference of: all that all covered clients could use."""
    v = reference.point_values(resolved)
    yearly = 12.0 * v["clinic.intakes_per_month"]
    units = (math.fsum(map(float, out.covered_intakes)) + yearly) * v["clinic.planned_units"]
    paid = float(out.net_revenue_per_unit)
    found = {
        "extra_units": units,
        "revenue_kept": units * paid,
        "contribution_kept": units * (paid + v["clinic.variable_cost_per_unit"]),
        "acquisition_saved": units * v["clinic.acquisition_cost_per_intake"],
        "program_cost": math.fsum(map(float, out.running_cost)) + float(out.go_live_cost),
        "dropouts_avoided": yearly,
        "revenue_lost": yearly * v["clinic.planned_units"] * paid,
    }
    found["net"] = found["contribution_kept"] + found["acquisition_saved"] + 12.0 * found["program_cost"]
    return found


def scale_of(name: str, found: dict[str, float]) -> float:
    """Return the scale of a figure by the beginning of its name."""
    if name == "npv":
        return found["net"]
    return next((size for stem, size in found.items() if name.startswith(stem)), 1.0)


@given(data=scenarios(ranges=False))
@settings(max_examples=80)
@example(data=IN_EXAMPLES[0])
@example(data=IN_EXAMPLES[1])
@example(data=IN_EXAMPLES[2])
@example(data=IN_EXAMPLES[3])
@example(data=IN_EXAMPLES[4])
@example(data=IN_EXAMPLES[5])
def test_all_point_figures_agree_with_the_second_implementation(data: dict[str, Any]) -> None:
    resolved = resolved_of(data)
    block = resolved.block({})
    found = {name: float(values[0]) for name, values in figures(block).items()}
    expected, out = reference.point_figures(resolved), reference.point_flows(resolved)
    size = scales(resolved, out)
    for name, value in expected.items():
        if name != "roi":
            assert agree(found[name], value, scale_of(name, size)), (name, found[name], value)
    if found["program_cost_horizon"] > 1.0:
        assert agree(found["roi"], expected["roi"], size["net"] / found["program_cost_horizon"])
    rows = _months(block)
    for name in COLUMNS:
        for month, value in zip(rows, getattr(out, name), strict=True):
            assert agree(getattr(month, name), float(value), scale_of(name, size)), (name, month)
    for month, running_cost, net in zip(rows, out.running_cost, out.net_benefit, strict=True):
        once = out.go_live_cost if month.month == 0 else 0.0
        assert month.go_live_cost == pytest.approx(once)
        assert agree(month.program_cost, float(running_cost) + once)
        assert agree(month.net_benefit, float(net) - once, size["net"])


def test_second_implementation_names_every_figure_but_those_with_tests_of_their_own() -> None:
    known = set(reference.point_figures(resolved_of(plain())))
    assert known | {"odds_ratio", "irr", "payback_months"} == set(FIGURES)


def test_flows_by_hand() -> None:
    """One unit a client, no dropout to avert: 10 clinicians at 30 a month, 40·0.8 = 32 covered intakes at 2 each, each
    with one unit, of which 88 % is attended and takes 2 minutes at 60 an hour: 300 + 64 + 32·0.88·2 = 420.32 a month.
    At go-live 2,500 + 10·4·60 = 4,900. After a year, undiscounted: −4,900 − 12·420.32 = −9,943.84.
    """
    found = figures(
        resolved_of(
            plain(
                clinic__planned_units=1,
                clinic__median_dropout_unit=1,
                program__subscription_per_intake=2.0,
                program__ramp_months=0,
                analysis__horizon_months=12,
                analysis__discount_rate=0.0,
            )
        ).block({})
    )
    assert found["net_benefit_horizon"][0] == pytest.approx(-9943.84)
    assert found["npv"][0] == pytest.approx(-9943.84)
    assert found["program_cost_horizon"][0] == pytest.approx(9943.84)
    assert found["roi"][0] == pytest.approx(-1.0)


def test_discounting_by_hand() -> None:
    """The same over one month at 10 % a year: what is paid at go-live is not discounted, month 0 is by 1.1^(−1/12)."""
    found = figures(
        resolved_of(
            plain(
                clinic__planned_units=1,
                clinic__median_dropout_unit=1,
                program__subscription_per_intake=2.0,
                program__ramp_months=0,
                analysis__horizon_months=1,
            )
        ).block({})
    )
    assert found["npv"][0] == pytest.approx(-4900.0 - 420.32 * 1.1 ** (-1.0 / 12.0))
