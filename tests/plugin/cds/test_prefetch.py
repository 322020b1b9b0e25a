"""What a client sent along: read where it is there, fetched where nobody tried, missed where it is needed."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.cds import RequestError, Supplied, Template, read_prefetch
from plugin.cds.prefetch import answer_of
from tests.plugin.cds.resources import care, encounter, searchset

ASKED = {"episodes": Template("E", needed=True), "visits": Template("V", needed=True), "extra": Template("X")}
FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
NEXT = "https://ehr.example/fhir?page=2"


def test_16_keys_that_were_not_asked_for_are_ignored_whatever_they_hold() -> None:
    found = read_prefetch(ASKED, {"episodes": care(), "other": 3, "x": FAILED})
    assert found.everything() == [care()]
    assert found.failed == frozenset()


def test_19_an_operation_outcome_was_tried_and_is_not_tried_again() -> None:
    found = read_prefetch(ASKED, {"episodes": FAILED, "extra": FAILED})
    assert found.failed == {"episodes", "extra"}
    assert found.to_fetch(ASKED) == ["visits"]
    assert found.lacking(ASKED) == ["episodes", "visits"]
    assert found.everything() == []
    within = searchset(encounter("2026-01-05"))
    within["entry"].append({"resource": FAILED, "search": {"mode": "outcome"}})
    assert answer_of(within) == ((encounter("2026-01-05"),), None)


def test_20_an_answer_may_go_on_and_half_of_what_is_needed_is_not_enough() -> None:
    pages = {"episodes": searchset(care(), following=NEXT), "extra": searchset(following=NEXT), "visits": searchset()}
    found = read_prefetch(ASKED, pages)
    assert found.next_pages == {"episodes": NEXT, "extra": NEXT}
    assert found.everything() == [care()]
    assert found.to_fetch(ASKED) == []
    assert found.lacking(ASKED) == ["episodes"]
    for odd in (None, {}, ["x"], [{"relation": "next"}], [{"relation": "next", "url": ""}], [{"url": NEXT}]):
        assert answer_of(searchset() | {"link": odd}) == ((), None)


def test_21_null_and_an_empty_bundle_say_that_there_are_no_data() -> None:
    found = read_prefetch(ASKED, {"episodes": None, "visits": searchset(), "extra": None})
    assert found == Supplied({"episodes": (), "visits": (), "extra": ()})
    assert found.lacking(ASKED) == []
    assert found.to_fetch(ASKED) == []
    absent = read_prefetch(ASKED, {})
    assert absent.lacking(ASKED) == ["episodes", "visits"]
    assert absent.to_fetch(ASKED) == ["episodes", "visits", "extra"]


def test_a_single_resource_is_an_answer_too() -> None:
    assert read_prefetch(ASKED, {"episodes": care()}).resources == {"episodes": (care(),)}


def test_what_is_no_resource_is_refused_and_all_of_it_at_once() -> None:
    bad: dict[str, Any] = {"episodes": {}, "visits": [care()], "extra": "secret"}
    with pytest.raises(RequestError) as caught:
        read_prefetch(ASKED, bad)
    said = tuple(caught.value.problems)
    assert [each.partition(":")[0] for each in said] == ["prefetch.episodes", "prefetch.visits", "prefetch.extra"]
    assert "secret" not in str(said)
