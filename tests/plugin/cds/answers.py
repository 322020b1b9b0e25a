"""Answers of a predictor for property tests, and a host that gives one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from plugin.cds import ClientRecord, Maker, Speech
from plugin.contract import Answer, Contribution, LocalRecord, Probability, Request, Score
from plugin.records import COMPONENTS, SETTINGS, Episode
from tests.plugin.cds.resources import TODAY

MAKER = Maker("evidence", "1.0", "https://rapport.example")
RECORD = LocalRecord(412, 131, "2026-02-01", (0.97, 0.8, 1.1), (1.04, 0.9, 1.2), (0.63, 0.58, 0.68))
#: Every range of whole thousandths is likely enough to be met; the ends are met always.
_SHARES = st.sampled_from((0.0, 0.004999, 0.005, 0.0949, 0.095, 0.9499, 0.95, 0.994999, 0.995, 1.0)) | st.floats(0, 1)


@dataclass
class Says:
    """A host that gives one answer, and remembers what it was asked."""

    answer: Answer
    asked: list[Request] = field(default_factory=list)

    def predict(self, requests: Sequence[Request]) -> list[Answer]:
        self.asked += requests
        return [self.answer for _ in requests]

    def process_card(self, card: dict[str, Any], answer: Answer, request: Request) -> dict[str, Any]:
        return card


def speech(answer: Answer, maker: Maker = MAKER, withheld: str = "") -> Speech:
    """Return a service that says one answer."""
    return Speech(Says(answer), maker, withheld)


def client(**changes: Any) -> ClientRecord:
    """Return a client three sessions into a plan of twelve."""
    episode = Episode("", "", "", "outpatient", dt.date(2026, 1, 5), 12, 3, dt.date(2026, 2, 9))
    return ClientRecord(
        **{
            "episode": episode,
            "ratings": (),
            "visits": (),
            "plan_is_recorded": True,
            "planned_end": None,
            "basis": ("EpisodeOfCare/c1",),
        }
        | changes
    )


def score(**changes: Any) -> Score:
    """Return a score of 42 percent."""
    return Score(
        **{
            "risk_next_unit": Probability(0.08, 0.05, 0.12),
            "risk_before_completion": Probability(0.42, 0.25, 0.6),
            "expected_units_remaining": 6.44,
            "weakest_component": "goals",
            "contributions": (
                Contribution("goals", 0.4, "agreement on goals rated low"),
                Contribution("bond", -0.1, "bond rated high"),
            ),
        }
        | changes
    )


@st.composite
def probabilities(draw: st.DrawFn) -> Probability:
    """Return any probability with its interval."""
    low, value, high = sorted(draw(st.tuples(_SHARES, _SHARES, _SHARES)))
    return Probability(value, low, high)


#: What the host lets through: one line of at most 300 characters.
WORDS = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=300).filter(
    lambda text: text.isprintable() and text.strip()
) | st.sampled_from(("<script>alert(1)</script>", "![x](https://evil.example/p.png)", "# *a* _b_ `c` | d", "~~x~~ & y"))


@st.composite
def scored(draw: st.DrawFn) -> tuple[Score, ClientRecord]:
    """Return any score that the host lets through, with a client it may be about."""
    planned = draw(st.integers(1, 400))
    done = draw(st.integers(0, planned - 1))
    known = draw(st.booleans())
    episode = Episode("", "", "", draw(st.sampled_from(SETTINGS)), TODAY, planned, done)
    one, other = draw(probabilities()), draw(probabilities())
    following, completion = sorted((one, other), key=lambda risk: risk.value)
    contribution = st.builds(Contribution, st.just("x"), st.floats(-9, 9), WORDS)
    answer = Score(
        following,
        completion,
        draw(st.floats(0, planned - done)),
        draw(st.sampled_from((None, *COMPONENTS))),
        tuple(draw(st.lists(contribution, max_size=5))),
    )
    end = draw(st.none() | st.dates(TODAY + dt.timedelta(days=1), dt.date(2030, 1, 1)))
    basis = ("EpisodeOfCare/c1", "Observation/o.1") if known else ()
    return answer, client(
        episode=episode, plan_is_recorded=known, planned_end=end, basis=basis, unusable=draw(st.integers(0, 2))
    )
