"""Many episodes as columns of numbers: what the loaders make and what our own predictors compute on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from plugin.records import MEASURES, SETTINGS, STATUSES, VISIT_STATUSES, Covariate, Episode, Rating, Visit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Texts = NDArray[np.object_]

EPOCH = dt.date(1970, 1, 1).toordinal()
NO_DAY = -(2**31)  # a day that is not known, as a number of days since 1970


def day_number(day: dt.date | None) -> int:
    """Return days since 1970-01-01, or ``NO_DAY``.

    >>> day_number(dt.date(1970, 1, 3))
    2
    """
    return NO_DAY if day is None else day.toordinal() - EPOCH


def day_of(number: int) -> dt.date | None:
    """Return the date of a day number, or None for ``NO_DAY``."""
    return None if number == NO_DAY else dt.date.fromordinal(int(number) + EPOCH)


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings as columns of one length, in the order of episode, measure and day.

    Attributes:
        episode: row of the episode in the caseload.
        measure: place in ``MEASURES``.
        day: days since 1970.
        unit: unit it belongs to, -1 where unknown.
        share: how far up its scale the score lies, 0 to 1.
    """

    episode: IntArray
    measure: IntArray
    day: IntArray
    unit: IntArray
    share: FloatArray


@dataclass(frozen=True, eq=False)
class Visits:
    """Visits as columns of one length, in the order of episode and day; ``status`` is a place in ``VISIT_STATUSES``."""

    episode: IntArray
    day: IntArray
    status: IntArray


def ratings(episode: Any, measure: Any, day: Any, unit: Any, share: Any) -> Ratings:
    """Return ratings in their own order, whatever order they came in, each (episode, measure, day, unit) once."""
    e, m, d, u = (np.asarray(column, dtype=np.int64) for column in (episode, measure, day, unit))
    s = np.asarray(share, dtype=np.float64)
    rows = _in_order((e, m, d, u), s)
    return Ratings(e[rows], m[rows], d[rows], u[rows], s[rows])


def visits(episode: Any, day: Any, status: Any) -> Visits:
    """Return visits in their own order, whatever order they came in; a visit listed twice counts once."""
    e, d, s = (np.asarray(column, dtype=np.int64) for column in (episode, day, status))
    rows = _in_order((e, d, s))
    return Visits(e[rows], d[rows], s[rows])


def _in_order(columns: tuple[IntArray, ...], last: FloatArray | None = None) -> IntArray:
    """Return rows in the order of some columns; of those that agree in all of them, the one that is lowest in ``last``.

    One number made of all columns sorts ten times as fast as the columns one after the other.
    """
    key = _packed(columns)
    if key is None:
        order = np.lexsort((*(() if last is None else (last,)), *reversed(columns)))
        return order[_differs(*(column[order] for column in columns))]
    if (np.diff(key) > 0).all():
        return np.arange(len(key))
    order = np.argsort(key)
    differs = _differs(key[order])
    if last is not None and not differs.all():
        tied = ~differs
        tied[:-1] |= tied[1:]
        some = order[tied]
        order[tied] = some[np.lexsort((last[some], key[some]))]
    return order[differs]


def _packed(columns: tuple[IntArray, ...]) -> IntArray | None:
    """Return one number for each row, in the order of the columns; None where there are too many different ones."""
    key, room = np.zeros(len(columns[0]), dtype=np.int64), 1
    if not len(key):
        return key
    for column in columns:
        low, high = int(column.min()), int(column.max())
        room *= high - low + 1
        if room >= 2**63:
            return None
        key = key * (high - low + 1) + (column - low)
    return key


def _differs(*columns: IntArray) -> BoolArray:
    """Return whether each row differs from the one before."""
    differs = np.ones(len(columns[0]), dtype=np.bool_)
    differs[1:] = False
    for column in columns:
        differs[1:] |= column[1:] != column[:-1]
    return differs


NO_RATINGS = ratings([], [], [], [], [])
NO_VISITS = visits([], [], [])


