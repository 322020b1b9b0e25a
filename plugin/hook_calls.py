"""Call side hooks one by one, so that one that fails costs its own contribution and nothing else."""

from __future__ import annotations

import copy
import datetime as dt
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any, TypeVar

import pluggy

from plugin.card_check import card_problems
from plugin.contract import Answer, Request
from plugin.hooks import AuditRecord
from plugin.manager import new_manager
from plugin.records import MEASURES, VISIT_STATUSES, Episode, Rating, Visit

Made = TypeVar("Made")
_log = logging.getLogger(__name__)


class HookCalls:
    """The side plugins of a manager, called in the order in which they were registered.

    What fails or does not fit is reported to the log by the plugin's name and the kind of error: never its message,
    which may hold a client's data.
    """

    def __init__(self, manager: pluggy.PluginManager) -> None:
        alone: dict[str, pluggy.PluginManager] = {}
        for name, plugin in manager.list_name_plugin():
            if plugin is not None:
                alone[name] = new_manager()
                alone[name].register(plugin, name)

        def callers(hook: str) -> list[tuple[str, pluggy.HookCaller]]:
            calls = [(name, getattr(one.hook, hook)) for name, one in alone.items()]
            return [(name, call) for name, call in calls if call.get_hookimpls()]

        self._enrich = callers("enrich_request")
        self._process = callers("process_card")
        self._audit = callers("audit_prediction")

    def enriched(self, request: Request) -> Request:
        """Return a request with what the hooks add to it."""
        for name, call in self._enrich:
            request = _guarded(name, "enrich_request", partial(_enriched, name, call, request)) or request
        return request

    def processed(self, card: dict[str, Any], answer: Answer, request: Request) -> dict[str, Any]:
        """Return a card as the hooks leave it."""
        for name, call in self._process:
            card = _guarded(name, "process_card", partial(_processed, name, call, card, answer, request)) or card
        return card

    def audited(self, record: AuditRecord) -> None:
        """Tell the hooks that a batch was scored."""
        for name, call in self._audit:
            _guarded(name, "audit_prediction", partial(call, record=record))


def _guarded(name: str, hook: str, make: Callable[[], Made | None]) -> Made | None:
    """Return what is made; None where that fails, be it in the hook or in a look at what it returned."""
    try:
        return make()
    except (Exception, SystemExit) as error:  # another author's code may raise anything
        _log.warning("hooks %s: %s failed: %s", name, hook, type(error).__name__)
        return None


def _enriched(name: str, call: pluggy.HookCaller, request: Request) -> Request | None:
    made = _first(call(request=_copied(request)))
    if made is None:
        return None
    if not _adds(made, request):
        _log.warning("hooks %s: enrich_request took away, changed or added what it must not; left out", name)
        return None
    return _copied(made)


def _processed(
    name: str, call: pluggy.HookCaller, card: dict[str, Any], answer: Answer, request: Request
) -> dict[str, Any] | None:
    made = _first(call(card=copy.deepcopy(card), answer=answer, request=_copied(request)))
    if made is None:
        return None
    problems = card_problems(made, card)
    if problems:
        said = "; ".join(dict.fromkeys(problems))
        _log.warning("hooks %s: process_card made no valid card, left out: %s", name, said)
        return None
    plain: dict[str, Any] = json.loads(json.dumps(made))  # the hook may hold on to its own
    return plain


def _first(made: Any) -> Any:
    return made[0] if made else None  # the caller of one plugin's hook gives a list of at most one


def _copied(request: Request) -> Request:
    """Return a request whose covariates are nobody else's: the rest of it cannot be changed in place."""
    return replace(request, episode=replace(request.episode, covariates=dict(request.episode.covariates)))


def _adds(made: object, before: Request) -> bool:
    """Return whether a request is another one with facts added that can be facts."""
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
    if not isinstance(made, tuple) or not all(isinstance(each, kind) for each in made):
        return False
    found, had = Counter(made), Counter(before)
    return had <= found and all(_is_fact(each) for each in found - had)


def _is_fact(each: Rating | Visit) -> bool:
    if type(each.date) is not dt.date:  # a date with a time cannot be compared with one without
        return False
    if isinstance(each, Visit):
        return each.status in VISIT_STATUSES and (each.minutes is None or each.minutes >= 0.0)
    return (
        each.measure in MEASURES and each.scale_min <= each.score <= each.scale_max and each.scale_min < each.scale_max
    )


_FIXED = tuple(field.name for field in fields(Episode) if field.name != "covariates")
