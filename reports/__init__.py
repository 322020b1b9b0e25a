"""A finished result on page and paper: design tokens, charts, and the proposal as a PDF. It computes no figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.proposal import build_proposal

__all__ = ["build_proposal"]


def __getattr__(name: str) -> Any:
    """Import the proposal when it is asked for: the page draws charts and should not wait for the PDF's machinery."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from reports import proposal

    return getattr(proposal, name)
