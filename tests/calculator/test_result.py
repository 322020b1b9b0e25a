"""The published JSON: names and structure that outside scripts rely on (design/interfaces.md)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from assumptions import load_library
from tests.calculator.clinics import PAYING, plain, result_of

POINT = """units_per_episode_before units_per_episode_after dropout_rate_after hazard_ratio odds_ratio
dropouts_avoided_per_year revenue_lost_per_year revenue_kept_per_year net_per_year revenue_kept_first_year
revenue_kept_horizon contribution_kept_horizon acquisition_saved_horizon program_cost_horizon net_benefit_first_year
net_benefit_horizon npv roi irr payback_months"""
MONTH = """month covered_intakes extra_units revenue_kept contribution_kept acquisition_saved program_cost
net_benefit cumulative_net_benefit"""


def test_published_names_are_all_there() -> None:
    data = result_of(plain(**PAYING), indices=True).to_dict()
    assert data["schema"] == "rapport.estimate/1"
    assert set(data["inputs"]) == {"clinic", "payers", "program", "analysis"}
    assert set(POINT.split()) <= set(data["point"])
    assert set(POINT.split()) <= set(data["distribution"])
    for spread in data["distribution"].values():
        assert {"mean", "p5", "p25", "p50", "p75", "p95"} <= set(spread)
    for road in ("program", "alliance", "targeted"):
        assert {"odds_ratio", "hazard_ratio", "dropout_rate_after"} <= set(data["roads"][road])
    assert all(set(MONTH.split()) <= set(row) for row in data["monthly"])
    assert [row["month"] for row in data["monthly"]] == list(range(36))
    assert all({"step", "amount"} <= set(row) for row in data["bridge"])
    assert data["bridge"][-1]["step"] == "net_per_year"
    assert all({"input", "low", "high", "npv_low", "npv_high"} <= set(row) for row in data["tornado"])
    assert all({"input", "first_order", "total"} <= set(row) for row in data["sobol"])
    assert all({"input", "evppi"} <= set(row) for row in data["ask_next"])
    assert {"alliance_lift_sd", "hazard_ratio", "subscription_per_clinician_month"} <= set(data["break_even"])
    assert {"months_per_period", "months_after_with_history"} <= set(data["detection"])
    assert {"version", "evidence_sha256", "inputs_sha256", "seed", "draws"} <= set(data["reproducibility"])


def test_what_does_not_exist_is_null() -> None:
    data = result_of(plain(program__subscription_per_clinician_month=5000.0)).to_dict()
    for name in ("irr", "payback_months"):
        assert data["point"][name] is None
        assert data["distribution"][name]["p50"] is None
        assert data["distribution"][name]["exists"] == 0.0
    assert data["sobol"] is None
    assert data["ask_next"]


def test_every_input_has_a_source_and_benchmarks_name_a_figure() -> None:
    result = result_of(plain(clinic__measured=["dropout_rate"], clinic__no_show_rate=None, analysis__seed=None))
    data, library = result.to_dict(), load_library()
    assert data["sources"]["clinic.dropout_rate"] == "measured"
    assert data["sources"]["clinic.intakes_per_month"] == "estimate"
    assert data["sources"]["clinic.no_show_rate"].startswith("benchmark:")
    inputs = {f"{table}.{key}" for table in ("clinic", "program", "analysis") for key in data["inputs"][table]}
    numbers = inputs - {"clinic.name", "clinic.setting", "clinic.currency", "clinic.measured",
                        "clinic.practice_capacity", "program.evidence_road"}  # fmt: skip
    assert numbers <= set(data["sources"])
    for source in data["sources"].values():
        kind, _, figure = source.partition(":")
        assert kind in ("measured", "estimate", "benchmark")
        assert (figure in library.figures) == (kind == "benchmark")


@pytest.mark.parametrize(("capacity", "expected"), [("slack", 0.0), ("mixed", 0.5), ("waitlist", 0.9)])
def test_practice_capacity_sets_the_backfill_rate(capacity: str, expected: float) -> None:
    """Model, section 4: slack, mixed and waitlist set the default to 0, 0.5 and 0.9, and the user may overwrite it."""
    given = plain(clinic__practice_capacity=capacity, clinic__backfill_rate=None)
    assert result_of(given).resolved.inputs["clinic.backfill_rate"].value == expected
    overwritten = plain(clinic__practice_capacity=capacity)
    assert result_of(overwritten).resolved.inputs["clinic.backfill_rate"].value == 0.3


def test_published_inputs_are_what_was_given() -> None:
    """A range comes back as the range, a number as the number, and what was left out as what stood in for it."""
    spread = {"low": 0.1, "likely": 0.2, "high": 0.3}
    inputs = result_of(plain(clinic__dropout_rate=spread, clinic__no_show_rate=None)).to_dict()["inputs"]
    assert inputs["clinic"]["dropout_rate"] == spread
    assert inputs["clinic"]["intakes_per_month"] == 40.0
    default = load_library().settings["outpatient"].defaults["clinic.no_show_rate"].value
    assert inputs["clinic"]["no_show_rate"] == default
    assert inputs["payers"][1]["name"] == "self-pay"


def test_digests_change_with_what_they_digest() -> None:
    first, again = result_of(plain()).reproducibility, result_of(plain()).reproducibility
    assert first == again
    assert result_of(plain(clinic__dropout_rate=0.36)).reproducibility.inputs_sha256 != first.inputs_sha256
    measured = result_of(plain(clinic__measured=["dropout_rate"])).reproducibility
    assert measured.inputs_sha256 != first.inputs_sha256
    assert measured.evidence_sha256 == first.evidence_sha256 == load_library().sha256
    assert len(bytes.fromhex(first.inputs_sha256)) == hashlib.sha256().digest_size


def test_sobol_indices_change_nothing_else() -> None:
    without, whole = result_of(plain(**PAYING)).to_dict(), result_of(plain(**PAYING), indices=True).to_dict()
    assert whole.pop("sobol")
    assert without.pop("sobol") is None
    assert without == whole


def test_years_add_up_months() -> None:
    """30 months are two years and a half."""
    result = result_of(plain(**PAYING, analysis__horizon_months=30))
    assert [(year.year, year.months) for year in result.years] == [(1, 12), (2, 12), (3, 6)]
    first = sum(month.net_benefit for month in result.monthly[:12])
    assert result.years[0].net_benefit == pytest.approx(first)
    assert result.years[0].net_benefit == pytest.approx(result.point["net_benefit_first_year"])
    assert result.years[-1].cumulative_net_benefit == result.monthly[-1].cumulative_net_benefit


def test_json_has_no_number_that_json_lacks() -> None:
    json.dumps(result_of(plain(), indices=True).to_dict(), allow_nan=False)


def test_package_reads_no_clock_network_or_random_state() -> None:
    """The pure model (package README): no file, clock, network or global randomness in any of its modules."""
    import calculator

    for module in Path(calculator.__file__).parent.glob("*.py"):
        text = module.read_text(encoding="utf-8")
        for forbidden in ("import time", "datetime", "import random", "np.random.seed", "open(", "urllib", "socket"):
            assert forbidden not in text, (module.name, forbidden)
