"""Side hooks: an example of each, how they are found, and that one that fails costs its own contribution only."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pluggy
import pytest
from bad_predictors import DAY, Trap, good_score, request

from plugin.contract import Request
from plugin.errors import PluginError
from plugin.hook_calls import HookCalls
from plugin.hooks import HOOK_GROUP, PROJECT, AuditRecord, hookimpl
from plugin.manager import build_manager, open_hooks
from plugin.records import Rating, Visit

RATED = replace(
    request(1, covariates={"site": "north", "age": float("nan")}),
    ratings=(Rating(DAY, "bond", 3.0, 1.0, 5.0),),
    visits=(Visit(DAY, "attended"), Visit(DAY, "attended")),
)
CARD: dict[str, Any] = {
    "uuid": "6d7a2b2e-0000-4000-8000-000000000000",
    "summary": "Risk of leaving",
    "indicator": "info",
    "source": {"label": "Rapport"},
}
RECORD = AuditRecord("evidence", "1", (DAY,), 3, 2, {"abstained": 1}, 0.1)


def with_facts(asked: Request, **facts: object) -> Request:
    return replace(asked, episode=replace(asked.episode, covariates={**asked.episode.covariates, **facts}))


class Example:
    """A side plugin with each hook: the example that the documentation of a hook can point to."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    @hookimpl
    def enrich_request(self, request: Request) -> Request | None:
        """Add the distance to the clinic, where it is known."""
        return with_facts(request, kilometres=12.5) if request.episode.covariates.get("site") == "north" else None

    @hookimpl
    def process_card(self, card: dict[str, Any]) -> dict[str, Any]:
        """Say whom to ask."""
        card["detail"] = "Questions: the quality team."
        return card

    @hookimpl
    def audit_prediction(self, record: AuditRecord) -> None:
        """Keep a line."""
        self.lines.append(f"{record.model} {record.version}: {record.scored} of {record.requests}")


def calls(**plugins: object) -> HookCalls:
    return HookCalls(build_manager(plugins))


def enriching(make: Callable[[Request], Any]) -> object:
    class Plugin:
        @hookimpl
        def enrich_request(self, request: Request) -> Any:
            return make(request)

    return Plugin()


def editing(make: Callable[[dict[str, Any]], Any]) -> object:
    class Plugin:
        @hookimpl
        def process_card(self, card: dict[str, Any]) -> Any:
            return make(card)

    return Plugin()


def test_enrich_request() -> None:
    hooks = calls(example=Example())
    assert dict(hooks.enriched(RATED).episode.covariates).keys() == {"site", "age", "kilometres"}
    elsewhere = request(1, covariates={"site": "south"})
    assert hooks.enriched(elsewhere) == elsewhere


def test_process_card() -> None:
    before = dict(CARD)
    edited = calls(example=Example()).processed(CARD, good_score(1), RATED)
    assert edited == {**before, "detail": "Questions: the quality team."}
    assert before == CARD  # what went in is as it was


def test_audit_prediction() -> None:
    example = Example()
    calls(example=example).audited(RECORD)
    assert example.lines == ["evidence 1: 2 of 3"]


def test_hooks_are_called_in_the_order_of_their_names_in_the_configuration() -> None:
    one = editing(lambda card: card | {"detail": card.get("detail", "") + "1"})
    two = editing(lambda card: card | {"detail": card.get("detail", "") + "2"})
    assert calls(a=one, b=two).processed(CARD, good_score(1), RATED)["detail"] == "12"
    assert calls(b=two, a=one).processed(CARD, good_score(1), RATED)["detail"] == "21"


def fails(_: object) -> Any:
    raise ValueError("client-1 has cancelled")


def leaves(_: object) -> Any:
    sys.exit("client-1")


def changed_in_place(asked: Request) -> Request:
    asked.episode.covariates.pop("site")
    return asked


