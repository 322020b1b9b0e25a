"""From uploaded files to a caseload with its model; nothing of the files themselves is kept."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from plugin.came_true import picture
from plugin.caseload import Caseload
from plugin.errors import PluginError
from plugin.evaluation.population import simulated
from plugin.evidence_predictor import predictor as evidence_predictor
from plugin.evidence_record import is_record
from plugin.fitted import fit_caseload
from plugin.linear_predictor import LinearPredictor
from plugin.loading import load_caseload
from plugin.model_file import read_model, read_trained
from plugin.registry import known_names
from plugin.training import Training
from web.worklist.kept import Facts, Kept

MODEL = "model.json"  # how problems call an uploaded model


def read_upload(episodes: bytes, ratings: bytes | None, visits: bytes | None, model: bytes | None, salt: bytes) -> Kept:
    """Return what uploaded files hold, the clinic's own episode ids left as they are, all other identifiers hashed.

    Args:
        episodes: the file of episodes.
        ratings: the file of ratings, if there is one.
        visits: the file of visits, if there is one.
        model: a model file; without it, a model is learnt from the episodes.
        salt: what identifiers are hashed with.

    Raises:
        PluginError: where a file cannot be used at all; one line for each problem.
    """
    given = None if model is None else model_in(model)  # first, for it is quickly told
    loaded = load_caseload(episodes, ratings, visits, salt=salt, keep_episode_ids=True)
    if not loaded.kept:
        raise PluginError(loaded.problems)
    return kept(loaded.caseload, given, loaded.rows, loaded.problems, loaded.notes)


def kept(
    caseload: Caseload,
    given: tuple[LinearPredictor, Training | None] | None = None,
    rows: int | None = None,
    problems: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Kept:
    """Return a caseload with the model that was given, or with one learnt from it; all that takes time is done here."""
    predictor, training = given or _learnt(caseload)
    facts = Facts(
        rows=len(caseload) if rows is None else rows,
        kept=len(caseload),
        problems=problems,
        notes=notes,
        learnt_here=given is None and training is not None,
        picture=picture(caseload, predictor, training),
        simulated=simulated(caseload),
    )
    return Kept(caseload, predictor, training, facts)


def model_in(data: bytes) -> tuple[LinearPredictor, Training | None]:
    """Return the predictor in the bytes of a model file, with what it learnt from if it learnt.

    Raises:
        PluginError: where it is no model file.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / MODEL
        path.write_bytes(data)
        try:
            return (read_model(path), None) if is_record(data) else read_trained(path)
        except PluginError as error:  # a visitor knows nothing of folders here
            raise PluginError(problem.replace(str(path), MODEL) for problem in error.problems) from None


def server_model(name: str) -> bytes | None:
    """Return the model file that the server is set to; None where it is set to a predictor by its name.

    Args:
        name: as in the setting, a predictor's name or a path; a name that is installed wins.
    """
    return Path(name).read_bytes() if is_server_file(name) else None


def is_server_file(name: str) -> bool:
    """Return whether that setting is a file; see ``server_model``."""
    return Path(name).is_file() and name not in _installed_names()


@cache
def _installed_names() -> tuple[str, ...]:
    return known_names()  # looks into every package that is installed; a server is started again for a new one


def _learnt(caseload: Caseload) -> tuple[LinearPredictor, Training | None]:
    try:
        fitted = fit_caseload(caseload)
    except PluginError:  # nobody has been seen yet
        return evidence_predictor(), None
    return fitted.predictor, fitted.training
