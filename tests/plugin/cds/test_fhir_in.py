"""From resources of FHIR to one client's record: what counts, what does not, and nothing that can break it."""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plugin.cds import (
    ClientRecord,
    RequestError,
    client_record,
    parse_request,
    read_codes,
    read_prefetch,
    respond,
    templates,
    usual_codes,
)
from plugin.cds.codes import COVARIATE, LATE_CANCEL, PLANNED_UNITS, URN
from plugin.contract import Abstention
from plugin.evidence_predictor import predictor
from plugin.records import Rating, Visit
from tests.plugin.cds.answers import score, speech
from tests.plugin.cds.resources import (
    INSTANCE,
    TODAY,
    Json,
    answers,
    appointment,
    call,
    care,
    encounter,
    observation,
    plan,
    request,
    searchset,
    usual_resources,
)

STRANGER = {"reference": "Patient/p2"}
TOMORROW = dt.date(2026, 3, 6)
CODES = usual_codes()


def record(*resources: Json, body: Json | None = None, **options: Any) -> ClientRecord | None:
    return client_record(request(body), resources, options.pop("codes", CODES), TODAY, **options)


def known(*resources: Json, **options: Any) -> ClientRecord:
    """Return the record of a client whose episode stands before the other resources."""
    found = record(care(), *resources, **options)
    assert found is not None
    return found


def test_a_usual_record_by_hand() -> None:
    found = record(*usual_resources(), pseudonym=lambda name: f"k-{name}")
    assert found is not None
    days = [dt.date(2026, 1, 5), dt.date(2026, 1, 12), dt.date(2026, 1, 26), dt.date(2026, 2, 9)]
    episode = found.episode
    assert (episode.episode_id, episode.client_id, episode.clinician_id) == ("", "", "k-dr-1")
    assert (episode.setting, episode.intake_date, episode.planned_units) == ("outpatient", days[0], 12)
    assert (episode.units_attended, episode.last_unit_date, episode.status) == (4, days[3], "open")
    assert found.visits == (
        Visit(days[0], "attended"),
        Visit(days[1], "attended"),
        Visit(dt.date(2026, 1, 19), "no_show"),
        Visit(days[2], "attended"),
        Visit(days[3], "attended"),
    )
    assert found.ratings == (
        *(Rating(day, "alliance_total", 40, 12, 60) for day in days),
        *(Rating(day, "bond", 16, 4, 20) for day in days),
        *(Rating(day, "goals", 9, 4, 20) for day in days),
        Rating(days[0], "symptoms", 14, 0, 27),
        *(Rating(day, "tasks", 15, 4, 20) for day in days),
    )
    assert (found.plan_is_recorded, found.planned_end, found.unusable) == (True, None, 0)
    assert len(found.basis) == len(set(found.basis)) == 1 + 5 + 17  # the episode, visits, ratings; not the empty plan
    assert found.basis[:2] == ("EpisodeOfCare/c1", "Encounter/e-2026-01-05")


def test_without_an_open_episode_there_is_nothing_to_say() -> None:
    assert record() is None
    assert record(encounter("2026-01-05"), plan(status="revoked")) is None
    for odd in ({"status": "finished"}, {"period": {}}, {"period": {"start": "2026-01"}}, {"period": []}):
        assert record(care() | odd) is None


def test_a_plan_that_has_begun_stands_in_for_an_episode() -> None:
    found = record(plan(period={"start": "2026-02-01", "end": "2026-06-30"}), encounter("2026-02-02"))
    assert found is not None
    assert (found.episode.intake_date, found.planned_end) == (dt.date(2026, 2, 1), dt.date(2026, 6, 30))
    assert (found.episode.units_attended, found.plan_is_recorded) == (1, False)
    assert found.episode.planned_units == CODES.planned_units["outpatient"]
    assert found.basis == ("CarePlan/plan1", "Encounter/e-2026-02-02")


def test_the_episode_of_the_encounter_in_view_comes_before_the_latest() -> None:
    older, newer = care("old", "2025-06-01", 20), care("new", "2026-02-01", 8)
    now = encounter(TODAY, "e1", episodeOfCare=[{"reference": "EpisodeOfCare/old"}])
    loose = encounter(TODAY, episodeOfCare=[{"reference": "EpisodeOfCare/old"}])
    del loose["id"]
    in_view = record(older, newer, now, body=call(context={"encounterId": "e1"}))
    other = record(older, newer, loose)
    assert in_view is not None
    assert other is not None
    assert (in_view.episode.planned_units, other.episode.planned_units) == (20, 8)


