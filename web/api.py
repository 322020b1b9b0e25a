"""The JSON API: CLINIC as JSON in, the published result out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from calculator import InputError, Problem, parse_scenario
from web.accounts.visitor import current_visitor
from web.library import current_library
from web.model_run import evaluate
from web.openapi import document

bp = Blueprint("api", __name__, url_prefix="/api/v1")
PARTS = ("all", "fast")
NEEDED = {"api.estimate": "estimate"}  # the scope that a key needs; see ``web.accounts.keys.SCOPES``


class RefusedError(Exception):
    """The request cannot be answered; carries the status and what is wrong."""

    def __init__(self, status: int, *problems: Problem) -> None:
        self.status = status
        self.problems = problems


@bp.before_request
def _ask_for_scope() -> None:
    """Refuse a key that may do other things, but not this; without accounts there are no keys."""
    needed, visitor = NEEDED.get(request.endpoint or ""), current_visitor()
    if needed is not None and visitor.kind == "token" and needed not in visitor.scopes:
        raise RefusedError(403, Problem("", f"This key may not do that; it needs the scope {needed!r}."))


@bp.errorhandler(RefusedError)
def _refused(error: RefusedError) -> Response:
    problems = [{"path": problem.path, "message": problem.message} for problem in error.problems]
    return _json({"problems": problems}, error.status)


@bp.post("/estimate")
def estimate() -> Response:
    """Return the result for a clinic; ``?part=fast`` leaves out the Sobol indices."""
    part = request.args.get("part", "all")
    if part not in PARTS:
        raise RefusedError(422, Problem("part", f"is {part!r}; it is one of {', '.join(PARTS)}."))
    data = _body()
    most = current_app.config["MAX_DRAWS"]
    try:
        scenario = parse_scenario(data)
        if (scenario.analysis.draws or 0) > most:
            found = f"is {scenario.analysis.draws}; this server draws at most {most}."
            raise InputError([Problem("analysis.draws", found)])
        result = evaluate(scenario, current_library(), indices=part == "all")
    except InputError as error:
        raise RefusedError(422, *error.problems) from None
    return _json(result.to_dict())


@bp.get("/openapi.json")
def openapi() -> Response:
    """Return the description of this API."""
    return _json(document())


def _body() -> Mapping[str, Any]:
    if request.mimetype != "application/json":
        raise RefusedError(415, Problem("", "The body must be JSON; send it with Content-Type: application/json."))
    try:
        raw = request.get_data()
        data = json.loads(raw.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_once)
        json.dumps(data, ensure_ascii=False).encode("utf-8")  # refuses half a character
    except RequestEntityTooLarge:
        raise RefusedError(413, Problem("", f"The body is larger than {request.max_content_length:,} bytes.")) from None
    except RecursionError:
        raise RefusedError(400, Problem("", "The body is nested too deeply.")) from None
    except ValueError as error:
        raise RefusedError(400, Problem("", f"The body is not JSON: {error}.")) from None
    if not isinstance(data, dict):
        raise RefusedError(422, Problem("", "The body must be an object with clinic, payers, program and analysis."))
    return data


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number JSON knows")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} is there twice")
    return found


def _json(data: Any, status: int = 200) -> Response:
    return Response(json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n", status, mimetype="application/json")
