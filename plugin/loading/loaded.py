"""From a clinic's files to a caseload without names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from plugin.caseload import NO_RATINGS, NO_VISITS, Caseload, Texts, texts
from plugin.errors import PluginError
from plugin.loading.columns import EPISODES, RATINGS, VISITS
from plugin.loading.episodes import check_episodes, covariates
from plugin.loading.findings import Findings
from plugin.loading.owners import Owners
from plugin.loading.pseudonym import Kind, pseudonyms
from plugin.loading.ratings import check_ratings
from plugin.loading.source import Column, Source, Table, file_name, read_table
from plugin.loading.visits import check_visits

_USUAL: Final = ("episodes.csv", "ratings.csv", "visits.csv")


@dataclass(frozen=True, eq=False)
class Loaded:
    """What was read.

    Attributes:
        caseload: the episodes that are sound, with their sound ratings and visits; identifiers are pseudonyms.
        problems: what was left out and why, one line each: file, row and column, what is wrong, what to write.
        notes: what a user should know and what left nothing out.
        rows: episodes in the file.
        kept: episodes in the caseload.
    """

    caseload: Caseload
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    rows: int
    kept: int


def load_caseload(
    episodes: Source,
    ratings: Source | None = None,
    visits: Source | None = None,
    *,
    salt: bytes,
    refuse: bool = False,
    keep_episode_ids: bool = False,
) -> Loaded:
    """Return a clinic's episodes from CSV files.

    Args:
        episodes: path, open file or bytes of the episodes.
        ratings: of the ratings, if there are any.
        visits: of the visits, if there are any.
        salt: what identifiers are hashed with (``pseudonym.read_salt``).
        refuse: whether one bad row refuses everything; otherwise bad rows are left out and listed.
        keep_episode_ids: leave ``episode_id`` as written, for output that goes back to the record system.

    Raises:
        PluginError: with all problems, where a file cannot be used at all, or there are any and ``refuse`` is set.
        OSError: where a file cannot be read.
    """
    sources = (episodes, ratings, visits)
    findings = [
        Findings(usual if source is None else file_name(source, usual))
        for source, usual in zip(sources, _USUAL, strict=True)
    ]
    tables = [
        None if source is None else read_table(source, known, found)
        for source, known, found in zip(sources, (EPISODES, RATINGS, VISITS), findings, strict=True)
    ]
    table = tables[0]
    if table is not None and not len(table) + table.ragged:
        findings[0].stop("has a header and no episodes")
    if table is None or any(found.fatal for found in findings):
        raise PluginError(line for found in findings for line in found.lines())
    caseload, owners = _episodes(table, findings[0], salt, keep_episode_ids)
    rated = NO_RATINGS if tables[1] is None else check_ratings(tables[1], owners, findings[1])
    booked = NO_VISITS if tables[2] is None else check_visits(tables[2], owners, findings[2])
    problems = tuple(line for found in findings for line in found.lines())
    if refuse and problems:
        raise PluginError(problems)
    return Loaded(
        caseload=replace(caseload, ratings=rated, visits=booked),
        problems=problems,
        notes=tuple(line for found in findings for line in found.notes),
        rows=len(table) + table.ragged,
        kept=len(caseload),
    )


def _episodes(table: Table, findings: Findings, salt: bytes, keep_episode_ids: bool) -> tuple[Caseload, Owners]:
    checked = check_episodes(table, findings)
    good = checked.good
    sound = table.take(good)
    ids = sound.columns["episode_id"]
    written = _texts(ids)
    caseload = Caseload(
        episode_id=written if keep_episode_ids else pseudonyms(salt, "episode", written),
        client=_hashed(salt, "client", sound.columns["client_id"]),
        clinician=_hashed(salt, "clinician", sound.columns["clinician_id"]),
        setting=checked.setting[good],
        intake_day=checked.intake_day[good],
        planned_units=checked.planned_units[good],
        units_attended=checked.units_attended[good],
        last_unit_day=checked.last_unit_day[good],
        status=checked.status[good],
        covariates=covariates(sound, findings),
    )
    place = {identifier: row for row, identifier in enumerate(written.tolist())}
    left_out = frozenset(word for word in ids.words if word not in place)
    return caseload, Owners(findings.file, place, left_out, caseload.intake_day)


def _texts(column: Column) -> Texts:
    return texts(column.words)[column.code]


def _hashed(salt: bytes, kind: Kind, column: Column) -> Texts:
    return pseudonyms(salt, kind, column.words)[column.code]
