"""Charts for page and paper: geometry computed once as plain data, and two renderers that only draw it."""

from reports.charts.bridge import bridge
from reports.charts.cash import cash
from reports.charts.chart import PAGE, PAPER, Chart, Medium, Table
from reports.charts.strip import break_even_strip, headline_strip
from reports.charts.svg import svg

__all__ = ["PAGE", "PAPER", "Chart", "Medium", "Table", "break_even_strip", "bridge", "cash", "headline_strip", "svg"]
