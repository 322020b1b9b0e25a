"""What a clinician reads: never a score alone, and never more than the evidence behind it says."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any, Final

from assumptions import load_library
from plugin.cds.advice import Advice, advice_on
from plugin.cds.codes import URN
from plugin.cds.fhir_in import ClientRecord
from plugin.cds.risk_words import LEVEL_WORDS, level, of_many, percent, spanned, usual_risk
from plugin.contract import Contribution, LocalRecord, Score

MOST_REASONS: Final = 3
LONGEST_REASON: Final = 80  # characters of one reason in a predictor's own words

#: Why a clinician may put a card aside, by code.
OVERRIDE_REASONS: Final[dict[str, str]] = {
    "already_addressed": "Already talked about with the client",
    "planned_ending": "The ending is planned, or the client moves on to other care",
    "sees_it_differently": "My impression of the client is different",
    "data_wrong": "The data are wrong or out of date",
    "no_time": "No time for it today",
}
_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&:@])")  # the last two make addresses links


@dataclass(frozen=True, slots=True)
class Maker:
    """Who speaks in a card.

    Attributes:
        model, version: of the predictor.
        site: where this server is reached, without a slash at its end; the model card is below it.
        record: how the predictor did on the clinic's own episodes.
    """

    model: str
    version: str
    site: str
    record: LocalRecord | None = None


def risk_card(score: Score, client: ClientRecord, maker: Maker, card_id: uuid.UUID) -> dict[str, Any]:
    """Return the card of a score: risk in words and numbers with its range, reasons, weakest part, what helps there."""
    episode, risk = client.episode, score.risk_before_completion
    units = load_library().settings[episode.setting].units
    one = units.removesuffix("s")
    usual = usual_risk(episode)
    found = level(risk, usual)
    left = episode.planned_units - episode.units_attended
    plan = (
        "" if client.plan_is_recorded else f" The record names no plan, so the usual {episode.planned_units} are taken."
    )
    lines = [
        f"**Leaving before the last planned {one}:** {spanned(risk)}, {of_many(risk.value)}. "
        f"The published average at this point of care is {percent(usual)}.",
        f"**Leaving before the next {one}:** {spanned(score.risk_next_unit)}, {of_many(score.risk_next_unit.value)}.",
        f"**{units.capitalize()} still to come on average:** {score.expected_units_remaining:.1f} of {left} planned."
        f"{plan}",
        *_reasons(score.contributions),
        *_advice(advice_on(score.weakest_component)),
        _caution(client, maker),
    ]
    return {
        "uuid": str(card_id),
        "summary": (
            f"Risk of leaving before the plan is done: {spanned(risk)}, {of_many(risk.value)}; {LEVEL_WORDS[found]}"
        ),
        "detail": "\n\n".join(lines),
        "indicator": "warning" if found == "higher" else "info",
        **_frame(maker, advice_on(score.weakest_component), card_id),
    }


def ratings_card(component: str, reason: str, maker: Maker, card_id: uuid.UUID) -> dict[str, Any]:
    """Return the card that says what the client's ratings say where no risk may be shown, and why none is."""
    advice = advice_on(component)
    lines = [
        f"Of the parts of the alliance that the client rated, **{component}** is lowest over the last ratings. "
        "The client’s own words in the room say more than a form.",
        *_advice(advice),
        f"No risk of leaving is shown: {_escaped(reason.rstrip('. '), 400)}.",
    ]
    return {
        "uuid": str(card_id),
        "summary": f"Rated lowest in the alliance: {component}; no risk of leaving is shown",
        "detail": "\n\n".join(lines),
        "indicator": "info",
        **_frame(maker, advice, card_id),
    }


def suggestion_id(card_id: uuid.UUID, component: str) -> uuid.UUID:
    """Return the id of the suggestion on a part of the alliance in a card, so that feedback can be told apart."""
    return uuid.uuid5(card_id, component)


def _frame(maker: Maker, advice: Advice | None, card_id: uuid.UUID) -> dict[str, Any]:
    """Return what every card has: source, suggestions with their sources as links, reasons to put it aside."""
    framed: dict[str, Any] = {
        "source": {
            "label": f"Rapport dropout risk, model {maker.model} {maker.version}",
            "url": f"{maker.site}/model",
            "topic": {"system": f"{URN}:topic", "code": "dropout_risk", "display": "Risk of leaving care early"},
        },
        "overrideReasons": [
            {"system": f"{URN}:override-reason", "code": code, "display": words}
            for code, words in OVERRIDE_REASONS.items()
        ],
    }
    if advice is not None:
        framed["suggestions"] = [
            {"label": advice.label, "uuid": str(suggestion_id(card_id, advice.component)), "isRecommended": True}
        ]
        framed["selectionBehavior"] = "any"
        framed["links"] = [
            {"label": f"Source: {advice.citation}", "url": advice.url, "type": "absolute"},
            {
                "label": "The alliance: what tends it",
                "url": f"{maker.site}/alliance#{advice.component}",
                "type": "absolute",
            },
        ]
    return framed


def _reasons(contributions: tuple[Contribution, ...]) -> list[str]:
    """Return what raises and what lowers the risk; nothing where nothing known does."""
    raising = [each.words for each in contributions if each.log_hazard > 0.0][:MOST_REASONS]
    lowering = [each.words for each in contributions if each.log_hazard < 0.0][:MOST_REASONS]
    said = [
        f"**{words}:** {'; '.join(_escaped(each, LONGEST_REASON) for each in some)}."
        for words, some in (("What goes with a higher risk", raising), ("What goes with a lower risk", lowering))
        if some
    ]
    if not said:
        return ["**Reasons:** nothing known of this client sets them apart from the middle client."]
    return [*said, "These go with leaving or staying; none of them is shown to cause it."]


def _advice(advice: Advice | None) -> list[str]:
    if advice is None:
        return []
    steps = "\n".join(f"- {step}" for step in advice.steps)
    return [
        f"**Weakest part of the alliance: {advice.component}.** In the next session:\n\n{steps}",
        f"{advice.standing} Source: [{_escaped(advice.citation, 400)}]({advice.url})",
    ]


def _caution(client: ClientRecord, maker: Maker) -> str:
    """Return what the numbers rest on, and what they are not for."""
    said = ["The ranges hold 90 of 100. The risk is to help decide whom to talk to; it decides nothing by itself."]
    if maker.record is not None:
        record = maker.record
        said.append(
            f"Checked on {record.episodes} episodes of this clinic, {record.events} of which ended early: it foretold "
            f"{record.expected_observed[0]:.2f} times the early endings there were "
            f"(as of {_escaped(record.as_of, 20)})."
        )
    if client.unusable:
        said.append("Ratings without a day, or outside their scale, were left out.")
    return " ".join(said)


def _escaped(text: str, most: int) -> str:
    """Return text of others as one line that Markdown shows as it is."""
    line = " ".join(text.split())
    return _MARKUP.sub(r"\\\1", line if len(line) <= most else f"{line[: most - 1]}…")