NOT_ADDED: dict[str, Callable[[Request], Any]] = {
    "fails": fails,
    "leaves": leaves,
    "is no request": lambda asked: "client-1",
    "is nothing that can be looked at": lambda asked: Trap(),
    "takes a covariate away": lambda asked: replace(asked, episode=replace(asked.episode, covariates={"age": 1.0})),
    "takes it away in place": changed_in_place,
    "changes a covariate": lambda asked: with_facts(asked, site="south"),
    "adds an object": lambda asked: with_facts(asked, site_of=object()),
    "takes a rating away": lambda asked: replace(asked, ratings=()),
    "changes a rating": lambda asked: replace(asked, ratings=(replace(asked.ratings[0], score=1.0),)),
    "takes away one of two alike": lambda asked: replace(asked, visits=asked.visits[:1]),
    "has a list": lambda asked: replace(asked, ratings=list(asked.ratings)),
    "adds a rating off its scale": lambda asked: replace(
        asked, ratings=(*asked.ratings, Rating(DAY, "bond", 9.0, 1.0, 5.0))
    ),
    "adds a rating in words": lambda asked: replace(
        asked,
        ratings=(*asked.ratings, Rating(DAY, "bond", "high", 1.0, 5.0)),
    ),
    "adds a rating without a value": lambda asked: replace(
        asked, ratings=(*asked.ratings, Rating(DAY, "bond", float("nan"), 1.0, 5.0))
    ),
    "adds an unknown measure": lambda asked: replace(
        asked, ratings=(*asked.ratings, Rating(DAY, "mood", 3.0, 1.0, 5.0))
    ),
    "adds an unknown status": lambda asked: replace(asked, visits=(*asked.visits, Visit(DAY, "late"))),
    "adds a time": lambda asked: replace(
        asked, visits=(*asked.visits, Visit(dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC), "no_show"))
    ),
    "changes the day": lambda asked: replace(asked, as_of=DAY + dt.timedelta(1)),
    "changes the client": lambda asked: replace(asked, episode=replace(asked.episode, client_id="client-2")),
    "changes the plan": lambda asked: replace(asked, episode=replace(asked.episode, planned_units=2)),
}


@pytest.mark.parametrize("deed", NOT_ADDED)
def test_what_is_not_only_added_is_left_out_and_the_next_hook_has_its_turn(
    deed: str, caplog: pytest.LogCaptureFixture
) -> None:
    enriched = calls(bad=enriching(NOT_ADDED[deed]), good=Example()).enriched(RATED)
    assert enriched.episode.covariates["kilometres"] == 12.5
    assert enriched.episode.covariates["site"] == "north"
    assert replace(enriched, episode=RATED.episode) == RATED
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("hooks bad: enrich_request ")
    assert "client-" not in caplog.text


def test_added_facts_are_not_the_hooks_own_any_more() -> None:
    kept: dict[str, Any] = {}

    def add(asked: Request) -> Request:
        kept.update(asked.episode.covariates, late=False)
        return replace(asked, episode=replace(asked.episode, covariates=kept))

    enriched = calls(adds=enriching(add)).enriched(RATED)
    kept["late"] = True
    assert enriched.episode.covariates["late"] is False


SPOILT: dict[str, Callable[[dict[str, Any]], Any]] = {
    "fails": fails,
    "leaves": leaves,
    "is no card": lambda card: ["client-1"],
    "has another uuid": lambda card: card | {"uuid": "client-1"},
    "has another source": lambda card: card | {"source": {"label": "client-1"}},
    "is too long": lambda card: card | {"summary": "client-1" * 20},
    "has a null": lambda card: card | {"client_1": None},
    "has a number that is none": lambda card: card | {"extension": {"client-1": float("nan")}},
    "has itself in it": lambda card: card.update(extension={"client-1": card}) or card,
    "has an object": lambda card: card | {"extension": {"client-1": Trap()}},
}


@pytest.mark.parametrize("deed", SPOILT)
def test_a_card_that_is_spoilt_is_as_it_was(deed: str, caplog: pytest.LogCaptureFixture) -> None:
    hooks = calls(bad=editing(SPOILT[deed]), good=Example())
    assert hooks.processed(CARD, good_score(1), RATED) == CARD | {"detail": "Questions: the quality team."}
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("hooks bad: process_card ")
    assert "client" not in caplog.text


def test_a_card_edited_in_place_but_not_returned_is_as_it_was() -> None:
    hooks = calls(bad=editing(lambda card: card.clear()))
    assert hooks.processed(CARD, good_score(1), RATED) == CARD
    assert CARD["summary"] == "Risk of leaving"


def test_an_audit_that_fails_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    class Bad:
        @hookimpl
        def audit_prediction(self) -> None:
            raise OSError("client-1.log")

    example = Example()
    calls(bad=Bad(), example=example).audited(RECORD)
    assert example.lines == ["evidence 1: 2 of 3"]
    assert caplog.messages == ["hooks bad: audit_prediction failed: OSError"]


