"""The words that page, paper and command line share: labels of figures and sentences that say a finding."""

from __future__ import annotations

from collections.abc import Sequence

from calculator.display import chance, money, money_range, months, number, share
from calculator.resolve import QUANTITIES, ResolvedInput
from calculator.result import AskNext, Result

FIGURE_LABELS = {
    "units_per_episode_before": "{units} per client today",
    "units_per_episode_after": "{units} per client with the programme",
    "dropout_rate_after": "Clients who leave early, with the programme",
    "hazard_ratio": "Hazard ratio of dropout",
    "odds_ratio": "Odds ratio of dropout",
    "dropouts_avoided_per_year": "Dropouts avoided a year",
    "revenue_lost_per_year": "Revenue lost to dropout a year, gross",
    "revenue_kept_per_year": "Revenue kept a year",
    "net_per_year": "Net benefit a year after all running costs",
    "revenue_kept_first_year": "Revenue kept in the first year",
    "revenue_kept_horizon": "Revenue kept over the months looked at",
    "contribution_kept_horizon": "Contribution margin kept over the months looked at",
    "acquisition_saved_horizon": "Cost of winning clients saved over the months looked at",
    "program_cost_horizon": "Programme cost over the months looked at",
    "net_benefit_first_year": "Net benefit in the first year",
    "net_benefit_horizon": "Net benefit over the months looked at",
    "npv": "Net present value",
    "roi": "Return on what it costs",
    "irr": "Internal rate of return, a year",
    "payback_months": "Payback",
}

MONEY_FIGURES = frozenset(
    name
    for name in FIGURE_LABELS
    if name.startswith(("revenue_", "net_", "contribution_", "acquisition_", "program_cost")) or name == "npv"
)
SHARE_FIGURES = frozenset({"dropout_rate_before", "dropout_rate_after", "roi", "irr"})

WORKING_LABELS = {
    "dropout_rate_before": "Clients who leave early today",
    "net_revenue_per_unit": "Collected a {unit}",
    "allowed_per_unit": "Allowed a {unit}",
    "go_live_cost": "Paid once at go-live",
    "program_cost_per_year": "Programme cost a year, running",
    "delivery_cost_per_year": "Cost of delivering the kept {units} a year",
    "acquisition_saved_per_year": "Cost of winning clients saved a year",
    "flag_cost_per_intake": "Staff time on flags for each new client",
    "flags_per_intake": "Flags for each new client",
    "revenue_lost_refilled_per_year": "Part of the loss that other clients refill",
    "months": "Months",
    "covered_intakes": "New clients covered",
    "extra_units": "{units} kept in care",
    "attended_covered_units": "Attended {units} of covered clients",
    "contribution": "Contribution margin kept",
    "acquisition": "Cost of winning clients saved",
    "cost": "Programme cost",
}
PERIOD_LABELS = {
    "horizon": "over the months looked at",
    "first_year": "in the first year",
    "present_value": "discounted to today",
}

BRIDGE_LABELS = {
    "gross_loss": "Lost to dropout, as others count it",
    "not_averted": "Dropouts the programme does not prevent",
    "not_reached": "Clients it does not reach",
    "not_attended": "{units} that are not attended",
    "refilled": "Slots others would have filled anyway",
    "not_collected": "Allowed but never collected",
    "delivery_cost": "Cost of delivering the kept {units}",
    "acquisition_saved": "Fewer new clients to win",
    "program_cost": "Running the programme",
    "net_per_year": "Net benefit a year",
}

BRIDGE_NOTE = (
    "Every input has its likely value here; the headline is the middle of all futures. The two differ where a range "
    "reaches further to one side."
)

ROAD_LABELS = {
    "program": "Feedback programmes in controlled trials",
    "alliance": "A stronger alliance",
    "targeted": "Acting on predicted dropouts",
}
READING_WORDS = {
    "causal": "randomised trials: a cause",
    "part-causal": "controlled studies, not all randomised: mostly a cause",
    "associational": "an association, not shown to be a cause",
    "descriptive": "describes what is",
    "opinion": "a judgement, not a study",
}  # of a figure about anything
ROAD_READING_WORDS = {
    "causal": "trials changed dropout",
    "part-causal": "controlled studies, mostly randomised, changed dropout",
    "associational": "is associated with dropout; not shown to change it",
    "descriptive": "describes what is",
    "opinion": "a judgement, not a study",
}  # of a road, which is about dropout
LITTLE = 0.01  # of the variance of NPV
WORTH_SAYING = 0.002  # of the spread of NPV: below it the value of knowing a number is noise to a reader
SOURCE_LABELS = {"measured": "measured", "estimate": "your estimate", "benchmark": "benchmark"}


def capitalized(text: str) -> str:
    """Return the text with its first letter large, the rest untouched."""
    return text[:1].upper() + text[1:]


def worded(text: str, result: Result) -> str:
    """Return a label with the setting's own words for unit and units."""
    setting = result.resolved.setting
    return capitalized(text.format(unit=setting.unit, units=setting.units))


def figure_label(name: str, result: Result) -> str:
    """Return the label of a figure or a working."""
    if name in FIGURE_LABELS:
        return worded(FIGURE_LABELS[name], result)
    for period, words in PERIOD_LABELS.items():
        stem = name.removesuffix(f"_{period}")
        if stem != name and stem in WORKING_LABELS:
            return f"{worded(WORKING_LABELS[stem], result)}, {words}"
    return worded(WORKING_LABELS[name], result)


