"""The sentences say what the result says: for a programme that pays, one that does not, and one that cannot."""

from __future__ import annotations

from typing import Any

import pytest

from calculator import BRIDGE_STEPS, FIGURES, display, words
from calculator.explain import names
from calculator.resolve import QUANTITIES
from calculator.result import AskNext
from calculator.scenario import Setting
from tests.calculator.clinics import PAYING, plain, result_of

PAYS = plain(**PAYING, analysis__draws=1024)
LOSES = plain(program__subscription_per_clinician_month=5000.0)
CANNOT = plain(clinic__dropout_rate=0.0)
FREE: dict[str, Any] = {
    "program__subscription_per_clinician_month": 0.0,
    "program__implementation_cost": 0.0,
    "program__training_hours_per_clinician": 0.0,
    "program__minutes_per_unit": 0.0,
    "clinic__variable_cost_per_unit": 0.0,
}
NEVER = ("guarantee", "unlock", "leverage", "will save")


def sentences(result: Any) -> list[str]:
    """Return every sentence there is about a result."""
    return [
        words.headline(result),
        words.break_even_sentence(result),
        words.bridge_title(result),
        words.cash_title(result),
        words.detection_sentence(result),
    ]


def test_headline_has_the_median_its_range_the_net_and_the_chance() -> None:
    result = result_of(PAYS)
    kept, net = result.distribution["revenue_kept_per_year"], result.distribution["net_per_year"]
    text = words.headline(result)
    assert text.startswith("Riverbend Counseling would keep ")
    for part in (
        display.money(kept.p50),
        display.money_range(kept.p5, kept.p95),
        "90% range",
        display.money(net.p50),
        display.chance(result.probability_npv_positive),
    ):
        assert part in text


def test_headline_of_a_clinic_without_a_name() -> None:
    assert words.headline(result_of(plain(clinic__name=""))).startswith("Your clinic would keep ")


def test_a_programme_that_pays() -> None:
    result = result_of(PAYS)
    even = result.break_even
    assert even.relative_dropout_reduction is not None
    text = words.break_even_sentence(result)
    assert display.share(even.relative_dropout_reduction) in text
    assert f"{display.share(even.trial_reduction_low)} to {display.share(even.trial_reduction_high)}" in text
    assert "pays back if dropout falls by at least" in text
    payback = result.point["payback_months"]
    assert payback is not None
    assert words.cash_title(result) == f"It has paid for itself after {display.months(payback)}"


def test_a_programme_that_loses() -> None:
    result = result_of(LOSES)
    assert result.probability_npv_positive == 0.0
    assert "fewer than 1 of 100 futures" in words.headline(result)
    assert display.MINUS in words.headline(result)
    assert words.break_even_sentence(result).startswith("No fall in dropout would pay for it")
    assert words.cash_title(result) == "It does not pay for itself within 36 months"
    assert words.bridge_title(result) == "What can be won back does not cover what it costs"


def test_a_clinic_that_loses_nobody() -> None:
    result = result_of(CANNOT)
    assert result.point["revenue_lost_per_year"] == 0.0
    assert words.bridge_title(result) == "There is no loss to win back"
    assert words.detection_sentence(result) == "There is no change in dropout to see."
    assert words.break_even_sentence(result).startswith("No fall in dropout would pay for it")


def test_a_programme_that_costs_nothing_pays_from_the_start() -> None:
    result = result_of(plain(**FREE, program__odds_ratio=0.7))
    assert result.point["payback_months"] == 0.0
    assert words.cash_title(result) == "It pays for itself from the start"
    assert "more than 99 of 100 futures" in words.headline(result)


def test_a_harmful_programme_that_costs_nothing_is_not_said_to_pay() -> None:
    """Odds ratio 1.5: the clinic loses more clients, at no cost. Nothing to be paid back is not the same as paying."""
    result = result_of(plain(**FREE, program__odds_ratio=1.5, clinic__measured=["program.odds_ratio"]))
    assert result.point["npv"] < 0.0
    assert words.cash_title(result) == "It does not pay for itself within 36 months"
    assert words.bridge_title(result) == "What can be won back does not cover what it costs"


@pytest.mark.parametrize("setting", ["outpatient", "iop", "php", "residential"])
@pytest.mark.parametrize("changes", [{}, PAYING, FREE, {"clinic__dropout_rate": 0.0}])
def test_no_sentence_promises_or_shows_a_placeholder(setting: Setting, changes: dict[str, Any]) -> None:
    result = result_of(plain(**changes, clinic__setting=setting))
    for text in sentences(result):
        assert text
        assert not any(word in text.lower() for word in NEVER)
        assert "{" not in text
        assert "None" not in text
        assert "nan" not in text.split()


