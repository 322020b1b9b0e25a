"""Draw all uncertain numbers together and see what becomes of every figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assumptions import Distribution
from calculator.arrays import FloatArray, keep_memory
from calculator.figures import FIGURES, figures
from calculator.histogram import npv_histogram
from calculator.model import Block
from calculator.points import sobol_points
from calculator.quantiles import quantile
from calculator.resolve import DIMENSIONS, ROAD_INPUTS, Resolved
from calculator.result import CashPoint, NpvBin, Spread, Swing
from calculator.roads import hazard_ratio
from calculator.scenario import Road
from calculator.summary import Summary, percentiles

BLOCK = 8192  # draws at a time: wide enough for numpy, small enough for the processor's cache
KEPT_DRAWS = 65_536  # the histogram and the middle IRR rest on so many draws at most
KEPT_INPUTS = 128  # whose probabilities and draws of a block are kept for the next scenario: 16 MB at most
BAND_DRAWS = 16_384  # the cash band, the histogram and the roads' ranges rest on so many draws at most


@dataclass(frozen=True)
class RoadRange:
    """The 90 % ranges of what one road of evidence says."""

    hazard_ratio: tuple[float, float]
    relative_reduction: tuple[float, float]


@dataclass(frozen=True)
class Futures:
    """What the draws say: spreads of all figures, the chance and histogram of NPV, the cash band, the roads' ranges.

    ``probabilities`` of each input that varies and bears on the result, and ``npv``, are those of the first draws: as
    many as are drawn at a time.
    """

    distribution: Mapping[str, Spread]
    probability_npv_positive: float
    npv_histogram: tuple[NpvBin, ...]
    irr_of_median: float | None
    cash: tuple[CashPoint, ...]
    road_ranges: Mapping[Road, RoadRange]
    probabilities: Mapping[str, FloatArray]
    npv: FloatArray


@dataclass(frozen=True)
class Tornado:
    """The swings of NPV, the widest first, and the NPV they start from: every uncertain input at its median."""

    bars: tuple[Swing, ...]
    middle: float


def uniforms(resolved: Resolved, paths: tuple[str, ...], start: int, count: int) -> dict[str, FloatArray]:
    """Return scrambled Sobol probabilities for each path; a path's own do not depend on which others are asked for."""
    return {path: _probabilities(resolved.seed, DIMENSIONS[path], start, count) for path in paths}


@lru_cache(maxsize=KEPT_INPUTS)
def _probabilities(seed: int, dimension: int, start: int, count: int) -> FloatArray:
    points: FloatArray = sobol_points(seed, [dimension], start, count)[0]
    points.setflags(write=False)
    return points


@lru_cache(maxsize=KEPT_INPUTS)
def _draws(distribution: Distribution, seed: int, dimension: int, start: int, count: int) -> FloatArray:
    """Return the draws of one input; most are benchmarks, whose draws are the same in one clinic after the other."""
    values = quantile(distribution, _probabilities(seed, dimension, start, count))
    values.setflags(write=False)
    return values


def blocks(resolved: Resolved, paths: tuple[str, ...]) -> Iterator[tuple[dict[str, FloatArray], Block]]:
    """Yield the probabilities drawn and the model there for all draws, a block at a time."""
    size = min(BLOCK, 1 << max(resolved.draws - 1, 0).bit_length())
    for start in range(0, resolved.draws, size):
        count = min(size, resolved.draws - start)
        points, raw = uniforms(resolved, paths, start, size), {}
        for path in paths:
            raw[path] = _draws(resolved.inputs[path].distribution, resolved.seed, DIMENSIONS[path], start, size)[:count]
        yield {path: column[:count] for path, column in points.items()}, resolved.block(raw)


def npv_summary(resolved: Resolved) -> Summary:
    """Return the net present value over all draws, and nothing else."""
    summary = Summary()
    count = 0
    for _, block in blocks(resolved, resolved.uncertain):
        count = min(BLOCK, resolved.draws)
        summary.add(np.broadcast_to(block.npv, (count,)) if block.npv.size == 1 else block.npv)
    return summary


