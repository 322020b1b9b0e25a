"""The words that page, paper and command line share: labels of figures and sentences that say a finding."""

from __future__ import annotations

import math
from collections.abc import Sequence

from calculator.display import chance, money, money_range, months, number, share, share_range
from calculator.language import gettext as _
from calculator.language import mark
from calculator.resolve import QUANTITIES, ResolvedInput
from calculator.result import AskNext, Result

FIGURE_LABELS = {
    "units_per_episode_before": mark("{units} per client today"),
    "units_per_episode_after": mark("{units} per client with the programme"),
    "dropout_rate_after": mark("Clients who {leaving}, with the programme"),
    "hazard_ratio": mark("Hazard ratio of dropout"),
    "odds_ratio": mark("Odds ratio of dropout"),
    "dropouts_avoided_per_year": mark("Dropouts avoided a year"),
    "revenue_lost_per_year": mark("Revenue lost to dropout a year, gross"),
    "revenue_kept_per_year": mark("Revenue kept a year"),
    "net_per_year": mark("Net benefit a year after all running costs"),
    "revenue_kept_first_year": mark("Revenue kept in the first year"),
    "revenue_kept_horizon": mark("Revenue kept over the months looked at"),
    "contribution_kept_horizon": mark("Contribution margin kept over the months looked at"),
    "acquisition_saved_horizon": mark("Cost of winning clients saved over the months looked at"),
    "program_cost_horizon": mark("Programme cost over the months looked at"),
    "net_benefit_first_year": mark("Net benefit in the first year"),
    "net_benefit_horizon": mark("Net benefit over the months looked at"),
    "npv": mark("Net present value"),
    "roi": mark("Return on what it costs"),
    "irr": mark("Internal rate of return, a year"),
    "payback_months": mark("Payback"),
    "probability_npv_positive": mark("Chance that it pays"),
}

MONEY_FIGURES = frozenset(
    name
    for name in FIGURE_LABELS
    if name.startswith(("revenue_", "net_", "contribution_", "acquisition_", "program_cost")) or name == "npv"
)
SHARE_FIGURES = frozenset({"dropout_rate_before", "dropout_rate_after", "roi", "irr"})

WORKING_LABELS = {
    "dropout_rate_before": mark("Clients who {leaving} today"),
    "net_revenue_per_unit": mark("Collected a {unit}"),
    "allowed_per_unit": mark("Allowed a {unit}"),
    "go_live_cost": mark("Paid once at go-live"),
    "program_cost_per_year": mark("Programme cost a year, running"),
    "delivery_cost_per_year": mark("Cost of delivering the kept {units} a year"),
    "acquisition_saved_per_year": mark("Cost of winning clients saved a year"),
    "staff_hours_go_live": mark("Staff hours of training before go-live"),
    "staff_hours_per_year": mark("Staff hours a year"),
    "flag_minutes_per_intake": mark("Minutes on flags for each new client"),
    "flag_cost_per_intake": mark("Staff time on flags for each new client"),
    "flags_per_intake": mark("Flags for each new client"),
    "revenue_lost_refilled_per_year": mark("Part of the loss that other clients refill"),
    "revenue_lost_for_good_per_year": mark("Part of the loss that nobody refills"),
    "months": mark("Months"),
    "covered_intakes": mark("New clients covered"),
    "extra_units": mark("{units} kept in care"),
    "attended_covered_units": mark("Attended {units} of covered clients"),
    "contribution": mark("Contribution margin kept"),
    "acquisition": mark("Cost of winning clients saved"),
    "cost": mark("Programme cost"),
}
PERIOD_LABELS = {
    "horizon": mark("over the months looked at"),
    "first_year": mark("in the first year"),
    "present_value": mark("discounted to today"),
}

BRIDGE_LABELS = {
    "gross_loss": mark("Lost to dropout, as others count it"),
    "not_averted": mark("Dropouts the programme does not prevent"),
    "not_reached": mark("Clients it does not reach"),
    "not_attended": mark("{units} that are not attended"),
    "refilled": mark("Slots others would have filled anyway"),
    "not_collected": mark("Allowed but never collected"),
    "delivery_cost": mark("Cost of delivering the kept {units}"),
    "acquisition_saved": mark("Fewer new clients to win"),
    "program_cost": mark("Running the programme"),
    "net_per_year": mark("Net benefit a year"),
}

