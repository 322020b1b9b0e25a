"""Native charts in the colours of page and paper. Each plots cells, so that it follows the inputs like all else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart

from reports.spreadsheet import TYPEFACE
from reports.tokens import load_tokens

SMALL = 9


@dataclass(frozen=True)
class Line:
    """One curve: its name, the cells it is drawn from, and the role of its colour."""

    name: str
    across: list[object]
    up: list[object]
    role: str


def curves(
    book: Workbook,
    lines: Sequence[Line],
    *,
    title: str,
    across: str,
    up: str,
    number: str,
    most: float | None = None,
) -> Chart:
    """Return curves over a scale of numbers; ``number`` is the format of the upright scale, ``most`` its end."""
    chart = book.add_chart({"type": "scatter", "subtype": "straight"})
    for line in lines:
        chart.add_series(
            {
                "name": line.name,
                "categories": line.across,
                "values": line.up,
                "line": {"color": load_tokens().light[line.role], "width": 2.25},
                "marker": {"type": "none"},
            }
        )
    low = {} if most is None else {"min": 0.0, "max": most}
    _dress(chart, title)
    chart.set_x_axis({**_axis(across), "min": 0, "num_format": "0", "label_position": "low"})
    chart.set_y_axis({**_axis(up, grid=True), "num_format": number, **low})
    chart.set_legend(_legend() if len(lines) > 1 else {"none": True})
    return chart


def bars(
    book: Workbook,
    labels: list[object],
    parts: Sequence[tuple[list[object], Sequence[str]]],
    *,
    title: str,
    number: str,
) -> Chart:
    """Return lying bars from first to last, each of the stacked ``parts`` with a colour a bar; none is see-through."""
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    for values, roles in parts:
        fills: list[dict[str, Any] | None] = [{"fill": {"color": load_tokens().light[role]}} for role in roles]
        series: dict[str, Any] = {"categories": labels, "values": values, "gap": 45}
        series |= (
            {"points": fills, "fill": {"color": load_tokens().light[roles[0]]}} if roles else {"fill": {"none": True}}
        )
        chart.add_series({**series, "border": {"none": True}})
    _dress(chart, title)
    chart.set_x_axis({**_axis("", grid=True), "num_format": number})
    chart.set_y_axis({**_axis(""), "reverse": True, "label_position": "low"})
    chart.set_legend({"none": True})
    return chart


def _dress(chart: Chart, title: str) -> None:
    light = load_tokens().light
    chart.set_title({"name": title, "overlay": False, "name_font": _font("ink", 12, bold=True), "layout": None})
    chart.set_chartarea({"border": {"none": True}, "fill": {"color": light["surface"]}})
    chart.set_plotarea({"fill": {"none": True}})
    chart.show_blanks_as("gap")


def _axis(name: str, *, grid: bool = False) -> dict[str, Any]:
    light = load_tokens().light
    quiet = {"visible": grid, "line": {"color": light["line"], "width": 0.75}}
    named = {"name": name, "name_font": _font("quiet", SMALL)} if name else {}
    return {**named, "num_font": _font("quiet", SMALL), "line": {"color": light["axis"]}, "major_gridlines": quiet}


def _legend() -> dict[str, Any]:
    return {"position": "top", "font": _font("ink", SMALL)}


def _font(role: str, size: int, *, bold: bool = False) -> dict[str, Any]:
    return {"name": TYPEFACE, "size": size, "color": load_tokens().light[role], "bold": bold}
