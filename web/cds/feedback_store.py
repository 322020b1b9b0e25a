"""What became of cards: which were shown by which model, what clinicians made of them, and how often.

Of a card its id, model, day and service are kept; of feedback the outcome, the moment, the reason that was chosen and
the suggestions that were taken. Nothing of a client and nobody's name is in it. A comment is not kept: it is free text,
in which clinicians write of clients, and no count needs it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from plugin.cds.cards import OVERRIDE_REASONS, suggestion_id
from plugin.cds.codes import URN
from plugin.cds.feedback import Feedback
from plugin.records import COMPONENTS
from web.cds.database import Database

NAME: Final = "cds-feedback.sqlite3"
OTHER: Final = "other"  # a reason that is none of ours
NONE_GIVEN: Final = "none_given"

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS card (
    issuer TEXT NOT NULL, id TEXT NOT NULL, service TEXT NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL,
    version TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (issuer, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feedback (
    issuer TEXT NOT NULL, card TEXT NOT NULL, outcome TEXT NOT NULL, at TEXT NOT NULL, reason_system TEXT NOT NULL,
    reason_code TEXT NOT NULL, suggestions TEXT NOT NULL,
    PRIMARY KEY (issuer, card, at, outcome, reason_system, reason_code, suggestions)
) WITHOUT ROWID;
"""
_SHOWN: Final = "SELECT kind, count(*) FROM card WHERE model = ? GROUP BY kind"
#: Beside a single max(), SQLite takes the other columns from the row that has it. Moments are written in one length;
#: of two with the same moment, one that was accepted counts.
_LAST: Final = """
SELECT
    feedback.outcome, feedback.reason_system, feedback.reason_code,
    max(feedback.at || (feedback.outcome = 'accepted') || feedback.reason_code)
FROM card JOIN feedback ON feedback.issuer = card.issuer AND feedback.card = card.id
WHERE card.model = ? GROUP BY card.issuer, card.id
"""
_TAKEN: Final = """
SELECT card.id, feedback.suggestions
FROM card JOIN feedback ON feedback.issuer = card.issuer AND feedback.card = card.id
WHERE card.model = ? AND feedback.outcome = 'accepted'
"""


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card that was answered.

    Attributes:
        id: its uuid.
        service: which service answered it.
        kind: risk, or ratings where no risk may be shown.
        model, version: of the predictor.
        day: of the call.
    """

    id: str
    service: str
    kind: Literal["risk", "ratings"]
    model: str
    version: str
    day: dt.date


@dataclass(frozen=True, slots=True)
class FeedbackCounts:
    """What clinicians made of a model's cards; each card counts once, by what was said of it last.

    Attributes:
        shown: cards answered, by kind.
        answered: cards with any feedback; ``accepted`` and ``overridden`` add up to it.
        reasons: why cards were overridden, by code (``OVERRIDE_REASONS``), ``other`` and ``none_given``.
        suggestions: suggestions that were taken, by part of the alliance; each once for a card.
    """

    shown: Mapping[str, int]
    answered: int
    accepted: int
    overridden: int
    reasons: Mapping[str, int]
    suggestions: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return the counts as they stand in the JSON of an evaluation."""
        return {
            "cards_shown": dict(self.shown),
            "cards_answered": self.answered,
            "accepted": self.accepted,
            "overridden": self.overridden,
            "override_reasons": dict(self.reasons),
            "suggestions_taken": dict(self.suggestions),
        }


class FeedbackStore:
    """Cards and feedback in one data folder, added to and never changed."""

    def __init__(self, folder: Path) -> None:
        """Take on a folder; the file in it is made with the first card."""
        self._database = Database(folder / NAME, _TABLES)

    def note_cards(self, cards: Iterable[ShownCard], issuer: str = "") -> None:
        """Note cards that were answered; one that is there stays as it is.

        Args:
            cards: the cards.
            issuer: who called; nobody else's feedback counts for them.

        Raises:
            OSError, sqlite3.Error: if it cannot be done.
        """
        rows = [(issuer, each.id, each.service, each.kind, each.model, each.version, str(each.day)) for each in cards]
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO card VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def add(self, items: Sequence[Feedback], issuer: str = "") -> None:
        """Keep feedback, all of it or nothing; what is there word for word is not kept twice.

        Args:
            items: whose cards are UUIDs.
            issuer: who called.

        Raises:
            OSError, sqlite3.Error: if it cannot be done.
        """
        rows = [
            (
                issuer,
                card_id(item.card),
                item.outcome,
                item.at.isoformat(timespec="microseconds"),
                item.reason_system,
                item.reason_code,
                " ".join(_suggestions(item)),
            )
            for item in items
        ]
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def counts(self, model: str) -> FeedbackCounts | None:
        """Return what clinicians made of the cards of a model, all versions together; None where none was shown.

        Raises:
            sqlite3.Error: if the file is damaged.
        """
        with self._database.look() as connection:
            if connection is None:
                return None
            shown = dict(connection.execute(_SHOWN, (model,)).fetchall())
            last = connection.execute(_LAST, (model,)).fetchall()
            taken = connection.execute(_TAKEN, (model,)).fetchall()
        if not shown:
            return None
        put_aside = [_reason(system, code) for outcome, system, code, _ in last if outcome == "overridden"]
        parts = [part for card, part in {(card, part) for card, ids in taken for part in _parts(card, ids)}]
        return FeedbackCounts(
            shown={kind: shown.get(kind, 0) for kind in ("risk", "ratings")},
            answered=len(last),
            accepted=len(last) - len(put_aside),
            overridden=len(put_aside),
            reasons={each: put_aside.count(each) for each in (*OVERRIDE_REASONS, OTHER, NONE_GIVEN)},
            suggestions={part: parts.count(part) for part in COMPONENTS},
        )


def card_id(text: str) -> str:
    """Return the id of a card in one way of writing it, or raise ``ValueError`` where it is no UUID."""
    return str(uuid.UUID(text))


def _suggestions(item: Feedback) -> list[str]:
    """Return the ids of suggestions that can be ours, in order; others say nothing here."""
    found = set()
    for text in item.suggestions:
        try:
            found.add(card_id(text))
        except ValueError:
            continue
    return sorted(found)


def _parts(card: str, suggestions: str) -> list[str]:
    """Return the parts of the alliance whose suggestions were taken."""
    taken = suggestions.split()
    return [part for part in COMPONENTS if str(suggestion_id(uuid.UUID(card), part)) in taken]


def _reason(system: str, code: str) -> str:
    if not code:
        return NONE_GIVEN
    return code if system == f"{URN}:override-reason" and code in OVERRIDE_REASONS else OTHER
