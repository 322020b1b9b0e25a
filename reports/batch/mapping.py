"""Which column of a file is which input: our own names, mappings saved as TOML, and what somebody says on the way."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from assumptions import Library
from calculator.errors import InputError, Problem
from calculator.parse import SECTIONS
from calculator.quantity import ANY_SETTING, quantity_of, shown
from calculator.scenario import MAX_PAYERS, Payer
from reports.batch.cells import letters

ID, FOR, IGNORE = "id", "prepared_for", "ignore"
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    ID: ("id", "row id", "prospect id", "record id", "account id"),
    FOR: ("prepared for", "contact", "contact name", "primary contact"),
    "clinic.name": ("clinic name", "clinic", "practice name", "practice", "company name", "company", "account name"),
    "clinic.setting": ("level of care",),
}
SHIPPED: Final = ("hubspot", "salesforce")


@dataclass(frozen=True)
class Saved:
    """A mapping for the exports of one program.

    Attributes:
        name: what it is for.
        columns: from a column's name to what it gives: the path of an input, ``id``, ``prepared_for`` or ``ignore``.
        signature: sets of columns; a file that has all columns of one of them is such an export.
        prefix: what may stand before the name of an input.
        suffix: what may stand after it.
        footer: whether the table may be followed by blank rows and remarks in the first cell.
        inline: whether it was said on the command line, where a column that is not there is a mistake.
    """

    name: str
    columns: Mapping[str, str]
    signature: tuple[frozenset[str], ...] = ()
    prefix: str = ""
    suffix: str = ""
    footer: bool = False
    inline: bool = False
    by_letters: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_letters", {letters(column): path for column, path in self.columns.items()})

    def fits(self, header: Iterable[str]) -> bool:
        """Return whether a file with these columns is such an export."""
        found = {letters(column) for column in header}
        return any(columns <= found for columns in self.signature)

    def bare(self, column: str) -> str | None:
        """Return the name of an input inside a column's name, or None where the column is not named that way."""
        text, prefix, suffix = letters(column), letters(self.prefix), letters(self.suffix)
        if not prefix or not text.startswith(prefix):
            return None
        return text.removeprefix(prefix).removesuffix(suffix if column.lower().endswith(self.suffix.lower()) else "")


@dataclass(frozen=True)
class Names:
    """Every name an input goes by, compared by its letters.

    Attributes:
        paths: path by name; full keys, then short ones, then labels.
        shown: a name to suggest, by its letters.
    """

    paths: Mapping[str, str]
    shown: Mapping[str, str]

    def path(self, name: str) -> str | None:
        """Return the path of an input, or None where nothing is called that."""
        return self.paths.get(letters(name))


def names_of_inputs(library: Library) -> Names:
    """Return the keys, short keys and labels of every input; labels in the language in use, too."""
    return _names_of_inputs(library, ANY_SETTING)


def _names_of_inputs(library: Library, words: Mapping[str, str]) -> Names:
    paths: dict[str, str] = {}
    written: dict[str, str] = {}

    def add(name: str, path: str) -> None:
        written.setdefault(letters(name), name)
        paths.setdefault(letters(name), path)

    keys = [(f"{section}.{key}", key) for section, model in SECTIONS.items() for key in model.model_fields]
    keys += [(f"payers.1.{key}", key) for key in Payer.model_fields]
    for path, key in keys:
        add(key, path)
    for path, _key in keys:
        add(path, path)
    for row in range(1, MAX_PAYERS + 1):
        for key in Payer.model_fields:
            for form in (f"payers.{row}.{key}", f"payer {row} {key}", f"{key} {row}"):
                add(form, f"payers.{row}.{key}")
    labels: dict[str, set[str]] = {}
    spoken = [words, *(setting.words for setting in library.settings.values())]
    fields = [(f"{name}.{key}", item) for name, model in SECTIONS.items() for key, item in model.model_fields.items()]
    fields += [(f"payers.1.{key}", item) for key, item in Payer.model_fields.items()]
    for path, item in fields:
        if declared := quantity_of(item):
            for label in {name for each in spoken for name in (declared.named(each), declared.label.format_map(each))}:
                labels.setdefault(label, set()).add(path)
    for label, meant in labels.items():
        if len(meant) == 1:
            add(label, *meant)
    for path, aliases in ALIASES.items():
        for alias in aliases:
            add(alias, path)
    for special in (ID, FOR, IGNORE):
        add(special, special)
    return Names(paths, written)


@cache
def shipped(name: str) -> Saved:
    """Return one of the mappings in ``SHIPPED``."""
    text = (files("reports") / "batch" / "mappings" / f"{name}.toml").read_text(encoding="utf-8")
    return saved_from(tomllib.loads(text), f"{name}.toml")


def read_mapping(path: Path) -> Saved:
    """Return the mapping in a TOML file.

    Raises:
        InputError: with everything that is wrong with it.
    """
    try:
        return saved_from(tomllib.loads(path.read_text(encoding="utf-8-sig")), path.name)
    except OSError as error:
        raise InputError([Problem(f"{path.name}:", f"cannot be read: {error.strerror}.")]) from None
    except UnicodeDecodeError:
        raise InputError([Problem(f"{path.name}:", "is not a text file in UTF-8.")]) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError([Problem(f"{path.name}:", f"is not valid TOML: {error}.")]) from None


def saved_from(data: Mapping[str, Any], file: str) -> Saved:
    """Return the mapping that a TOML file describes; a file of nothing but ``"column" = "key"`` will do.

    Raises:
        InputError: with everything that is wrong with it.
    """
    known = {"name": str, "prefix": str, "suffix": str, "footer": bool, "signature": list, "columns": dict}
    bare = "columns" not in data and not any(isinstance(value, (list, dict)) for value in data.values())
    table: dict[str, Any] = {"columns": dict(data)} if bare else dict(data)
    problems = [
        Problem(f"{file}: {key}", f"is not a known key; keys are {', '.join(known)}.")
        for key in table
        if key not in known
    ]
    problems += [
        Problem(f"{file}: {key}", f"is {shown(value)}; see the mappings that come with Rapport.")
        for key, value in table.items()
        if key in known and not isinstance(value, known[key])
    ]
    columns, signature = table.get("columns", {}), table.get("signature", [])
    if isinstance(columns, dict):
        problems += [
            Problem(f"{file}: {column}", f"is {shown(key)}; write the name of an input in quotes.")
            for column, key in columns.items()
            if not isinstance(key, str)
        ]
    if isinstance(signature, list) and not all(isinstance(part, list) for part in signature):
        problems.append(Problem(f"{file}: signature", "is a list of lists of columns."))
    if problems:
        raise InputError(problems)
    return Saved(
        name=str(table.get("name", file)),
        columns=columns,
        signature=tuple(frozenset(letters(str(column)) for column in part) for part in signature),
        prefix=table.get("prefix", ""),
        suffix=table.get("suffix", ""),
        footer=table.get("footer", False),
    )