BRIDGE_NOTE = mark(
    "Every input has its likely value here; the headline is the middle of all futures. The two differ where a range "
    "reaches further to one side."
)

ROAD_LABELS = {
    "program": mark("Feedback programmes in controlled trials"),
    "alliance": mark("A stronger alliance"),
    "targeted": mark("Acting on predicted dropouts"),
}
READING_WORDS = {
    "causal": mark("randomised trials: a cause"),
    "part-causal": mark("controlled studies, not all randomised: mostly a cause"),
    "associational": mark("an association, not shown to be a cause"),
    "descriptive": mark("describes what is"),
    "opinion": mark("a judgement, not a study"),
}  # of a figure about anything
ROAD_READING_WORDS = {
    "causal": mark("trials changed dropout"),
    "part-causal": mark("controlled studies, mostly randomised, changed dropout"),
    "associational": mark("is associated with dropout; not shown to change it"),
    "descriptive": mark("describes what is"),
    "opinion": mark("a judgement, not a study"),
}  # of a road, which is about dropout
LITTLE = 0.01  # of the variance of NPV
WORTH_SAYING = 0.002  # of the spread of NPV: below it the value of knowing a number is noise to a reader
SOURCE_LABELS = {
    "measured": mark("measured"),
    "estimate": mark("your estimate"),
    "organisation": mark("the organisation’s value"),
    "benchmark": mark("benchmark"),
    "computed": mark("computed"),
}


def capitalized(text: str) -> str:
    """Return the text with its first letter large, the rest untouched."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """Return the text with its first letter small, unless it is an abbreviation such as AMA or PHQ-9."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def worded(text: str, result: Result) -> str:
    """Return a label in the language in use, with the setting's own words for unit and units."""
    return capitalized(_(text).format_map({key: _(word) for key, word in result.resolved.setting.words.items()}))


def figure_label(name: str, result: Result) -> str:
    """Return the label of a figure or a working."""
    if name in FIGURE_LABELS:
        return worded(FIGURE_LABELS[name], result)
    for period, words in PERIOD_LABELS.items():
        stem = name.removesuffix(f"_{period}")
        if stem != name and stem in WORKING_LABELS:
            return f"{worded(WORKING_LABELS[stem], result)}, {_(words)}"
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
    label = result.resolved.inputs[path].quantity.named(result.resolved.setting.words)
    if not path.startswith("payers.") or result.resolved.payers == 1:
        return label
    row = int(path.split(".")[1])
    name = result.resolved.scenario.payers[row - 1].name or _("payer %(number)s", number=row)
    return f"{label}, {name}"


def bridge_label(step: str, result: Result) -> str:
    """Return the label of a step of the bridge."""
    return worded(BRIDGE_LABELS[step], result)


def source_words(item: ResolvedInput) -> str:
    """Return where an input comes from, in words."""
    if item.kind == "organisation":
        return organisation_words(item.note)
    judged = item.figure is not None and item.figure.kind == "judgement"
    return _("benchmark (a judgement)") if judged and item.kind == "benchmark" else _(SOURCE_LABELS[item.kind])


def organisation_words(reason: str) -> str:
    """Return that a value is an organisation's own, and why."""
    return _("the organisation’s value: %(reason)s", reason=reason)


def headline(result: Result) -> str:
    """Return the result in one sentence."""
    kept, net = result.distribution["revenue_kept_per_year"], result.distribution["net_per_year"]
    currency = result.currency
    return _(
        "%(clinic)s would keep %(kept)s of revenue a year (90%% range %(range)s); after all running costs that is "
        "%(net)s a year, and it pays in %(chance)s.",
        clinic=result.clinic_name,
        kept=money(kept.p50, currency),
        range=money_range(kept.p5, kept.p95, currency),
        net=money(net.p50, currency),
        chance=chance(result.probability_npv_positive),
    )


def least_fall(least: float) -> str:
    """Return how far dropout must fall at least, rounded up so that the number named is enough.

    >>> least_fall(0.391), least_fall(0.0041), least_fall(0.40)
    ('40%', '0.5%', '40%')
    """
    digits = 0 if least >= 0.01 else 1
    step = 10.0 ** -(digits + 2)
    return share(math.ceil(least / step - 1e-9) * step, digits)


