"""What a reader must know of an evaluation, in sentences: how it was done, and what it does not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from plugin.records import COMPONENTS

#: Dropouts below which figures of calibration are unsteady (Collins, Ogundimu, Altman 2016, Stat Med 35:214-226).
STEADY_EVENTS: Final = 100

#: C-index above which a leak is likelier than a good model. A judgement: from what is known at intake others found
#: about .6 (Bennemann et al. 2022, Br J Psychiatry), and what is learnt later does not add as much.
TOO_GOOD: Final = 0.85


def horizon(landmark_days: int | None) -> str:
    """Say what is predicted, when and how far ahead."""
    moment = "at intake" if landmark_days is None else f"{landmark_days} days after intake, for who is in care then"
    return f"Leaving before the last planned unit, predicted {moment}."


def notes(result: Mapping[str, Any], note: str) -> list[str]:
    """Return the sentences, the weightiest first."""
    said = [*_simulated(result), *_too_good(result), *_held_out(result), *([note] if note else [])]
    return [*said, *_censored(result), *_limits(result)]


def _simulated(result: Mapping[str, Any]) -> Iterator[str]:
    if result["simulated"]:
        yield "These are simulated clients: the figures say that the computation works, not how good it is for people."


def _too_good(result: Mapping[str, Any]) -> Iterator[str]:
    found = {name: figures["c_index"]["estimate"] for name, figures in result["models"].items()}
    name, best = max(found.items(), key=lambda one: one[1] or 0.0)
    if best is not None and best > TOO_GOOD:
        yield (
            f"A C-index of {best:.2f} ({name}) is better than such data have allowed anywhere: look for a column that "
            "was filled in later than the day of the prediction before you believe it."
        )


def _held_out(result: Mapping[str, Any]) -> Iterator[str]:
    validation, bootstrap = result["validation"], result["bootstrap"]
    if validation["kind"] == "second file":
        yield "Models were fitted to the first file and judged on the second; no client is in both."
    else:
        whom = "clinician’s clients" if validation["by"] == "clinician" else "client’s episodes"
        times = "" if validation["repeats"] == 1 else f", {validation['repeats']} times"
        yield (
            f"Each {whom} were predicted by models fitted to the others ({validation['folds']} folds{times}), so no "
            "figure rests on a person that a model had seen."
        )
        if validation["by"] == "clinician":
            yield "Predictions for clients of a clinician who is known may be better than these."
    yield (
        f"Intervals hold {100 * bootstrap['level']:.0f} percent: {bootstrap['draws']} bootstrap draws of whole "
        f"{bootstrap['by']}s ({bootstrap['clusters']}), the models as they were fitted."
    )


def _censored(result: Mapping[str, Any]) -> Iterator[str]:
    still, other = (result["population"]["not_followed"][name] for name in ("open", "discharged_other"))
    if still + other:
        yield (
            f"{still + other} of {result['n']} were not followed to dropout or to the end of the plan ({still} are "
            f"still in care, {other} were discharged for another reason). All figures but the C-index weigh the others "
            "by inverse probability of censoring, the C-index compares only pairs whose order is known; both take it "
            "that the end of these episodes has nothing to do with the risk of dropout."
        )


def _overdue(result: Mapping[str, Any]) -> Iterator[str]:
    late = result["overdue"]
    if late is None or not late["shown"]:
        return
    ratio = late["models"][result["primary"]]["expected_observed"]["estimate"]
    yield (
        f"{late['n']} more were overdue, of whom {late['events']} dropped out; the model foretold {ratio:.2f} times as "
        "many. Who is overdue needs a call whatever the risk says."
    )


def _limits(result: Mapping[str, Any]) -> Iterator[str]:
    known = {row["name"]: row["known"] for row in result["predictors"]}
    if not any(known[name] for name in (*COMPONENTS, "alliance_total")):
        yield "No rating of the alliance is known on the day of the prediction: nothing here says what it would add."
    if not known["missed visits"]:
        yield "No visit is known on the day of the prediction, so the last-attendance rule is the base rate."
    if result["landmark"]["days"] is not None:
        yield (
            "Judged are clients who were not overdue on the day. Whether somebody was is told by the silence since the "
            "last unit alone, and not by whether they came back: on the day nobody could know."
        )
        yield from _overdue(result)
    if result["events"] < STEADY_EVENTS:
        yield f"Fewer than {STEADY_EVENTS} dropped out ({result['events']}), so calibration is told roughly at best."
    for name, count in result["abstained"].items():
        yield f"{name} gave no answer for {count} predictions; its figures leave them out."
