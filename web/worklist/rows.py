"""The rows of the page: clients to call, with risks where they may be shown and with plain facts where not."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from plugin.caseload import NO_DAY, Caseload, day_of
from plugin.due import Due, DueList, due_list
from plugin.linear_predictor import LinearPredictor
from plugin.risk_table import RUNS_AS_FORMULA
from plugin.worklist import Case, Worklist, worklist
from web.worklist import words
from web.worklist.kept import Kept
from web.worklist.wanted import Wanted


@dataclass(frozen=True)
class Row:
    """A client to call.

    Attributes:
        episode_id: as the clinic's file names it, by which it finds the client.
        clinician: shown short.
        attended, planned: units.
        last_seen: day of the last attended unit; None before the first.
        in_ten: risk of leaving before the end, in words; empty where risks are withheld.
        before_end, next: the two risks with their intervals; likewise.
        units_at_stake: planned units that on average will not happen; None where risks are withheld.
        reasons: what speaks for a call.
        weakest: the part of the alliance rated lowest, if one stands out.
    """

    episode_id: str
    clinician: str
    attended: int
    planned: int
    last_seen: dt.date | None
    in_ten: str
    before_end: str
    next: str
    units_at_stake: float | None
    reasons: tuple[str, ...]
    weakest: str


@dataclass(frozen=True)
class Listed:
    """The list as the page shows it; ``found`` is what it was made from."""

    rows: tuple[Row, ...]
    found: Worklist | DueList

    @property
    def open_clients(self) -> int:
        """Return how many clients could be on it."""
        return self.found.open_clients

    @property
    def units_planned(self) -> int:
        """Return how many planned units of the clients on it are still to come."""
        return sum(row.planned - row.attended for row in self.rows)


def listed(kept: Kept, asked: Wanted) -> Listed:
    """Return whom to call: by risk where the model has proved calibrated here, by plain facts where not."""
    short = words.shortened(str(name) for name in kept.caseload.clinician)
    if not kept.shown:
        due = due_list(kept.caseload, asked.as_of, asked.calls)
        return Listed(tuple(_of_facts(case, short.get(case.clinician, "")) for case in due.cases), due)
    found = worklist(kept.predictor, kept.caseload, asked.as_of, asked.calls, asked.order)
    seen = _last_seen(kept.caseload, [case.episode_id for case in found.cases])
    rows = (_of_risks(case, short.get(case.clinician, ""), seen[case.episode_id]) for case in found.cases)
    return Listed(tuple(rows), found)


def _of_risks(case: Case, clinician: str, last_seen: dt.date | None) -> Row:
    return Row(
        episode_id=case.episode_id,
        clinician=clinician,
        attended=case.units_attended,
        planned=case.planned_units,
        last_seen=last_seen,
        in_ten=words.of_ten(case.risk_before_completion[0]),
        before_end=words.spanned(case.risk_before_completion),
        next=words.spanned(case.risk_next_unit),
        units_at_stake=case.units_at_stake,
        reasons=tuple(words.reason(each) for each in case.reasons),
        weakest=words.component(case.weakest_component),
    )


def _of_facts(case: Due, clinician: str) -> Row:
    seen = case.last_seen if case.units_attended else None
    return Row(
        episode_id=case.episode_id,
        clinician=clinician,
        attended=case.units_attended,
        planned=case.planned_units,
        last_seen=seen,
        in_ten="",
        before_end="",
        next="",
        units_at_stake=None,
        reasons=tuple(words.facts(case)),
        weakest="",
    )


def _last_seen(caseload: Caseload, episodes: list[str]) -> dict[str, dt.date | None]:
    places = np.flatnonzero(np.isin(caseload.episode_id.astype(np.str_), episodes))
    days = caseload.last_unit_day[places]
    return {
        str(caseload.episode_id[place]): None if day == NO_DAY else day_of(int(day))
        for place, day in zip(places, days, strict=True)
    }


RISK_COLUMNS = (
    "episode_id", "clinician", "units_attended", "planned_units", "risk_next_unit", "risk_next_low", "risk_next_high",
    "risk_before_completion", "risk_low", "risk_high", "units_at_stake", "weakest_component", "drivers",
    "model", "model_version",
)  # fmt: skip
FACT_COLUMNS = (
    "episode_id", "clinician", "units_attended", "planned_units", "last_seen", "days_unseen", "missed_visits",
    "visits_looked_at", "weakest_component", "weakest_rating",
)  # fmt: skip


def list_csv(found: Worklist | DueList, predictor: LinearPredictor) -> bytes:
    """Return a list as CSV in English, its risks named as in RISK.csv; what a spreadsheet would run stands as text."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    if isinstance(found, Worklist):
        writer.writerow(RISK_COLUMNS)
        writer.writerows(_plain(_risks(case, predictor)) for case in found.cases)
    else:
        writer.writerow(FACT_COLUMNS)
        writer.writerows(_plain(_facts(case)) for case in found.cases)
    return stream.getvalue().encode()


def _risks(case: Case, predictor: LinearPredictor) -> list[str]:
    risks = (*case.risk_next_unit, *case.risk_before_completion)
    return [
        case.episode_id,
        case.clinician,
        str(case.units_attended),
        str(case.planned_units),
        *(f"{risk:.6f}" for risk in risks),
        f"{case.units_at_stake:.2f}",
        case.weakest_component or "",
        "; ".join(each.words for each in case.reasons),
        predictor.name,
        predictor.version,
    ]


def _facts(case: Due) -> list[str]:
    return [
        case.episode_id,
        case.clinician,
        str(case.units_attended),
        str(case.planned_units),
        case.last_seen.isoformat() if case.units_attended else "",
        str(case.silent),
        str(case.missed),
        str(case.visits),
        case.weakest or "",
        "" if case.rating is None else f"{case.rating:.3f}",
    ]


def _plain(cells: Iterable[str]) -> list[str]:
    return [f"'{cell}" if cell.startswith(RUNS_AS_FORMULA) else cell for cell in cells]
