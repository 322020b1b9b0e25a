"""What somebody chose for an upload, and the upload read by it; faults of its columns are told in the page's words."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from werkzeug.datastructures import MultiDict

from assumptions import Library
from calculator.display import number
from calculator.errors import InputError, Problem
from calculator.language import gettext as _
from calculator.language import speaking
from calculator.parse import SECTIONS
from calculator.scenario import Payer
from reports.batch import SHIPPED, Options, Prospects, Row, Saved, open_prospects, shipped
from reports.batch.columns import NEEDED
from reports.batch.mapping import FOR, ID, IGNORE, Names, names_of_inputs
from reports.batch.prospects import header_of as header_of
from reports.batch.table import open_table
from reports.brand import Brand
from web.house import NO_HOUSE, House, house_of
from web.languages import TERRITORIES, compiled, language

Form = Literal["full", "short"]
FORMS: tuple[Form, ...] = get_args(Form)
MOST_ROWS = 2_000
MOST_UNFOLDED = 200_000_000  # bytes of a workbook, which is an archive
MOST_DRAWS = 65_536  # futures a row may ask for; the same as on the other pages
MAPPINGS = SHIPPED
DRAWS = "analysis.draws"
SETTING = "clinic.setting"
SAID = "columns"  # a name for what was said of single columns
_COMMAND = re.compile(r'; leave one out with --map ".*=ignore"\.$')


@dataclass(frozen=True)
class Choices:
    """What somebody chose, in plain values.

    Attributes:
        name: of the file.
        mapping: hubspot or salesforce; empty to go by what the columns are called.
        columns: what single columns give, by their names.
        setting: a level of care that every row is given; empty to go by the file.
        code: language of the page when the rows were checked.
        territory: whose habits numbers follow then.
        page_size: A4 or Letter.
        form: full, or short for a first meeting.
        language: code of the proposals' language.
        workbook: whether each row also becomes a workbook.
        prepared_on: a date for the cover, as ISO 8601 writes it; may be empty.
        include_held: whether rows with implausible values are made, too.
        house: the organisation's own values by level of care, for cells that are blank: names and texts as an address
            holds them, so that they stay what they were when the rows were checked.
    """

    name: str
    mapping: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    setting: str = ""
    code: str = "en"
    territory: str = "US"
    page_size: str = "A4"
    form: Form = "full"
    language: str = "en"
    workbook: bool = False
    prepared_on: str = ""
    include_held: bool = False
    house: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)

    @property
    def houses(self) -> dict[str, House]:
        """Return the organisation's own values by level of care."""
        return {
            setting: house_of(MultiDict((name, text) for name, text in pairs), setting, False, None)
            for setting, pairs in self.house.items()
        }

    def for_check(self) -> Options:
        """Return how rows are checked: remarks are in the language of the page."""
        return Options(language=self.code, territory=self.territory, catalogue=compiled(self.code))

    def for_making(self, brand: Brand) -> Options:
        """Return how proposals are made: as the command line makes them."""
        return Options(
            page_size=self.page_size,
            form=self.form,
            prepared_on=date.fromisoformat(self.prepared_on) if self.prepared_on else None,
            workbook=self.workbook,
            language=self.language,
            territory=TERRITORIES[self.language],
            catalogue=compiled(self.language),
            brand=brand,
        )


@dataclass(frozen=True)
class Uploaded(Prospects):
    """Prospects with their organisation's own values where nothing is said.

    Attributes:
        houses: these, by level of care.
    """

    houses: Mapping[str, House] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """Yield every prospect; one that asks for more futures than this server draws has a problem, and no data."""
        for row in map(self._filled, super().rows()):
            asked = (row.data or {}).get("analysis", {}).get("draws")
            if isinstance(asked, (int, float)) and asked > MOST_DRAWS:
                text = _("This server draws at most %(most)s futures.", most=number(MOST_DRAWS, 0))
                yield replace(row, data=None, problems=(*row.problems, Problem(DRAWS, text)))
            else:
                yield row

    def _filled(self, row: Row) -> Row:
        if row.data is None:
            return row
        return replace(row, data=self.houses.get(row.data["clinic"].get("setting"), NO_HOUSE).fill(dict(row.data)))


@dataclass(frozen=True)
class Reading:
    """An upload as it was read.

    Attributes:
        prospects: its rows; None where its columns make no scenario.
        problems: why they do not.
        header: the names of its columns; empty where it is no table at all.
        gives: what each of them gives, as a short name of an input; empty where it is not used.
    """

    prospects: Prospects | None
    problems: tuple[Problem, ...] = ()
    header: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()

    @property
    def hopeless(self) -> bool:
        """Return whether no choice of columns could help."""
        return self.prospects is None and not self.header

    @property
    def unused(self) -> list[str]:
        """Return the names of columns that give nothing."""
        return [column for column, key in zip(self.header, self.gives, strict=True) if column and not key]


