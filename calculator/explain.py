"""Let a figure explain itself: its formula, the values that went in, and where each comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from calculator import display, words
from calculator.formulas import FORMULAS, ODDS_RATIO, Formula
from calculator.language import gettext as _
from calculator.result import Result

NAME = re.compile(r"[a-z_]+[a-z0-9_]*")
VOLUMES = (
    "months_", "covered_", "extra_", "attended_", "flags_", "flag_minutes_", "staff_hours_", "dropouts_"
)  # fmt: skip
FUNCTIONS = frozenset({"log", "exp", "sqrt", "pi", "sum_of_survival"})


@dataclass(frozen=True)
class ExplainedValue:
    """One value that went into a figure.

    ``source`` is measured, estimate, organisation: <reason>, benchmark:<id> or computed; ``path`` names the input, or
    is None for a quantity that is itself computed, whose own explanation is under ``name`` where there is one.
    """

    name: str
    label: str
    value: float | None
    shown: str
    unit: str
    source: str
    path: str | None


@dataclass(frozen=True)
class Explanation:
    """A figure's formula in words and with these values.

    ``shown`` is the figure at the likely value of every input, which is what the formula comes to; ``middle`` that of
    the middle future, which page and paper show, and is empty where the two are the same thing.
    """

    name: str
    label: str
    formula: str
    filled: str
    values: tuple[ExplainedValue, ...]
    shown: str
    middle: str
    note: str


def names() -> tuple[str, ...]:
    """Return everything that can be explained."""
    return (*FORMULAS, "odds_ratio")


def explain(result: Result, name: str) -> Explanation:
    """Return how the figure ``name`` comes about, at the point estimate.

    Raises:
        KeyError: if there is no such figure.
    """
    formula = Formula(ODDS_RATIO[result.resolved.road]) if name == "odds_ratio" else FORMULAS[name]
    used = formula.names or tuple(dict.fromkeys(_names_in(formula.expression)))
    if name == "net_revenue_per_unit":
        values = [_input(path, result) for path in result.resolved.inputs if path.startswith("payers.")]
    else:
        values = [_value(item, result) for item in used]
    by_name = {value.name: value for value in values}
    number = _number(name, result)
    return Explanation(
        name=name,
        label=words.figure_label(name, result),
        formula=_(formula.words) or _typeset(formula.expression, {key: value.label for key, value in by_name.items()}),
        filled="" if formula.words else _typeset(formula.expression, {key: v.shown for key, v in by_name.items()}),
        values=tuple(values),
        shown=_shown(name, number, result.currency),
        middle=_middle(name, result),
        note=_note(name, result),
    )


def _number(name: str, result: Result) -> float | None:
    if name == "payback_months":
        return result.payback_of_median  # what page and paper show beside the headline
    if name == "probability_npv_positive":
        return result.probability_npv_positive
    return result.point[name] if name in result.point else result.workings[name]


def _names_in(expression: str) -> list[str]:
    return [name for name in NAME.findall(expression) if name not in FUNCTIONS]


def _value(name: str, result: Result) -> ExplainedValue:
    for path in ("program.odds_ratio",) if name == "trial_odds_ratio" else _paths(name):
        if path in result.resolved.inputs:
            return _input(path, result, name)
    value = _number(name, result) if name != "payback_months" else result.point[name]
    shown = _shown(name, value, result.currency)
    return ExplainedValue(name, words.figure_label(name, result), value, shown, "", "computed", None)


def _paths(name: str) -> tuple[str, ...]:
    return () if name == "odds_ratio" else tuple(f"{section}.{name}" for section in ("clinic", "program", "analysis"))


def _input(path: str, result: Result, name: str | None = None) -> ExplainedValue:
    item = result.resolved.inputs[path]
    shown = display.quantity(item.value, item.quantity.unit, result.currency)
    label = words.input_label(path, result)
    return ExplainedValue(name or path, label, item.value, shown, item.quantity.unit, item.source, path)


def _shown(name: str, value: float | None, currency: str) -> str:
    """Return a value with enough digits that a reader who recalculates arrives where the model did."""
    if name == "payback_months":
        return words.figure_shown(name, value, currency)
    if name == "probability_npv_positive" and value is not None:
        return display.chance(value)
    if name in words.SHARE_FIGURES:
        return display.share(value, 2)
    if name.startswith(VOLUMES):
        return display.number(value, 1)
    if name in words.FIGURE_LABELS and name not in words.MONEY_FIGURES:
        return display.number(value, 4)
    return display.money_exact(value, currency)


def _typeset(expression: str, replacements: dict[str, str]) -> str:
    """Return the expression with names replaced and the signs people write."""
    text = NAME.sub(lambda match: replacements.get(match[0], match[0]), expression)
    return text.replace(" ** ", " ^ ").replace(" * ", " × ").replace(" - ", " − ")


def _note(name: str, result: Result) -> str:
    currency = result.currency
    if name == "probability_npv_positive":
        return _("What is certain is the same in all of them; the rest is drawn together, each by its own range.")
    if name == "payback_months":
        return _(
            "With every input at its likely value: %(likely)s. It pays back in %(exists)s of the futures drawn.",
            likely=words.figure_shown(name, result.point[name], currency),
            exists=display.share(result.distribution[name].exists),
        )
    spread = result.distribution.get(name)
    if spread is None:
        return ""
    if spread.p50 is None:
        return _("It does not exist in any of the futures drawn.")
    low, high = (words.figure_shown(name, value, currency) for value in (spread.p5, spread.p95))
    text = _(
        "The middle of %(futures)s futures; 90 of 100 lie from %(low)s to %(high)s.",
        futures=display.number(result.resolved.draws, 0),
        low=low,
        high=high,
    )
    if spread.exists == 1.0:
        return text
    some = _("It exists in %(exists)s of them, and the range is of those.", exists=display.share(spread.exists))
    return f"{text} {some}"


def _middle(name: str, result: Result) -> str:
    """Return the figure in the middle future, as it stands on the page; empty for what has no spread of its own."""
    if name not in result.distribution or name == "payback_months":
        return ""
    value = result.irr_of_median if name == "irr" else result.distribution[name].p50
    return _("none") if value is None else words.figure_shown(name, value, result.currency)
