"""The whole evidence library: every figure, every setting, and the fingerprint of the files they were read from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from assumptions.figure import Figure, read_figure
from assumptions.problem import AssumptionError, Problems
from assumptions.settings import COMMON, Common, Setting, Shelf, mentioned_paths, read_common, read_setting
from assumptions.table import parse
from assumptions.vocabulary import SETTINGS, TOPICS

_FIGURE_PATH = re.compile(r"figures/(?P<id>(?P<topic>[^/]+)/[a-z][a-z0-9_]*)\.toml")
_SETTING_PATH = re.compile(r"settings/(?P<id>[a-z][a-z0-9_]*)\.toml")


@dataclass(frozen=True)
class Use:
    """One thing that a figure decides.

    Attributes:
        part: ``default`` or ``spread`` of an input, ``capacity``, or ``role``.
        name: path of the input; slack, mixed or waitlist; or the name of the role.
        settings: where it is the default or the spread; empty for a capacity and for a role, which hold everywhere.
    """

    part: Literal["default", "spread", "capacity", "role"]
    name: str
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Library:
    """Figures by id, settings by id, and what the figures are used for.

    ``capacity`` maps slack, mixed and waitlist to the share of freed units that would have been refilled anyway;
    ``roles`` holds figures with a use other than being an input's default. ``sha256`` changes when any byte of any
    figure or setting does.
    """

    figures: Mapping[str, Figure]
    settings: Mapping[str, Setting]
    sha256: str
    capacity: Mapping[str, Figure]
    default_capacity: str
    roles: Mapping[str, Figure]

    def __getitem__(self, figure_id: str) -> Figure:
        """Return a figure by its id.

        Raises:
            AssumptionError: where there is none of that name; the message lists those of the same topic.
        """
        try:
            return self.figures[figure_id]
        except KeyError:
            topic = figure_id.partition("/")[0]
            near = [known for known in self.figures if known.startswith(f"{topic}/")]
            allowed = f"figures on {topic}: {', '.join(near)}" if near else f"topics: {', '.join(TOPICS)}"
            raise AssumptionError([f"{figure_id}: there is no such figure; {allowed}"]) from None

    def uses(self, figure_id: str) -> tuple[Use, ...]:
        """Return what a figure decides, in the order of the settings; empty where it is kept for reference only.

        Raises:
            AssumptionError: where there is no such figure.
        """
        figure = self[figure_id]
        uses = [*self._input_uses(figure)]
        uses += [Use("capacity", name) for name, used in self.capacity.items() if used is figure]
        uses += [Use("role", name) for name, used in self.roles.items() if used is figure]
        return tuple(uses)

    def used_for(self, figure_id: str) -> tuple[str, ...]:
        """Say what a figure decides, in the words of the settings files.

        Raises:
            AssumptionError: where there is no such figure.
        """
        return tuple(self._said(use) for use in self.uses(figure_id))

    def everywhere(self, use: Use) -> bool:
        """Return whether an input uses the figure in every setting there is."""
        return len(use.settings) == len(self.settings) > 1

    def _said(self, use: Use) -> str:
        if use.part == "capacity":
            return f"backfill where practice_capacity is {use.name}"
        if use.part == "role":
            return f"role {use.name}"
        where = "every setting" if self.everywhere(use) else ", ".join(use.settings)
        return f"{use.part} of {use.name} ({where})"

    def _input_uses(self, figure: Figure) -> Iterator[Use]:
        where: dict[tuple[Literal["default", "spread"], str], list[str]] = {}
        for setting in self.settings.values():
            for path, default in setting.defaults.items():
                if default.figure is figure:
                    where.setdefault(("default", path), []).append(setting.id)
                if default.spread is figure:
                    where.setdefault(("spread", path), []).append(setting.id)
        for (part, path), settings in where.items():
            yield Use(part, path, tuple(settings))


@cache
def load_library() -> Library:
    """Return the library that comes with the package, read once.

    Raises:
        AssumptionError: where its files have mistakes, with all of them.
    """
    return _load(files("assumptions"))


def load_library_from(path: Path) -> Library:
    """Return the library in another folder, which has ``figures`` and ``settings`` below it.

    Raises:
        AssumptionError: where its files have mistakes, with all of them.
    """
    return _load(path)


def _load(root: Traversable) -> Library:
    problems = Problems()
    contents = dict(sorted(_toml_files(root)))
    tables = {file: parse(file, content, problems) for file, content in contents.items()}
    figures, broken = _read_figures(tables, problems)
    settings, common = _read_settings(tables, Shelf(figures, broken), problems)
    problems.raise_if_any()
    if common is None:  # pragma: no cover  (a missing common.toml is a problem, raised above)
        raise AssumptionError([f"{COMMON}: is missing"])
    return Library(
        figures=MappingProxyType(figures),
        settings=MappingProxyType(settings),
        sha256=_fingerprint(contents),
        capacity=common.capacity,
        default_capacity=common.default_capacity,
        roles=common.roles,
    )


def _toml_files(root: Traversable) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every TOML file below figures and settings; paths are written with / everywhere."""
    waiting = [(name, root / name) for name in ("figures", "settings")]
    while waiting:
        path, entry = waiting.pop()
        if entry.is_dir():
            waiting += [(f"{path}/{child.name}", child) for child in entry.iterdir()]
        elif path.endswith(".toml"):
            yield path, entry.read_bytes()