def futures(resolved: Resolved, point: Block) -> Futures:
    """Return what becomes of every figure over the draws."""
    keep_memory()
    paths = tuple(path for path, item in resolved.inputs.items() if not item.certain)
    summaries = {name: Summary() for name in FIGURES}
    totals: list[FloatArray] = []
    npv: list[FloatArray] = []
    irr: list[FloatArray] = []
    falls: dict[Road, list[FloatArray]] = {road: [] for road in ROAD_INPUTS}
    ratios: dict[Road, list[FloatArray]] = {road: [] for road in ROAD_INPUTS}
    seen = 0
    first: dict[str, FloatArray] = {}
    for points, block in blocks(resolved, paths):
        first = first or {path: points[path] for path in resolved.uncertain}
        found = figures(block)
        rows = max(values.size for values in found.values())
        for name, values in found.items():
            summaries[name].add(np.broadcast_to(values, (rows,)))
        if seen < KEPT_DRAWS:
            npv.append(np.broadcast_to(found["npv"], (rows,)))
            irr.append(np.broadcast_to(found["irr"], (rows,)))
        if seen < BAND_DRAWS:
            totals.append(block.running_total)
            for road in ROAD_INPUTS:
                relative = block.relative_dropout(road)
                falls[road].append(1.0 - relative)
                ratios[road].append(hazard_ratio(block.values["clinic.dropout_rate"], relative))
        seen += rows
    return Futures(
        distribution={name: summary.spread() for name, summary in summaries.items()},
        probability_npv_positive=summaries["npv"].share_positive,
        npv_histogram=npv_histogram(np.concatenate(npv)),
        irr_of_median=_middle_irr(np.concatenate(irr), np.concatenate(npv)),
        cash=_cash_band(point.running_total[0], np.concatenate(totals)),
        road_ranges={road: RoadRange(_range(ratios[road]), _range(falls[road])) for road in ROAD_INPUTS},
        probabilities=first,
        npv=npv[0],
    )


def tornado(resolved: Resolved) -> Tornado:
    """Return how NPV moves with each input from its 5th to its 95th percentile, the others at their median."""
    paths = resolved.uncertain
    if not paths:
        return Tornado((), float(resolved.block({}).npv[0]))
    probabilities = {path: np.full(2 * len(paths) + 1, 0.5) for path in paths}
    for row, path in enumerate(paths):
        probabilities[path][2 * row : 2 * row + 2] = 0.05, 0.95
    block = resolved.block(resolved.raw_values(probabilities))
    npv = np.broadcast_to(block.npv, (2 * len(paths) + 1,)).tolist()
    swings = []
    for row, path in enumerate(paths):
        ends = slice(2 * row, 2 * row + 2)
        swings.append(Swing(path, *block.values[path][ends].tolist(), *npv[ends]))
    bars = sorted(swings, key=lambda swing: -abs(swing.npv_high - swing.npv_low))
    return Tornado(tuple(bars), npv[-1])


def _middle_irr(irr: FloatArray, npv: FloatArray) -> float | None:
    """Return the IRR of the middle future, None where that has none.

    A future without one counts as worse than all that have one where it loses, as better where it gains.
    """
    ranked = np.sort(np.where(np.isnan(irr), np.where(npv > 0.0, np.inf, -np.inf), irr))
    middle = float(ranked[(len(ranked) - 1) // 2])
    return middle if np.isfinite(middle) else None


def _range(parts: list[FloatArray]) -> tuple[float, float]:
    low, high = percentiles(np.concatenate(parts), (5.0, 95.0))
    return float(low), float(high)


def _cash_band(point: FloatArray, totals: FloatArray) -> tuple[CashPoint, ...]:
    bands = percentiles(totals.T).tolist()
    return tuple(CashPoint(months, float(point[months]), *band) for months, band in enumerate(bands))