def read_upload(path: Path, choices: Choices, library: Library) -> Reading:
    """Return an upload read as it was chosen, or everything that is wrong with it."""
    names = _names(choices, library)
    try:
        if too_large(path):
            raise InputError([Problem("", _("unfolds to far more than any list of prospects; send it as CSV."))])
        header = tuple(header_of(open_table(path), names)[0])
    except InputError as error:
        return Reading(None, error.problems)
    try:
        found = _prospects(path, choices, library)
        if found.total > MOST_ROWS:
            raise InputError([_too_many(found.total)])
    except InputError as error:
        whole = any(problem.path == "" for problem in error.problems)
        if whole:
            return Reading(None, error.problems)
        return Reading(None, tuple(map(_told, error.problems)), header, _known(path, choices, library, header))
    if not found.total:
        return Reading(None, (Problem("", _("has no row below the names of its columns.")),))
    return Reading(found, (), header, _gives(found, names))


def too_large(path: Path) -> bool:
    """Return whether a workbook is small only as long as it is packed."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as book:
        return sum(member.file_size for member in book.infolist()) > MOST_UNFOLDED


def changed_columns(header: Sequence[str], gives: Sequence[str], typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was said of columns beyond what was known of them: another input, or to leave one out."""
    said = {}
    for column, before in zip(header, gives, strict=True):
        now = " ".join(typed.get(column, before).split())
        if now != before and column:
            said[column] = now or IGNORE
    return said


def known_inputs(library: Library) -> list[tuple[str, str]]:
    """Return every name a column may be given, with what it is called on the page."""
    from reports.batch.prospects import declared_at

    names = names_of_inputs(library)
    paths = [f"{section}.{key}" for section, model in SECTIONS.items() for key in model.model_fields]
    paths += [f"payers.1.{key}" for key in Payer.model_fields]
    found = []
    for path in paths:
        declared = declared_at(path)
        found.append((short(path, names), "" if declared is None else declared.named()))
    return [*found, (ID, ""), (FOR, _("a person’s name for the cover")), (IGNORE, _("not used"))]


def short(path: str, names: Names) -> str:
    """Return the shortest name of an input."""
    key = path.rpartition(".")[2]
    return key if names.path(key) == path else path


def _gives(found: Prospects, names: Names) -> tuple[str, ...]:
    paths = {place: path for path, place in found.columns.places.items()}
    return tuple(short(paths[place], names) if place in paths else "" for place in range(len(found.columns.header)))


def _known(path: Path, choices: Choices, library: Library, header: Sequence[str]) -> tuple[str, ...]:
    """Return what the columns of a file that lacks one give: as if it lacked none, where that can be said."""
    try:
        found = _prospects(path, choices, library, dict.fromkeys(NEEDED, "1") | {SETTING: "outpatient"})
    except InputError:
        return tuple(choices.columns.get(column, "") for column in header)
    return _gives(found, _names(choices, library))


def _names(choices: Choices, library: Library) -> Names:
    """Return the names of inputs: those of the language that the list was uploaded in count, whoever reads it now."""
    with speaking(language(choices.code, choices.territory)):
        return names_of_inputs(library)


def _prospects(path: Path, choices: Choices, library: Library, fixed: Mapping[str, str] | None = None) -> Prospects:
    said = [Saved(SAID, dict(choices.columns))] if choices.columns else []
    if choices.mapping:
        said.append(shipped(choices.mapping))
    fixed = fixed or ({SETTING: choices.setting} if choices.setting else {})
    with speaking(language(choices.code, choices.territory)):
        found = open_prospects(path, library, name=choices.name, said=said, fixed=fixed)
    return Uploaded(**{part.name: getattr(found, part.name) for part in fields(found)}, houses=choices.houses)


def _told(problem: Problem) -> Problem:
    """Return a problem of the columns without the command line's options."""
    if problem.path == SETTING:
        return Problem("setting", _("is in no column. Say below which column gives it, or choose one for every row."))
    if problem.path in NEEDED:
        return Problem(problem.path.partition(".")[2], _("is in no column. Say below which column gives it."))
    if _COMMAND.search(problem.message):
        return Problem(
            problem.path, _COMMAND.sub("; " + _("write “ignore” beside one of them below."), problem.message)
        )
    return problem


def _too_many(rows: int) -> Problem:
    return Problem(
        "",
        _(
            "has %(rows)s rows; %(most)s is the most here. Divide it, or use the command line: rapport batch",
            rows=number(float(rows), 0),
            most=number(float(MOST_ROWS), 0),
        ),
    )
