"""Styles of an SVG: what its rules, its ``style`` attributes and its plain attributes say of an element."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from xml.etree.ElementTree import Element

INHERITED = frozenset({
    "clip-rule", "color", "fill", "fill-opacity", "fill-rule", "stroke", "stroke-dasharray", "stroke-dashoffset",
    "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-opacity", "stroke-width", "visibility",
})  # fmt: skip
OWN = frozenset({"clip-path", "display", "opacity", "stop-color", "stop-opacity"})
HARMLESS = frozenset({"", "none", "normal", "auto", "visible"})
# what would change the picture and is not drawn here
UNKNOWN = {
    "mask": "a mask", "filter": "a filter", "mix-blend-mode": "a blend mode", "marker": "markers",
    "marker-start": "markers", "marker-mid": "markers", "marker-end": "markers", "paint-order": "a paint order",
    "vector-effect": "a vector effect", "clip": "a clip rectangle",
}  # fmt: skip

MOST_LETTERS, MOST_RULES = 50_000, 500  # of styles; a logo has a dozen rules

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_SELECTOR = re.compile(r"(\*|[a-zA-Z][\w-]*)?((?:[.#][\w-]+)*)")
_POINTED = re.compile(r":(?:hover|focus|active|visited)\b")  # states that paper does not know


@dataclass(frozen=True)
class Rule:
    """One selector with what it sets."""

    tag: str
    classes: frozenset[str]
    id: str
    values: tuple[tuple[str, str], ...]

    @property
    def weight(self) -> tuple[int, int, int]:
        """Return the specificity (CSS Selectors 3, section 9)."""
        return bool(self.id), len(self.classes), self.tag not in ("", "*")

    def fits(self, element: Element) -> bool:
        """Return whether an element is meant."""
        return (
            self.tag in ("", "*", element.tag)
            and self.id in ("", element.get("id"))
            and self.classes <= set(element.get("class", "").split())
        )


@dataclass(frozen=True)
class Styles:
    """The rules of a drawing.

    Raises:
        ValueError: for a rule whose meaning is not known here, in words that follow "an SVG with".
    """

    sheet: str = ""

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Return the rules in the order in which they count: what is later wins."""
        found = _rules(_uncommented(self.sheet))
        if len(found) > MOST_RULES:
            raise ValueError(f"more than {MOST_RULES} style rules")
        return tuple(sorted(found, key=lambda rule: rule.weight))

    def of(self, element: Element) -> dict[str, str]:
        """Return what is set for an element itself."""
        known = INHERITED | OWN | UNKNOWN.keys()
        found = {name: value.strip() for name, value in element.attrib.items() if name in known}
        urgent: dict[str, str] = {}
        for rule in self.rules:
            if rule.fits(element):
                _set(found, urgent, rule.values)
        _set(found, urgent, declarations(element.get("style", "")))
        found |= urgent
        for name, words in UNKNOWN.items():
            if found.get(name, "").lower() not in HARMLESS:
                raise ValueError(words)
        if any(name in found for name in ("transform", "transform-origin")):
            raise ValueError("a transform in a style")
        return found


def declarations(text: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs in ``name: value; name: value``.

    >>> declarations("fill: #123; stroke:none")
    (('fill', '#123'), ('stroke', 'none'))
    """
    pairs = (part.partition(":") for part in _uncommented(text).split(";"))
    return tuple((name.strip().lower(), value.strip()) for name, colon, value in pairs if colon and value.strip())


def inherited(parent: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return what holds for an element: its own, and what its parent passes on."""
    passed = {name: value for name, value in parent.items() if name in INHERITED}
    return passed | {name: value for name, value in own.items() if value.lower() != "inherit"}


def _uncommented(text: str) -> str:
    if len(text) > MOST_LETTERS:
        raise ValueError(f"styles of more than {MOST_LETTERS} letters")
    return _COMMENT.sub("", text)


def _set(found: dict[str, str], urgent: dict[str, str], values: tuple[tuple[str, str], ...]) -> None:
    for name, value in values:
        plain, bang, _ = value.partition("!")
        (urgent if bang else found)[name] = plain.strip()


def _rules(sheet: str) -> list[Rule]:
    found: list[Rule] = []
    place = 0
    while (opened := sheet.find("{", place)) >= 0:
        heads = sheet[place:opened].rpartition(";")[2].strip()  # after @charset "…";
        closed = _end(sheet, opened)
        if heads.startswith("@") and not heads.startswith("@media"):
            raise ValueError(f"a style rule {heads[:40]!r}")
        if not heads.startswith("@"):  # what @media says is for screens of some kind
            values = declarations(sheet[opened + 1 : closed])
            found += [_rule(head.strip(), values) for head in heads.split(",") if not _POINTED.search(head)]
        place = closed + 1
    return found


def _end(sheet: str, opened: int) -> int:
    depth = 0
    for place in range(opened, len(sheet)):
        depth += {"{": 1, "}": -1}.get(sheet[place], 0)
        if depth == 0:
            return place
    raise ValueError("a style rule that does not end")


def _rule(head: str, values: tuple[tuple[str, str], ...]) -> Rule:
    match = _SELECTOR.fullmatch(head)
    if match is None or not head:
        raise ValueError(f"a style rule for {head[:40]!r}")
    names = re.findall(r"([.#])([\w-]+)", match[2])
    ids = [name for sign, name in names if sign == "#"]
    classes = frozenset(name for sign, name in names if sign == ".")
    return Rule(match[1] or "", classes, ids[0] if ids else "", values)
