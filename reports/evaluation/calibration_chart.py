"""Calibration: how many of those with a risk dropped out, against that risk."""

from __future__ import annotations

from typing import Any

from reports.charts.chart import PAPER, Area, Cell, Chart, Dot, Line, Mark, Medium, Table
from reports.evaluation.plot import LEAST_HEIGHT, frame, line_names
from reports.evaluation.words import Evaluation, model, percent


def calibration_chart(evaluation: Evaluation, width: float, medium: Medium = PAPER) -> Chart:
    """Return the calibration of the model that an evaluation is about, laid out for ``width``."""
    name = evaluation["primary"]
    curve = evaluation["curves"][name]
    points, smooth = curve["points"], curve["smooth"] or []
    right = medium.measure("as predicted", strong=True) + 2 * medium.gap
    high = max(LEAST_HEIGHT * medium.line, min(width - right, 17 * medium.line))
    axes = ("risk before completion, predicted", "dropped out before completion")
    made = frame((0.0, 1.0), (0.0, 1.0), axes, (percent, percent), width, high, right, medium)
    x, y = made.x, made.y
    marks: list[Mark] = _band(smooth, x, y)
    marks += [*made.marks, Line(((x(0.0), y(0.0)), (x(1.0), y(1.0))), "quiet")]
    if smooth:
        marks.append(Line(tuple((x(at["predicted"]), y(at["observed"])) for at in smooth), "kept"))
    marks += [
        Dot(x(p["predicted"]), y(p["observed"]), medium.gap * 0.6, "kept", p["observed"], _told(p)) for p in points
    ]
    marks += line_names([((x(1.0), y(1.0)), "as predicted", False)], x.end + medium.gap, (y.end, y.start), medium)
    return Chart(
        title="How often what was predicted came true",
        subtitle=f"{model(name)}, predicted for people it was not fitted to",
        description=_description(points),
        width=width,
        height=made.height,
        marks=tuple(marks),
        tabulate=lambda: _table(points),
        x=x,
        y=y,
    )


def _band(smooth: list[dict[str, Any]], x: Any, y: Any) -> list[Mark]:
    known = [at for at in smooth if at["low"] is not None]
    if len(known) < 2:
        return []
    upper = tuple((x(at["predicted"]), y(at["high"])) for at in known)
    return [Area(upper, tuple((x(at["predicted"]), y(at["low"])) for at in known), "band_outer", "uncertainty")]


def _told(point: dict[str, float]) -> str:
    return f"{percent(point['observed'])} of {point['people']:.0f} with a risk near {percent(point['predicted'])}"


def _description(points: list[dict[str, float]]) -> str:
    return f"Dropped out: {'; '.join(_told(point) for point in points)}."


def _table(points: list[dict[str, float]]) -> Table:
    rows = tuple(
        (
            Cell(percent(point["predicted"]), point["predicted"]),
            Cell(percent(point["observed"]), point["observed"]),
            Cell(f"{point['people']:.0f}", point["people"]),
        )
        for point in points
    )
    return Table("Observed against predicted", ("Predicted risk", "Dropped out", "People"), rows)
