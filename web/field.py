"""One number of the form as the page shows it: what stands in it, what it stands for when blank, and its switch."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from assumptions import Default, Figure
from calculator.display import NO_BREAK, quantity, significant
from calculator.entry import affixes, decimal_comma, is_money, is_percent, write_number
from calculator.language import gettext as _
from calculator.language import mark
from calculator.quantiles import quantile
from calculator.quantity import Quantity, Range, likely
from calculator.resolve import Resolved
from calculator.words import organisation_words
from web.house import HouseNumber

KINDS = {"measured": mark("measured"), "estimate": mark("estimate"), "benchmark": mark("benchmark")}
HOUSE = mark("organisation")  # in the place of benchmark where an organisation has a value of its own
OWN = mark("yours")  # what is decided or signed is neither measured nor estimated


@dataclass(frozen=True)
class DefaultShown:
    """What a blank field stands for: its value as it would be typed, and the figure it rests on.

    ``shown`` is the same dressed, with its unit; ``usual`` where 90 of 100 futures lie, empty where it has no spread.
    A value of the organisation's own rests on no figure but has a ``reason``.
    """

    text: str
    shown: str
    figure: Figure | None
    usual: str = ""
    reason: str = ""

    @property
    def source(self) -> str:
        """Return the source in a few words, such as Swift & Greenberg (2012)."""
        if self.figure is None:
            return organisation_words(self.reason)
        if self.figure.kind == "judgement" or not self.figure.references:
            return _("a judgement")
        return short_citation(self.figure.references[0].citation)


@dataclass(frozen=True)
class Choice:
    """One position of a switch."""

    value: str
    label: str
    on: bool


@dataclass(frozen=True)
class Field:
    """One number of the form.

    ``kind`` is measured, estimate, organisation or benchmark, and ``switched`` whether it has a switch.
    """

    path: str
    label: str
    help: str
    where: str
    declared: Quantity
    text: str
    low: str
    high: str
    before: str
    after: str
    problem: str
    default: DefaultShown | None
    kind: str
    switched: bool
    allowed: str
    placeholder: str

    @property
    def id(self) -> str:
        """Return the id of its input element."""
        return self.path.replace(".", "-")

    @property
    def ranged(self) -> bool:
        """Return whether a range stands in it."""
        return bool(self.low or self.high)

    @property
    def own(self) -> bool:
        """Return whether it holds something of the user's own."""
        return bool(self.text or self.ranged)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Return the positions of its switch.

        A blank field sends nothing for benchmark, so that a number typed into it without script counts as an estimate;
        a filled one sends it, and the number gives way.
        """
        blank = "benchmark" if self.default is None or self.default.figure else "organisation"
        kinds = ["measured", "estimate", *([blank] if self.default else [])]
        if self.declared.widen == "none":
            kinds = ["measured" if self.kind == "measured" else "estimate", blank] if self.default else []
        shown = KINDS if self.declared.widen != "none" else {**dict.fromkeys(KINDS, OWN), "benchmark": "benchmark"}
        shown = {**shown, "organisation": HOUSE}
        value = {blank: "benchmark" if self.own else ""}
        return tuple(Choice(value.get(kind, kind), _(shown[kind]), kind == self.kind) for kind in kinds)


def default_shown(default: Default, declared: Quantity, bare: Resolved, currency: str) -> DefaultShown:
    """Return what a blank field stands for, which may follow what is typed elsewhere."""
    value = default.value if default.basis is None else bare.inputs[default.path].value
    low, high = (quantity(significant(end, 2), declared.unit, currency) for end in _ends(default, declared, bare))
    usual = _("%(low)s to %(high)s", low=low, high=high) if low != high else ""
    return shown_default(significant(value, 4), declared, default.figure, currency, usual)


def shown_default(
    value: float, declared: Quantity, figure: Figure | None, currency: str, usual: str = "", reason: str = ""
) -> DefaultShown:
    """Return a default by its value."""
    text = write_number(value, declared, comma=decimal_comma())
    after = "" if is_money(declared) or is_percent(declared) else affixes(declared, currency)[1]
    dressed = quantity(value, declared.unit, currency)
    return DefaultShown(text, f"{dressed}{NO_BREAK}{after}" if after else dressed, figure, usual, reason)


def house_shown(number: HouseNumber, declared: Quantity, currency: str) -> DefaultShown:
    """Return what a blank field stands for by the organisation's own value."""
    value, usual = likely(number.value), ""
    if isinstance(number.value, Range):
        low, high = (quantity(end, declared.unit, currency) for end in (number.value.low, number.value.high))
        usual = _("%(low)s to %(high)s", low=low, high=high)
    return shown_default(value, declared, None, currency, usual, number.reason)


def _ends(default: Default, declared: Quantity, bare: Resolved) -> tuple[float, float]:
    """Return where 90 of 100 clinics lie, by the spread of the benchmark."""
    raw = quantile(default.distribution, np.array([0.05, 0.95]))
    if default.basis is not None:
        raw = np.broadcast_to(bare.values({default.path: raw})[default.path], (2,))
    low, high = np.clip(raw, declared.ge, declared.le).tolist()
    return low, high


def short_citation(citation: str) -> str:
    """Return authors and year.

    >>> short_citation("Sharf, Primavera & Diener (2010). Psychotherapy 47(4):637-645.")
    'Sharf, Primavera & Diener (2010)'
    """
    found = re.match(r".{1,80}?\(\d{4}\)", citation)
    return found[0] if found else re.split(r"[.,:(]", citation, maxsplit=1)[0].strip()
