"""What comes out of the model: frozen values with names that outside checks rely on (interfaces: Result JSON)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calculator.language import gettext as _

if TYPE_CHECKING:
    from calculator.explain import Explanation
    from calculator.resolve import Resolved

SCHEMA = "rapport.estimate/1"
TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])  # marks of direction that reach further


@dataclass(frozen=True)
class Spread:
    """How a figure varies over the draws.

    ``exists`` is the share of draws in which it exists at all (a payback may not). All values are None where it exists
    in no draw.
    """

    mean: float | None
    p5: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p95: float | None
    exists: float


@dataclass(frozen=True)
class RoadEffect:
    """What one road of evidence says: odds ratio, hazard ratio, dropout after and its relative fall, with 90 % ranges.

    ``relative_reduction`` is 1 − D'/D; below zero dropout rises. ``used`` marks the road the result rests on.
    ``reading`` is the licence of the figure behind it: causal, part-causal, associational or opinion.
    """

    name: str
    odds_ratio: float
    hazard_ratio: float
    dropout_rate_after: float
    relative_reduction: float
    hazard_ratio_p5: float
    hazard_ratio_p95: float
    relative_reduction_p5: float
    relative_reduction_p95: float
    reading: str
    used: bool


@dataclass(frozen=True)
class Month:
    """The point estimate of one month. ``go_live_cost`` is paid at the start of month 0 and is part of its cost."""

    month: int
    covered_intakes: float
    extra_units: float
    revenue_kept: float
    contribution_kept: float
    acquisition_saved: float
    program_cost: float
    go_live_cost: float
    net_benefit: float
    cumulative_net_benefit: float


@dataclass(frozen=True)
class Year:
    """The point estimate of one year from go-live; the last may be shorter than twelve months."""

    year: int
    months: int
    revenue_kept: float
    contribution_kept: float
    acquisition_saved: float
    program_cost: float
    net_benefit: float
    cumulative_net_benefit: float


@dataclass(frozen=True)
class CashPoint:
    """The cumulative net benefit ``months`` after go-live over the draws; 0 is the moment of go-live."""

    months: int
    point: float
    p5: float
    p25: float
    p50: float
    p75: float
    p95: float


@dataclass(frozen=True)
class NpvBin:
    """One bin of the histogram of NPV: the share of the draws (65,536 of them at most) with ``low`` < NPV ≤ ``high``.

    The first and the last bin also hold what lies beyond them on their side of zero.
    """

    low: float
    high: float
    share: float


@dataclass(frozen=True)
class BridgeStep:
    """One step from the gross loss to the net of a steady-state year; ``input`` is the path that sets its size."""

    step: str
    amount: float
    input: str


@dataclass(frozen=True)
class Swing:
    """One bar of the tornado: the input at its 5th and 95th percentile, the others at their median."""

    input: str
    low: float
    high: float
    npv_low: float
    npv_high: float


@dataclass(frozen=True)
class Case:
    """One of the cases side by side: every figure, and by path every input that it rests on, each in its own unit."""

    name: str
    figures: Mapping[str, float | None]
    inputs: Mapping[str, float]


@dataclass(frozen=True)
class SobolIndex:
    """Share of the variance of NPV that an input accounts for alone, and together with the others."""

    input: str
    first_order: float
    total: float


@dataclass(frozen=True)
class AskNext:
    """What it would be worth to know an input exactly before deciding, and the share of variance that would remove."""

    input: str
    evppi: float
    variance_share: float


@dataclass(frozen=True)
class BreakEven:
    """Where NPV is zero, everything else at its point value; None where no value that may be entered reaches it.

    ``alliance_lift_sd`` is solved on the alliance road. ``relative_dropout_reduction`` is 1 − D'/D at the break-even
    hazard ratio; ``trial_reduction_low`` and ``_high`` are what the trials' 95 % interval means at this clinic's D.
    """

    alliance_lift_sd: float | None
    hazard_ratio: float | None
    subscription_per_clinician_month: float | None
    intakes_per_month: float | None
    relative_dropout_reduction: float | None
    trial_reduction_low: float
    trial_reduction_high: float
    minutes_per_unit: float | None = None


@dataclass(frozen=True)
class Detection:
    """Months of data until the change shows (80 % power, two-sided 5 %); None where it never would.

    ``episodes_*`` are the intakes expected in those months.
    """

    months_per_period: float | None
    months_after_with_history: float | None
    episodes_per_period: float | None = None
    episodes_after_with_history: float | None = None


@dataclass(frozen=True)
class Reproducibility:
    """What is needed to get the same figures again."""

    version: str
    evidence_sha256: str
    inputs_sha256: str
    seed: int
    draws: int


@dataclass(frozen=True)
class Result:
    """Everything computed for one scenario.

    ``point`` and ``distribution`` share their names, those of ``calculator.FIGURES``; a point figure that does not
    exist is None. ``irr_of_median`` is that of the middle future. ``payback_of_median`` is when the median path in
    ``cash`` reaches zero for good: the payback to go with the headline, which is a median too. ``npv_at_medians`` is
    what the bars of the tornado start from: NPV with every uncertain input at its median. ``cases`` are ``do_nothing``,
    ``sceptic`` and ``likely``, in this order. ``workings`` holds the quantities in between that explanations refer to.
    ``retention_before`` and ``_after`` are S_k and S'_k at the point. ``ask_next`` is in the order in which to find
    things out; ``sobol``, the largest total first, is None where it was not asked for.
    """

    resolved: Resolved
    point: Mapping[str, float | None]
    distribution: Mapping[str, Spread]
    probability_npv_positive: float
    npv_histogram: tuple[NpvBin, ...]
    roads: Mapping[str, RoadEffect]
    monthly: tuple[Month, ...]
    years: tuple[Year, ...]
    cash: tuple[CashPoint, ...]
    payback_of_median: float | None
    irr_of_median: float | None
    bridge: tuple[BridgeStep, ...]
    tornado: tuple[Swing, ...]
    npv_at_medians: float
    cases: Mapping[str, Case]
    break_even: BreakEven
    detection: Detection
    reproducibility: Reproducibility
    workings: Mapping[str, float]
    retention_before: tuple[float, ...]
    retention_after: tuple[float, ...]
    ask_next: tuple[AskNext, ...]
    sobol: tuple[SobolIndex, ...] | None = None

    @property
    def clinic_name(self) -> str:
        """Return the clinic's name, or words that stand for it; signs that turn the text around it are left out."""
        name = self.resolved.scenario.clinic.name.translate(TURNING)
        return name if name.strip() else _("Your clinic")

    @property
    def currency(self) -> str:
        """Return the currency's ISO code."""
        return self.resolved.scenario.clinic.currency

    def explain(self, name: str) -> Explanation:
        """Return how a figure comes about: formula, the values that went in, and their sources.

        Raises:
            KeyError: if there is no such figure.
        """
        from calculator.explain import explain

        return explain(self, name)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data in the published order; None for what does not exist."""
        from calculator.serialize import to_dict

        return to_dict(self)
