"""The figures as lines of a list: in words, with what each is found by and what it passes a filter for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from assumptions import Figure, Library
from calculator.language import gettext as _
from calculator.language import mark
from reports import evidence_words as worded
from web.evidence_uses import in_the_model, stands_in

TOPICS = {
    "dropout": mark("How many leave early"),
    "timing": mark("When they leave"),
    "alliance": mark("The alliance and leaving"),
    "programs": mark("What programmes changed"),
    "prediction": mark("Predicting who leaves"),
    "therapists": mark("Differences between clinicians"),
    "prices": mark("What care brings in"),
    "instruments": mark("Questionnaires"),
    "finance": mark("Money and time"),
    "practice": mark("How clinics run"),
    "uncertainty": mark("How much clinics differ"),
}
LEVELS = {
    "outpatient": re.compile(r"(?<!intensive )\boutpatients?\b|\bprivate practice\b|\bcounselling\b"),
    "iop": re.compile(r"\biop\b|\bintensive outpatient\b"),
    "php": re.compile(r"\bphp\b|\bpartial hospitalization\b"),
    "residential": re.compile(r"\bresidential\b"),
}  # how a figure's own words say which level of care it is about
ANY = "any"  # of no single level of care
SCALES = {"share": (0.0, 1.0), "SD": (-0.6, 1.8), "correlation": (-0.6, 1.8)}  # of the small pictures
RATIOS = (0.0, 2.0)
UNSEEN = frozenset({"Mn", "Me", "Cf"})  # accents by themselves; joiners, marks of direction
START = "\x1f"  # marks where a word starts; folding leaves no such sign in a text
LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
                         "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-", "−": "-"})  # fmt: skip


def fold(text: str) -> str:
    """Return a text as it is compared: without case, accents and signs that cannot be seen.

    >>> fold("Østergård &  GÜLÜM")
    'ostergard & gulum'
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).casefold().translate(LETTERS)
    letters = (" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in plain)
    return " ".join("".join(sign for sign in letters if unicodedata.category(sign) not in UNSEEN).split())


def started(folded: str) -> str:
    """Return a folded text with a sign before each word, so that a word is found by its start and not by its end."""
    return re.sub(r"(?<![^\W_])(?=[^\W_])", START, folded)


@dataclass(frozen=True)
class Mini:
    """A small picture on a scale that all figures of its kind share, in parts of its width."""

    value: float | None
    low: float | None
    high: float | None
    null: float


@dataclass(frozen=True)
class Hit:
    """A figure as a line of the list shows it, with what it is found by."""

    figure: Figure
    label: str
    worth: str
    span: str
    reading: str
    standing: worded.Standing
    source: str
    mini: Mini | None
    title: str
    sought: str
    levels: frozenset[str]
    used: bool
    default: bool

    def matches(self, name: str, value: str) -> bool:
        """Return whether it passes a filter."""
        return (
            value
            in {
                "topic": (self.figure.topic,),
                "reading": (self.figure.reading,),
                "kind": (self.figure.source_type,),
                "setting": self.levels,
                "used": ("1",) if self.used else (),
                "default": ("1",) if self.default else (),
            }[name]
        )


def topic_title(topic: str) -> str:
    """Return a topic in words."""
    return _(TOPICS.get(topic, topic))


@lru_cache(maxsize=8)
def catalogue(library: Library, language: str) -> tuple[Hit, ...]:
    """Return every figure as a line of the list; ``language`` is the tag of the language in use, which it is put in."""
    return tuple(_hit(figure, library) for figure in library.figures.values())


@lru_cache(maxsize=8)
def vocabulary(library: Library, language: str) -> tuple[str, ...]:
    """Return every longer word that a figure can be found by."""
    found = (re.findall(r"[^\W\d_]{4,}", hit.sought) for hit in catalogue(library, language))
    return tuple(sorted({word for words in found for word in words}))


def levels(figure: Figure, library: Library) -> frozenset[str]:
    """Return the levels of care a figure is about: those it names, and those where alone it is a default."""
    words = fold(f"{figure.setting} {figure.label} {figure.population}")
    named = {level for level, pattern in LEVELS.items() if pattern.search(words)}
    uses = (use for use in library.uses(figure.id) if not library.everywhere(use))
    return frozenset(named | {setting for use in uses for setting in use.settings}) or frozenset({ANY})


def _hit(figure: Figure, library: Library) -> Hit:
    uses = library.uses(figure.id)
    label = _(figure.label)
    return Hit(
        figure=figure,
        label=label,
        worth=worded.worth(figure),
        span=worded.span(figure) if figure.value is not None else "",
        reading=_(worded.READING_BADGES[figure.reading]),
        standing=worded.standing(figure),
        source=_(worded.SOURCE_WORDS[figure.source_type]),
        mini=_mini(figure),
        title=started(fold(f"{label} {figure.label}")),
        sought=started(fold("\n".join(_texts(figure)))),
        levels=levels(figure, library),
        used=any(in_the_model(use) for use in uses),
        default=any(stands_in(use) for use in uses),
    )


def _texts(figure: Figure) -> Iterator[str]:
    """Yield what a figure is found by, as it is shown and as it is written."""
    for text in (figure.label, figure.population, figure.setting, figure.design, figure.reason, *figure.cautions):
        yield text
        yield _(text)
    yield figure.id
    for reference in figure.references:
        yield from (reference.citation, reference.doi or "", reference.as_printed or "")


def _mini(figure: Figure) -> Mini | None:
    """Return a small picture of a share, a ratio or an effect: what has a scale that all of its kind can share."""
    scale = RATIOS if figure.kind == "ratio" else SCALES.get(figure.unit)
    bounds = (None, None) if figure.interval is None else (figure.interval.low, figure.interval.high)
    numbers = [number for number in (figure.value, *bounds) if number is not None]
    if scale is None or not numbers or not scale[0] <= min(numbers) <= max(numbers) <= scale[1]:
        return None
    low, high = scale

    def place(number: float | None) -> float | None:
        return None if number is None else (number - low) / (high - low)

    null = 1.0 if figure.kind == "ratio" else 0.0
    return Mini(place(figure.value), place(bounds[0]), place(bounds[1]), (null - low) / (high - low))
