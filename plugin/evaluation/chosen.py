"""Which model an evaluation is about, and how it can be judged on people it has not seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from plugin.contract import Predictor
from plugin.errors import PluginError
from plugin.linear_predictor import LinearPredictor
from plugin.model_cards import own_card
from plugin.model_file import read_model
from plugin.model_schema import NAME
from plugin.registry import known_names, open_predictor

FITTED: Final = NAME
EVIDENCE: Final = "evidence"


@dataclass(frozen=True)
class Chosen:
    """The model that an evaluation is about.

    Attributes:
        name: as the evaluation calls it.
        fixed: predictors to be taken as they are, by name; without it ``name`` is fitted to the people not judged.
        learnt_until: a client whose intake is not later may be among those that a fixed model was fitted to.
        note: what a reader must know of the choice; empty where there is nothing.
    """

    name: str = FITTED
    fixed: Mapping[str, Predictor] = field(default_factory=dict)
    learnt_until: dt.date | None = None
    note: str = ""


def choose(model: str, *, on_test: bool = False) -> Chosen:
    """Return the choice behind ``--model``: nothing or *fitted*, *evidence*, an installed predictor, a model file.

    A model file may have been fitted to the very episodes it would be judged on. With a second file of episodes it is
    judged as it is, on later intakes; without one, its way of learning is judged: fitted anew for each fold.

    Raises:
        PluginError: where there is no such model.
    """
    if model in ("", FITTED):
        return Chosen()
    if model == EVIDENCE:
        return Chosen(EVIDENCE)
    if model not in known_names() and Path(model).is_file():
        return _file(Path(model), on_test)
    try:
        predictor = open_predictor(model)
    except PluginError as error:
        raise PluginError(problem.replace("write one of ", f"write {FITTED}, ") for problem in error.problems) from None
    return Chosen(model, {model: predictor}, note=(
        f"Whether {model} was fitted to any of these people is not known here; if it was, its figures are too good."
    ))  # fmt: skip


def card(chosen: Chosen) -> dict[str, Any]:
    """Return what the model's card says of its use: intended, not intended, limits."""
    own = chosen.fixed[chosen.name].card() if chosen.name in chosen.fixed else own_card(chosen.name)
    return {"intended_use": own.intended_use, "not_for": own.not_for, "limits": list(own.limits)}


def _file(path: Path, on_test: bool) -> Chosen:
    predictor = read_model(path)
    if predictor.name == EVIDENCE:
        return Chosen(EVIDENCE)
    if on_test:
        return Chosen(FITTED, {FITTED: predictor}, _day(predictor))
    return Chosen(note=(
        "The model file may have been fitted to these episodes, so its way of learning is judged: it is fitted anew to "
        "the people of the other folds each time."
    ))  # fmt: skip


def _day(predictor: LinearPredictor) -> dt.date | None:
    try:
        return dt.date.fromisoformat(predictor.model_card.date)
    except ValueError:
        return None
