"""What a request carries of the form, before any number is read: texts by path, rows of payers, what is measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from calculator.parse import SECTIONS
from calculator.scenario import MAX_PAYERS

ENDS = ("low", "high")
MORE_PAYERS, DROP_PAYER, RESET = "more_payers", "drop_payer", "reset"
ROWS = "rows"  # how many payers the page shows, blank ones too: a row may not move while it is typed into
SOURCE = "from."  # starts the name of a switch


@dataclass(frozen=True)
class Typed:
    """The form as it was sent, payers numbered from 1.

    In an address blank payers are left out; from the page, which says how many rows it shows, only those at the end.
    ``payers`` counts those that count, ``rows`` those to show.
    """

    texts: Mapping[str, str]
    measured: tuple[str, ...]
    payers: int
    rows: int
    more_payers: bool
    comma: bool

    @classmethod
    def of(cls, data: MultiDict[str, str], starting: Mapping[str, str]) -> Typed:
        """Return what a request carries; ``starting`` where it carries nothing of ours."""
        texts = {key: value for key, value in data.items() if key.partition(".")[0] in (*SECTIONS, "payers")}
        texts = texts or dict(starting)
        sources = {key.removeprefix(SOURCE): value for key, value in data.items() if key.startswith(SOURCE)}
        cleared = {path for path, source in sources.items() if source == "benchmark"} | set(data.getlist(RESET))
        cleared |= {path for path in texts if path.startswith(f"payers.{data.get(DROP_PAYER, '-')}.")}
        for path in cleared:
            texts |= dict.fromkeys((path, *(f"{path}.{end}" for end in ENDS)), "")
        texts = {path: text for path, text in texts.items() if text or path not in cleared}
        shown = _shown(data)
        rows = _rows(texts, shown)
        if DROP_PAYER in data and len(rows) == 1:  # who is left pays for all
            texts = {path: text for path, text in texts.items() if not path.startswith(f"payers.{rows[0]}.share")}
        measured = _measured(data.getlist("measured"), sources, texts)
        moved = {f"payers.{old}": f"payers.{new}" for new, old in enumerate(rows or ["1"], 1)}  # one there always is
        count = max(len(rows), len(shown), 1)
        more = MORE_PAYERS in data and count < MAX_PAYERS
        return cls(
            texts=dict(_moved(texts, moved)),
            measured=tuple(dict.fromkeys(name for name, _ in _moved(dict.fromkeys(measured, ""), moved))),
            payers=max(len(rows), 1),
            rows=count + more,
            more_payers=more,
            comma=data.get("notation") == "comma",
        )

    @property
    def currency(self) -> str:
        """Return the currency, or dollars where none was given."""
        return self.texts.get("clinic.currency", "").strip().upper() or "USD"

    def rewritten(self, texts: Mapping[str, str], comma: bool) -> Typed:
        """Return the same form with its numbers written by another habit."""
        return replace(self, texts=texts, comma=comma)


def names_of(path: str) -> tuple[str, ...]:
    """Return the names under which ``measured`` may list a field, the one we write first.

    >>> names_of("clinic.dropout_rate"), names_of("payers.2.share")
    (('dropout_rate', 'clinic.dropout_rate'), ('payers.2.share', 'payers'))
    """
    section, _, key = path.partition(".")
    if section == "clinic":
        return key, path
    return (path, "payers") if section == "payers" else (path,)


def _shown(data: MultiDict[str, str]) -> list[str]:
    """Return the numbers of the rows that the page shows, without the one to drop; none for an address."""
    text = data.get(ROWS, "")
    count = int(text) if text.isascii() and text.isdecimal() and len(text) == 1 else 0
    return [str(row) for row in range(1, min(count, MAX_PAYERS) + 1) if str(row) != data.get(DROP_PAYER)]


def _rows(texts: Mapping[str, str], shown: list[str]) -> list[str]:
    """Return the numbers of the payers that count: those that hold something, and blank ones that are shown between."""
    parts = [path.split(".") for path, text in texts.items() if text]
    numbers = {each[1] for each in parts if each[0] == "payers" and len(each) > 1}
    held = {row for row in numbers if row.isdecimal() and len(row) <= 3}
    last = max((place for place, row in enumerate(shown) if row in held), default=-1)
    return sorted(held | set(shown[: last + 1]), key=int)


def _moved(texts: Mapping[str, str], moved: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the texts with rows renumbered; rows that hold nothing are left out."""
    for path, text in texts.items():
        parts = path.split(".")
        row = ".".join(parts[:2])
        if parts[0] != "payers" or len(parts) < 3 or not parts[1].isdecimal() or len(parts[1]) > 3:
            yield path, text
        elif row in moved:
            yield ".".join((moved[row], *parts[2:])), text


def _measured(names: list[str], sources: Mapping[str, str], texts: Mapping[str, str]) -> list[str]:
    """Return the names of what is measured, after what the switches say."""
    found = dict.fromkeys(name for name in names if name)
    asked = [path for path in sources if path.startswith("payers.")]
    if "payers" in found and asked:  # a switch speaks for one field, so the common name is taken apart
        del found["payers"]
        found |= dict.fromkeys(path for path in texts if path.startswith("payers.") and not path.endswith(".name"))
        found = {name: None for name in found if not name.endswith((".low", ".high"))}
    for path, source in sources.items():
        for name in names_of(path):
            if source in ("estimate", "benchmark", "measured"):
                found.pop(name, None)
        if source == "measured" and texts.get(path, "").strip():
            found[names_of(path)[0]] = None
    return list(found)
