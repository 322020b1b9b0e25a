"""What Prometheus reads: this computer, or whoever shows the token of RAPPORT_METRICS_TOKEN."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, request

from web.accounts.first_start import from_this_computer
from web.operations import metrics
from web.settings import current_settings

bp = Blueprint("metrics", __name__)


@bp.get("/metrics")
def index() -> Response:
    """Answer with the counts of all processes."""
    token = current_settings().metrics_token
    if token is None:
        if not from_this_computer():
            abort(404)  # as if there were none: who may not read them need not know of them
    else:
        kind, _, shown = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(shown.encode(), token.get_secret_value().encode()):
            abort(401)
    return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)
