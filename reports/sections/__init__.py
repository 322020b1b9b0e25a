"""The sections of the proposal, in their order: each a function from the content to flowables."""

from reports.content import Section
from reports.sections.bridge import bridge
from reports.sections.cash import cash
from reports.sections.evidence import evidence
from reports.sections.inputs import inputs
from reports.sections.method import method
from reports.sections.summary import summary

SECTIONS: tuple[Section, ...] = (summary, inputs, bridge, cash, evidence, method)

__all__ = ["SECTIONS"]
