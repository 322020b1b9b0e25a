"""The calculator's form: from what was typed to a scenario, or to every problem at its field; and the way back.

A field's name is the path of the input, such as ``clinic.dropout_rate``; a range adds ``.low`` and ``.high``, and the
switch that says where the number comes from is ``from.`` and the path. The same names stand in the page's address, so
that an address holds a whole form; ``v`` is the version of that notation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticCustomError
from werkzeug.datastructures import MultiDict

from assumptions import Library
from calculator import InputError, Problem, Scenario, parse_scenario, resolve
from calculator.display import number
from calculator.entry import EntryError, allowed, decimal_comma, read_number, write_number
from calculator.language import gettext as _
from calculator.parse import SECTIONS
from calculator.quantity import ANY_SETTING, Quantity, Range, quantity_of
from calculator.resolve import QUANTITIES
from calculator.scenario import MAX_PAYERS, Payer
from web.house import NO_HOUSE, House, Houses, house_of, of_scenario
from web.typed import ENDS, Typed

STARTING = {"clinic.setting": "outpatient", "clinic.intakes_per_month": "40"}  # something to type over
MODES = ("quick", "detailed")
VERSION = "1"  # of the notation in addresses
TWIN = "analysis.draws"  # the one input whose size costs a server time


@dataclass(frozen=True)
class Form:
    """What was typed, what is wrong with it, and the scenario it makes if nothing is.

    Attributes:
        texts: what stands in each field, by path, written as is the habit where the visitor lives.
        measured: names of numbers taken from records.
        payers: how many payers have a row.
        problems: one for each fault; the path is a field's, or ``payers`` for the rows together.
        scenario: None where there are problems.
        blank_payer: whether the last row was only just asked for.
        mode: quick or detailed: how much of the form is shown.
        comma: whether numbers are written with a decimal comma.
        house: what an organisation takes for blank fields.
    """

    texts: Mapping[str, str]
    measured: tuple[str, ...] = ()
    payers: int = 1
    problems: tuple[Problem, ...] = ()
    scenario: Scenario | None = None
    blank_payer: bool = False
    mode: str = MODES[0]
    comma: bool = False
    house: House = NO_HOUSE

    def text(self, path: str) -> str:
        """Return what stands in a field."""
        return self.texts.get(path, "")

    def problem(self, path: str) -> str:
        """Return what is wrong with a field, or nothing."""
        return " ".join(problem.message for problem in self.problems if problem.path == path)

    @property
    def version(self) -> str:
        """Return the version of the notation in addresses."""
        return VERSION

    @property
    def setting(self) -> str:
        """Return the setting that was chosen, which may be none that exists."""
        return self.text("clinic.setting")

    @property
    def currency(self) -> str:
        """Return the currency, or dollars where none was given."""
        return self.text("clinic.currency").strip().upper() or "USD"

    @property
    def query(self) -> list[tuple[str, str]]:
        """Return the names and values an address needs to hold this form."""
        notation = [("v", VERSION)] + ([("notation", "comma")] if self.comma else [])
        mode = [("mode", self.mode)] if self.mode != MODES[0] else []
        texts = [(path, text) for path, text in self.texts.items() if text]
        return [*notation, *mode, *texts, *(("measured", name) for name in self.measured), *self.house.pairs]


def parse_form(
    data: MultiDict[str, str], library: Library, max_draws: int | None = None, houses: Houses | None = None
) -> Form:
    """Return the form that a request carries; with no field of ours in it, the form everybody starts from.

    Args:
        data: names and values.
        library: for defaults, settings and their words.
        max_draws: futures that may be asked for at most.
        houses: what the visitor's organisation takes for blank fields, where it takes anything.
    """
    comma = decimal_comma()
    typed = Typed.of(data, STARTING)
    if typed.comma != comma:
        typed = typed.rewritten({path: _in_habit(path, text, typed) for path, text in typed.texts.items()}, comma)
    asked = typed.texts.get("clinic.setting", "")
    setting = library.settings.get(asked)
    house = house_of(data, asked, not _holds_a_form(data), houses)
    reading = _Reading(typed.texts, typed.payers, setting.words if setting else ANY_SETTING, comma, house)
    found = house.fill(reading.scenario_data(typed.measured))
    problems, scenario = [*reading.problems, *house.problems], None
    if (version := data.get("v", VERSION)) != VERSION:
        text = _("This link is from another version of Rapport (%(version)s); check every number.", version=version[:9])
        problems.append(Problem("v", text))
    try:
        scenario = parse_scenario(found)
        resolve(scenario, library)
    except InputError as error:
        problems += reading.on_page(error.problems)
    if max_draws is not None and scenario is not None and (scenario.analysis.draws or 0) > max_draws:
        problems.append(Problem(TWIN, _("This server draws at most %(most)s futures.", most=number(max_draws, 0))))
    return Form(
        texts=typed.texts,
        measured=typed.measured,
        payers=typed.rows,
        problems=tuple(problems),
        scenario=None if problems else scenario,
        blank_payer=typed.more_payers,
        mode=data.get("mode", "") if data.get("mode") in MODES else MODES[0],
        comma=comma,
        house=house,
    )


def _holds_a_form(data: MultiDict[str, str]) -> bool:
    return any(name.partition(".")[0] in (*SECTIONS, "payers") for name in data)


def form_of(scenario: Scenario) -> Form:
    """Return the form in which ``scenario`` would have been typed."""
    texts: dict[str, str] = {}
    comma = decimal_comma()
    for section in SECTIONS:
        texts |= dict(_typed(section, getattr(scenario, section), comma))
    for row, payer in enumerate(scenario.payers, 1):
        texts |= dict(_typed(f"payers.{row}", payer, comma))
    texts = {path: text for path, text in texts.items() if stem_of(path) not in scenario.house}
    house = of_scenario(scenario)
    return Form(texts, scenario.clinic.measured, len(scenario.payers), (), scenario, comma=comma, house=house)


def _typed(prefix: str, model: BaseModel, comma: bool) -> Iterator[tuple[str, str]]:
    for key, declaration in type(model).model_fields.items():
        value, declared = getattr(model, key), quantity_of(declaration)
        path = f"{prefix}.{key}"
        if key == "measured" or value is None:
            continue
        if declared is None:
            yield path, value
        elif isinstance(value, Range):
            yield path, write_number(value.likely, declared, comma=comma)
            yield f"{path}.low", write_number(value.low, declared, comma=comma)
            yield f"{path}.high", write_number(value.high, declared, comma=comma)
        else:
            yield path, write_number(value, declared, comma=comma)


def _in_habit(path: str, text: str, typed: Typed) -> str:
    """Return a number as it is written where the visitor lives; what cannot be read stays as it is."""
    declared = declared_at(stem_of(path))
    if declared is None or not text.strip():
        return text
    try:
        number = read_number(text, declared, typed.currency, comma=typed.comma)
    except EntryError:
        return text
    return write_number(number, declared, comma=not typed.comma)


@dataclass
class _Reading:
    """One pass over the fields; keeps what could not be read, so that it is reported once and at its field."""

    texts: Mapping[str, str]
    payers: int
    words: Mapping[str, str]
    comma: bool
    house: House = NO_HOUSE
    problems: list[Problem] = field(default_factory=list)

    @property
    def currency(self) -> str:
        return self.texts.get("clinic.currency", "").strip().upper() or "USD"

    def scenario_data(self, measured: Sequence[str]) -> dict[str, Any]:
        data: dict[str, Any] = {section: self._table(section, model) for section, model in SECTIONS.items()}
        data["payers"] = [self._table(f"payers.{row}", Payer) for row in range(1, self.payers + 1)]
        if measured:
            data["clinic"]["measured"] = list(measured)
        return data

    def _table(self, prefix: str, model: type[BaseModel]) -> dict[str, Any]:
        table: dict[str, Any] = {}
        for key, declaration in model.model_fields.items():
            value = None if key == "measured" else self._value(f"{prefix}.{key}", key, quantity_of(declaration))
            if value is not None:
                table[key] = value
        known = {f"{key}{end}" for key in model.model_fields for end in ("", *(f".{end}" for end in ENDS))}
        start = f"{prefix}."
        typed = (path.removeprefix(start) for path, text in self.texts.items() if text and path.startswith(start))
        return table | {key: "" for key in typed if key not in known}  # the calculator says what it does not know

    def _value(self, path: str, key: str, declared: Quantity | None) -> Any:
        text = self.texts.get(path, "")
        if declared is None:
            return (text.strip().upper() if key == "currency" else text) or None
        ends = {end: self.texts.get(f"{path}.{end}", "").strip() for end in ENDS}
        if not any(ends.values()):
            return self._number(path, text, declared) if text.strip() else None
        parts = {"likely": text.strip(), **ends}
        if not all(parts.values()):
            self.problems.append(Problem(path, _("A range needs all three: low, likely and high.")))
            return None
        numbers = {name: self._number(path, part, declared) for name, part in parts.items()}
        return None if None in numbers.values() else numbers

    def _number(self, path: str, text: str, declared: Quantity) -> float | None:
        try:
            return read_number(text, declared, self.currency, comma=self.comma)
        except EntryError as error:
            self.problems.append(Problem(path, str(error)))
            return None

    def on_page(self, problems: Sequence[Problem]) -> Iterator[Problem]:
        """Return the calculator's problems in the words of the page, without those already reported."""
        reported = {problem.path for problem in self.problems}
        for problem in problems:
            if problem.path not in reported:
                yield Problem(problem.path, self._worded(problem))

    def _worded(self, problem: Problem) -> str:
        if problem.message.startswith("is not a known key"):
            return _(
                "There is no field %(name)s; the address may be mistyped or from another version.", name=problem.path
            )
        declared = declared_at(problem.path)
        text = self.texts.get(problem.path, "").strip()
        if declared is None:
            return self._worded_text(problem)
        if not text and (own := self.house.at(problem.path)):
            said = _("Your organisation’s value does not fit the rest here: %(reason)s.", reason=own.reason)
            return f"{said} {allowed(declared, self.currency)}"
        if not text:
            return allowed(declared, self.currency)
        low, high = (self.texts.get(f"{problem.path}.{end}", "").strip() for end in ENDS)
        typed = [part for part in (low, text, high) if part]
        numbers = [read_number(part, declared, self.currency, comma=self.comma) for part in typed]
        together = " – ".join(typed)
        if not all(_fits(number, declared) for number in numbers):
            found = _("That does not fit: %(typed)s.", typed=together)
            return f"{found} {allowed(declared, self.currency)}"
        if numbers != sorted(numbers):
            return _("Low, likely and high must rise in that order; they are %(typed)s.", typed=together)
        if problem.path.endswith(".collected_per_unit"):
            return _("Give what you collect, or what is allowed and how much of it you collect, not both. Clear one.")
        plan = QUANTITIES["clinic.planned_units"].named(self.words)
        return _("It is too late for the plan: it must lie below “%(plan)s” less one.", plan=plan)

    def _worded_text(self, problem: Problem) -> str:
        """Return what is wrong with a name, a choice or the rows of payers."""
        text = self.texts.get(problem.path, "")
        match problem.path.split("."):
            case ["payers"] if self.payers > MAX_PAYERS:
                return _("There is room for %(most)s payers. Put small ones together.", most=MAX_PAYERS)
            case ["payers"]:
                return _("The shares of all payers together must be 100%.")
            case [*_path, "name"]:
                return _("It is too long or cannot be read: %(number)s characters. Shorten it.", number=len(text))
            case ["clinic", "currency"]:
                return _("Write three capital letters, such as USD.")
            case ["clinic", "measured"]:
                return _("Something is marked as measured that is no number here; the address may be mistyped.")
        return _("Choose one of the answers offered; the address may be mistyped.")


def stem_of(path: str) -> str:
    """Return the path of the number that a field belongs to, which may be an end of its range."""
    return path.removesuffix(".low").removesuffix(".high")


def declared_at(path: str) -> Quantity | None:
    """Return what is declared about the number at a path, or None where there is no number."""
    section, _, key = path.partition(".")
    model = Payer if section == "payers" else SECTIONS.get(section)
    declaration = model.model_fields.get(key.rpartition(".")[2]) if model else None
    return quantity_of(declaration) if declaration else None


def _fits(number: float, declared: Quantity) -> bool:
    try:
        declared.check(number)
    except PydanticCustomError:
        return False
    return True
