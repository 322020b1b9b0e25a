"""How good a prediction is for some people and for others; groups too small to say are not shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from plugin.caseload import BoolArray, Caseload, FloatArray, IntArray
from plugin.errors import PluginError
from plugin.evaluation.figures import Sample
from plugin.evaluation.judgement import Draws, judged
from plugin.evaluation.outcome import left_by
from plugin.records import SETTINGS

FEWEST_PEOPLE: Final = 20
FEWEST_EVENTS: Final = 5
CASELOADS: Final = ((1, 9, "fewer than 10"), (10, 29, "10 to 29"), (30, 10**9, "30 or more"))
_THIRDS: Final = (1.0 / 3.0, 2.0 / 3.0)
USUAL: Final = ("setting", "clinician's episodes")
TOO_SMALL: Final = f"fewer than {FEWEST_PEOPLE} people or fewer than {FEWEST_EVENTS} dropouts: not shown"


@dataclass(frozen=True, eq=False)
class Group:
    """Some of the people: what divides them, which part this is, and who is in it, shape (n,)."""

    name: str
    level: str
    members: BoolArray


def groups(caseload: Caseload, names: tuple[str, ...]) -> Iterator[Group]:
    """Return the people by setting, by how many of them their clinician has, and by covariates as asked.

    Numbers are divided into thirds of the people. Who has no value is a group too. Setting and clinician are left out
    where they divide nobody from anybody.

    Raises:
        PluginError: for a covariate that the file does not have.
    """
    missing = [name for name in names if name not in caseload.covariates]
    if missing:
        there = ", ".join(f"x_{name}" for name in sorted(caseload.covariates)) or "none"
        raise PluginError(f"group x_{name}: the episodes have no such column; they have {there}" for name in missing)
    yield from _dividing([Group(USUAL[0], name, caseload.setting == place) for place, name in enumerate(SETTINGS)])
    yield from _dividing(_by_clinician(caseload))
    for name in names:
        yield from _levels(name, caseload.covariates[name])


def _dividing(parts: list[Group]) -> list[Group]:
    return parts if sum(bool(part.members.any()) for part in parts) > 1 else []


def _by_clinician(caseload: Caseload) -> list[Group]:
    known, count = np.unique(caseload.clinician.astype(str), return_counts=True)
    size = dict(zip(known.tolist(), count.tolist(), strict=True)) | {"": 0}
    sizes = np.array([size[str(name)] for name in caseload.clinician])
    parts = [Group(USUAL[1], words, (sizes >= low) & (sizes <= high)) for low, high, words in CASELOADS]
    return [*parts, Group(USUAL[1], "unknown", sizes == 0)]


def _levels(name: str, values: Any) -> Iterator[Group]:
    if values.dtype == np.object_:
        unknown = np.array([value is None for value in values], dtype=np.bool_)
        for level in sorted({value for value in values if value is not None}):
            yield Group(f"x_{name}", level, values == level)
    else:
        unknown = np.isnan(values)
        known = values[~unknown]
        if len(np.unique(known)) <= len(_THIRDS) + 1:
            for number in np.unique(known):
                yield Group(f"x_{name}", f"{number:g}", values == number)
        else:
            first, second = np.quantile(known, _THIRDS)
            yield Group(f"x_{name}", f"up to {first:g}", values <= first)
            yield Group(f"x_{name}", f"above {first:g}, up to {second:g}", (values > first) & (values <= second))
            yield Group(f"x_{name}", f"above {second:g}", values > second)
    yield Group(f"x_{name}", "unknown", unknown)


def by_group(
    group: Group, sample: Sample, person: IntArray, risk: Mapping[str, FloatArray], counts: Draws, client: IntArray
) -> dict[str, Any] | None:
    """Return the figures of models among a group's people, or that it is too small; None where nobody is in it.

    Args:
        group: over the people judged.
        sample: the rows.
        person: place of each row's person.
        risk: predictions by model.
        counts: for each draw, how often each row is there.
        client: of each person; one who is there several times counts as one of the people.
    """
    if not group.members.any():
        return None
    rows = group.members[person]
    part = sample.take(rows)
    people = len(np.unique(client[group.members]))
    left = left_by(sample.outcome)
    events = len(np.unique(person[rows & left]))
    found: dict[str, Any] = {"group": group.name, "level": group.level}
    if people < FEWEST_PEOPLE or events < FEWEST_EVENTS:
        return found | {"shown": False, "reason": TOO_SMALL}
    figures = judged(part, {name: values[rows] for name, values in risk.items()}, [c[rows] for c in counts], _nothing)
    return found | {"shown": True, "n": int(group.members.sum()), "events": events, "models": figures}


def _nothing() -> None:
    """Report no progress."""
