"""The evaluation: predictions for people not learnt from, all figures with intervals, as one plain dictionary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import numpy as np

from assumptions import load_library
from plugin.caseload import Caseload, FloatArray
from plugin.contract import Predictor
from plugin.errors import PluginError
from plugin.evaluation.bootstrap import LEVEL, draws
from plugin.evaluation.chosen import EVIDENCE, Chosen, card
from plugin.evaluation.figures import Sample
from plugin.evaluation.folds import FOLDS, By, clusters, usual_grouping
from plugin.evaluation.groups import Group, by_group, groups
from plugin.evaluation.judgement import by_parts, curve, decision_curve, judged
from plugin.evaluation.landmark import Landmark, landmark
from plugin.evaluation.local_record import trust
from plugin.evaluation.notes import horizon, notes
from plugin.evaluation.outcome import left_by, rate
from plugin.evaluation.population import population, predictors, simulated
from plugin.evaluation.predictions import Predictions, cross_validated, on_test
from plugin.evaluation.reach import reach
from plugin.evidence import VERSION as EVIDENCE_VERSION

SCHEMA: Final = "rapport.evaluation/1"
OUTCOME: Final = "dropped out before completion"
FEWEST_PEOPLE: Final = 20
FEWEST_EACH: Final = 10  # who dropped out, and who is known not to have: fewer cannot be divided into folds

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """How to judge.

    Attributes:
        landmark_days: predict so many days after intake, for who is in care then; None for at intake.
        groups: covariates (without ``x_``) by which to tell how good it is.
        draws: of the bootstrap.
        seed: of folds, learners and bootstrap.
        repeats: how often the folds are drawn anew.
        by: whose episodes are held out, and drawn, together; None for the usual (see ``folds.usual_grouping``).
    """

    landmark_days: int | None = None
    groups: tuple[str, ...] = ()
    draws: int = 200
    seed: int = 1
    repeats: int = 1
    by: By | None = None

    def steps(self, *, test: bool) -> int:
        """Return how often ``progress`` is called."""
        return (1 if test else FOLDS * self.repeats) + self.draws


def evaluate(
    caseload: Caseload,
    *,
    test: Caseload | None = None,
    chosen: Chosen | None = None,
    settings: Settings | None = None,
    progress: Progress = lambda what: None,
) -> dict[str, Any]:
    """Return how good predictions are on people they were not fitted to, in the schema ``rapport.evaluation/1``.

    Args:
        caseload: the episodes: fitted to and judged in folds, or fitted to where there is a test file.
        test: other episodes to judge on.
        chosen: the model it is about; the fitted one without it.
        settings: how to judge.
        progress: called after each fit and each draw, with what was done.

    Raises:
        PluginError: where there are too few people to judge on, or a model or a group cannot be used.
    """
    chosen, settings = chosen or Chosen(), settings or Settings()
    source = caseload if test is None else test
    everybody = landmark(source, settings.landmark_days)
    left_out, reached = dict(everybody.left_out), reach(source, everybody, settings.landmark_days)
    if test is not None:
        everybody = _not_learnt_from(everybody, caseload, chosen, left_out)
    people = everybody.take(~everybody.overdue)
    _enough(people)
    wanted = list(groups(people.caseload, settings.groups))
    by = settings.by or usual_grouping(people.caseload)
    found = _predicted(caseload, everybody, chosen, settings, by, progress, test=test is not None)
    names = tuple(dict.fromkeys((chosen.name, "fitted", EVIDENCE)))
    late = _judged_apart(everybody, found, names, by, settings)
    found = found.about(~everybody.overdue)
    sample, counts = _sample(people, found, by, settings)
    main = {name: found.risk[name] for name in names}
    client = clusters(people.caseload, "client")
    shown = [by_group(group, sample, found.person, main, counts, client) for group in wanted]
    facts = {
        "schema": SCHEMA,
        "n": len(people),
        "events": int(left_by(people.outcome).sum()),
        "dropout_rate": rate(people.outcome),
        "outcome": OUTCOME,
        "horizon": horizon(settings.landmark_days),
        "primary": chosen.name,
        "simulated": simulated(source),
        "landmark": reached,
        "population": population(source, people),
        "predictors": predictors(people, clinician_known=bool((people.caseload.clinician != "").any())),
        "validation": _validation(settings, by, test),
        "bootstrap": {"by": by, "clusters": len(np.unique(clusters(people.caseload, by))), "level": LEVEL}
        | {"draws": settings.draws},
    }
    result: dict[str, Any] = facts | {
        "models": judged(sample, found.risk, counts, lambda: progress("drawing")),
        "auc_by_part": {name: by_parts(sample, risk, counts) for name, risk in main.items()},
        "curves": {name: curve(sample, risk, counts if name in main else ()) for name, risk in found.risk.items()},
        "net_benefit": decision_curve(sample, main, counts),
        "groups": [group for group in shown if group is not None],
        "overdue": late,
        "left_out": left_out,
        "abstained": {name: n for name, risk in found.risk.items() if (n := int(np.isnan(risk).sum()))},
        "card": card(chosen),
        "versions": _versions(chosen),
        "seed": settings.seed,
    }
    return result | {"trust": trust(result), "notes": notes(result, chosen.note)}


def _judged_apart(
    everybody: Landmark, found: Predictions, names: tuple[str, ...], by: By, settings: Settings
) -> dict[str, Any] | None:
    """Return the figures for people who were overdue on the day; None where nobody was."""
    people, theirs = everybody.take(everybody.overdue), found.about(everybody.overdue)
    if not len(people):
        return None
    sample, counts = _sample(people, theirs, by, settings)
    whole = Group("overdue", "yes", np.ones(len(people), dtype=np.bool_))
    risk = {name: theirs.risk[name] for name in names}
    return by_group(whole, sample, theirs.person, risk, counts, clusters(people.caseload, "client"))


def _not_learnt_from(people: Landmark, caseload: Caseload, chosen: Chosen, left_out: dict[str, int]) -> Landmark:
    """Return the people of a test file without those that a model was, or may have been, fitted to."""
    own = people.caseload
    known = np.isin(own.client.astype(str), caseload.client.astype(str))
    early = np.zeros(len(people), dtype=np.bool_)
    if chosen.learnt_until is not None:
        early = (own.intake_day <= np.datetime64(chosen.learnt_until, "D").astype(np.int64)) & ~known
    reasons = {
        "are clients of the first file too": known,
        f"came no later than {chosen.learnt_until}, up to when the model may have learnt from them": early,
    }
    left_out |= {reason: count for reason, holds in reasons.items() if (count := int(holds.sum()))}
    return people.take(~known & ~early)


def _enough(people: Landmark) -> None:
    clients = len(set(people.caseload.client))
    left = int(people.outcome.left.sum())
    stayed = int((people.outcome.followed & ~people.outcome.left).sum())
    if clients < FEWEST_PEOPLE or min(left, stayed) < FEWEST_EACH:
        raise PluginError(
            [
                f"too few to judge on: {clients} people, {left} of whom dropped out and {stayed} of whom completed; "
                f"{FEWEST_PEOPLE} people, {FEWEST_EACH} who dropped out and {FEWEST_EACH} who completed are needed"
            ]
        )


def _predicted(
    caseload: Caseload, people: Landmark, chosen: Chosen, settings: Settings, by: By, progress: Progress, *, test: bool
) -> Predictions:
    fixed: Mapping[str, Predictor] = chosen.fixed
    if test:
        learnt_from = landmark(caseload, settings.landmark_days)
        _enough(learnt_from.take(~learnt_from.overdue))
        return on_test(caseload, learnt_from, people, fixed, seed=settings.seed, progress=lambda: progress("fitting"))
    return cross_validated(
        caseload,
        people,
        by,
        fixed,
        seed=settings.seed,
        repeats=settings.repeats,
        progress=lambda: progress("fitting"),
    )


def _sample(people: Landmark, found: Predictions, by: By, settings: Settings) -> tuple[Sample, list[FloatArray]]:
    """Return the rows judged, and for each draw of the bootstrap how often each is there."""
    sample = Sample(people.outcome.take(found.person), found.stratum, np.ones(len(found.person)))
    counts = [count[found.person] for count in draws(people.caseload, by, settings.draws, settings.seed)]
    return sample, counts


def _validation(settings: Settings, by: By, test: Caseload | None) -> dict[str, Any]:
    if test is not None:
        return {"kind": "second file", "by": by}
    return {"kind": "cross-validation", "by": by, "folds": FOLDS, "repeats": settings.repeats}


def _versions(chosen: Chosen) -> dict[str, str]:
    """Return what the figures were made with."""
    models = {name: predictor.version for name, predictor in chosen.fixed.items()}
    libraries = {name: version(name) for name in ("numpy", "scikit-learn", "scikit-survival")}
    evidence = {EVIDENCE: EVIDENCE_VERSION, "evidence_sha256": load_library().sha256}
    return {"rapport": version("rapport-roi")} | models | evidence | libraries
