"""Who is judged by a model that was fitted to whom: never to a client's, or a clinician's, own episodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from plugin.caseload import BoolArray, Caseload, IntArray

By = Literal["clinician", "client"]

FEWEST_CLINICIANS: Final = 10  # below it, holding out clinicians (or drawing them) rests on a handful of people
FOLDS: Final = 5


@dataclass(frozen=True, eq=False)
class Fold:
    """Rows of a caseload to fit to and to judge on."""

    train: IntArray
    test: IntArray


def usual_grouping(caseload: Caseload) -> By:
    """Return whose episodes stay together: those of a clinician where there are ten or more, else those of a client."""
    known = {name for name in caseload.clinician if name}
    return "clinician" if len(known) >= FEWEST_CLINICIANS else "client"


def clusters(caseload: Caseload, by: By) -> IntArray:
    """Return the cluster of each episode, shape (n,); without a known clinician a client is one.

    They are numbered as they come, so that folds do not depend on the pseudonyms of one installation.
    """
    names = [
        f"k {clinician}" if by == "clinician" and clinician else f"c {client}"
        for clinician, client in zip(caseload.clinician, caseload.client, strict=True)
    ]
    number: dict[str, int] = {}
    return np.array([number.setdefault(name, len(number)) for name in names], dtype=np.int64)


def folds(caseload: Caseload, left: BoolArray, by: By, seed: int, count: int = FOLDS) -> Iterator[Fold]:
    """Return folds in which whole clusters are held out, dropouts spread evenly over them as far as that goes.

    A client who is judged is not learnt from either, also where another clinician saw them before.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    group = clusters(caseload, by)
    client = clusters(caseload, "client")
    chosen = min(count, len(np.unique(group)))
    splitter = StratifiedGroupKFold(chosen, shuffle=True, random_state=seed)
    for train, test in splitter.split(np.zeros(len(caseload)), left, group):
        yield Fold(train[~np.isin(client[train], client[test])], test)
