"""What dropout costs today falls into a part that others refill and a part that is gone."""

from __future__ import annotations

import pytest

from assumptions import load_library
from calculator import evaluate, parse_scenario


def test_the_two_parts_of_the_loss_by_hand() -> None:
    """N = 3, D = 0.5, m = 1: S = 1, 0.75, 0.5; 0.75 units are lost, 12·10·0.75·0.9·100 = 8,100, a quarter refilled."""
    result = evaluate(
        parse_scenario(
            {
                "clinic": {
                    "setting": "outpatient",
                    "intakes_per_month": 10,
                    "planned_units": 3,
                    "dropout_rate": 0.5,
                    "median_dropout_unit": 1,
                    "no_show_rate": 0.1,
                    "backfill_rate": 0.25,
                },
                "payers": [{"share": 1.0, "allowed_per_unit": 100.0, "collection_rate": 1.0}],
                "analysis": {"draws": 64},
            }
        ),
        load_library(),
    )
    assert result.point["revenue_lost_per_year"] == pytest.approx(8_100.0)
    assert result.workings["revenue_lost_refilled_per_year"] == pytest.approx(2_025.0)
    assert result.workings["revenue_lost_for_good_per_year"] == pytest.approx(6_075.0)