def _fingerprint(contents: Mapping[str, bytes]) -> str:
    """Return the SHA-256 over paths and contents in order; lengths keep two files from being read as one."""
    digest = hashlib.sha256()
    for file, content in sorted(contents.items()):
        digest.update(f"{file}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _read_figures(
    tables: Mapping[str, dict[str, Any] | None], problems: Problems
) -> tuple[dict[str, Figure], frozenset[str]]:
    """Return the figures, and the ids of those that are there but could not be read."""
    figures: dict[str, Figure] = {}
    broken: set[str] = set()
    for file, data in tables.items():
        if not file.startswith("figures/"):
            continue
        place = _FIGURE_PATH.fullmatch(file)
        if place is None:
            problems.add(
                file,
                "",
                "is not at figures/<topic>/<name>.toml; use a-z, 0-9 and _ for the name, and move it",
            )
            continue
        if place["topic"] not in TOPICS:
            problems.add(file, "", f"{place['topic']!r} is not a topic; move the file to one of: {', '.join(TOPICS)}")
        figure = None if data is None else read_figure(file, place["id"], data, problems)
        if figure is None:
            broken.add(place["id"])
        else:
            figures[figure.id] = figure
    if not figures and not broken:
        problems.add("figures", "", "has no TOML files; write at least one figure")
    return figures, frozenset(broken)


def _read_settings(
    tables: Mapping[str, dict[str, Any] | None], shelf: Shelf, problems: Problems
) -> tuple[dict[str, Setting], Common | None]:
    settings: dict[str, Setting] = {}
    common: Common | None = None
    given: frozenset[str] | None = None
    if COMMON not in tables:
        problems.add(COMMON, "", "is missing; write the defaults, capacities and roles that all settings share")
    common_data = tables.get(COMMON)
    if common_data is not None:
        common = read_common(common_data, shelf, problems)
        given = mentioned_paths(common_data)
    for file, data in tables.items():
        if not file.startswith("settings/") or file == COMMON:
            continue
        place = _SETTING_PATH.fullmatch(file)
        if place is None:
            problems.add(file, "", "is not at settings/<name>.toml; use a-z, 0-9 and _ for the name, and move it")
        elif data is not None:
            setting = read_setting(place["id"], data, shelf, common, given, problems)
            if setting is not None:
                settings[setting.id] = setting
    if not any(file.startswith("settings/") and file != COMMON for file in tables):
        problems.add("settings", "", "has no setting beside common.toml; write at least one")
    places = {name: place for place, name in enumerate(SETTINGS)}
    ordered = sorted(settings, key=lambda name: (places.get(name, len(places)), name))
    return {name: settings[name] for name in ordered}, common
