"""Three cases side by side: doing nothing, a sceptic's, and the likely one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calculator.figures import FIGURES, figures_of_one
from calculator.model import Block
from calculator.resolve import Resolved
from calculator.result import Case, Swing

SCEPTIC = 0.20  # probability, on the unfavourable side, of every uncertain input at once


def cases(
    resolved: Resolved, point: Block, likely: Mapping[str, float | None], bars: tuple[Swing, ...]
) -> dict[str, Case]:
    """Return the cases ``do_nothing``, ``sceptic`` and ``likely``, in this order, by name.

    Args:
        resolved: the scenario with nothing left open.
        point: the model at the likely value of every input.
        likely: every figure there.
        bars: the tornado, which says on which side of an input NPV is lower.
    """
    corner = resolved.block(resolved.raw_values(unfavourable(bars)))
    found = (
        _do_nothing(point, likely),
        Case("sceptic", figures_of_one(corner), _inputs(corner)),
        Case("likely", likely, _inputs(point)),
    )
    return {case.name: case for case in found}


def unfavourable(bars: tuple[Swing, ...]) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """Return the probability at which a sceptic takes each uncertain input: its 20th percentile or its 80th.

    The unfavourable side is where NPV is lower with the input at its 5th or 95th percentile, the others at their
    medians; an input that does not move NPV is taken at its median. All of them at once seldom come, so the case lies
    below the 20th percentile of NPV where several inputs matter. It is no bound: where an input cuts both ways
    (dropout: with more of it there is more to win back, and less that an odds ratio changes), or where its side depends
    on others (adoption, once each client reached costs more than they bring), another corner may be worse.

    >>> sides = unfavourable((Swing("a", 0.0, 1.0, -5.0, 5.0), Swing("b", 0.0, 1.0, 5.0, -5.0)))
    >>> [float(side[0]) for side in sides.values()]
    [0.2, 0.8]
    """
    sides = {bar.input: np.sign(bar.npv_high - bar.npv_low) for bar in bars}
    return {path: np.array([0.5 - side * (0.5 - SCEPTIC)]) for path, side in sides.items()}


def _do_nothing(point: Block, likely: Mapping[str, float | None]) -> Case:
    """Dropout stays as it is; nothing is kept and nothing paid, so there is no return and no payback to speak of."""
    today = {
        "units_per_episode_before": likely["units_per_episode_before"],
        "units_per_episode_after": likely["units_per_episode_before"],
        "dropout_rate_after": float(point.effective_dropout[0]),
        "hazard_ratio": 1.0,
        "odds_ratio": 1.0,
        "revenue_lost_per_year": likely["revenue_lost_per_year"],
        "roi": None,
        "irr": None,
        "payback_months": None,
    }
    inputs = {path: value for path, value in _inputs(point).items() if not path.startswith("program.")}
    return Case("do_nothing", {name: today.get(name, 0.0) for name in FIGURES}, inputs)


def _inputs(block: Block) -> dict[str, float]:
    return {path: float(values[0]) for path, values in block.values.items()}
