"""What a clinician reads: within the specification, never a score alone, never more than the evidence says."""

from __future__ import annotations

import dataclasses
import json
import re
import uuid
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plugin.card_check import card_problems
from plugin.cds import ClientRecord, Maker, respond
from plugin.cds.advice import advices
from plugin.cds.cards import MOST_REASONS, OVERRIDE_REASONS, ratings_card, risk_card, suggestion_id
from plugin.cds.risk_words import level, usual_risk
from plugin.contract import Abstention, Contribution, Probability, Score
from plugin.records import COMPONENTS
from plugin.words import term_words
from tests.plugin.cds.answers import MAKER, RECORD, WORDS, client, score, scored, speech
from tests.plugin.cds.resources import TODAY, Json, call, observation, request, usual_resources
from tests.plugin.cds.test_fhir_in import known

ID = uuid.UUID("4e0a3a1e-3283-4575-ab82-028d55fe2719")
ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s]+")
WIDEST = Probability(0.0, 0.0, 1.0)  # "under 1% (under 1% to over 99%), fewer than 1 in 100"
MARKUP = re.compile(r"(?<!\\)[`*_\[\]<>#~|]")

#: Words that claim a cause, and what may be said with them all the same because it denies one.
CAUSAL = re.compile(
    r"\b(caus\w+|because|due to|leads? to|result(s|ed|ing)? in|prevent\w*|reduc\w+|rais(es?|ed|ing) the risk|"
    r"lower(s|ed|ing)? the risk|improv\w+|effective\w*|makes? \w+ (leave|stay)|keeps? \w+ (client|from))\b",
    re.IGNORECASE,
)
DENIED = (
    "none of them is shown to cause it",
    "that it keeps a client from leaving has not been shown",
)


def made(found: tuple[Score, ClientRecord], maker: Maker = MAKER) -> Json:
    """Return the card of a score as it leaves the service."""
    answer, who = found
    (card,) = respond(request(), who, speech(answer, maker), TODAY)["cards"]
    return dict(card)


def rated(component: str, reason: str = "nobody has judged it yet") -> Json:
    return ratings_card(component, reason, MAKER, ID)


@given(found=scored())
@example(found=(score(risk_before_completion=WIDEST), client()))
def test_24_the_summary_is_one_sentence_of_at_most_139_characters(found: tuple[Score, ClientRecord]) -> None:
    for summary in (made(found)["summary"], *(rated(component)["summary"] for component in COMPONENTS)):
        assert 0 < len(summary) <= 139
        assert summary.isprintable()
        assert not re.search(r"[.!?](\s|$)", summary)


@given(found=scored())
def test_25_the_indicator_warns_only_of_what_is_surely_above_the_usual(found: tuple[Score, ClientRecord]) -> None:
    """The usual risk never lies above 1, and a whole range above it is what "higher" means."""
    answer, who = found
    higher = answer.risk_before_completion.low > usual_risk(who.episode)
    assert made(found)["indicator"] == ("warning" if higher else "info")
    assert rated("bond")["indicator"] == "info"


@given(found=scored())
def test_26_the_source_has_a_label_an_address_and_a_topic(found: tuple[Score, ClientRecord]) -> None:
    for card in (made(found), rated("tasks")):
        source = card["source"]
        assert set(source) <= {"label", "url", "icon", "topic"}
        assert source["label"] == "Rapport dropout risk, model evidence 1.0"
        assert source["url"] == "https://rapport.example/model"
        assert set(source["topic"]) == {"system", "code", "display"}


def test_27_a_card_has_a_uuid_of_its_call_and_its_detail_is_markdown() -> None:
    cards = [made((score(), client())) for _ in range(2)]
    assert uuid.UUID(cards[0]["uuid"]).version == 5
    assert cards[0] == cards[1]
    other = request(call(hookInstance=str(uuid.UUID(int=7))))
    (elsewhere,) = respond(other, client(), speech(score()), TODAY)["cards"]
    assert elsewhere["uuid"] != cards[0]["uuid"]
    newer = Maker("evidence", "1.1", MAKER.site)
    assert made((score(), client()), newer)["uuid"] != cards[0]["uuid"]
    assert "\n\n- Ask: if this works, what would you notice first?\n- " in cards[0]["detail"]
    assert "**Weakest part of the alliance: goals.**" in cards[0]["detail"]


