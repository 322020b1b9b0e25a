"""Why a net present value changed, in words: the labels of its parts and the sentences about them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calculator.attribution import HORIZON, PAYERS, ROAD, Attribution
from calculator.display import HALF_A_CENT, money
from calculator.language import gettext as _
from calculator.language import mark, ngettext
from calculator.resolve import QUANTITIES
from calculator.result import Result

GROUPS = {
    PAYERS: mark("Who pays, and how much"),
    ROAD: mark("The evidence it rests on"),
    HORIZON: mark("Months looked at"),
}
MOST_PARTS = 8  # that are told one by one


@dataclass(frozen=True)
class ToldPart:
    """A part as it is told: its label and amount."""

    label: str
    amount: float


def shared_label(path: str, results: Sequence[Result]) -> str:
    """Return the label of an input or group, in no setting's own words where the settings count in different units."""
    if path in GROUPS:
        return _(GROUPS[path])
    holding = [result for result in results if path in result.resolved.inputs]
    declared = {result.resolved.inputs[path].quantity for result in holding}  # allowed, or collected
    quantity = declared.pop() if len(declared) == 1 else QUANTITIES[path]
    alike = len({result.resolved.setting.units for result in holding}) == 1
    label = quantity.named(holding[0].resolved.setting.words) if alike else quantity.named()
    payer = _payer(path, results) if path.startswith("payers.") else ""
    return f"{label}, {payer}" if payer else label


def _payer(path: str, results: Sequence[Result]) -> str:
    """Return whose number it is: the name of the payer where all agree on it, or its number; nothing if it is alone."""
    if all(result.resolved.payers == 1 for result in results):
        return ""
    row = int(path.split(".")[1])
    found = {result.resolved.scenario.payers[row - 1].name for result in results if result.resolved.payers >= row}
    return found.pop() if len(found) == 1 and all(found) else _("payer %(number)s", number=row)


def signed_money(value: float, currency: str) -> str:
    """Return an amount with its sign, as a difference is told.

    >>> signed_money(4200.0, "USD"), signed_money(-4200.0, "USD"), signed_money(0.0, "USD")
    ('+$4,200', '−$4,200', '$0')
    """
    return f"+{money(value, currency)}" if value >= HALF_A_CENT else money(value, currency)


def told(found: Attribution, before: Result, after: Result) -> tuple[ToldPart, ...]:
    """Return the parts to tell: the largest one by one, the smaller ones together, those of no amount not at all."""
    parts = [part for part in found.parts if abs(part.amount) >= HALF_A_CENT]
    first, rest = parts[:MOST_PARTS], parts[MOST_PARTS:]
    if len(rest) == 1:  # no sense in calling one by another name
        first, rest = parts, []
    lines = [ToldPart(shared_label(part.input, (before, after)), part.amount) for part in first]
    if rest:
        label = ngettext("%(number)s smaller one together", "%(number)s smaller ones together", len(rest))
        lines.append(ToldPart(label, math.fsum(part.amount for part in rest)))
    return tuple(lines)


def change_title(found: Attribution, currency: str, name: str) -> str:
    """Return by how much the net present value differs, in the scenario of that name."""
    change = found.after - found.before
    if abs(change) < HALF_A_CENT:
        return _("%(name)s: the same net present value", name=name)
    amount = money(abs(change), currency)
    if change > 0.0:
        return _("%(name)s: net present value %(amount)s higher", name=name, amount=amount)
    return _("%(name)s: net present value %(amount)s lower", name=name, amount=amount)


def change_sentence(found: Attribution, before: Result, after: Result) -> str:
    """Return from where to where it goes, and what most of that comes from."""
    lines = told(found, before, after)
    currency = before.currency
    values = {"before": money(found.before, currency), "after": money(found.after, currency)}
    if not lines:
        return _(
            "Nothing that bears on it differs: at the likely value of every input it is %(before)s.",
            before=values["before"],
        )
    values |= {"first": lines[0].label, "amount": signed_money(lines[0].amount, currency)}
    if len(lines) == 1:
        return _(
            "At the likely value of every input it goes from %(before)s to %(after)s, all because of “%(first)s”.",
            **values,
        )
    values |= {"second": lines[1].label, "next": signed_money(lines[1].amount, currency)}
    return _(
        "At the likely value of every input it goes from %(before)s to %(after)s. The largest part is “%(first)s” "
        "(%(amount)s), the next “%(second)s” (%(next)s).",
        **values,
    )


def change_note(found: Attribution) -> str:
    """Return how the parts are found."""
    if found.exact:
        return _(
            "A part is what an input adds on average over every order in which they could be changed one by one (its "
            "Shapley value), so the parts add up. The figures above are the middle of all futures, which differs where "
            "a range reaches further to one side."
        )
    return _(
        "A part is what an input adds on average over many orders in which they could be changed one by one (its "
        "Shapley value, from drawn orders), so the parts add up. The figures above are the middle of all futures, "
        "which differs where a range reaches further to one side."
    )