def test_visits_of_another_episode_do_not_count_and_unlinked_ones_do_where_nothing_is_linked() -> None:
    elsewhere = encounter("2026-01-12", episodeOfCare=[{"reference": "EpisodeOfCare/other"}])
    loose = encounter("2026-01-13")
    del loose["episodeOfCare"]
    assert known(encounter("2026-01-05"), elsewhere, loose).episode.units_attended == 1
    assert known(elsewhere, loose).visits == (Visit(dt.date(2026, 1, 13), "attended"),)


def test_what_became_of_a_visit() -> None:
    late = {"coding": [{"code": "x"}, {"system": LATE_CANCEL[0], "code": LATE_CANCEL[1]}]}
    found = known(
        encounter("2026-01-04"),  # before intake
        encounter("2026-01-05"),
        appointment("2026-01-05", status="fulfilled"),  # the same visit, booked
        encounter("2026-01-12", status="cancelled"),
        encounter("2026-01-13", status="planned"),
        appointment("2026-01-14", status="cancelled", cancelationReason=late),
        appointment("2026-01-15", status="cancelled"),
        appointment("2026-01-16", status="noshow"),
        appointment("2026-01-17", status="checked-in"),
        appointment("2026-01-18", status="entered-in-error"),
        encounter(TOMORROW, status="in-progress"),
    )
    said = ["attended", "cancelled", "late_cancel", "cancelled", "no_show", "attended"]
    assert [visit.status for visit in found.visits] == said
    assert [visit.date.day for visit in found.visits] == [5, 12, 14, 15, 16, 17]
    assert found.episode.units_attended == 2


def test_one_entry_twice_counts_once() -> None:
    twice = [encounter("2026-01-05"), observation("bond", 12, "2026-01-05")]
    found = known(*twice, *copy.deepcopy(twice), care())
    assert (len(found.visits), len(found.ratings), len(found.basis)) == (1, 1, 3)


def test_the_plan_comes_from_the_episode_then_from_the_latest_plan_then_from_what_is_usual() -> None:
    def of(units: Any) -> Json:
        return {"extension": [{"url": PLANNED_UNITS, "valueInteger": units}]}

    bare = care(planned=None)
    plans = [plan("a", "2025-01-01", **of(30)), plan("b", "2026-02-01", **of(16)), plan("c", **of(10))]
    assert known(*plans).episode.planned_units == 12
    found = record(bare, *plans)
    assert found is not None
    assert (found.episode.planned_units, found.plan_is_recorded) == (16, True)
    for units in (1, 400):
        most = record(bare | of(units))
        assert most is not None
        assert (most.plan_is_recorded, most.episode.planned_units) == (True, units)
    for units in (0, 401, 12.0, True, "12", None, 10**400):
        usual = record(bare | of(units))
        assert usual is not None
        assert (usual.plan_is_recorded, usual.episode.planned_units) == (False, CODES.planned_units["outpatient"])


def test_setting_covariates_and_end_of_the_plan() -> None:
    level = {"coding": [{"system": f"{URN}:setting", "code": "iop"}]}
    facts = [
        {"url": f"{COVARIATE}referral", "valueString": "court"},
        {"url": f"{COVARIATE}age", "valueInteger": 41},
        {"url": f"{COVARIATE}bad", "valueInteger": 10**400},
        {"url": f"{COVARIATE}odd", "valueBoolean": True},
        {"url": COVARIATE, "valueString": "nameless"},
        {"url": "https://other.example", "valueString": "x"},
    ]
    found = record(care(type=[level], extension=facts), plan(period={"start": "2026-01-05", "end": "2026-09-01"}))
    assert found is not None
    assert (found.episode.setting, found.episode.planned_units) == ("iop", CODES.planned_units["iop"])
    assert found.episode.covariates == {"referral": "court", "age": 41.0}
    assert found.planned_end == dt.date(2026, 9, 1)
    past = known(plan(period={"start": "2026-01-05", "end": "2026-03-05"}))
    assert past.planned_end is None


