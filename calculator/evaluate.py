"""Put the parts together: a scenario and the evidence in, a result out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields

import numpy as np

from assumptions import Library
from calculator.breakeven import break_even
from calculator.bridge import BRIDGE_STEPS, bridge_steps, net_per_year
from calculator.cases import cases
from calculator.cashflow import payback_months
from calculator.detection import months_to_detect
from calculator.figures import figures_of_one
from calculator.model import Block
from calculator.resolve import Resolved, resolve
from calculator.result import AskNext, BridgeStep, Month, Result, RoadEffect, Year
from calculator.roads import hazard_ratio
from calculator.scenario import Road, Scenario
from calculator.sensitivity import ask_next, runs_of, sobol
from calculator.serialize import reproducibility
from calculator.uncertainty import Futures, RoadRange, futures, tornado
from calculator.workings import workings

ROADS: tuple[Road, ...] = ("program", "alliance", "targeted")
ROAD_FIGURE: Mapping[Road, str] = {
    "program": "program.odds_ratio",
    "alliance": "program.alliance_gap_sd",
    "targeted": "program.save_rate",
}
STEP_INPUT = {
    "gross_loss": "clinic.dropout_rate", "not_averted": "program.evidence_road",
    "not_reached": "program.adoption_rate", "not_attended": "clinic.no_show_rate", "refilled": "clinic.backfill_rate",
    "not_collected": "payers.1.collection_rate", "delivery_cost": "clinic.variable_cost_per_unit",
    "acquisition_saved": "clinic.acquisition_cost_per_intake",
    "program_cost": "program.subscription_per_clinician_month", "net_per_year": "",
}  # fmt: skip


def evaluate(scenario: Scenario, library: Library, *, indices: bool = False) -> Result:
    """Return everything the model says about ``scenario``.

    Args:
        scenario: what the user gave.
        library: the evidence that fills the gaps.
        indices: also compute Sobol indices, which costs more than all the rest.

    Raises:
        InputError: where what was given does not fit together with the defaults.
    """
    resolved = resolve(scenario, library)
    point = resolved.block({})
    estimate = figures_of_one(point)
    drawn = futures(resolved, point)
    months = _months(point)
    swings = tornado(resolved)
    trials = resolved.setting.defaults["program.odds_ratio"].figure
    return Result(
        resolved=resolved,
        point=estimate,
        distribution=drawn.distribution,
        probability_npv_positive=drawn.probability_npv_positive,
        npv_histogram=drawn.npv_histogram,
        roads={road: _road(resolved, point, road, drawn.road_ranges[road]) for road in ROADS},
        monthly=months,
        years=_years(months),
        cash=drawn.cash,
        irr_of_median=drawn.irr_of_median,
        payback_of_median=_number(payback_months(np.array([[month.p50 for month in drawn.cash]]))),
        bridge=_bridge(point),
        tornado=swings.bars,
        npv_at_medians=swings.middle,
        cases=cases(resolved, point, estimate, swings.bars),
        break_even=break_even(point, trials),
        detection=months_to_detect(
            _scalar(point.effective_dropout),
            estimate["dropout_rate_after"] or 0.0,
            _scalar(point.values["clinic.intakes_per_month"]),
            resolved.history_months,
        ),
        reproducibility=reproducibility(resolved, library),
        workings=workings(point),
        retention_before=tuple(point.survival_before[0].tolist()),
        retention_after=tuple(point.survival_after[0].tolist()),
        ask_next=_ask_next(drawn, runs_of(resolved.draws)),
        sobol=sobol(resolved) if indices else None,
    )


def _number(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float | None:
    value = float(values[0])
    return None if math.isnan(value) else value


def _scalar(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    return float(values[0])


def _ask_next(drawn: Futures, runs: int) -> tuple[AskNext, ...]:
    probabilities = {path: column[:runs] for path, column in drawn.probabilities.items()}
    return ask_next(probabilities, np.broadcast_to(drawn.npv, drawn.npv.size if drawn.npv.size > 1 else runs)[:runs])


def _road(resolved: Resolved, point: Block, road: Road, span: RoadRange) -> RoadEffect:
    rate = point.values["clinic.dropout_rate"]
    other = Block(road, point.payers, point.horizon_months, point.values)
    figure = resolved.inputs[ROAD_FIGURE[road]].figure
    return RoadEffect(
        name=road,
        odds_ratio=_scalar(other.odds_ratio),
        hazard_ratio=_scalar(hazard_ratio(rate, other.relative_dropout(road))),
        dropout_rate_after=_scalar(other.dropout_rate_after),
        relative_reduction=1.0 - _scalar(other.relative_dropout(road)),
        hazard_ratio_p5=span.hazard_ratio[0],
        hazard_ratio_p95=span.hazard_ratio[1],
        relative_reduction_p5=span.relative_reduction[0],
        relative_reduction_p95=span.relative_reduction[1],
        reading=figure.reading if figure else "opinion",
        used=road == resolved.road,
    )


def _bridge(point: Block) -> tuple[BridgeStep, ...]:
    amounts = [*bridge_steps(point)[:, 0].tolist(), _scalar(net_per_year(point))]
    names = (*BRIDGE_STEPS, "net_per_year")
    return tuple(BridgeStep(name, amount, STEP_INPUT[name]) for name, amount in zip(names, amounts, strict=True))


def _months(point: Block) -> tuple[Month, ...]:
    flows, start = point.months, _scalar(point.go_live_cost)
    span = (point.horizon_months,)
    columns = {field.name: np.broadcast_to(getattr(flows, field.name)[0], span).tolist() for field in fields(flows)}
    nets, totals = flows.net_benefit[0].tolist(), point.running_total[0, 1:].tolist()
    rows = []
    for month, (net, total) in enumerate(zip(nets, totals, strict=True)):
        row = {name: column[month] for name, column in columns.items()}
        once = start if month == 0 else 0.0
        row["program_cost"] += once
        net -= once
        rows.append(Month(month=month, **row, go_live_cost=once, net_benefit=net, cumulative_net_benefit=total))
    return tuple(rows)


def _years(months: tuple[Month, ...]) -> tuple[Year, ...]:
    years = []
    for start in range(0, len(months), 12):
        part = months[start : start + 12]
        sums = {
            name: math.fsum(getattr(month, name) for month in part)
            for name in ("revenue_kept", "contribution_kept", "acquisition_saved", "program_cost", "net_benefit")
        }
        years.append(Year(start // 12 + 1, len(part), **sums, cumulative_net_benefit=part[-1].cumulative_net_benefit))
    return tuple(years)
