"""Charts for page and paper: geometry computed once as plain data, and two renderers that only draw it."""

from reports.charts.bridge import bridge
from reports.charts.calibration import RiskGroup, calibration
from reports.charts.cash import cash
from reports.charts.chart import PAGE, PAPER, Chart, Medium, Table
from reports.charts.distribution import distribution
from reports.charts.forest import forest
from reports.charts.grid import grid
from reports.charts.retention import retention
from reports.charts.strip import break_even_strip, headline_strip
from reports.charts.svg import svg
from reports.charts.tornado import tornado

__all__ = [
    "PAGE",
    "PAPER",
    "Chart",
    "Medium",
    "RiskGroup",
    "Table",
    "break_even_strip",
    "bridge",
    "calibration",
    "cash",
    "distribution",
    "forest",
    "grid",
    "headline_strip",
    "retention",
    "svg",
    "tornado",
]
