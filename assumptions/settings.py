"""Levels of care and their defaults: which figure stands in for a number that a clinic has not given."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from assumptions import distribution as dist
from assumptions.distribution import Distribution
from assumptions.figure import Figure
from assumptions.problem import Problems
from assumptions.table import Table
from assumptions.vocabulary import BASES, CAPACITIES, PATHS, ROLES, SECTIONS, SPREADS

COMMON = "settings/common.toml"
WORDS = ("unit", "units", "admissions", "leaving", "course", "places")


@dataclass(frozen=True)
class Default:
    """What an input is taken to be until the clinic says otherwise.

    ``value`` is the figure's value (or one divided by it) times ``times``. With a ``basis`` it is a share of another
    quantity, by which the calculator multiplies it. ``distribution`` is the uncertainty for one clinic that has not
    measured it; where that comes from another figure, ``spread`` names it.
    """

    path: str
    figure: Figure
    value: float
    times: float
    basis: str | None
    distribution: Distribution
    note: str
    spread: Figure | None = None


@dataclass(frozen=True, eq=False)
class Setting:
    """A level of care, in the words its staff use, with a default for every input."""

    id: str
    label: str
    unit: str
    units: str
    admissions: str
    leaving: str
    course: str
    places: str
    defaults: Mapping[str, Default]

    @property
    def words(self) -> dict[str, str]:
        """Return the words that stand in for ``{unit}`` and its like in the label of an input."""
        return {word: getattr(self, word) for word in WORDS}


@dataclass(frozen=True, eq=False)
class Common:
    """What all settings share."""

    defaults: Mapping[str, Default]
    capacity: Mapping[str, Figure]
    default_capacity: str
    roles: Mapping[str, Figure]


class Shelf:
    """The figures as the settings files see them: each may be used only if it is fit for the use."""

    def __init__(self, figures: Mapping[str, Figure], broken: Collection[str]) -> None:
        self._figures = figures
        self._broken = broken

    def usable(self, table: Table, key: str) -> Figure | None:
        """Return the figure named at ``key``, or None after noting why it cannot be used."""
        figure_id = table.text(key)
        if not table.has(key) or not figure_id or figure_id in self._broken:
            return None  # noted already, here or at the figure's own file
        figure = self._figures.get(figure_id)
        if figure is None:
            table.problem(key, f"there is no figures/{figure_id}.toml; write the path of a figure, without .toml")
        elif figure.value is None:
            table.problem(key, f"{figure_id} is a {figure.kind} and has no value; write a figure that has one")
        elif figure.source_type == "vendor":
            table.problem(key, f"{figure_id} is a vendor's claim; write a study, or a judgement with its reason")
        elif figure.kind != "judgement" and not figure.verified:
            table.problem(
                key,
                f"{figure_id} has verified = false; check it in its source first, or write another figure",
            )
        else:
            return figure
        return None


def read_common(data: Mapping[str, Any], shelf: Shelf, problems: Problems) -> Common:
    """Return what all settings share; a part with mistakes is left out after noting them."""
    table = Table(COMMON, data, problems)
    defaults = _read_defaults(table, shelf)
    default_capacity = table.choice("default_capacity", CAPACITIES)
    capacity = _read_uses(table, "capacity", CAPACITIES, shelf)
    roles = _read_uses(table, "roles", ROLES, shelf)
    table.finish()
    return Common(defaults, capacity, default_capacity, roles)


def read_setting(
    setting_id: str,
    data: Mapping[str, Any],
    shelf: Shelf,
    common: Common | None,
    given: Collection[str] | None,
    problems: Problems,
) -> Setting | None:
    """Return one setting with the common defaults added, or None after noting what is wrong.

    ``given`` holds the paths that the common file mentions, whether or not they could be read; None where that file
    could not be read at all, so that only this file's own mistakes can be told.
    """
    file = f"settings/{setting_id}.toml"
    table = Table(file, data, problems)
    words = {key: table.text(key) for key in ("label", *WORDS)}
    own = _read_defaults(table, shelf)
    table.finish()
    mentioned = mentioned_paths(data)
    for path in PATHS:
        if given is not None and path in mentioned and path in given:
            problems.add(file, path, f"is also in {COMMON}; write it in one of the two files")
        if given is not None and path not in mentioned and path not in given:
            problems.add(file, path, f"has no default; write a table [{path}] here, or in {COMMON} for every setting")
    if not table.clean or common is None:
        return None
    merged = {**common.defaults, **own}
    defaults: dict[str, Default] = {path: merged[path] for path in PATHS if path in merged}
    return Setting(id=setting_id, defaults=MappingProxyType(defaults), **words)


def mentioned_paths(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the inputs a settings file has a table for, rightly written or not."""
    sections = {section: data.get(section) for section in SECTIONS}
    return frozenset(
        f"{section}.{name}" for section, entries in sections.items() if isinstance(entries, dict) for name in entries
    )


