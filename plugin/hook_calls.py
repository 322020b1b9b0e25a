"""Call side hooks one by one, so that one that fails costs its own contribution and nothing else."""

from __future__ import annotations

import copy
import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pluggy

from plugin.card_check import card_problems
from plugin.contract import Answer, Request
from plugin.hooks import AuditRecord
from plugin.records import Episode, Rating, Visit

_log = logging.getLogger(__name__)


class HookCalls:
    """The side plugins of a manager, called in the order in which they were registered.

    What fails or does not fit is reported to the log by the plugin's name and the kind of error: never its message,
    which may hold a client's data.
    """

    def __init__(self, manager: pluggy.PluginManager) -> None:
        named = [(name, plugin) for name, plugin in manager.list_name_plugin() if plugin is not None]

        def callers(hook: str) -> list[tuple[str, pluggy.HookCaller]]:
            alone = [
                (name, manager.subset_hook_caller(hook, [other for _, other in named if other is not plugin]))
                for name, plugin in named
            ]
            return [(name, call) for name, call in alone if call.get_hookimpls()]

        self._enrich = callers("enrich_request")
        self._process = callers("process_card")
        self._audit = callers("audit_prediction")

    def enriched(self, request: Request) -> Request:
        """Return a request with what the hooks add to it."""
        for name, call in self._enrich:
            made = _called(name, "enrich_request", call, request=request)
            if _adds(made, request):
                request = made
            elif made is not None:
                _log.warning("hooks %s: enrich_request took something away or changed it; left out", name)
        return request

    def processed(self, card: dict[str, Any], answer: Answer, request: Request) -> dict[str, Any]:
        """Return a card as the hooks leave it."""
        for name, call in self._process:
            made = _called(name, "process_card", call, card=copy.deepcopy(card), answer=answer, request=request)
            problems = () if made is None else card_problems(made, card)
            if made is not None and not problems:
                card = copy.deepcopy(made)  # the hook may hold on to its own
            elif problems:
                _log.warning("hooks %s: process_card made no valid card, left out: %s", name, "; ".join(problems))
        return card

    def audited(self, record: AuditRecord) -> None:
        """Tell the hooks that a batch was scored."""
        for name, call in self._audit:
            _called(name, "audit_prediction", call, record=record)


def _called(name: str, hook: str, call: pluggy.HookCaller, **arguments: object) -> Any:
    try:
        made = call(**arguments)
    except Exception as error:  # another author's code may raise anything
        _log.warning("hooks %s: %s failed: %s", name, hook, type(error).__name__)
        return None
    return made[0] if made else None


def _adds(made: object, before: Request) -> bool:
    """Return whether a request is another one with facts added."""
    if not isinstance(made, Request) or not isinstance(made.episode, Episode) or made.as_of != before.as_of:
        return False
    if not all(getattr(before.episode, name) == getattr(made.episode, name) for name in _FIXED):
        return False
    old, new = before.episode.covariates, made.episode.covariates
    if not isinstance(new, Mapping) or not all(isinstance(value, float | int | str | None) for value in new.values()):
        return False
    kept = all(name in new and (new[name] == value or value != value) for name, value in old.items())
    return kept and _holds(made.ratings, before.ratings, Rating) and _holds(made.visits, before.visits, Visit)


def _holds(made: object, before: tuple[object, ...], kind: type[Rating | Visit]) -> bool:
    if not isinstance(made, tuple) or not all(isinstance(each, kind) and type(each.date) is dt.date for each in made):
        return False
    return set(before) <= set(made)


_FIXED = tuple(field.name for field in fields(Episode) if field.name != "covariates")
