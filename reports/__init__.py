"""A finished result on page and paper: design tokens, charts, and the proposal as a PDF. It computes no figure."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.data_request.writing import build_data_request
    from reports.proposal import build_proposal
    from reports.workbook.file import build_workbook

_PLACES = {
    "build_data_request": "reports.data_request.writing",
    "build_proposal": "reports.proposal",
    "build_workbook": "reports.workbook.file",
}
__all__ = ["build_data_request", "build_proposal", "build_workbook"]


def __getattr__(name: str) -> Any:
    """Import a document when it is asked for: the page draws charts and should not wait for a document's machinery."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