def test_a_wrapper_that_returns_something_else_costs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Wrapper:
        @hookimpl(wrapper=True)
        def enrich_request(self) -> Any:
            yield
            return 5

    assert calls(wrapper=Wrapper()).enriched(RATED) == RATED
    assert caplog.messages == ["hooks wrapper: enrich_request failed: TypeError"]


def test_hooks_that_do_not_fit_are_all_named() -> None:
    class Unknown:
        @hookimpl
        def after_card(self) -> None: ...

    class Argument:
        @hookimpl
        def process_card(self, card: dict[str, Any], patient: str) -> None: ...

    class Unmarked:
        def process_card(self, card: dict[str, Any]) -> None: ...

    class Unreadable:
        def __dir__(self) -> list[str]:
            raise ValueError

    example = Example()
    with pytest.raises(PluginError) as caught:
        build_manager(
            {
                "unknown": Unknown(),
                "argument": Argument(),
                "unmarked": Unmarked(),
                "unreadable": Unreadable(),
                "nothing": None,
                "one": example,
                "two": example,
            }
        )
    said = caught.value.problems
    assert len(said) == 6
    assert said[0].startswith("hooks unknown: does not fit: unknown hook 'after_card' in plugin unknown")
    assert said[1].startswith("hooks argument: does not fit: ")
    assert "'patient'" in said[1]
    assert said[2] == "hooks unmarked: has no hook; mark a function with plugin.hooks.hookimpl"
    assert said[3] == "hooks unreadable: cannot be read: ValueError"
    assert said[4] == "hooks nothing: has no hook; mark a function with plugin.hooks.hookimpl"
    assert said[5] == "hooks two: is the same plugin as another one; name it once"


def installed(monkeypatch: pytest.MonkeyPatch, points: dict[str, str], again: tuple[str, ...] = ()) -> None:
    """Install a distribution that brings side hooks, and one more that offers some of them again."""
    from importlib import metadata

    class Distribution(metadata.Distribution):
        def __init__(self, name: str, offered: dict[str, str]) -> None:
            self.text = {
                "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
                "entry_points.txt": f"[{HOOK_GROUP}]\n" + "".join(f"{key} = {at}\n" for key, at in offered.items()),
            }

        def read_text(self, filename: str) -> str | None:
            return self.text.get(filename)

        def locate_file(self, path: Any) -> Any:
            raise NotImplementedError

    found = [Distribution("side", points), Distribution("again", {name: points[name] for name in again})]
    module = ModuleType("side_hooks")
    vars(module).update(
        {
            "Example": Example,
            "made": Example(),
            "broken": property(fails),
            "functions": SimpleNamespace(process_card=hookimpl(process_card)),
        }
    )
    monkeypatch.setitem(sys.modules, "side_hooks", module)
    monkeypatch.setattr(metadata, "distributions", lambda **_: found)


def process_card(card: dict[str, Any]) -> dict[str, Any]:
    return card | {"detail": "From a function"}


def test_hooks_are_opened_by_name_in_their_order_and_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(
        monkeypatch,
        {"notes": "side_hooks:Example", "edits": "side_hooks:functions", "unused": "missing_module:Plugin"},
    )
    manager = open_hooks(["edits", "notes"])
    assert [name for name, _ in manager.list_name_plugin()] == ["edits", "notes"]
    assert HookCalls(manager).processed(CARD, good_score(1), RATED)["detail"] == "Questions: the quality team."
    assert open_hooks([]).get_plugins() == set()


def test_all_that_is_wrong_with_the_names_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    points = {"a": "side_hooks:Example", "gone": "missing_module:Plugin", "misfit": "side_hooks:broken"}
    installed(monkeypatch, points | {"double": "side_hooks:made"}, again=("double",))
    with pytest.raises(PluginError) as caught:
        open_hooks(["a", "a", "b", "double", "gone", "misfit"])
    assert caught.value.problems == (
        "hooks a: is named twice",
        "hooks b: is not installed; installed: a, double, gone, misfit",
        "hooks double: several packages offer it; remove all but one",
        "hooks gone: cannot be loaded: ModuleNotFoundError",
        "hooks misfit: has no hook; mark a function with plugin.hooks.hookimpl",
    )


def test_a_host_without_hooks_asks_none() -> None:
    manager = pluggy.PluginManager(PROJECT)
    assert HookCalls(manager).enriched(RATED) is RATED