def trials_found(result: Result) -> str:
    """Return by how much trials found dropout to fall, at this clinic's rate."""
    even = result.break_even
    digits = 0 if even.trial_reduction_high >= 0.02 else 1
    return share_range(even.trial_reduction_low, even.trial_reduction_high, digits)


def break_even_sentence(result: Result) -> str:
    """Return how much dropout must fall for the programme to pay, beside what the trials found."""
    even = result.break_even
    trials = trials_found(result)
    least = even.relative_dropout_reduction
    if least is None:
        return _("No fall in dropout would pay for it at these numbers; trials found %(trials)s.", trials=trials)
    if least < 0.0005:
        return _("It pays back if dropout falls at all; trials found %(trials)s.", trials=trials)
    return _(
        "It pays back if dropout falls by at least %(least)s; trials found %(trials)s.",
        least=least_fall(least),
        trials=trials,
    )


def bridge_title(result: Result) -> str:
    """Return the bridge's finding."""
    steps = {step.step: step.amount for step in result.bridge}
    gross, net = steps["gross_loss"], steps["net_per_year"]
    if gross <= 0.0:
        return _("There is no loss to win back")
    if net <= 0.0:
        return _("What can be won back does not cover what it costs")
    return _("Most of the loss cannot be won back") if net < 0.5 * gross else _("Much of the loss can be won back")


def bridge_subtitle(result: Result) -> str:
    """Return what the bridge counts."""
    return _(
        "%(currency)s in one steady year, from the gross loss to the net, at the likely value of every input",
        currency=result.currency,
    )


def cash_title(result: Result) -> str:
    """Return the cash chart's finding."""
    payback, horizon = result.payback_of_median, result.resolved.horizon_months
    if payback is None:
        return _("It does not pay for itself within %(months)s", months=months(horizon))
    if payback > 0:
        return _("It has paid for itself after %(months)s", months=months(payback))
    return _("It pays for itself from the start")


def cash_subtitle(result: Result) -> str:
    """Return what the cash chart counts."""
    return _(
        "%(currency)s, running total of net benefits since go-live: the middle, and 90 of 100 futures",
        currency=result.currency,
    )


def ask_next_sentence(result: Result, asks: Sequence[AskNext]) -> str:
    """Return which of the clinic's own numbers to find out next, and why; ``ask_next_place`` says where it is.

    The order is that of ``Result.ask_next``; what only a study can settle, such as the odds ratio, is passed over.
    """
    own = findable(asks)
    if own is None:
        return _("Your numbers leave nothing to find out: what remains uncertain is what the studies found.")
    label = input_label(own.input, result)
    value = find_out_value(result, own)
    if value > 0.0:
        return _(
            "Find out next: “%(label)s”. Knowing it before you decide is worth up to %(value)s.",
            label=label,
            value=money(value, result.currency),
        )
    if own.variance_share < LITTLE:
        return _("Your own numbers leave little to find out; the first would be: “%(label)s”.", label=label)
    return _(
        "Find out next: “%(label)s”. Of the numbers you can look up it would narrow the answer most: it accounts for "
        "%(share)s of the spread.",
        label=label,
        share=share(own.variance_share),
    )


def ask_next_place(result: Result, asks: Sequence[AskNext]) -> str:
    """Return where that number is found in a practice's records; empty where there is nothing to find out."""
    own = findable(asks)
    if own is None:
        return ""
    where = result.resolved.inputs[own.input].quantity.where(result.resolved.setting.words)
    return _("Where to look: %(place)s", place=lowered(where))


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
        return _("There is no change in dropout to see.")
    needed = months(found.months_per_period)
    if not history:
        return _("To see the change in your own records takes %(needed)s before and as many after.", needed=needed)
    if found.months_after_with_history is not None:
        return _(
            "To see the change in your own records takes %(needed)s before and as many after; with the %(history)s you "
            "hold, %(after)s after go-live.",
            needed=needed,
            history=months(history),
            after=months(found.months_after_with_history),
        )
    return _(
        "To see the change in your own records takes %(needed)s before and as many after; the %(history)s you hold are "
        "too few to compare with, however long you wait.",
        needed=needed,
        history=months(history),
    )