def test_scores_are_found_in_components_and_in_answers_however_deep() -> None:
    address = "https://clinic.example/Questionnaire/alliance"
    scale = {"questionnaire": address, "scale_min": 1, "scale_max": 7}
    own = [scale | {"measure": name, "link_id": link} for name, link in (("bond", "1"), ("goals", "2"), ("tasks", "3"))]
    codes = read_codes({"measure": own}, CODES, "codes.toml")
    items: list[Json] = [
        {"linkId": "1", "answer": [{"valueInteger": 5, "item": [{"linkId": "2", "answer": [{"valueDecimal": 3.5}]}]}]},
        {"linkId": "part", "item": [{"linkId": "3"}]},  # not answered
    ]
    day = dt.date(2026, 2, 3)
    expected = (Rating(day, "bond", 5, 1, 7), Rating(day, "goals", 3.5, 1, 7))
    for named in (f"{address}|2.1", {"reference": address}):  # R4 and STU3
        found = known(answers(items, day, questionnaire=named), codes=codes)
        assert (found.ratings, found.unusable) == (expected, 0)
    assert known(answers(items, day, questionnaire="https://other.example"), codes=codes).ratings == ()
    parts = [{"code": observation(name, 0, day)["code"], "valueQuantity": {"value": 9}} for name in ("bond", "tasks")]
    panel = observation("panel", None, day, component=parts)
    del panel["valueQuantity"]
    assert known(panel).ratings == (Rating(day, "bond", 9, 4, 20), Rating(day, "tasks", 9, 4, 20))


def test_ratings_that_cannot_be_used_are_counted_and_others_passed_over() -> None:
    undated = observation("bond", 12, "x")
    found = known(
        observation("bond", 21, "2026-02-01"),
        observation("bond", 3.9, "2026-02-02"),
        observation("bond", "12", "2026-02-03"),
        observation("bond", 10**400, "2026-02-04"),
        undated,
        observation("bond", 99, "2025-12-01"),  # before intake
        observation("bond", 99, TOMORROW),
        observation("bond", 12, "2026-02-05", status="entered-in-error"),
        observation("mood", 12, "2026-02-06"),
        observation("bond", None, "2026-02-07"),
    )
    assert (found.ratings, found.unusable) == ((), 5)


def test_a_measure_is_followed_on_the_instrument_with_most_ratings() -> None:
    def symptoms(code: str, score_: int, day: str) -> Json:
        return observation(f"s{code}", score_, day) | {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]}
        }

    gad = [symptoms("70274-6", 9, day) for day in ("2026-01-05", "2026-02-05")]
    phq = symptoms("44261-6", 9, "2026-01-06")
    assert {rating.scale_max for rating in known(*gad, phq).ratings} == {21}
    assert {rating.scale_max for rating in known(gad[0], phq).ratings} == {27}  # a tie: the first that is listed


@pytest.mark.parametrize(
    "named",
    [
        {"subject": STRANGER},
        {"subject": {"reference": "https://ehr.example/Patient/p2/_history/1"}},
        {"subject": {"reference": "urn:uuid:6f1bb3a1-2d0b-4a6c-8f3b-1fb0a33d7d4a"}},
        {"subject": {"reference": "Group/p1"}},
        {"subject": {"reference": "Patient/p1"}, "patient": STRANGER},
        {"subject": STRANGER, "participant": [{"actor": {"reference": "Patient/p1"}}]},
    ],
)
def test_data_of_others_are_ignored(named: Json) -> None:
    assert known(observation("bond", 12, "2026-02-01", **named)) == known()


def test_data_that_name_nobody_came_as_an_answer_about_the_patient() -> None:
    for named in ({}, {"subject": {"display": "x"}}, {"participant": [{"actor": {"reference": "Practitioner/p2"}}]}):
        found = observation("bond", 12, "2026-02-01")
        del found["subject"]
        assert len(known(found | named).ratings) == 1
    group = appointment("2026-02-01")
    group["participant"].append({"actor": STRANGER})
    assert len(known(group).visits) == 1
    assert known(appointment("2026-02-01", participant=[{"actor": STRANGER}])).visits == ()


future = st.builds(
    lambda kind, days, odd: kind(TODAY + dt.timedelta(days=days), odd),
    st.sampled_from(
        (
            lambda day, odd: care("c-later", f"{day}", 1 + odd % 400),
            lambda day, odd: plan(f"plan-{odd}", f"{day}", extension=[{"url": PLANNED_UNITS, "valueInteger": 3}]),
            lambda day, odd: encounter(day, f"e-{odd}", status=("finished", "cancelled")[odd % 2]),
            lambda day, odd: appointment(day, f"a-{odd}", ("noshow", "fulfilled", "cancelled")[odd % 3]),
            lambda day, odd: observation(("bond", "symptoms")[odd % 2], odd, day, f"o-{odd}"),
        )
    ),
    st.integers(1, 900),
    st.integers(0, 60),
)
BASES = [usual_resources(), [care()], [plan()], [care(planned=None), observation("bond", 12, "2026-02-01")], []]


