"""Side hooks: add facts before scoring, edit a card afterwards, keep an audit trail. None of them makes a score.

A side plugin is a module or object with functions marked ``@hookimpl``, named in the entry-point group
``rapport.hooks``. A function may take fewer arguments than are listed here, so that this list can grow. Hooks run in
the host's process and in the order in which the configuration names them; ``plugin.hook_calls`` keeps them apart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pluggy

from plugin.contract import Answer, Request

PROJECT: Final = "rapport"
HOOK_GROUP: Final = "rapport.hooks"

hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """That a batch was scored, and how it went; no client, no score and no free text.

    Attributes:
        model, version: the predictor's.
        days: the days as of which was predicted, in order, each once.
        requests: how many were asked.
        scored: how many of them got a score.
        abstentions: how many got none, by cause (``plugin.asking.Cause``); they and ``scored`` make up ``requests``.
        seconds: how long it took.
    """

    model: str
    version: str
    days: tuple[dt.date, ...]
    requests: int
    scored: int
    abstentions: Mapping[str, int]
    seconds: float


@hookspec
def enrich_request(request: Request) -> Request | None:
    """Return the request with facts added (covariates, ratings, visits), or None to leave it as it is.

    Nothing may be taken away or changed, what is added must be of the measures and visit statuses that there are
    (``plugin.records``), and what is dated after ``as_of`` is dropped by the host. ``request`` is a copy.
    """


@hookspec
def process_card(card: dict[str, Any], answer: Answer, request: Request) -> dict[str, Any] | None:
    """Return an edited CDS Hooks card, or None to leave it as it is.

    ``card`` is a copy. The result is refused where it is no valid card, where its summary is 140 characters or longer,
    or where it changes ``uuid`` or ``source``: feedback and the link to the model card hang on them.
    """


@hookspec
def audit_prediction(record: AuditRecord) -> None:
    """Take note of a batch that was scored."""
