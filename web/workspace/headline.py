"""The headline of a result as it is kept beside what was stored, so that a list costs no run of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from calculator import Result
from calculator.display import chance, money, money_range

KEPT: Final = "revenue_kept_per_year"
NET: Final = "net_per_year"
CHANCE: Final = "probability_npv_positive"
ENDS: Final = ("p5", "p50", "p95")


def figures_of(result: Result) -> dict[str, Any]:
    """Return the headline of a result as plain data: currency, two spreads in it, and the chance that it pays."""
    spreads = {name: {end: getattr(result.distribution[name], end) for end in ENDS} for name in (KEPT, NET)}
    return {"currency": result.currency, **spreads, CHANCE: result.probability_npv_positive}


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline in the words of the page: amounts a year with the range of 90 of 100 futures, and the chance."""

    kept: str
    kept_range: str
    net: str
    net_range: str
    pays: str
    loses: bool

    @classmethod
    def read(cls, figures: Mapping[str, Any]) -> Headline | None:
        """Return what was stored by ``figures_of``; None where it holds no such headline."""
        try:
            currency = str(figures["currency"])
            kept, net = ([float(figures[name][end]) for end in ENDS] for name in (KEPT, NET))
            pays = float(figures[CHANCE])
        except (KeyError, TypeError, ValueError):
            return None
        return cls(
            kept=money(kept[1], currency),
            kept_range=money_range(kept[0], kept[2], currency),
            net=money(net[1], currency),
            net_range=money_range(net[0], net[2], currency),
            pays=chance(pays),
            loses=net[1] < 0,
        )
