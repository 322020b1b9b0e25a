"""Search the evidence: words that must all be there, filters that combine, and what to try where nothing is found."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from werkzeug.datastructures import MultiDict

from assumptions import Library
from calculator.language import gettext as _
from calculator.language import mark, spoken
from calculator.words import READING_WORDS, capitalized
from reports.evidence_words import SOURCE_WORDS
from web.evidence_catalogue import ANY, TOPICS, Hit, catalogue, fold, started, topic_title, vocabulary
from web.evidence_uses import PLACES

SETTING_WORDS = PLACES | {ANY: mark("no single level of care")}
FLAGS = {"used": mark("Used by the model"), "default": mark("Stands in for a blank field")}
TITLES = {
    "topic": mark("Topic"),
    "reading": mark("What it may claim"),
    "kind": mark("Kind of source"),
    "setting": mark("Level of care"),
}
STANDING_ORDER = {"found": 0, "judgement": 1, "claim": 2}
TRY = ("dropout", "alliance", "feedback", "no-show", "Medicaid", "PHQ-9")
LONGEST = 200  # letters of a query that are read
LONGEST_SHOWN = 60  # letters of a wrong value that the note repeats


@dataclass(frozen=True)
class Group:
    """The hits on one topic."""

    topic: str
    title: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class Chip:
    """A filter in use, in words, and the search without it."""

    words: str
    query: list[tuple[str, str]]


@dataclass(frozen=True)
class Search:
    """What is looked for.

    Attributes:
        library: where.
        text: the words, all of which must be there.
        chosen: value by name of each filter in use.
        notes: what in the request could not be used.
    """

    library: Library
    text: str
    chosen: Mapping[str, str]
    notes: tuple[str, ...] = ()

    @property
    def query(self) -> list[tuple[str, str]]:
        """Return what an address needs to hold this search."""
        return [*([("q", self.text)] if self.text else []), *self.chosen.items()]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Return the words as they are compared, each once."""
        return tuple(dict.fromkeys(started(word) for word in fold(self.text).split()))

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """Return what is found: by topic; in each what is named so first, or its author, then what the model uses."""
        found = [
            hit
            for hit in catalogue(self.library, spoken().tag)
            if all(hit.matches(name, value) for name, value in self.chosen.items())
            and all(word in hit.sought for word in self.words)
        ]
        return tuple(sorted(found, key=self._order))

    def _order(self, hit: Hit) -> tuple[int, bool, bool, bool, int, int, str]:
        topics = list(TOPICS)
        topic = topics.index(hit.figure.topic) if hit.figure.topic in topics else len(topics)
        unnamed = not all(word in hit.title for word in self.words)
        authors = (started(fold(reference.citation)) for reference in hit.figure.references)
        led = bool(self.words) and any(names.startswith(self.words[0]) for names in authors)
        return topic, unnamed, not led, not hit.used, STANDING_ORDER[hit.standing], -(hit.figure.year or 0), hit.label

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Return the hits by topic."""
        grouped = groupby(self.hits, key=lambda hit: hit.figure.topic)
        return tuple(Group(topic, topic_title(topic), tuple(hits)) for topic, hits in grouped)

    @property
    def total(self) -> int:
        """Return how many figures there are."""
        return len(self.library.figures)

    @cached_property
    def chips(self) -> tuple[Chip, ...]:
        """Return what narrows the search, each with the search that leaves it out."""
        found = [Chip(_("“%(text)s”", text=self.text), list(self.chosen.items()))] if self.text else []
        for name, value in self.chosen.items():
            words = _(FLAGS[name]) if name in FLAGS else f"{_(TITLES[name])}: {options(name)[value]}"
            found.append(Chip(words, self.without(name).query))
        return tuple(found)

    def without(self, *names: str) -> Search:
        """Return the search without some of its filters."""
        return replace(self, chosen={name: value for name, value in self.chosen.items() if name not in names}, notes=())

    @cached_property
    def unfiltered(self) -> Search:
        """Return the search for the words alone."""
        return self.without(*self.chosen)

    @cached_property
    def nearest(self) -> Search | None:
        """Return the search with each word that occurs nowhere replaced by the one most like it, if that finds any."""
        known = vocabulary(self.library, spoken().tag)
        words = []
        for word in fold(self.text).split()[:6]:
            hit = any(started(word) in each.sought for each in catalogue(self.library, spoken().tag))
            near = [] if hit or len(word) > 30 else difflib.get_close_matches(word, known, n=1, cutoff=0.75)
            words.append(near[0] if near else word)
        other = replace(self, text=" ".join(words), notes=())
        if not words or fold(other.text) == fold(self.text):
            return None
        return next((search for search in (other, other.unfiltered) if search.hits), None)


def read_search(data: MultiDict[str, str], library: Library) -> Search:
    """Return the search a request asks for; what it may not choose is left out and noted."""
    typed = " ".join("".join(sign if sign.isprintable() else " " for sign in data.get("q", "")).split())
    chosen: dict[str, str] = {}
    notes = [_("Only the first %(number)s letters were looked for.", number=LONGEST)] if len(typed) > LONGEST else []
    for name in (*TITLES, *FLAGS):
        value = data.get(name, "")
        if value in (options(name) if name in TITLES else ("1",)):
            chosen[name] = value
        elif value:
            title = _(TITLES.get(name, "") or FLAGS[name])
            notes.append(
                _("“%(value)s” is no choice for “%(title)s” and was left out.", value=_cut(value), title=title)
            )
    return Search(library, typed[:LONGEST].strip(), chosen, tuple(notes))


def options(name: str) -> dict[str, str]:
    """Return the choices of a filter in words, by their value."""
    if name == "reading":
        return {value: capitalized(_(words)) for value, words in READING_WORDS.items()}
    words = {"topic": TOPICS, "kind": SOURCE_WORDS, "setting": SETTING_WORDS}[name]
    return {value: capitalized(_(text)) for value, text in words.items()}


def _cut(text: str) -> str:
    plain = "".join(sign if sign.isprintable() else "·" for sign in text)
    return plain if len(plain) <= LONGEST_SHOWN else f"{plain[:LONGEST_SHOWN]}…"