def test_everything_has_a_label_in_the_settings_own_words() -> None:
    result = result_of(plain(clinic__setting="iop"))
    setting = result.resolved.setting
    assert setting.units not in ("unit", "units")
    labels = {name: words.figure_label(name, result) for name in (*FIGURES, *names(), *result.workings)}
    labels |= {step: words.bridge_label(step, result) for step in (*BRIDGE_STEPS, "net_per_year")}
    labels |= {path: words.input_label(path, result) for path in result.resolved.inputs}
    for name, label in labels.items():
        assert label, name
        assert "{" not in label, name
        assert label[0].isupper() or not label[0].isalpha(), name
        assert " unit" not in f" {label.lower()}", name  # neither unit nor units: sessions, days …
    # one label for each figure, so that no two rows of a table read the same
    figures = [labels[name] for name in FIGURES]
    assert len(set(figures)) == len(figures)


def test_labels_of_payers_say_whose() -> None:
    two = result_of(plain())
    assert words.input_label("payers.1.share", two).endswith(", commercial")
    assert words.input_label("payers.2.share", two).endswith(", self-pay")
    nameless = result_of(plain(payers__2__name=""))
    assert words.input_label("payers.2.share", nameless).endswith(", payer 2")


def test_sources_in_words() -> None:
    result = result_of(plain(clinic__measured=["dropout_rate"], program__odds_ratio=None, program__adoption_rate=None))
    inputs = result.resolved.inputs
    assert words.source_words(inputs["clinic.dropout_rate"]) == "measured"
    assert words.source_words(inputs["clinic.no_show_rate"]) == "your estimate"
    assert words.source_words(inputs["program.odds_ratio"]) == "benchmark"
    assert words.source_words(inputs["program.adoption_rate"]) == "benchmark (a judgement)"


def test_what_to_find_out_next_is_something_a_clinic_can_find() -> None:
    result = result_of(PAYS)
    asks = result.ask_next
    first = next(ask for ask in asks if QUANTITIES[ask.input].find)
    assert words.findable(asks) == first
    text = words.ask_next_sentence(result, asks)
    assert words.input_label(first.input, result) in text
    assert QUANTITIES[first.input].find[1:].rstrip(".") in words.ask_next_place(result, asks)
    assert "odds ratio" not in text.lower()


def test_value_of_finding_out_is_said_only_where_there_is_some() -> None:
    result = result_of(PAYS)
    worth = 0.5 * abs(result.distribution["npv"].p95 or 0.0)
    some = words.ask_next_sentence(result, [AskNext("clinic.dropout_rate", worth, 0.3)])
    assert display.money(worth) in some
    none = words.ask_next_sentence(result, [AskNext("clinic.dropout_rate", 0.0, 0.3)])
    assert "30%" in none
    assert "$" not in none
    assert "nothing" in words.ask_next_sentence(result, [AskNext("program.odds_ratio", 5.0, 0.9)])
    assert "nothing" in words.ask_next_sentence(result, [])
    assert words.ask_next_place(result, []) == ""


def test_when_you_will_know() -> None:
    few = result_of(plain())
    assert few.detection.months_per_period is not None
    assert few.detection.months_after_with_history is None
    text = words.detection_sentence(few)
    assert display.months(few.detection.months_per_period) in text
    assert "12 months you hold are too few" in text
    many = result_of(plain(analysis__history_months=240))
    assert many.detection.months_after_with_history is not None
    assert display.months(many.detection.months_after_with_history) in words.detection_sentence(many)
    none = words.detection_sentence(result_of(plain(analysis__history_months=0)))
    assert "you hold" not in none


def test_bridge_title_follows_the_share_that_is_left() -> None:
    """Most means more than half of the gross loss: with everything kept, all of it can be won back."""
    free = {**FREE, "program__evidence_road": "targeted", "program__sensitivity": 1.0, "program__action_rate": 1.0,
            "program__save_rate": 1.0, "program__adoption_rate": 1.0, "program__minutes_per_flag": 0.0,
            "clinic__no_show_rate": 0.0, "clinic__backfill_rate": 0.0}  # fmt: skip
    assert words.bridge_title(result_of(plain(**free))) == "Much of the loss can be won back"
    assert words.bridge_title(result_of(plain(**FREE))) == "Most of the loss cannot be won back"
