"""Reporting checklists, filled from a result: CHEERS 2022 and the ISPOR guidance on budget impact."""

from reports.checklists.budget_impact import budget_impact
from reports.checklists.cheers import cheers
from reports.checklists.item import SECTIONS, Item

__all__ = ["SECTIONS", "Item", "budget_impact", "cheers"]
