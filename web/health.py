"""Whether the process runs, and whether it can answer."""

from __future__ import annotations

from flask import Blueprint

from web.library import current_library

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.get("/live")
def live() -> dict[str, str]:
    """Answer while the process runs."""
    return {"status": "live"}


@bp.get("/ready")
def ready() -> dict[str, str]:
    """Answer when there is evidence to answer from."""
    return {"status": "ready", "evidence_sha256": current_library().sha256}
