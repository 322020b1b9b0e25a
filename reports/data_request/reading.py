"""Read a filled data request: a scenario, or every problem at its cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assumptions import Library
from calculator.errors import InputError, Problem
from calculator.language import gettext as _
from calculator.parse import SECTIONS, measurable, parse_scenario
from calculator.quantity import Quantity, quantity_of
from calculator.resolve import resolve
from calculator.scenario import CAPACITY_WORDS, Payer, Scenario
from reports.data_request.about import SCHEMA, SURE_WORDS, About, about_of
from reports.data_request.answers import AnswerError, read_choice, read_number, read_text
from reports.data_request.opening import sheets_of
from reports.data_request.owners import CAPACITY, NAMES, OWNERS, PAYER_KEYS, PAYERS
from reports.data_request.places import HIGH, LOW, SURE, Places

_PARTS = {"low": f".{LOW}", "likely": "", "high": f".{HIGH}"}


@dataclass(frozen=True)
class Answers:
    """What a filled request says, as plain data that is not checked as a whole yet.

    Attributes:
        data: the tables of CLINIC.toml, without the answers that could not be read.
        problems: of those answers, each at its cell.
    """

    data: dict[str, Any]
    problems: tuple[Problem, ...]
    _places: Mapping[str, str] = field(repr=False)
    _wrong: frozenset[str] = field(repr=False)

    def scenario(self, library: Library | None = None) -> Scenario:
        """Return the scenario; with ``library``, one that also fits together with the defaults.

        Raises:
            InputError: with every problem, each with the sheet and cell it stands in.
        """
        found: tuple[Problem, ...] = ()
        try:
            scenario = parse_scenario(self.data)
            if library is not None:
                resolve(scenario, library)
        except InputError as error:
            found = error.problems
        if problems := self.at_cells(found):
            raise InputError(problems)
        return scenario

    def at_cells(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return all problems: those of cells, and those of the model at the cells they come from, none told twice."""
        told = (each for each in problems if not self._follows(each.path))
        return [*self.problems, *(Problem(self._places.get(each.path, each.path), each.message) for each in told)]

    def _follows(self, path: str) -> bool:
        """Return whether what is wrong there only follows from an answer that could not be read."""
        return path in self._wrong or (path == PAYERS and any(wrong.endswith(".share") for wrong in self._wrong))


def read(data: bytes, library: Library | None = None) -> Scenario:
    """Return the scenario in a filled data request; with ``library``, one that fits together with the defaults.

    Raises:
        InputError: with every problem, each with the sheet and cell it stands in.
    """
    return read_answers(data).scenario(library)


def read_answers(data: bytes) -> Answers:
    """Return what a filled data request says.

    Raises:
        InputError: with one problem, if it is no data request that this version reads.
    """
    sheets = sheets_of(data)
    cells = (row[0] for _name, rows in sheets for row in rows if row)
    about = next((found for cell in cells if (found := about_of(cell))), None)
    if about is None:
        raise InputError([Problem("", _("is a workbook, but no data request of Rapport."))])
    if about.schema > SCHEMA:
        problem = _("was made by a newer version of Rapport; update this one, or ask for the numbers again.")
        raise InputError([Problem("", problem)])
    places = Places()
    for name, rows in sheets:
        places.add(name, rows)
    return _Reading(about, places).answers()


class _Reading:
    """One pass over the questions; keeps what could not be read, so that it is told once and at its cell."""

    def __init__(self, about: About, places: Places) -> None:
        self._about = about
        self._payers = places.number_payers()
        self._places = places
        self._problems = list(places.problems)
        self._wrong: set[str] = set()

    def answers(self) -> Answers:
        data: dict[str, Any] = {section: {} for section in SECTIONS}
        data["clinic"] |= {"setting": self._about.setting, "currency": self._about.currency}
        measured: list[str] = []
        for path in OWNERS:
            section, _dot, key = path.partition(".")
            if section != PAYERS and (value := self._value(path, path)) is not None:
                data[section][key] = value
                measured += [key] if section == "clinic" and self._measured(path) else []
        data[PAYERS] = []
        for row in (f"{PAYERS}.{number}" for number in range(1, self._payers + 1)):
            values = {key: self._value(f"{row}.{key}", f"{PAYERS}.{key}") for key in PAYER_KEYS}
            data[PAYERS].append({key: value for key, value in values.items() if value is not None})
            if self._measured(row):
                measured += [f"{row}.{key}" for key in data[PAYERS][-1] if key != "name"]
        data[PAYERS] = data[PAYERS] or [{}]  # of whom nothing is known
        if measured:
            data["clinic"]["measured"] = sorted(measured, key=measurable(self._payers).index)
        cited = {path: place.cited for path, place in self._places.found.items()} | {PAYERS: self._places.shares()}
        return Answers(data, tuple(self._problems), cited, frozenset(self._wrong))

    def _value(self, path: str, question: str) -> Any:
        """Return what the cells of a question say, or None where they are blank or could not be read."""
        place = self._places.found.get(path)
        if question in NAMES:
            return None if place is None or place.blank else read_text(place.value)
        if question == CAPACITY:
            return self._chosen(path, CAPACITY_WORDS)
        declared = _declared(question)
        parts = {name: self._number(path + end, declared) for name, end in _PARTS.items()}
        if any(path + end in self._wrong for end in _PARTS.values()):
            self._wrong.add(path)
            return None
        if parts["low"] is None and parts["high"] is None:
            return parts["likely"]
        if None in parts.values():
            text = _("needs the answer, the lowest and the highest together; fill in all three, or the answer alone.")
            self._fault(path, next(path + end for name, end in _PARTS.items() if parts[name] is not None), text)
            return None
        return parts

    def _number(self, path: str, declared: Quantity) -> float | None:
        place = self._places.found.get(path)
        if place is None or place.blank:
            return None
        try:
            return read_number(place.value, declared, self._about)
        except AnswerError as error:
            self._fault(path, path, str(error))
            return None

    def _measured(self, path: str) -> bool:
        return self._chosen(f"{path}.{SURE}", SURE_WORDS) == "measured"

    def _chosen(self, path: str, words: Mapping[str, str]) -> str | None:
        place = self._places.found.get(path)
        if place is None or place.blank:
            return None
        offered = {text: name for name in words for text, meant in self._about.words.items() if meant == name}
        try:
            return read_choice(place.value, offered or {text: name for name, text in words.items()})
        except AnswerError as error:
            self._fault(path, path, str(error))
            return None

    def _fault(self, path: str, cell: str, text: str) -> None:
        self._wrong.add(path)
        self._problems.append(Problem(self._places.found[cell].cited, text))


def _declared(question: str) -> Quantity:
    section, _dot, key = question.partition(".")
    model = Payer if section == PAYERS else SECTIONS[section]
    declared = quantity_of(model.model_fields[key])
    if declared is None:
        raise KeyError(question)
    return declared
