"""One call from its data to its answer: what is said, what is not, and to whom."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.cds import ClientRecord, Maker, Speech, client_record, discovery, respond, usual_codes, without_nothing
from plugin.contract import Abstention, Score
from plugin.evidence_predictor import predictor
from plugin.host import Host
from plugin.records import COMPONENTS
from tests.plugin.cds.answers import MAKER, Says, client, score, scored, speech
from tests.plugin.cds.resources import TODAY, Json, call, observation, request, usual_resources
from tests.plugin.cds.test_fhir_in import future, known

CODES = usual_codes()


def nothings(value: Any, path: str = "") -> list[str]:
    """Return where something is null or empty: text, list or object."""
    if value is None or (isinstance(value, str | list | dict) and not value):
        return [path]
    keyed = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, part in keyed for found in nothings(part, f"{path}/{key}")]


@given(found=scored(), assessed=st.booleans(), encounter=st.none() | st.just("e1"))
def test_02_nothing_in_an_answer_is_null_or_empty(
    found: tuple[Score, ClientRecord], assessed: bool, encounter: str | None
) -> None:
    read = request(call(context={"encounterId": encounter}))
    answer = respond(read, found[1], speech(found[0]), TODAY, wants_assessment=assessed)
    assert nothings(json.loads(json.dumps(answer, allow_nan=False))) == []


def test_02_but_cards_and_services_may_be_empty() -> None:
    assert respond(request(), None, speech(score()), TODAY) == {"cards": []}
    assert discovery({}, []) == {"services": []}
    assert nothings(discovery({})) == []
    assert "prefetch" not in discovery({})["services"][0]
    assert request(call(prefetch={"episodes": None})).prefetch == {"episodes": None}


parts = st.recursive(
    st.sampled_from((None, "", 0, False, 0.0, "x")),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("abc"), below, max_size=3),
    max_leaves=12,
)


@given(body=st.dictionaries(st.sampled_from(("cards", "services", "other")), parts))
def test_02_whatever_is_empty_goes_and_zero_and_false_stay(body: Json) -> None:
    found = without_nothing(body)
    assert all(place in ("/cards", "/services") for place in nothings(found) if found)
    assert without_nothing(found) == found
    assert json.dumps(found).count("false") == json.dumps(body).count("false")
    assert json.dumps(found).count("0") == json.dumps(body).count("0")
    assert set(found) & {"cards", "services"} == set(body) & {"cards", "services"}


@given(found=scored(), assessed=st.booleans())
def test_23_an_answer_has_cards_and_may_have_system_actions(found: tuple[Score, ClientRecord], assessed: bool) -> None:
    answer, who = found
    body = respond(request(), who, speech(answer), TODAY, wants_assessment=assessed)
    assert set(body) == {"cards", "systemActions"} if assessed else {"cards"}
    assert len(body["cards"]) == 1


def test_23_where_there_is_nothing_to_say_there_are_no_cards() -> None:
    assert respond(request(), client(), speech(Abstention("too little is known")), TODAY) == {"cards": []}
    one = respond(request(), None, speech(score()), TODAY)
    one["cards"].append("x")
    assert respond(request(), None, speech(score()), TODAY) == {"cards": []}, "an answer is shared with nobody"


def test_30_an_action_has_type_and_description_and_to_create_a_whole_resource() -> None:
    body = respond(request(), client(), speech(score()), TODAY, wants_assessment=True)
    for action in body["systemActions"]:
        assert set(action) == {"type", "description", "resource"}
        assert action["type"] == "create"
        assert action["description"].strip()
        assert action["resource"]["resourceType"] == "RiskAssessment"
        assert "id" not in action["resource"], "the record system gives it its id"
    assert not any("actions" in each for card in body["cards"] for each in card["suggestions"])


def test_33_a_risk_assessment_is_made_only_where_it_is_asked_for_and_there_is_a_risk() -> None:
    rated = known(*usual_resources()[1:])
    said, silent = speech(score()), speech(score(), withheld="nobody has judged it")
    for asked in (True, False):
        assert ("systemActions" in respond(request(), rated, said, TODAY, wants_assessment=asked)) == asked
    assert set(respond(request(), rated, said, TODAY)) == {"cards"}
    for other in (silent, speech(Abstention("x"))):
        body = respond(request(), rated, other, TODAY, wants_assessment=True)
        assert set(body) == {"cards"}
        assert len(body["cards"]) == 1


@pytest.mark.parametrize("user", ["Patient/p1", "RelatedPerson/r1", "https://ehr.example/Patient/p1"])
@given(found=scored())
def test_clients_and_relatives_are_shown_nothing(user: str, found: tuple[Score, ClientRecord]) -> None:
    host = Says(found[0])
    read = request(call(context={"userId": user}))
    assert respond(read, found[1], Speech(host, MAKER, ""), TODAY, wants_assessment=True) == {"cards": []}
    assert host.asked == []


@given(found=scored())
def test_a_model_that_was_not_found_calibrated_is_not_asked(found: tuple[Score, ClientRecord]) -> None:
    host = Says(found[0])
    rated = known(*usual_resources()[1:])
    body = respond(request(), rated, Speech(host, MAKER, "nobody has judged it"), TODAY, wants_assessment=True)
    assert host.asked == []
    assert [card["summary"] for card in body["cards"]] == [
        "Rated lowest in the alliance: goals; no risk of leaving is shown"
    ]
    bare = dataclasses.replace(rated, ratings=())
    assert respond(request(), bare, Speech(host, MAKER, "x"), TODAY) == {"cards": []}


@pytest.mark.parametrize("attended", [0, 12, 500])
def test_ratings_are_shown_however_far_the_plan_is(attended: int) -> None:
    rated = known(*usual_resources()[1:])
    far = dataclasses.replace(rated, episode=dataclasses.replace(rated.episode, units_attended=attended))
    (card,) = respond(request(), far, speech(Abstention("the planned units are done")), TODAY)["cards"]
    assert "goals" in card["summary"]
    assert "the planned units are done" in card["detail"]


@pytest.mark.parametrize("lowest", COMPONENTS)
def test_the_part_of_the_alliance_that_is_named_is_the_one_rated_lowest(lowest: str) -> None:
    scores = [observation(name, 6 if name == lowest else 14, day) for name in COMPONENTS for day in ("2026-02-01",)]
    (card,) = respond(request(), known(*scores), speech(Abstention("x")), TODAY)["cards"]
    assert card["summary"].startswith(f"Rated lowest in the alliance: {lowest};")


def test_parts_rated_alike_or_only_one_of_them_single_none_out() -> None:
    alike = [observation(name, 14, "2026-02-01") for name in COMPONENTS]
    for scores in (alike, alike[:1], [observation("symptoms", 3, "2026-02-01")]):
        assert respond(request(), known(*scores), speech(Abstention("x")), TODAY) == {"cards": []}


def whole(resources: list[Json], host: Host) -> Json:
    """Return what the evidence predictor says of some resources, RiskAssessment and all."""
    found = client_record(request(), resources, CODES, TODAY)
    return respond(request(), found, Speech(host, MAKER, ""), TODAY, wants_assessment=True)


@pytest.fixture(scope="module")
def evidence() -> Host:
    return Host(predictor(), trusted=True)


def test_the_evidence_predictor_says_why_and_what_helps(evidence: Host) -> None:
    body = whole(usual_resources(), evidence)
    (card,) = body["cards"]
    assert "agreement on goals rated low" in card["detail"]
    assert "Weakest part of the alliance: goals" in card["detail"]
    (action,) = body["systemActions"]
    risk = action["resource"]["prediction"][0]["probabilityDecimal"]
    assert f"{risk:.0f}% (" in card["summary"]


@given(base=st.sampled_from((usual_resources(), usual_resources()[:4])), later=st.lists(future, max_size=5))
def test_what_is_dated_later_never_changes_the_answer(evidence: Host, base: list[Json], later: list[Json]) -> None:
    assert whole([*base, *later], evidence) == whole(base, evidence)


def test_the_same_call_gives_the_same_answer_and_nothing_is_changed_by_it(evidence: Host) -> None:
    resources = usual_resources()
    before = copy.deepcopy(resources)
    first, second = (json.dumps(whole(resources, evidence)) for _ in range(2))
    assert first == second
    assert resources == before
    assert json.dumps(whole(resources[::-1], evidence)) == first


def test_a_side_plugin_may_edit_the_card() -> None:
    class Edits(Says):
        def process_card(self, card: Json, answer: Any, request: Any) -> Json:
            assert isinstance(answer, Score)
            assert request.as_of == TODAY
            return card | {"detail": card["detail"] + "\n\nmore", "extension": {}}

    (card,) = respond(request(), client(), Speech(Edits(score()), MAKER, ""), TODAY)["cards"]
    assert card["detail"].endswith("more")
    assert "extension" not in card


def test_another_day_is_another_question() -> None:
    host = Says(score())
    later = TODAY + dt.timedelta(days=3)
    respond(request(), client(), Speech(host, Maker("m", "2", "https://x.example"), ""), later)
    assert [asked.as_of for asked in host.asked] == [later]