def _read_defaults(table: Table, shelf: Shelf) -> dict[str, Default]:
    defaults: dict[str, Default] = {}
    for section in SECTIONS:
        entries = table.table(section)
        if entries is None:
            continue
        allowed = [path.partition(".")[2] for path in PATHS if path.startswith(f"{section}.")]
        for name in entries.names():
            if name not in allowed:
                continue  # finish() notes it, with the names that are allowed
            entry = entries.table(name)
            default = None if entry is None else _read_default(f"{section}.{name}", entry, shelf)
            if default is not None:
                defaults[default.path] = default
        entries.finish(allowed)
    return defaults


def _read_default(path: str, entry: Table, shelf: Shelf) -> Default | None:
    figure = shelf.usable(entry, "figure")
    factor = _read_factor(entry)
    inverse, whole = entry.flag("inverse", default=False), entry.flag("whole", default=False)
    known = entry.flag("fixed", default=False)
    basis = entry.choice("basis", BASES) if entry.has("basis") else None
    spread = _read_spread(entry, shelf)
    note = entry.text("note")
    entry.finish()
    if known and entry.has("spread"):
        entry.problem("fixed", "does not go with spread; leave one of them out")
    if (inverse or whole) and not known:
        entry.problem("inverse" if inverse else "whole", "goes with fixed = true only; add that, or leave it out")
    if figure is None or figure.value is None or not entry.clean or (entry.has("spread") and spread is None):
        return None
    if not known and spread is None and figure.interval is None:
        lacking = f"is missing, and {figure.id} has no interval; write fixed = true and say why in note, or a spread"
        entry.problem("fixed", lacking)
        return None
    try:
        value = (1.0 / figure.value if inverse else figure.value) * factor
        if whole:
            value = float(math.floor(value + 0.5))
        if known:
            uncertainty = dist.fixed(value)
        elif spread is not None:
            uncertainty = _around(value, *spread)
        else:
            uncertainty = figure.distribution().scaled(factor)
    except (ValueError, ArithmeticError) as error:
        entry.problem("figure", f"{figure.id} cannot be used like this: {error}")
        return None
    return Default(path, figure, value, factor, basis, uncertainty, note, None if spread is None else spread[0])


def _read_factor(entry: Table) -> float:
    """Return what a figure is multiplied by: ``times`` over ``per``, each 1 where it is left out."""
    factor = 1.0
    for key in ("times", "per"):
        number = entry.number(key)
        if number is not None and number <= 0.0:
            entry.problem(key, f"is {number}; write a number above 0")
        elif number is not None:
            factor = factor * number if key == "times" else factor / number
    return factor


def _read_spread(entry: Table, shelf: Shelf) -> tuple[Figure, str] | None:
    """Return the figure that says how much clinics differ, and on which scale."""
    table = entry.table("spread")
    if table is None:
        return None
    figure = shelf.usable(table, "figure")
    scale = table.choice("as", tuple(SPREADS))
    table.finish()
    if figure is None or not table.clean:
        return None
    if figure.unit != SPREADS[scale] or (figure.value or 0.0) <= 0.0:
        table.problem(
            "figure", f"{figure.id} is in {figure.unit}; as = {scale!r} needs one in {SPREADS[scale]}, above 0"
        )
        return None
    return figure, scale


def _around(value: float, figure: Figure, scale: str) -> Distribution:
    width = figure.value or 0.0
    return dist.logitnormal_around(value, width) if scale == "logit_sd" else dist.lognormal_around(value, width)


def _read_uses(table: Table, key: str, names: tuple[str, ...], shelf: Shelf) -> Mapping[str, Figure]:
    entries = table.table(key)
    if entries is None:
        if not table.has(key):
            table.problem(key, f"is missing; write a table [{key}] with {', '.join(names)}")
        return MappingProxyType({})
    found = {name: shelf.usable(entries, name) for name in names}
    entries.finish()
    return MappingProxyType({name: figure for name, figure in found.items() if figure is not None})
