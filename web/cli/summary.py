"""A result to read in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from calculator import words
from calculator.display import chance, money, money_range, months, number, share
from calculator.result import Result

BAR = 24  # characters of the longest bar
LABEL = 42


def summary(result: Result) -> str:
    """Return headline, range, break-even, bridge, roads of evidence, and what to find out next."""
    return "\n".join([*_headline(result), *_bridge(result), *_money(result), *_roads(result), *_next(result)])


def _headline(result: Result) -> Iterator[str]:
    setting, currency = result.resolved.setting, result.currency
    kept, net = result.distribution["revenue_kept_per_year"], result.distribution["net_per_year"]
    yield f"{' '.join(result.clinic_name.split())} · {setting.label}"
    yield ""
    span = money_range(kept.p5, kept.p95, currency)
    yield f"  Revenue kept     {money(kept.p50, currency)} a year   90% range {span}"
    chances = chance(result.probability_npv_positive)
    yield f"  Net benefit      {money(net.p50, currency)} a year   after all running costs; it pays in {chances}"
    yield ""
    yield f"  {words.break_even_sentence(result)}"
    yield ""


def _bridge(result: Result) -> Iterator[str]:
    yield words.bridge_title(result)
    yield f"  {words.bridge_subtitle(result)}"
    longest = max((abs(step.amount) for step in result.bridge), default=0.0)
    for step in result.bridge:
        last = step.step == "net_per_year"
        if last:
            yield f"  {'─' * (LABEL + 12)}"
        bar = "█" * round(BAR * abs(step.amount) / longest) if longest > 0 else ""
        label = words.bridge_label(step.step, result)
        yield f"  {label:<{LABEL}}{money(step.amount, result.currency):>12}  {bar}".rstrip()
    yield ""


def _money(result: Result) -> Iterator[str]:
    spread, currency = result.distribution, result.currency
    yield words.cash_title(result)
    payback, value = months(result.payback_of_median), money(spread["npv"].p50, currency)
    yield f"  Payback {payback} · NPV {value} · ROI {share(spread['roi'].p50)}, each the middle of all futures"
    yield (
        f"  Programme {money(result.workings['program_cost_per_year'], currency)} a year, "
        f"{money(result.workings['go_live_cost'], currency)} once at go-live"
    )
    yield ""


def _roads(result: Result) -> Iterator[str]:
    yield "Three roads of evidence, never multiplied"
    for name, road in result.roads.items():
        mark = "▸" if road.used else " "
        yield (
            f" {mark} {words.ROAD_LABELS[name]:<{LABEL}} dropout falls by {share(road.relative_reduction):>3}  "
            f"(hazard ratio {number(road.hazard_ratio, 2)}; {words.ROAD_READING_WORDS[road.reading]})"
        )
    yield ""


def _next(result: Result) -> Iterator[str]:
    asks = result.ask_next
    yield f"{words.ask_next_sentence(result, asks)} {words.ask_next_place(result, asks)}".rstrip()
    yield words.detection_sentence(result)
    kinds = [item.kind for item in result.resolved.inputs.values()]
    counts = ", ".join(f"{kinds.count(kind)} {label}" for kind, label in COUNTED.items() if kind in kinds)
    yield f"Inputs: {counts}. Evidence {result.reproducibility.evidence_sha256[:12]}, seed {result.resolved.seed}."


COUNTED = {
    "measured": "measured",
    "estimate": "your estimates",
    "organisation": "values of the organisation",
    "benchmark": "from the evidence library",
}
