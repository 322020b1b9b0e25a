"""Each rule of a CDS Hooks 2.0 card, broken once."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.card_check import card_problems

#: With all that the specification knows; after its own examples.
CARD: dict[str, Any] = {
    "uuid": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
    "summary": "s" * 139,
    "detail": "*Markdown*\n\nwith lines",
    "indicator": "warning",
    "source": {
        "label": "Rapport",
        "url": "https://example.org",
        "icon": "https://example.org/icon.png",
        "topic": {"system": "urn:x", "code": "dropout", "display": "Dropout"},
    },
    "suggestions": [
        {
            "label": "Talk about goals",
            "uuid": "b1",
            "isRecommended": True,
            "actions": [
                {"type": "create", "description": "Plan it", "resource": {"resourceType": "Task", "status": "draft"}},
                {"type": "delete", "description": "Drop it", "resourceId": "ServiceRequest/old-1.2"},
            ],
        },
        {"label": "Call", "isRecommended": False},
    ],
    "selectionBehavior": "at-most-one",
    "overrideReasons": [{"code": "later", "system": "urn:x", "display": "Later"}],
    "links": [
        {"label": "Guide", "url": "https://example.org/guide", "type": "absolute"},
        {"label": "App", "url": "https://example.org/launch", "type": "smart", "appContext": '{"a": 1}'},
    ],
    "extension": {"org.example.rank": 1, "org.example.shown": False},
}
EXTRA = "suggestions without selectionBehavior, which is one of at-most-one, any"
CREATE = "an action that creates or updates has no resource with a resourceType"
DELETE = "an action that deletes has a resource, or no resourceId such as Task/17"
GONE = "left out"  # told by identity; an object would name the test differently in each process

BROKEN: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("summary",), GONE, "summary is not one line of text"),
    (("summary",), " ", "summary is not one line of text"),
    (("summary",), 5, "summary is not one line of text"),
    (("summary",), "two\nlines", "summary is not one line of text"),
    (("summary",), "two\rlines", "summary is not one line of text"),
    (("summary",), "one line\n", "summary is not one line of text"),
    (("summary",), "s" * 140, "summary has 140 characters; at most 139 are allowed"),
    (("indicator",), GONE, "indicator is none of info, warning, critical"),
    (("indicator",), "hard-stop", "indicator is none of info, warning, critical"),
    (("indicator",), ["info"], "indicator is none of info, warning, critical"),
    (("source",), GONE, "source has no label"),
    (("source", "label"), GONE, "source has no label"),
    (("source", "url"), "https://elsewhere.org", "source was changed"),
    (("uuid",), "another", "uuid was changed"),
    (("uuid",), GONE, "uuid was changed"),
    (("detail",), 5, "detail is no text"),
    (("detail",), "", "detail is null or empty; leave it out"),
    (("detail",), None, "detail is null or empty; leave it out"),
    (("links",), [], "links is null or empty; leave it out"),
    (("extension",), {}, "extension is null or empty; leave it out"),
    (("extension", "org.example.name"), None, "a part is null or empty; leave it out"),
    (("extension", "Jane_Roe"), None, "a part is null or empty; leave it out"),
    (("extension", "org.example.rank"), float("nan"), "a part is no finite number, which JSON does not have"),
    (("extension", "org.example.rank"), (1, 2), "a part is a tuple, which JSON does not have"),
    (("extension", 5), 1, "extension has a key that is no text"),
    (("suggestions",), "call", "suggestions is no list of objects"),
    (("suggestions", 1), "call", "suggestions is no list of objects"),
    (("selectionBehavior",), GONE, EXTRA),
    (("selectionBehavior",), "all", EXTRA),
    (("suggestions", 0, "label"), GONE, "a suggestion has no label"),
    (("suggestions", 0, "uuid"), 5, "uuid of a suggestion is no text"),
    (("suggestions", 1, "isRecommended"), "no", "isRecommended of a suggestion is neither true nor false"),
    (
        ("suggestions", 1, "isRecommended"),
        True,
        "more than one suggestion is recommended, of which one may be chosen",
    ),
    (("suggestions", 0, "actions"), "do it", "actions is no list of objects"),
    (("suggestions", 0, "actions", 0, "type"), "merge", "type of an action is none of create, update, delete"),
    (("suggestions", 0, "actions", 0, "description"), GONE, "an action has no description"),
    (("suggestions", 0, "actions", 0, "resource"), GONE, CREATE),
    (("suggestions", 0, "actions", 0, "resource"), "Task/1", CREATE),
    (("suggestions", 0, "actions", 0, "resource", "resourceType"), GONE, CREATE),
    (("suggestions", 0, "actions", 1, "resourceId"), GONE, DELETE),
    (("suggestions", 0, "actions", 1, "resourceId"), "old-1", DELETE),
    (("suggestions", 0, "actions", 1, "resource"), {"resourceType": "Task"}, DELETE),
    (("overrideReasons",), {"code": "later"}, "an override reason lacks code, system or display"),
    (("overrideReasons", 0), "later", "overrideReasons is no list of objects"),
    (("overrideReasons", 0, "code"), GONE, "an override reason lacks code, system or display"),
    (("overrideReasons", 0, "system"), GONE, "an override reason lacks code, system or display"),
    (("overrideReasons", 0, "display"), GONE, "an override reason lacks code, system or display"),
    (("links", 0), "https://example.org", "links is no list of objects"),
    (("links", 0, "label"), GONE, "a link has no label, or no address that begins with http"),
    (("links", 0, "url"), GONE, "a link has no label, or no address that begins with http"),
    (("links", 0, "url"), "javascript:alert(1)", "a link has no label, or no address that begins with http"),
    (("links", 0, "url"), "https://example.org/a b", "a link has no label, or no address that begins with http"),
    (("links", 0, "type"), GONE, "type of a link is neither absolute nor smart"),
    (("links", 0, "appContext"), "x", "appContext is no text, or stands in a link that is not smart"),
    (("links", 1, "appContext"), 5, "appContext is no text, or stands in a link that is not smart"),
]


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    card = copy.deepcopy(CARD)
    owner: Any = card
    for step in path[:-1]:
        owner = owner[step]
    if value is GONE:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    return card


def test_a_card_with_everything_is_valid_and_so_is_the_least() -> None:
    assert card_problems(CARD, CARD) == ()
    least = {"summary": "Risk", "indicator": "info", "source": {"label": "Rapport"}}
    assert card_problems(least, least) == ()


@pytest.mark.parametrize(("path", "value", "said"), BROKEN, ids=lambda value: str(value)[:40])
def test_each_rule_that_is_broken_is_named(path: tuple[str | int, ...], value: Any, said: str) -> None:
    assert said in card_problems(changed(path, value), CARD)


def test_any_suggestions_may_be_recommended_where_any_may_be_chosen() -> None:
    card = changed(("suggestions", 1, "isRecommended"), True)
    card["selectionBehavior"] = "any"
    assert card_problems(card, CARD) == ()


@pytest.mark.parametrize("card", [None, "card", [CARD], 5])
def test_what_is_no_object_is_no_card(card: object) -> None:
    assert card_problems(card, CARD) == ("is no object",)


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=4) | st.just(object()) | st.tuples(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from([path for path, _, _ in BROKEN if isinstance(path[-1], str)]), anything)
def test_what_has_no_problem_is_json_without_anything_empty(path: tuple[str | int, ...], value: Any) -> None:
    card = changed(path, value)
    if not card_problems(card, CARD):
        assert json.loads(json.dumps(card, allow_nan=False)) == card
        assert not any(empty in json.dumps(card) for empty in ("null", '""', "[]", "{}"))