@dataclass(frozen=True, eq=False)
class Caseload:
    """Episodes as columns of one length n, with their ratings and visits.

    Attributes:
        episode_id, client, clinician: text, shape (n,); an unknown clinician is empty.
        setting, status: places in ``SETTINGS`` and ``STATUSES``, shape (n,).
        intake_day, last_unit_day: days since 1970 (``NO_DAY`` where there is none), shape (n,).
        planned_units, units_attended: units, shape (n,).
        covariates: by name; numbers with NaN, or text with None, where unknown; shape (n,) each.
        ratings, visits: of these episodes.
    """

    episode_id: Texts
    client: Texts
    clinician: Texts
    setting: IntArray
    intake_day: IntArray
    planned_units: IntArray
    units_attended: IntArray
    last_unit_day: IntArray
    status: IntArray
    covariates: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    ratings: Ratings = NO_RATINGS
    visits: Visits = NO_VISITS

    def __len__(self) -> int:
        return len(self.episode_id)

    def take(self, rows: IntArray | BoolArray) -> Caseload:
        """Return the episodes at ``rows`` (places, none twice, or a mask), in that order, with what belongs to them."""
        picked = np.flatnonzero(rows) if rows.dtype == np.bool_ else np.asarray(rows, dtype=np.int64)
        place = np.full(len(self), -1, dtype=np.int64)
        place[picked] = np.arange(len(picked))
        r, v = self.ratings, self.visits
        rated, visited = place[r.episode] >= 0, place[v.episode] >= 0
        in_order = bool((np.diff(picked) > 0).all())  # then what belongs to them is in order too; sorting is slow
        make_ratings, make_visits = (Ratings, Visits) if in_order else (ratings, visits)
        return Caseload(
            **{name: getattr(self, name)[picked] for name in _COLUMNS},
            covariates={name: values[picked] for name, values in self.covariates.items()},
            ratings=make_ratings(
                place[r.episode[rated]], r.measure[rated], r.day[rated], r.unit[rated], r.share[rated]
            ),
            visits=make_visits(place[v.episode[visited]], v.day[visited], v.status[visited]),
        )

    def known_on(self, day: dt.date) -> Caseload:
        """Return the caseload without ratings and visits dated after ``day``."""
        limit = day_number(day)
        r, v = self.ratings, self.visits
        rated, visited = r.day <= limit, v.day <= limit
        if rated.all() and visited.all():
            return self
        return replace(
            self,
            ratings=Ratings(r.episode[rated], r.measure[rated], r.day[rated], r.unit[rated], r.share[rated]),
            visits=Visits(v.episode[visited], v.day[visited], v.status[visited]),
        )


_COLUMNS = (
    "episode_id",
    "client",
    "clinician",
    "setting",
    "intake_day",
    "planned_units",
    "units_attended",
    "last_unit_day",
    "status",
)


def texts(values: Sequence[str | None]) -> Texts:
    """Return text as an array of objects, shape (n,)."""
    column = np.empty(len(values), dtype=np.object_)
    column[:] = values
    return column


def caseload_of(
    episodes: Sequence[Episode], rated: Sequence[Sequence[Rating]] = (), visited: Sequence[Sequence[Visit]] = ()
) -> Caseload:
    """Return episodes as columns; ``rated`` and ``visited`` hold those of each episode, in the same order.

    Raises:
        ValueError: for a word that is not one of the records' own (setting, status, measure).
    """
    own = [(row, rating) for row, some in enumerate(rated) for rating in some]
    booked = [(row, visit) for row, some in enumerate(visited) for visit in some]
    names = sorted({name for episode in episodes for name in episode.covariates})
    return Caseload(
        episode_id=texts([e.episode_id for e in episodes]),
        client=texts([e.client_id for e in episodes]),
        clinician=texts([e.clinician_id for e in episodes]),
        setting=np.array([SETTINGS.index(e.setting) for e in episodes], dtype=np.int64),
        intake_day=np.array([day_number(e.intake_date) for e in episodes], dtype=np.int64),
        planned_units=np.array([e.planned_units for e in episodes], dtype=np.int64),
        units_attended=np.array([e.units_attended for e in episodes], dtype=np.int64),
        last_unit_day=np.array([day_number(e.last_unit_date) for e in episodes], dtype=np.int64),
        status=np.array([STATUSES.index(e.status) for e in episodes], dtype=np.int64),
        covariates={name: covariate_column([e.covariates.get(name) for e in episodes]) for name in names},
        ratings=ratings(
            [row for row, _ in own],
            [MEASURES.index(r.measure) for _, r in own],
            [day_number(r.date) for _, r in own],
            [-1 if r.unit is None else r.unit for _, r in own],
            [r.share for _, r in own],
        ),
        visits=visits(
            [row for row, _ in booked],
            [day_number(v.date) for _, v in booked],
            [VISIT_STATUSES.index(v.status) for _, v in booked],
        ),
    )


def covariate_column(values: Sequence[Covariate]) -> NDArray[Any]:
    """Return one covariate: numbers with NaN where unknown, or text with None where any value is text."""
    if any(isinstance(value, str) for value in values):
        return texts([None if value is None else covariate_text(value) for value in values])
    numbers = [np.nan if value is None else float(value) for value in cast("Sequence[float | None]", values)]
    return np.array(numbers, dtype=np.float64)


def covariate_text(value: str | float) -> str:
    """Return a covariate as text, a whole number without its point: a level called "2" may come as a number.

    >>> covariate_text(2.0), covariate_text(30.5), covariate_text("court")
    ('2', '30.5', 'court')
    """
    if isinstance(value, str):
        return value
    number = float(value)
    return str(int(number)) if number.is_integer() else repr(number)