@given(base=st.sampled_from(BASES), later=st.lists(future, max_size=6))
def test_what_is_dated_later_never_changes_the_record(base: list[Json], later: list[Json]) -> None:
    assert record(*base, *later) == record(*base)


def test_unlinked_visits_still_count_when_a_later_one_is_linked() -> None:
    loose = encounter("2026-01-13")
    del loose["episodeOfCare"]
    assert known(loose, encounter(TOMORROW)) == known(loose)


def of_two_plans(*days: str) -> list[Json]:
    """Return resources some of which say the same: plans with units of their own, two visits of one day."""
    units = [[{"url": PLANNED_UNITS, "valueInteger": 5 + place}] for place in range(len(days))]
    plans = [plan(f"plan-{day}", day, extension=each) for day, each in zip(days, units, strict=True)]
    return [care(planned=None), *usual_resources()[1:9], *plans, encounter("2026-01-12", "second-that-day")]


@given(resources=st.permutations(of_two_plans("2025-11-01", "2026-02-01", "2026-02-02")))
def test_what_came_first_does_not_matter(resources: list[Json]) -> None:
    assert record(*resources) == record(*of_two_plans("2025-11-01", "2026-02-01", "2026-02-02"))


scalars = (
    st.none()
    | st.booleans()
    | st.sampled_from((10**400, -1, 0, 3, 1e308, "", "2026-02-30", "9999-12-31", "Patient/p1", "active", "\ud800"))
    | st.text(st.characters(exclude_categories=()), max_size=6)
)
names = st.sampled_from(
    ("resourceType", "id", "status", "reference", "coding", "start", "value", "url", "answer", "item")
)
anything = st.recursive(
    scalars, lambda below: st.lists(below, max_size=3) | st.dictionaries(names, below, max_size=3), max_leaves=8
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to everything in a JSON value but the value itself."""
    keyed = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [below for key, part in keyed for below in ((*path, key), *places(part, (*path, key)))]


def whole_call() -> Json:
    items = [{"linkId": "1", "answer": [{"valueInteger": 5, "item": [{"linkId": "2"}]}]}]
    resources = [*usual_resources()[:12], answers(items, "2026-02-01"), care("c2"), plan("plan2")]
    return call(
        context={"encounterId": "e-2026-01-05"},
        fhirServer="https://ehr.example",
        prefetch={"episodes": searchset(*resources, following="x"), "encounters": encounter("2026-01-05")},
    )


WHOLE = whole_call()
PLACES = places(WHOLE)


def answered(place: tuple[Any, ...], value: Any) -> None:
    """Put a value at a place of a whole call, and answer it; what is refused is refused with ``RequestError``."""
    body = copy.deepcopy(WHOLE)
    within: Any = body
    for key in place[:-1]:
        within = within[key]
    within[place[-1]] = value
    asked = templates(predictor().needs, CODES, TODAY)
    try:
        read = parse_request(body, frozenset({"patient-view"}))
        found = client_record(read, read_prefetch(asked, read.prefetch).everything(), CODES, TODAY)
    except RequestError:
        return
    for answer in (score(), Abstention("too little is known")):
        json.dumps(respond(read, found, speech(answer), TODAY, wants_assessment=True), allow_nan=False)


@pytest.mark.parametrize("value", [10**400, [None], {"a": []}, "9999-12-31"], ids=("huge", "list", "object", "day"))
def test_one_hostile_value_at_each_place_is_refused_or_passed_over(value: Any) -> None:
    for place in PLACES:
        answered(place, value)


@given(place=st.sampled_from(PLACES), value=anything)
@example(place=("context", "encounterId"), value=None)
def test_any_value_at_any_place_is_refused_or_passed_over(place: tuple[Any, ...], value: Any) -> None:
    answered(place, value)


@given(
    body=anything | st.fixed_dictionaries({"hook": st.just("patient-view"), "context": anything, "prefetch": anything})
)
def test_a_hostile_body_is_refused(body: Any) -> None:
    with pytest.raises(RequestError):
        parse_request(body, frozenset({"patient-view"}))


@given(resources=st.lists(st.dictionaries(names, anything, max_size=5) | st.just(care()), max_size=4))
def test_hostile_resources_are_passed_over(resources: list[Json]) -> None:
    found = client_record(request(), resources, CODES, TODAY)
    assert found is None or found.episode.intake_date <= TODAY


def test_the_number_of_the_call_is_not_in_the_record() -> None:
    found = record(*usual_resources())
    assert INSTANCE not in repr(found)
    assert "p1" not in repr(found)
