"""What the services say of themselves, and what each asks for, derived from what a predictor declares."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.cds import SERVICES, discovery, hooks_of, parse_request, read_codes, templates, usual_codes
from plugin.cds.discovery import Service
from plugin.cds.prefetch import filled
from plugin.contract import Need
from plugin.evidence_predictor import predictor
from plugin.records import MEASURES
from tests.plugin.cds.resources import TODAY, call, request

#: Fields of the context that the published hooks mark as prefetch tokens (patient-view, encounter-start and
#: encounter-discharge 1.0; appointment-book 1.0, whose ``appointments`` is none).
TOKENS = {
    "patient-view": {"userId", "patientId", "encounterId"},
    "appointment-book": {"userId", "patientId", "encounterId"},
    "encounter-start": {"userId", "patientId", "encounterId"},
    "encounter-discharge": {"userId", "patientId", "encounterId"},
}
#: Search parameters of FHIR R4 of the types that are asked for: references and tokens, and dates.
EQUAL = {
    "EpisodeOfCare": {"patient", "status"},
    "CarePlan": {"patient", "status"},
    "Encounter": {"patient", "status"},
    "Appointment": {"patient", "status"},
    "Observation": {"patient", "code", "status"},
    "QuestionnaireResponse": {"patient", "questionnaire", "status"},
}
DATES = {"Appointment": {"date"}, "Observation": {"date"}, "QuestionnaireResponse": {"authored"}, "Encounter": {"date"}}

needs = st.lists(
    st.builds(
        Need,
        st.sampled_from(("ratings", "visits", "covariate")),
        st.lists(st.sampled_from(MEASURES), unique=True).map(tuple),
        st.booleans(),
        st.none() | st.integers(0, 10**7),
    ),
    max_size=4,
)


def own_codes():
    """Return the codes of a clinic that asks for bond and goals in one questionnaire."""
    table = {"questionnaire": "https://clinic.example/Questionnaire/alliance", "scale_min": 1, "scale_max": 7}
    listed = [table | {"measure": "bond", "link_id": "1"}, table | {"measure": "goals", "link_id": "2"}]
    return read_codes({"measure": listed}, usual_codes(), "codes.toml")


def asked_by(*some: Need) -> dict[str, str]:
    return {key: template.query for key, template in templates(some, usual_codes(), TODAY).items()}


def test_04_each_service_has_hook_description_and_id_and_prefetch_is_text_by_key() -> None:
    found = discovery(templates(predictor().needs, usual_codes(), TODAY))["services"]
    assert len(found) == len(SERVICES)
    for each in found:
        assert set(each) <= {"hook", "id", "title", "description", "prefetch", "usageRequirements", "extension"}
        for key in ("hook", "id", "title", "description", "usageRequirements"):
            assert isinstance(each[key], str)
            assert each[key].strip() == each[key] != ""
        assert "{" not in each["description"]
        assert each["prefetch"]
        assert all(isinstance(key, str) and isinstance(query, str) for key, query in each["prefetch"].items())
    assert {(each["id"], each["hook"]) for each in found} == {
        ("rapport-patient-view", "patient-view"),
        ("rapport-appointment-book", "appointment-book"),
        ("rapport-encounter-start", "encounter-start"),
    }


def test_05_one_id_may_stand_under_several_hooks() -> None:
    both = [Service("x", hook, "title", "when") for hook in ("patient-view", "encounter-start")]
    listed = discovery(templates((), usual_codes(), TODAY), both)["services"]
    assert [(each["id"], each["hook"]) for each in listed] == [("x", "patient-view"), ("x", "encounter-start")]
    assert hooks_of("x", both) == {"patient-view", "encounter-start"}
    for hook in hooks_of("x", both):
        assert parse_request(call(hook), hooks_of("x", both)).hook == hook


@given(needs=needs)
def test_07_tokens_are_first_level_fields_that_every_served_hook_marks_as_such(needs: list[Need]) -> None:
    asked = templates(needs, own_codes(), TODAY)
    for template in asked.values():
        tokens = re.findall(r"\{\{(.*?)\}\}", template.query)
        assert tokens == ["context.patientId"]
        assert re.sub(r"\{\{context\.patientId\}\}", "", template.query).count("{") == 0
    assert all("patientId" in TOKENS[service.hook] for service in SERVICES)


@given(needs=needs)
def test_08_queries_stay_inside_the_recommended_subset(needs: list[Need]) -> None:
    """A search by type: references and tokens by equality, dates with ge, ``_count`` and ``_sort``; no modifier."""
    for template in templates(needs, own_codes(), TODAY).values():
        kind, _, query = template.query.partition("?")
        given_ = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
        assert len({name for name, _ in given_}) == len(given_)
        for name, value in given_:
            if name == "_count":
                assert 1 <= int(value) <= 1000
            elif name == "_sort":
                assert value.removeprefix("-") in DATES[kind]
            elif name in DATES.get(kind, ()):
                assert re.fullmatch(r"ge\d{4}-\d\d-\d\d", value)
            else:
                assert name in EQUAL[kind]
                assert "," not in value
        assert dict(given_)["patient"] == "{{context.patientId}}"


def test_our_own_predictor_asks_for_what_it_declares() -> None:
    patient = "patient={{context.patientId}}"
    ours = "urn:x-rapport:measure"

    def scores(system: str, code: str) -> str:
        return f"Observation?{patient}&code={system}|{code}&_sort=-date&_count=100"

    assert asked_by(*predictor().needs) == {
        "episodes": f"EpisodeOfCare?{patient}&status=active",
        "plans": f"CarePlan?{patient}&status=active",
        "encounters": f"Encounter?{patient}&_sort=-date&_count=400",
        "ratings-bond": scores(ours, "bond"),
        "ratings-goals": scores(ours, "goals"),
        "ratings-tasks": scores(ours, "tasks"),
        "ratings-alliance-total": scores(ours, "alliance_total"),
        "ratings-symptoms": scores("http://loinc.org", "44261-6"),
        "ratings-symptoms-2": scores("http://loinc.org", "70274-6"),
        "ratings-satisfaction": scores(ours, "satisfaction"),
        "appointments": f"Appointment?{patient}&_sort=-date&_count=400",
    }


def test_another_predictor_with_other_needs_gives_other_templates() -> None:
    """Ninety days before 5 March 2026 is 5 December 2025: 5 of March, 28 of February, 31 of January, 26 of December."""
    nothing = asked_by()
    assert list(nothing) == ["episodes", "plans", "encounters"]
    assert asked_by(Need("covariate", ("referral",))) == nothing
    found = asked_by(Need("visits", look_back_days=90), Need("ratings", ("bond",), look_back_days=90))
    assert set(found) - set(nothing) == {"appointments", "ratings-bond"}
    assert "&date=ge2025-12-05&" in found["appointments"]
    assert "&date=ge2025-12-05&" in found["ratings-bond"]
    other = discovery(templates((Need("visits"),), usual_codes(), TODAY))["services"][0]["prefetch"]
    assert "appointments" in other
    assert "ratings-bond" not in other


def test_what_is_required_is_needed_and_the_rest_is_not() -> None:
    some = (Need("ratings", ("bond",), required=True), Need("ratings", ("tasks",)), Need("visits"))
    needed = {key for key, each in templates(some, usual_codes(), TODAY).items() if each.needed}
    assert needed == {"episodes", "encounters", "ratings-bond"}


@pytest.mark.parametrize("turn", [1, -1])
def test_of_two_needs_of_one_measure_the_wider_holds(turn: int) -> None:
    near, far = Need("ratings", ("bond",), True, 30), Need("ratings", ("bond", "goals"), False, None)
    asked = templates((near, far)[::turn], usual_codes(), TODAY)
    assert asked["ratings-bond"].needed
    assert not asked["ratings-goals"].needed
    assert "ge20" not in asked["ratings-bond"].query
    visits = (Need("visits", (), False, 30), Need("visits", (), True, 60))[::turn]
    found = templates(visits, usual_codes(), TODAY)["appointments"]
    assert found.needed
    assert "date=ge2026-01-04" in found.query  # 60 days: 5 of March, 28 of February, 27 of January


def test_two_items_of_one_questionnaire_are_asked_for_once_and_needed_where_one_is() -> None:
    some = (Need("ratings", ("bond",)), Need("ratings", ("goals",), required=True))
    asked = templates(some, own_codes(), TODAY)
    assert [key for key in asked if key.startswith("ratings")] == ["ratings-bond"]
    assert asked["ratings-bond"].needed
    assert asked["ratings-bond"].query == (
        "QuestionnaireResponse?patient={{context.patientId}}"
        "&questionnaire=https://clinic.example/Questionnaire/alliance&_sort=-authored&_count=100"
    )


@given(needs=needs)
def test_the_same_needs_give_the_same_queries_and_no_query_twice(needs: list[Need]) -> None:
    first, second = (templates(needs, own_codes(), TODAY) for _ in range(2))
    assert list(first.items()) == list(second.items())
    assert len({template.query for template in first.values()}) == len(first)


@given(needs=needs)
def test_a_query_is_filled_with_the_patient_and_nothing_else_changes(needs: list[Need]) -> None:
    for template in templates(needs, own_codes(), TODAY).values():
        address = filled(template.query, request())
        assert unquote(address) == template.query.replace("{{context.patientId}}", "p1")
        assert re.fullmatch(r"[A-Za-z0-9/?=&:,._~%-]+", address)
        assert urlsplit(address).path == template.query.partition("?")[0]