@given(found=scored())
def test_28_suggestions_come_with_a_selection_behaviour(found: tuple[Score, ClientRecord]) -> None:
    answer, _ = found
    card = made(found)
    assert ("suggestions" in card) == ("selectionBehavior" in card) == (answer.weakest_component is not None)
    if "suggestions" in card:
        assert card["selectionBehavior"] in ("at-most-one", "any")
        assert sum(each.get("isRecommended", False) for each in card["suggestions"]) <= 1


@pytest.mark.parametrize("component", COMPONENTS)
def test_29_a_suggestion_has_a_label_and_a_uuid_that_tells_it_apart(component: str) -> None:
    for card in (made((score(weakest_component=component), client())), rated(component)):
        (suggestion,) = card["suggestions"]
        assert set(suggestion) <= {"label", "uuid", "isRecommended", "actions"}
        assert suggestion["label"] == advices()[component].label
        assert uuid.UUID(suggestion["uuid"]) == suggestion_id(uuid.UUID(card["uuid"]), component)
        assert suggestion["isRecommended"] is True
    assert len({suggestion_id(ID, each) for each in COMPONENTS}) == len(COMPONENTS)


def test_31_a_reason_to_put_the_card_aside_has_code_system_and_display() -> None:
    for card in (made((score(), client())), rated("bond")):
        reasons = card["overrideReasons"]
        assert [set(each) for each in reasons] == [{"code", "system", "display"}] * len(OVERRIDE_REASONS)
        assert {each["code"]: each["display"] for each in reasons} == OVERRIDE_REASONS
        assert {each["system"] for each in reasons} == {"urn:x-rapport:override-reason"}


@pytest.mark.parametrize("component", COMPONENTS)
def test_32_a_link_has_label_address_and_type_and_no_context_for_an_app(component: str) -> None:
    for card in (made((score(weakest_component=component), client())), rated(component)):
        links = card["links"]
        assert [set(each) for each in links] == [{"label", "url", "type"}] * 2
        assert [each["type"] for each in links] == ["absolute"] * 2
        assert [each["url"] for each in links] == [
            advices()[component].url,
            f"https://rapport.example/alliance#{component}",
        ]
        assert all(ADDRESS.fullmatch(each["url"]) for each in links)


@settings(max_examples=200)
@given(found=scored())
def test_a_card_is_never_a_score_alone(found: tuple[Score, ClientRecord]) -> None:
    """Range, so many of ten, comparison, reasons or that there are none, what helps, and caution."""
    answer, who = found
    card = made(found)
    assert card_problems(card, card) == ()
    for text in (card["summary"], card["detail"]):
        assert re.search(r"\d+% \(.*?% to .*?%\), (about|fewer|more) .* in 10", text)
    detail = card["detail"]
    for said in ("The published average at this point of care is", "The ranges hold 90 of 100", "decides nothing"):
        assert said in detail
    reasons = [each for each in answer.contributions if each.log_hazard]
    assert ("none of them is shown to cause it" in detail) == bool(reasons)
    assert ("**Reasons:** nothing known" in detail) == (not reasons)
    if answer.weakest_component is None:
        assert "doi.org" not in detail
    else:
        assert f"({advices()[answer.weakest_component].url})" in detail
    assert ("The record names no plan" in detail) == (not who.plan_is_recorded)
    assert ("were left out" in detail) == bool(who.unusable)


def test_the_card_of_42_percent_by_hand() -> None:
    """Usual risk of session 3 of 12: the summary compares with it; 12 − 3 = 9 sessions are left."""
    usual = usual_risk(client().episode)
    assert level(score().risk_before_completion, usual) == "higher"
    card = risk_card(score(), client(), Maker("evidence", "1.0", "https://rapport.example", RECORD), ID)
    assert card["summary"] == (
        "Risk of leaving before the plan is done: 42% (25% to 60%), about 4 in 10; higher than usual"
    )
    first, following, units, higher, lower, claim, *_, caution = card["detail"].split("\n\n")
    assert first.startswith("**Leaving before the last planned session:** 42% (25% to 60%), about 4 in 10. ")
    assert first.endswith(f"The published average at this point of care is {usual:.0%}.")
    assert following == "**Leaving before the next session:** 8% (5% to 12%), about 8 in 100."
    assert units == "**Sessions still to come on average:** 6.4 of 9 planned."
    assert higher == "**What goes with a higher risk:** agreement on goals rated low."
    assert lower == "**What goes with a lower risk:** bond rated high."
    assert claim == "These go with leaving or staying; none of them is shown to cause it."
    assert "Checked on 412 episodes of this clinic, 131 of which ended early" in caution
    assert "it foretold 1.04 times the early endings there were (as of 2026\\-02\\-01)." in caution


