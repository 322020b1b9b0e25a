"""From the keys and values of BRAND.toml to a brand, or to everything that is wrong with it at once."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from calculator.errors import InputError, Problem
from calculator.language import gettext as _
from calculator.quantity import key_shown, shown
from reports.brand.brand import CONTACT, SCHEMA, Brand
from reports.brand.colours import MARK, TEXT, least_contrast, read_colour, readable
from reports.brand.logo import Logo, paper_logo
from reports.tokens import load_tokens

LONGEST = {"name": 100, "product": 160, "prepared_by": 100, "email": 254, "phone": 40, "website": 200}
LONGEST_PARAGRAPH, MOST_PARAGRAPHS = 1_500, 6
LONGEST_STEP, MOST_STEPS = 240, 8
LOGOS = ("seller", "client")
TABLES: Mapping[str, tuple[str, ...]] = {
    "seller": ("name", *CONTACT),
    "logos": LOGOS,
    "colours": ("accent",),
    "text": ("disclaimer", "next_steps"),
}

_EMAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\[\]\\,;:\"]+\.[^\s@<>()\[\]\\,;:\".]+")
_PHONE = re.compile(r"[+0-9()./ \u2013\u00a0-]{3,}(?:(?:ext\.?|x) ?[0-9]+)?", re.I)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*|localhost")


def parse_brand(data: Mapping[str, Any], logos: Mapping[str, bytes] | None = None) -> Brand:
    """Return the brand that ``data`` describes.

    Args:
        data: the tables ``seller``, ``logos``, ``colours`` and ``text`` with the keys of BRAND.toml.
        logos: what is in the files that ``logos.seller`` and ``logos.client`` name, by those keys.

    Raises:
        InputError: with one problem for each fault, all of them at once.
    """
    given, found = logos or {}, _Found()
    tables = found.tables(data)
    for key, name in tables["logos"].items():
        if key not in given and found.text(f"logos.{key}", name, 1_000):
            found.problem(f"logos.{key}", f"names {shown(name)}, whose content was not given.")
    return _brand(tables, given, found)


def brand_with(data: Mapping[str, Any], read: Callable[[str], bytes]) -> Brand:
    """Return the brand that ``data`` describes, with logos from what ``read`` returns for each name.

    Raises:
        InputError: as :func:`parse_brand`; what ``read`` says in a ``ValueError`` is among the problems.
    """
    found = _Found()
    tables = found.tables(data)
    logos: dict[str, bytes] = {}
    for key, name in tables["logos"].items():
        plain = found.text(f"logos.{key}", name, 1_000)
        if plain:
            try:
                logos[key] = read(plain)
            except ValueError as fault:
                found.problem(f"logos.{key}", f"names {shown(plain)}{fault}")
    return _brand(tables, logos, found)


def parse_attachment(data: Mapping[str, Any]) -> Brand:
    """Return the brand of an attachment, without logos; its texts are checked as those of a file are."""
    found = _Found()
    if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
        raise InputError([Problem("schema", f"is not {SCHEMA}; this is no brand that Rapport wrote.")])
    tables = found.tables({name: table for name, table in data.items() if name != "schema"})
    return _brand(tables, {}, found)


@dataclass
class _Found:
    """Collects what is wrong while the rest is read."""

    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    def tables(self, data: Any) -> dict[str, Mapping[str, Any]]:
        """Return the tables with their known keys; a missing one is empty."""
        if not isinstance(data, Mapping):
            raise InputError(
                [Problem("", f"is {shown(data)}; write tables {_listed(f'[{name}]' for name in TABLES)}.")]
            )
        everywhere = {key: name for name, keys in TABLES.items() for key in keys}
        for name in data:
            if name not in TABLES:
                hint = f" It belongs into [{everywhere[name]}]." if name in everywhere else _closest(name, TABLES)
                self.problem(key_shown(name), f"is not a known table.{hint} Tables are {_listed(TABLES)}.")
        tables: dict[str, Mapping[str, Any]] = {}
        for name, keys in TABLES.items():
            table = data.get(name, {})
            if not isinstance(table, Mapping):
                self.problem(name, f"is {shown(table)}; it is a table, written [{name}].")
                table = {}
            for key in table:
                if key not in keys:
                    closest = _closest(key, keys)
                    if not closest and key in everywhere:
                        closest = f" It belongs into [{everywhere[key]}]."
                    message = f"is not a known key.{closest} Keys of [{name}]: {_listed(keys)}."
                    self.problem(f"{name}.{key_shown(key)}", message)
            tables[name] = {key: table[key] for key in keys if key in table}
        return tables

    def text(self, path: str, value: Any, longest: int) -> str:
        """Return a text of one line; what is wrong with it is a problem, and then it is empty."""
        if not isinstance(value, str):
            self.problem(path, f'is {shown(value)}; it is text, in "quotes".')
            return ""
        fault = next((sign for sign in value if _no_letter(sign)), None)
        if fault is not None:
            self.problem(path, _("has %(sign)s in it; write it on one line, in plain letters.", sign=_sign(fault)))
            return ""
        plain = " ".join(value.split())
        if len(plain) > longest:
            self.problem(path, _("is %(long)s characters long; at most %(most)s.", long=len(plain), most=longest))
            return ""
        return plain

    def shaped(self, path: str, value: str, pattern: re.Pattern[str], such_as: str) -> str:
        if value and (pattern.fullmatch(value) is None):
            self.problem(path, _such_as(value, such_as))
            return ""
        return value

    def texts(self, path: str, value: Any, longest: int, most: int) -> tuple[str, ...]:
        """Return paragraphs or items; one text is cut at its blank lines."""
        if isinstance(value, str):
            value = re.split(r"(?:[ \t]*\r?\n){2,}", value.strip())
        if not isinstance(value, (list, tuple)):
            self.problem(path, f"is {shown(value)}; it is text, or a list of texts.")
            return ()
        folded = [
            re.sub(r"[ \t]*[\r\n\t]+[ \t]*", " ", item.strip()) if isinstance(item, str) else item for item in value
        ]
        if len(folded) > most:
            self.problem(path, _("has %(count)s parts; at most %(most)s.", count=len(folded), most=most))
        found = (self.text(f"{path}.{place}", item, longest) for place, item in enumerate(folded[:most], 1))
        return tuple(item for item in found if item)


def _brand(tables: Mapping[str, Mapping[str, Any]], logos: Mapping[str, bytes], found: _Found) -> Brand:
    seller, text = tables["seller"], tables["text"]
    lines = {key: found.text(f"seller.{key}", value, LONGEST[key]) for key, value in seller.items()}
    found.shaped("seller.email", lines.get("email", ""), _EMAIL, "dana@example.com")
    found.shaped("seller.phone", lines.get("phone", ""), _PHONE, "+1 555 0100")
    _check_website(lines.get("website", ""), found)
    accent = _accent(tables["colours"].get("accent", ""), found)
    pictures = {key: _logo(key, data, tables["logos"].get(key, key), found) for key, data in logos.items()}
    disclaimer = found.texts("text.disclaimer", text.get("disclaimer", ()), LONGEST_PARAGRAPH, MOST_PARAGRAPHS)
    steps = found.texts("text.next_steps", text.get("next_steps", ()), LONGEST_STEP, MOST_STEPS)
    if found.problems:
        raise InputError(found.problems)
    return Brand(
        seller=lines.pop("name", ""),
        **lines,
        seller_logo=pictures.get("seller"),
        client_logo=pictures.get("client"),
        accent=accent,
        disclaimer=disclaimer,
        next_steps=steps,
    )


def _logo(key: str, data: bytes, name: Any, found: _Found) -> Logo | None:
    try:
        return paper_logo(data)
    except ValueError as fault:
        found.problem(f"logos.{key}", f"names {shown(name)}{fault}")
        return None


def _accent(value: Any, found: _Found) -> str:
    """Return the brand colour if text can have it on paper; else say how much is missing and what would do."""
    path = "colours.accent"
    if not isinstance(value, str):
        found.problem(path, f'is {shown(value)}; write a colour in quotes, in six hex digits, such as "#0b5f5a".')
        return ""
    if not value.strip():
        return ""
    try:
        colour = read_colour(value)
    except ValueError as fault:
        found.problem(path, str(fault))
        return ""
    light = load_tokens().light
    least = least_contrast(colour, light)
    if least < TEXT:
        enough = _("enough for marks but not for text") if least >= MARK else _("too little for text and for marks")
        said = _(
            "is %(colour)s, which has a contrast of %(least)s to 1 on paper, %(enough)s (text needs %(text)s, marks "
            "%(mark)s); write %(better)s, the nearest tone that has it.",
            colour=colour, least=_down(least), enough=enough, text=TEXT, mark=MARK, better=readable(colour, light),
        )  # fmt: skip
        found.problem(path, said)
        return ""
    return colour


def _check_website(text: str, found: _Found) -> None:
    path, such_as = "seller.website", "https://example.com"
    if not text:
        return
    try:
        parts = urlsplit(text)
        host, scheme = parts.hostname or "", parts.scheme.lower()
        _port = parts.port  # raises where it is no number
    except ValueError:
        found.problem(path, _such_as(text, such_as))
        return
    if "://" not in text and _HOST.fullmatch(re.split("[/:?#]", text)[0]):
        whole = shown(f"https://{text}")
        found.problem(path, _("is %(found)s; write it with its scheme: %(whole)s.", found=shown(text), whole=whole))
    elif scheme not in ("http", "https"):
        said = _(
            "is %(found)s; it starts with https:// or http://, such as %(such_as)s.", found=shown(text), such_as=such_as
        )
        found.problem(path, said)
    elif _HOST.fullmatch(host) is None or "@" in parts.netloc or re.search(r"[\s<>\"\\]", text):
        found.problem(path, _such_as(text, such_as))


def _such_as(value: Any, such_as: str) -> str:
    return _("is %(found)s; write it such as %(such_as)s.", found=shown(value), such_as=such_as)


def _down(value: float) -> str:
    """Return a contrast cut to two decimals: 4.499 is not the 4.5 that is needed."""
    return f"{int(value * 100) / 100:.2f}"


def _no_letter(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Zl", "Zp", "Cs", "Co")


def _sign(sign: str) -> str:
    if sign in "\n\r\u2028\u2029\v\f\x85":
        return _("a line break")
    return _("the control character %(code)s", code=f"U+{ord(sign):04X}")


def _closest(key: Any, known: Iterable[str]) -> str:
    match = difflib.get_close_matches(str(key), list(known), n=1, cutoff=0.6)
    return f" Did you mean {match[0]}?" if match else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
