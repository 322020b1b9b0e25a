"""What a result amounts to in plain words: that it does not pay and when it would, and what no CFO will believe."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assumptions import Library
from calculator.display import chance, money, months, number, quantity, share, share_range
from calculator.language import gettext as _
from calculator.result import Result
from calculator.scenario import Road
from calculator.words import least_fall, trials_found

EVEN_CHANCE = 0.5
EVIDENCE_CURRENCY = "USD"
EFFECTS: Mapping[Road, str] = {
    "program": "program.odds_ratio",
    "alliance": "program.alliance_lift_sd",
    "targeted": "program.save_rate",
}  # what a user may change about how well it works
SOON = 2.0  # months of payback below which a reader stops believing
MUCH = 10.0  # times what it costs, likewise
FAR = 1.0  # log-odds beyond the pooled studies: odds 2.7 times lower or higher
APART = 0.25  # relative difference between two ways to say how full a programme is


@dataclass(frozen=True)
class Remark:
    """Something to say about a result, and the input that it hangs on (a path; empty where there is none)."""

    name: str
    text: str
    input: str = ""


def pays(result: Result) -> bool:
    """Return whether it pays in at least half of all futures."""
    return result.probability_npv_positive >= EVEN_CHANCE


def verdict(result: Result) -> str:
    """Return, where it does not pay, that it does not."""
    npv, likely = result.distribution["npv"].p50, result.point["npv"] or 0.0
    chances, horizon = chance(result.probability_npv_positive), months(result.resolved.horizon_months)
    if likely > 0.0:
        return _(
            "At your likely numbers it would pay, but it pays in only %(chance)s: the risk is on the downside. Knowing "
            "your own numbers better is what would settle it.",
            chance=chances,
        )
    return _(
        "At these numbers it does not pay: its net present value over %(months)s is %(npv)s in the middle future, and "
        "it pays in %(chance)s.",
        npv=money(npv, result.currency),
        months=horizon,
        chance=chances,
    )


def ways(result: Result) -> tuple[Remark, ...]:
    """Return the price, the time, the volume and the fall in dropout at which it would pay, the rest as it is.

    There are none where it pays at likely values already: they are solved there, and what is against it is the spread.
    """
    if (result.point["npv"] or 0.0) > 0.0:
        return ()
    time = () if result.break_even.subscription_per_clinician_month is not None else _time(result)
    return (_price(result), *time, _volume(result), _effect(result))


def _price(result: Result) -> Remark:
    path = "program.subscription_per_clinician_month"
    price, currency = result.break_even.subscription_per_clinician_month, result.currency
    now = quantity(result.resolved.inputs[path].value, "money", currency)
    if price is None:
        text = _(
            "Price: none would do. Even at no charge a clinician, the time and the set-up cost more than it brings."
        )
        return Remark("price", text, path)
    shown = quantity(math.floor(price * 100.0) / 100.0, "money", currency)
    text = _("Price: %(price)s or less a clinician and month; here it is %(now)s.", price=shown, now=now)
    return Remark("price", text, path)


def _time(result: Result) -> tuple[Remark, ...]:
    path = "program.minutes_per_unit"
    most, item = result.break_even.minutes_per_unit, result.resolved.inputs[path]
    most = None if most is None else math.floor(most * 10.0) / 10.0
    if not most or most >= item.value:
        return ()
    text = _(
        "Time: %(most)s minutes or less of measuring a %(unit)s; here it is %(now)s.",
        most=number(most, 1),
        now=number(item.value, 1),
        unit=_(result.resolved.setting.unit),
    )
    return (Remark("time", text, path),)


def _volume(result: Result) -> Remark:
    path = "clinic.intakes_per_month"
    needed = result.break_even.intakes_per_month
    now = number(result.resolved.inputs[path].value, 0)
    if needed is None:
        text = _("Volume: more clients would not help, since each one reached costs more than it brings.")
        return Remark("volume", text, path)
    text = _(
        "Volume: %(needed)s or more new clients a month with as many clinicians; here there are %(now)s.",
        needed=number(float(math.ceil(needed)), 0),
        now=now,
    )
    return Remark("volume", text, path)


def _effect(result: Result) -> Remark:
    even = result.break_even
    least = even.relative_dropout_reduction
    trials = trials_found(result)
    if least is None:
        text = _("Effect: none would do, not even if nobody left early; trials found %(trials)s.", trials=trials)
    else:
        text = _(
            "Effect: a fall in dropout of %(least)s or more; trials found %(trials)s.",
            least=least_fall(least),
            trials=trials,
        )
    return Remark("effect", text, EFFECTS[result.resolved.road])


def flags(result: Result, library: Library) -> tuple[Remark, ...]:
    """Return what a sceptical reader would not believe, and what to check."""
    found = (_too_good(result), _dropout(result, library), _too_strong(result), _occupancy(result))
    return tuple(remark for remarks in (*found, _horizon(result), _currency(result)) for remark in remarks)


def _too_good(result: Result) -> Iterator[Remark]:
    payback, roi = result.payback_of_median, result.distribution["roi"].p50
    if payback is not None and payback < SOON:
        text = _("A payback of %(months)s is hard to believe. Check the price, the set-up cost and the training time.")
        yield Remark("payback", text % {"months": months(payback)}, "program.implementation_cost")
    if roi is not None and roi > MUCH:
        text = _("A return of %(roi)s on what it costs is hard to believe. Check what it costs, and whom it reaches.")
        yield Remark("roi", text % {"roi": share(roi)}, "program.subscription_per_clinician_month")


def _dropout(result: Result, library: Library) -> Iterator[Remark]:
    item = result.resolved.inputs["clinic.dropout_rate"]
    low, high = (library.roles[role].value or 0.0 for role in ("dropout_low", "dropout_high"))
    distance = max(_logit(low) - _logit(item.value), _logit(item.value) - _logit(high))
    if item.kind == "benchmark" or distance <= FAR:
        return
    text = _(
        "%(rate)s of clients leaving early is far outside what pooled studies found (%(studies)s). Check how you "
        "count: clients who had at least one visit, and left before the plan was done.",
        rate=share(item.value),
        studies=share_range(low, high),
    )
    yield Remark("dropout", text, item.path)


def _too_strong(result: Result) -> Iterator[Remark]:
    found = result.roads[result.resolved.road].relative_reduction
    most = result.break_even.trial_reduction_high
    if found > most:
        text = _(
            "A fall in dropout of %(found)s is more than trials of any such programme found (up to %(most)s).",
            found=share(found),
            most=share(most),
        )
        yield Remark("effect", text, EFFECTS[result.resolved.road])


def _occupancy(result: Result) -> Iterator[Remark]:
    given, implied = result.resolved.occupancy.given, result.resolved.occupancy.implied
    if implied is None:
        return
    text = ""
    if given is not None and abs(implied - given) > APART * max(given, implied):
        text = _(
            "You say %(given)s full; your admissions and lengths of stay would fill %(implied)s. One of them is off.",
            given=share(given),
            implied=share(implied),
        )
    elif given is None and implied > 1.0 + APART:
        text = _(
            "Your admissions and lengths of stay would fill %(implied)s of what you have. Check the number of places.",
            implied=share(implied),
        )
    if text:
        yield Remark("occupancy", text, "clinic.places")


def _horizon(result: Result) -> Iterator[Remark]:
    """The yearly figures are those of a steady year; say so where it lies beyond the months looked at."""
    inputs, horizon = result.resolved.inputs, result.resolved.horizon_months
    course = (inputs["clinic.planned_units"].value - 1.0) / inputs["clinic.units_per_month"].value
    if course + inputs["program.ramp_months"].value <= horizon:
        return
    text = _(
        "The yearly figures are those of a steady year, which comes only after ramp and a full course of %(course)s; "
        "you look at %(horizon)s. Net present value and payback count no more than those.",
        course=months(max(course, 1.0)),
        horizon=months(horizon),
    )
    yield Remark("horizon", text, "analysis.horizon_months")


def _currency(result: Result) -> Iterator[Remark]:
    """What is taken from the evidence is in dollars whatever the currency."""
    items = result.resolved.inputs.values()
    taken = [
        item for item in items if item.kind == "benchmark" and item.quantity.unit.startswith("money") and item.value
    ]
    taken = [item for item in taken if item.basis is None]
    if result.currency == EVIDENCE_CURRENCY or not taken:
        return
    text = _(
        "Amounts from the evidence are in US dollars and are not converted: give your own in %(currency)s, or leave "
        "the currency at USD.",
        currency=result.currency,
    )
    yield Remark("currency", text, taken[0].path)


def _logit(rate: float) -> float:
    rate = min(max(rate, 1e-9), 1.0 - 1e-9)
    return math.log(rate / (1.0 - rate))
