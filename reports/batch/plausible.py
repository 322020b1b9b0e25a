"""What a prospect's own numbers may hardly be, although they are allowed: most often a slip in the export."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from assumptions import Default
from calculator.display import quantity
from calculator.language import gettext as _
from calculator.quantiles import quantile
from calculator.resolve import Resolved, ResolvedInput, basis_value
from calculator.verdict import FAR, Remark

TAILS = (0.001, 0.999)  # of how clinics differ
BY_VERDICT = "clinic.dropout_rate"  # ``calculator.verdict.flags`` compares it with the pooled studies
HOLDING = frozenset({"payback", "roi", "dropout", "effect", "occupancy"})  # flags that a reader would not believe


def implausible(resolved: Resolved) -> tuple[Remark, ...]:
    """Return a remark for each number of the clinic that lies far from what the evidence library knows.

    Far is ``FAR`` beyond the 0.1 % and 99.9 % points of the default's spread (or its figure's interval, where the
    default carries none): on the log-odds of a share, on the logarithm of an amount, so odds or amounts 2.7 times lower
    or higher. Nothing and all of it (0, or a share of 1) are taken as said on purpose, save that a payer pays nothing.
    """
    return tuple(_remarks(resolved))


def _remarks(resolved: Resolved) -> Iterator[Remark]:
    for path, item in resolved.inputs.items():
        section, _dot, key = path.partition(".")
        if item.given is None or section not in ("clinic", "payers") or path == BY_VERDICT:
            continue
        default = resolved.setting.defaults.get(f"payers.{key.partition('.')[2]}" if section == "payers" else path)
        span = None if default is None else _span(default, resolved)
        if span is None or not _is_far(item, *span):
            continue
        currency, unit = resolved.scenario.clinic.currency, item.quantity.unit
        found, low, high = (quantity(value, unit, currency) for value in (item.value, *map(_round, span)))
        text = _(
            "“%(label)s” is %(value)s, far from what is usual (%(low)s to %(high)s). Check the number and its unit.",
            label=item.quantity.named(resolved.setting.words),
            value=found,
            low=low,
            high=high,
        )
        yield Remark("unusual", text, path)


def _span(default: Default, resolved: Resolved) -> tuple[float, float] | None:
    """Return between what two values nearly all clinics lie, or None where the library does not say."""
    figure = default.figure
    if default.distribution.kind != "fixed":
        low, high = (float(value) for value in quantile(default.distribution, np.array(TAILS)))
    elif default.basis is None or figure.interval is None or not figure.value:
        return None
    else:  # a share of something, such as clinicians by the units they deliver; it may be one divided by the figure
        ends = (figure.interval.low / figure.value, figure.interval.high / figure.value)
        inverse = math.isclose(default.value, default.times / figure.value)
        low, high = sorted(default.value / end if inverse else default.value * end for end in ends)
    if default.basis is not None:
        point = {path: np.array([item.value]) for path, item in resolved.inputs.items()}
        scale = float(basis_value(default.basis, point, resolved.payers)[0])
        low, high = low * scale, high * scale
    return (low, high) if low > 0.0 else None


def _is_far(item: ResolvedInput, low: float, high: float) -> bool:
    value, share = item.value, item.quantity.is_share
    if value <= 0.0:
        return value == 0.0 and item.path.startswith("payers.")
    if share and value >= 1.0:
        return False
    place = _logit if share else math.log
    return max(place(low) - place(value), place(value) - place(high)) > FAR


def _logit(share: float) -> float:
    share = min(max(share, 1e-9), 1.0 - 1e-9)
    return math.log(share / (1.0 - share))


def _round(value: float) -> float:
    """Return two significant digits: the span is no more exact than that."""
    return float(f"{value:.2g}")
