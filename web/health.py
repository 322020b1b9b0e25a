"""Whether the process runs, and whether it can answer."""

from __future__ import annotations

from flask import Blueprint

from web.library import current_library
from web.storage import current_database

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.get("/live")
def live() -> dict[str, str]:
    """Answer while the process runs."""
    return {"status": "live"}


@bp.get("/ready")
def ready() -> tuple[dict[str, str], int]:
    """Answer when there is evidence to answer from and a database that answers, else 503; within two seconds."""
    if not current_database().answers():
        return {"status": "the database does not answer"}, 503
    return {"status": "ready", "evidence_sha256": current_library().sha256}, 200
