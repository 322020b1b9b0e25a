"""Net benefit by threshold: the model, the published figures, acting on everybody, acting on nobody."""

from __future__ import annotations

from typing import Any

from reports.charts.chart import PAPER, Area, Cell, Chart, Line, Mark, Medium, Place, Table
from reports.charts.scale import Linear
from reports.evaluation.plot import LEAST_HEIGHT, frame, line_names
from reports.evaluation.words import Evaluation, model, number, percent

LEAST = -0.1  # acting on everybody does ever more harm beyond; the line is cut there


def benefit_chart(evaluation: Evaluation, width: float, medium: Medium = PAPER) -> Chart:
    """Return the decision curve of the model that an evaluation is about, laid out for ``width``."""
    found, name = evaluation["net_benefit"], evaluation["primary"]
    at = found["thresholds"]
    own = [one["net_benefit"] for one in _rows(found["models"][name])]
    everybody = found["treat_all"]
    top = max(0.05, *(one["high"] or one["estimate"] for one in (*own, *everybody)))
    ends = ["acting on nobody", "acting on all", "the model"]
    right = max(medium.measure(text, strong=True) for text in ends) + 2 * medium.gap
    high = LEAST_HEIGHT * medium.line
    axes = ("risk from which somebody acts", "net benefit, share of all people")
    made = frame((at[0], at[-1]), (LEAST, top), axes, (percent, number), width, high, right, medium)
    x, y = made.x, made.y
    lines = {
        "acting on nobody": [(x(value), y(0.0)) for value in at],
        "acting on all": _cut([(value, one["estimate"]) for value, one in zip(at, everybody, strict=True)], x, y),
        "the model": _cut([(value, one["estimate"]) for value, one in zip(at, own, strict=True)], x, y),
    }
    marks: list[Mark] = [*_band(at, own, x, y), *made.marks]
    marks += [
        Line(tuple(places), "kept" if text == "the model" else "quiet") for text, places in lines.items() if places[1:]
    ]
    named = [((0.0, places[-1][1]), text, text == "the model") for text, places in lines.items()]
    marks += line_names(named, x.end + medium.gap, (y.end, y.start), medium)
    return Chart(
        title="What acting on it is worth",
        subtitle=f"{model(name)}, thresholds from {percent(at[0])} to {percent(at[-1])}",
        description=_description(at, own, everybody),
        width=width,
        height=made.height,
        marks=tuple(marks),
        tabulate=lambda: _table(evaluation),
        x=x,
        y=y,
    )


def _rows(curve: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(curve, row, strict=True)) for row in zip(*curve.values(), strict=True)]


def _cut(points: list[Place], x: Linear, y: Linear) -> list[Place]:
    """Return a line down to where the plot ends, and not beyond."""
    places: list[Place] = []
    for number_, (at, value) in enumerate(points):
        if value < LEAST:
            if number_:
                before_at, before = points[number_ - 1]
                part = (before - LEAST) / (before - value)
                places.append((x(before_at + part * (at - before_at)), y(LEAST)))
            return places or [(x(at), y(LEAST))]
        places.append((x(at), y(value)))
    return places


def _band(at: list[float], own: list[dict[str, Any]], x: Linear, y: Linear) -> list[Mark]:
    known = [(place, one) for place, one in zip(at, own, strict=True) if one["low"] is not None]
    if len(known) < 2:
        return []
    upper = tuple((x(place), y(max(one["high"], LEAST))) for place, one in known)
    return [
        Area(upper, tuple((x(place), y(max(one["low"], LEAST))) for place, one in known), "band_outer", "uncertainty")
    ]


def _description(at: list[float], own: list[dict[str, Any]], everybody: list[dict[str, Any]]) -> str:
    better = [
        value
        for value, mine, all_ in zip(at, own, everybody, strict=True)
        if mine["estimate"] > max(all_["estimate"], 0.0)
    ]
    if not better:
        return "At no threshold does it do more good than acting on everybody or on nobody."
    return (
        f"It does more good than acting on everybody or on nobody at {len(better)} of {len(at)} thresholds, the lowest "
        f"of them {percent(better[0])} and the highest {percent(better[-1])}."
    )


def _table(evaluation: Evaluation) -> Table:
    found = evaluation["net_benefit"]
    rows = tuple(
        (
            Cell(percent(at), at),
            Cell(number(one["net_benefit"]["estimate"], 3), one["net_benefit"]["estimate"]),
            Cell(number(all_["estimate"], 3), all_["estimate"]),
        )
        for at, one, all_ in zip(
            found["thresholds"], _rows(found["models"][evaluation["primary"]]), found["treat_all"], strict=True
        )
    )
    return Table("Net benefit by threshold", ("Threshold", "The model", "Acting on all"), rows)
