"""A difference from the baseline, dressed: its sign, its unit, and whether it is for the better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from calculator.display import MINUS, number
from calculator.language import gettext as _
from calculator.language import ngettext


@dataclass(frozen=True)
class Difference:
    """A difference from the baseline: exactly, and of the rounded values, so that a reader can check it.

    There is none for the baseline itself and where the two cannot be compared.
    """

    exact: float | None = None
    shown: float = 0.0

    @classmethod
    def of(
        cls,
        values: Sequence[float | None],
        place: int,
        rounded: Callable[[float], float],
        told: Sequence[float | None] | None = None,
    ) -> Difference:
        """Return the difference of one value from the first; it is not to be told where ``told`` holds None."""
        first, value = values[0], values[place]
        if not place or first is None or value is None or (told is not None and told[place] is None):
            return cls()
        return cls(value - first, rounded(value) - rounded(first))

    def told(self, dressed: Callable[[float], str], better: int) -> tuple[str, str]:
        """Return it with its sign, and better or worse; ``better`` is the direction that is, or 0 for neither."""
        if self.exact is None:
            return "", ""
        text = dressed(self.shown)
        if text == dressed(0.0):
            return _("the same") if self.exact == 0.0 else _("about the same"), ""
        return text, "" if not better else "better" if self.shown * better > 0 else "worse"


def signed(value: float, decimals: int) -> str:
    """Return a number with its sign; none where it rounds to nothing.

    >>> signed(12.4, 0), signed(-3.0, 1), signed(-0.2, 0)
    ('+12', '−3.0', '0')
    """
    text = number(abs(value), decimals)
    if text == number(0.0, decimals):
        return text
    return f"+{text}" if value > 0 else f"{MINUS}{text}"


def in_points(value: float, digits: int) -> str:
    """Return the difference of two shares.

    >>> in_points(-0.034, 1)
    '−3.4 points'
    """
    return _("%(number)s points", number=signed(value * 100.0, digits))


def in_hundred(value: float) -> str:
    """Return the difference of two chances.

    >>> in_hundred(0.12)
    '+12 of 100'
    """
    return _("%(number)s of 100", number=signed(value * 100.0, 0))


def in_months(value: float) -> str:
    """Return the difference of two spans.

    >>> in_months(-4.0), in_months(1.5), in_months(-1.0)
    ('−4 months', '+1.5 months', '−1 month')
    """
    shown = signed(value, 0 if round(value, 1) % 1 == 0 else 1)
    return ngettext("%(number)s month", "%(number)s months", abs(round(value, 1)), number=shown)
