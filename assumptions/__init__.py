"""Cited evidence with its uncertainty, and the defaults that rest on it. See README.md in this folder."""

from assumptions.distribution import Distribution
from assumptions.figure import Figure, Interval, Reference
from assumptions.library import Library, Use, load_library, load_library_from
from assumptions.problem import AssumptionError
from assumptions.settings import Default, Setting

__all__ = [
    "AssumptionError",
    "Default",
    "Distribution",
    "Figure",
    "Interval",
    "Library",
    "Reference",
    "Setting",
    "Use",
    "load_library",
    "load_library_from",
]