def figure_shown(name: str, value: float | None, currency: str) -> str:
    """Return a figure's value as it is shown."""
    if name in MONEY_FIGURES:
        return money(value, currency)
    if name in SHARE_FIGURES:
        return share(value)
    if name == "payback_months":
        return months(value)
    return number(value, 2 if name in ("hazard_ratio", "odds_ratio") else 1)


def input_label(path: str, result: Result) -> str:
    """Return the label of an input; a payer's number says whose it is."""
    setting = result.resolved.setting
    label = QUANTITIES[path].named(setting.unit, setting.units)
    if not path.startswith("payers.") or result.resolved.payers == 1:
        return label
    row = int(path.split(".")[1])
    return f"{label}, {result.resolved.scenario.payers[row - 1].name or f'payer {row}'}"


def bridge_label(step: str, result: Result) -> str:
    """Return the label of a step of the bridge."""
    return worded(BRIDGE_LABELS[step], result)


def source_words(item: ResolvedInput) -> str:
    """Return where an input comes from, in words."""
    if item.kind != "benchmark":
        return SOURCE_LABELS[item.kind]
    judged = item.figure is not None and item.figure.kind == "judgement"
    return "benchmark (a judgement)" if judged else "benchmark"


def headline(result: Result) -> str:
    """Return the result in one sentence."""
    kept, net = result.distribution["revenue_kept_per_year"], result.distribution["net_per_year"]
    currency = result.currency
    return (
        f"{result.clinic_name} would keep {money(kept.p50, currency)} of revenue a year "
        f"(90% range {money_range(kept.p5, kept.p95, currency)}); after all running costs that is "
        f"{money(net.p50, currency)} a year, and it pays in {chance(result.probability_npv_positive)}."
    )


def break_even_sentence(result: Result) -> str:
    """Return how much dropout must fall for the programme to pay, beside what the trials found."""
    even = result.break_even
    trials = f"trials found {share(even.trial_reduction_low)} to {share(even.trial_reduction_high)}"
    if even.relative_dropout_reduction is None:
        return f"No fall in dropout would pay for it at these numbers; {trials}."
    least = even.relative_dropout_reduction
    fall = "at all" if least < 0.0005 else f"by at least {share(least, 0 if least >= 0.01 else 1)}"
    return f"It pays back if dropout falls {fall}; {trials}."


def bridge_title(result: Result) -> str:
    """Return the bridge's finding."""
    steps = {step.step: step.amount for step in result.bridge}
    gross, net = steps["gross_loss"], steps["net_per_year"]
    if gross <= 0.0:
        return "There is no loss to win back"
    if net <= 0.0:
        return "What can be won back does not cover what it costs"
    return "Most of the loss cannot be won back" if net < 0.5 * gross else "Much of the loss can be won back"


def bridge_subtitle(result: Result) -> str:
    """Return what the bridge counts."""
    return f"{result.currency} in one steady year, from the gross loss to the net, at the likely value of every input"


def cash_title(result: Result) -> str:
    """Return the cash chart's finding."""
    payback, horizon = result.payback_of_median, result.resolved.horizon_months
    if payback is None:
        return f"It does not pay for itself within {horizon} months"
    return f"It has paid for itself after {months(payback)}" if payback > 0 else "It pays for itself from the start"


def cash_subtitle(result: Result) -> str:
    """Return what the cash chart counts."""
    return f"{result.currency}, running total of net benefits since go-live: the middle, and 90 of 100 futures"


def ask_next_sentence(result: Result, asks: Sequence[AskNext]) -> str:
    """Return which of the clinic's own numbers to find out next, why, and where it is found.

    The order is that of ``Indices.ask_next``; what only a study can settle, such as the odds ratio, is passed over.
    """
    own = findable(asks)
    if own is None:
        return "Your numbers leave nothing to find out: what remains uncertain is what the studies found."
    label, find = input_label(own.input, result), QUANTITIES[own.input].find
    where = f" Where to look: {find[:1].lower()}{find[1:]}"
    value = find_out_value(result, own)
    if value > 0.0:
        worth = f"knowing it before you decide is worth up to {money(value, result.currency)}"
        return f"Find out next: {label}; {worth}.{where}"
    if own.variance_share < LITTLE:
        return f"Your own numbers leave little to find out; the first would be: {label}.{where}"
    part = f"it accounts for {share(own.variance_share)} of the spread"
    return f"Find out next: {label}; {part}.{where}"


def find_out_value(result: Result, ask: AskNext) -> float:
    """Return what knowing an input is worth, or 0 where it is too little to mention."""
    spread = result.distribution["npv"]
    least = WORTH_SAYING * ((spread.p95 or 0.0) - (spread.p5 or 0.0))
    return ask.evppi if ask.evppi > least else 0.0


def findable(asks: Sequence[AskNext]) -> AskNext | None:
    """Return the first input that a clinic can look up in its own records."""
    return next((ask for ask in asks if QUANTITIES[ask.input].find), None)


def detection_sentence(result: Result) -> str:
    """Return when the change will show in the clinic's own records."""
    found, history = result.detection, result.resolved.history_months
    if found.months_per_period is None:
        return "There is no change in dropout to see."
    text = f"To see the change in your own records takes {months(found.months_per_period)} before and as many after"
    if history and found.months_after_with_history is not None:
        return f"{text}; with the {history} months you hold, {months(found.months_after_with_history)} after go-live."
    if history:
        return f"{text}; the {history} months you hold are too few to compare with, however long you wait."
    return f"{text}."
