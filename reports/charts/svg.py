"""A chart as inline SVG: coloured by classes, with no inline style and no script, since the page allows neither."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from reports.charts.chart import Chart, Mark, Place


def svg(chart: Chart, prefix: str) -> Markup:
    """Return the chart as an ``<svg>`` element.

    Args:
        chart: what to draw.
        prefix: starts the ids of its title and description; each picture on a page needs its own.
    """
    return Markup(_template().render(chart=chart, prefix=prefix))  # noqa: S704 - the template escapes


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("reports.charts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"place": place, "path": _path, "kind": _kind, "dashed": _dashed, "exact": repr}
    return environment.get_template("chart.svg")


def place(value: float) -> str:
    """Return a coordinate to a hundredth of a pixel.

    >>> place(12.0), place(-0.001), place(3.14159)
    ('12', '0', '3.14')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _path(points: tuple[Place, ...]) -> str:
    return " ".join(f"{place(x)},{place(y)}" for x, y in points)


def _kind(mark: Mark) -> str:
    return type(mark).__name__


def _dashed(role: str) -> str:
    return role.replace("_", "-")
