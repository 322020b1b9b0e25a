"""What is wrong, as an OperationOutcome of FHIR, which CDS Hooks 3.0 recommends for answers that are not 2xx."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from flask import Response

#: The code of an issue by status, from FHIR's value set of issue types.
CODES: Final[dict[int, str]] = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    412: "required",
    413: "too-long",
    415: "not-supported",
    500: "exception",
    503: "transient",
}


def json_answer(data: Any, status: int = 200) -> Response:
    """Return data as JSON."""
    return Response(json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n", status, mimetype="application/json")


def outcome(status: int, problems: Iterable[str]) -> Response:
    """Return an answer that says what is wrong, one issue for each problem."""
    code = CODES.get(status, "invalid" if status < 500 else "exception")
    issues = [{"severity": "error", "code": code, "diagnostics": problem} for problem in problems]
    return json_answer({"resourceType": "OperationOutcome", "issue": issues}, status)