def test_a_long_list_of_reasons_is_cut_to_the_weightiest() -> None:
    many = tuple(Contribution(f"x{place}", 1.0 - place / 10, f"reason {place}") for place in range(9))
    detail = risk_card(score(contributions=many), client(), MAKER, ID)["detail"]
    assert [f"reason {place}" in detail for place in range(9)] == [place < MOST_REASONS for place in range(9)]


def plain(markdown: str) -> str:
    """Return text without its escapes."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


@given(words=WORDS)
@example(words="https://evil.example/a www.evil.example a@evil.example")
@example(words="\\[a](javascript:alert(1))")
def test_words_of_others_are_shown_as_they_are(words: str) -> None:
    answer = score(contributions=(Contribution("x", 0.5, words),))
    detail = risk_card(answer, client(), MAKER, ID)["detail"]
    (line,) = [each for each in detail.split("\n\n") if each.startswith("**What goes with a higher risk:** ")]
    foreign = line.removeprefix("**What goes with a higher risk:** ").removesuffix(".")
    assert not MARKUP.search(foreign.replace("\\\\", ""))
    assert not re.search(r"(?<!\\)://|www\.|(?<!\\)@", foreign.replace("\\\\", ""))
    one_line = " ".join(words.split())
    assert plain(foreign) == (one_line if len(one_line) <= 80 else f"{one_line[:79]}…")


def test_the_reason_of_an_abstention_is_shown_as_it_is() -> None:
    detail = rated("bond", "it needs *more* <b>data</b>. ")["detail"]
    assert detail.endswith("No risk of leaving is shown: it needs \\*more\\* \\<b\\>data\\</b\\>.")


def everything_said(card: Json) -> str:
    """Return what a card says in our own words: without sources, and without what denies a cause."""
    texts = [card["summary"], card["detail"], *(each["label"] for each in card.get("suggestions", ()))]
    texts += [each["display"] for each in card["overrideReasons"]]
    said = "\n".join(texts)
    for advice in advices().values():
        said = said.replace(plain(advice.citation), "")
    said = re.sub(r"Source: \[.*?\]\(https://doi\.org/.*?\)", "", said)
    for denial in DENIED:
        said = said.replace(denial, "")
    return said


def test_the_list_of_causal_words_finds_them() -> None:
    for claim in (
        "It causes leaving",
        "This will reduce dropout",
        "Empathy prevents it",
        "keeps the client from leaving",
    ):
        assert CAUSAL.search(claim)


@given(found=scored(), weight=st.floats(-2, 2).filter(bool))
def test_no_card_claims_a_cause(found: tuple[Score, ClientRecord], weight: float) -> None:
    answer, who = found
    names = ("bond", "goals", "tasks", "symptoms", "symptoms_change", "satisfaction", "missed_share")
    own = tuple(Contribution(name, weight, term_words(name, weight)) for name in names)
    card = made((dataclasses.replace(answer, contributions=own), who), Maker("m", "1", MAKER.site, RECORD))
    assert not CAUSAL.search(everything_said(card))
    for component in COMPONENTS:
        assert not CAUSAL.search(everything_said(rated(component)))


def test_the_card_of_ratings_shows_no_number_of_a_risk() -> None:
    low = known(*usual_resources()[1:], observation("goals", 4, "2026-03-01"))
    said = speech(Abstention("x"), withheld="nobody has judged it")
    (card,) = respond(request(), low, said, TODAY)["cards"]
    assert card["summary"] == "Rated lowest in the alliance: goals; no risk of leaving is shown"
    assert not re.search(r"\d+ ?%|in 10\b|in 100\b", json.dumps(card, ensure_ascii=False))
    assert "nobody has judged it" in card["detail"]
    assert advices()["goals"].doi in card["detail"]


def attributes(value: Any) -> set[str]:
    """Return the names of all attributes in a JSON value."""
    if isinstance(value, dict):
        return set(value).union(*map(attributes, value.values()))
    return set().union(*map(attributes, value)) if isinstance(value, list) else set()


@given(found=scored())
def test_06_what_is_not_of_the_specification_would_stand_under_extension(found: tuple[Score, ClientRecord]) -> None:
    card = {"uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior", "links"}
    parts = {"label", "url", "topic", "code", "system", "display", "isRecommended", "type"}
    assert attributes(made(found)) <= card | parts | {"overrideReasons"}
