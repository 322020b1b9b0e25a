"""The model card: what the model behind the cards is for, how good it is here, and what clinicians said of it."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, current_app, render_template, url_for

from calculator.display import number
from calculator.language import gettext as _
from calculator.language import mark
from plugin.contract import LocalRecord, ModelCard, Predictor
from plugin.trust import EXPECTED_OBSERVED, SLOPE
from web.cds.feedback_store import NONE_GIVEN, OTHER, FeedbackCounts
from web.cds.service import current_service
from web.library import current_library
from web.worklist.words import withheld

bp = Blueprint("model_card", __name__)
REASONS: Final = {
    "already_addressed": mark("Already talked about with the client"),
    "planned_ending": mark("The ending is planned, or the client moves on to other care"),
    "sees_it_differently": mark("My impression of the client is different"),
    "data_wrong": mark("The data are wrong or out of date"),
    "no_time": mark("No time for it today"),
    OTHER: mark("Another reason"),
    NONE_GIVEN: mark("No reason given"),
}
_DOI: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """A source of a model.

    Attributes:
        text: its words.
        address: where it leads; empty where it leads nowhere.
        tag: the language of the words where it is not that of the page.
    """

    text: str
    address: str
    tag: str


@dataclass(frozen=True)
class Row:
    """A figure of the local record with its interval, and how to read it."""

    label: str
    value: str
    span: str
    meaning: str


@bp.get("/model")
def index() -> str:
    """Show the card of the model that this server is set to."""
    speaker = current_service().speaker
    card = _card(speaker.host.predictor)
    return render_template(
        "model/page.html",
        name=speaker.name,
        model_version=speaker.version,
        card=card,
        horizon=speaker.horizon,
        record=speaker.record,
        rows=_rows(speaker.record),
        withheld=withheld(speaker.record),
        sources=[_source(text) for text in card.sources] if card else [],
        counts=_counts(speaker.name),
        reasons=REASONS,
    )


def _card(predictor: Predictor) -> ModelCard | None:
    try:
        card = predictor.card()
    except Exception as error:  # another author's code may raise anything
        current_app.logger.error("The model has no card that can be shown: %s", type(error).__name__)
        return None
    return card if isinstance(card, ModelCard) else None


def _rows(record: LocalRecord | None) -> list[Row]:
    if record is None:
        return []
    sorting, slope, ratio = record.c_index, record.calibration_slope, record.expected_observed
    return [
        Row(
            _("Early endings foretold for each that happened"),
            *_figure(ratio),
            _("1 is right; from %(low)s to %(high)s is close enough.", **_ends(EXPECTED_OBSERVED)),
        ),
        Row(
            _("Calibration slope"),
            *_figure(slope),
            _(
                "1 is right, less is too extreme, more too much alike; from %(low)s to %(high)s is close enough.",
                **_ends(SLOPE),
            ),
        ),
        Row(
            _("Sorting (C-index)"),
            *_figure(sorting),
            _("Of two clients, it gives the one who leaves first the higher risk so often; 0.50 is chance."),
        ),
    ]


def _figure(figure: tuple[float, float, float]) -> tuple[str, str]:
    value, low, high = (number(each, 2) for each in figure)
    return value, _("%(low)s to %(high)s", low=low, high=high)


def _ends(ends: tuple[float, float]) -> dict[str, str]:
    return {"low": number(ends[0], 2), "high": number(ends[1], 2)}


def _source(text: str) -> Source:
    """Return a source with where it leads: a figure of the evidence library, a DOI or an address."""
    figures = current_library().figures
    if text in figures:
        return Source(_(figures[text].label), url_for("evidence.figure", figure_id=text), "")
    if match := _DOI.fullmatch(text):
        return Source(text, f"https://doi.org/{match[1]}", "en")
    return Source(text, text if re.fullmatch(r"https?://[^\s<>\"]+", text) else "", "en")


def _counts(model: str) -> FeedbackCounts | None:
    try:
        return current_service().feedback.counts(model)
    except (OSError, sqlite3.Error) as error:
        current_app.logger.error("Feedback cannot be counted: %s", type(error).__name__)
        return None
