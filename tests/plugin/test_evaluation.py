"""The whole evaluation: its schema, what it rests on, groups, second files, other predictors, and the record."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plugin.caseload import Caseload, texts
from plugin.contract import API_VERSION, Abstention, Answer, LocalRecord, Need, Probability, Request, Score
from plugin.errors import PluginError
from plugin.evaluation.chosen import Chosen, choose
from plugin.evaluation.evaluate import FEWEST_EACH, Settings, evaluate
from plugin.evaluation.figures import FIGURES
from plugin.evaluation.groups import FEWEST_EVENTS, FEWEST_PEOPLE, TOO_SMALL
from plugin.evaluation.landmark import landmark
from plugin.evaluation.local_record import local_record, performance
from plugin.evaluation.saving import savable, saved
from plugin.evidence_predictor import predictor as evidence
from plugin.evidence_record import read_record, record_bytes, with_record
from plugin.fitted import fit_caseload
from plugin.linear_predictor import LinearPredictor
from plugin.model_cards import own_card
from plugin.model_file import model_bytes, read_model
from plugin.records import STATUSES
from plugin.registry import open_predictor
from plugin.simulation import Truth, simulate
from plugin.trust import EXPECTED_OBSERVED, SLOPE, calibrated, judge, reason
from plugin.trust import FEWEST_EVENTS as FEWEST_TRUSTED

FAST = Settings(landmark_days=30, draws=20, groups=("referral", "age"))
MODELS = (
    "fitted", "evidence", "base_rate", "last_attendance", "logistic", "cox", "survival_forest", "gradient_boosting",
)  # fmt: skip


@pytest.fixture(scope="module")
def clinic() -> Caseload:
    return simulate(Truth(), 500, 2).caseload


@pytest.fixture(scope="module")
def found(clinic: Caseload) -> dict[str, Any]:
    return evaluate(clinic, settings=FAST)


def test_it_has_the_published_schema(found: dict[str, Any]) -> None:
    assert found["schema"] == "rapport.evaluation/1"
    assert found["outcome"] == "dropped out before completion"
    assert tuple(found["models"]) == MODELS
    for figures in found["models"].values():
        assert tuple(figures) == FIGURES
        for figure in figures.values():
            assert {"estimate", "low", "high"} <= set(figure)
            if figure["estimate"] is None:
                assert figure["reason"]
            elif figure["low"] is not None:
                assert figure["low"] <= figure["high"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_counts_are_those_of_the_people_in_care(clinic: Caseload, found: dict[str, Any]) -> None:
    everybody = landmark(clinic, 30)
    people = everybody.take(~everybody.overdue)
    assert found["n"] == len(people)
    assert found["events"] == int(people.outcome.left.sum())
    late = found["overdue"]
    assert (late["n"], late["events"]) == (everybody.overdue.sum(), everybody.outcome.left[everybody.overdue].sum())
    assert found["n"] + late["n"] + sum(found["left_out"].values()) == len(clinic)
    assert found["population"]["episodes_in_file"] == len(clinic)
    censored = found["population"]["not_followed"]
    assert sum(censored.values()) == int((~people.outcome.followed).sum()) > 0
    assert any("inverse probability of censoring" in note for note in found["notes"])


def test_simulated_clients_are_called_so(clinic: Caseload, found: dict[str, Any]) -> None:
    assert found["simulated"] is True
    assert found["notes"][0].startswith("These are simulated clients")
    real = replace(clinic, episode_id=texts([f"e{number}" for number in range(len(clinic))]))
    assert evaluate(real, settings=replace(FAST, draws=20, groups=()))["simulated"] is False


def test_constants_sort_nobody_and_have_no_slope(found: dict[str, Any]) -> None:
    figures = found["models"]["base_rate"]
    assert [figures[name]["estimate"] for name in ("c_index", "auc")] == pytest.approx([0.5, 0.5])
    assert figures["calibration_slope"] == {
        "estimate": None, "low": None, "high": None, "reason": "the prediction is the same for everybody"
    }  # fmt: skip
    assert figures["expected_observed"]["estimate"] == pytest.approx(1.0, abs=0.1)


def test_the_models_know_the_truth_they_were_made_from(found: dict[str, Any]) -> None:
    """Clients leave by the published figures here, so both models sort them, and beat the attendance rule."""
    for name in ("fitted", "evidence"):
        assert found["models"][name]["c_index"]["low"] > 0.5
        assert found["models"][name]["c_index"]["estimate"] > found["models"]["last_attendance"]["c_index"]["estimate"]
        assert 0.5 < found["models"][name]["calibration_slope"]["estimate"] < 1.6


def test_the_same_files_and_seed_give_the_same_figures(clinic: Caseload, found: dict[str, Any]) -> None:
    assert evaluate(clinic, settings=FAST) == found


def test_progress_is_told_step_by_step(clinic: Caseload) -> None:
    told: list[str] = []
    settings = replace(FAST, groups=(), repeats=2)
    made = evaluate(clinic, settings=settings, progress=told.append)
    assert len(told) == settings.steps(test=False)
    assert told[0] == "fitting"
    assert told[-1] == "drawing"
    assert made["validation"]["repeats"] == 2
    assert made["n"] == int((~landmark(clinic, 30).overdue).sum())


def test_groups_add_up_and_small_ones_are_not_shown(found: dict[str, Any]) -> None:
    names = {group["group"] for group in found["groups"]}
    assert names == {"clinician's episodes", "x_referral", "x_age"}
    for name in names:
        parts = [group for group in found["groups"] if group["group"] == name]
        shown = [group for group in parts if group["shown"]]
        assert shown
        if len(shown) == len(parts):
            assert sum(group["n"] for group in shown) == found["n"]
            assert sum(group["events"] for group in shown) == found["events"]
        for group in shown:
            assert group["n"] >= FEWEST_PEOPLE
            assert group["events"] >= FEWEST_EVENTS
            assert set(group["models"]) == {"fitted", "evidence"}
    hidden = [group for group in found["groups"] if not group["shown"]]
    assert hidden  # few clients have no referral written down
    for group in hidden:
        assert group == {"group": group["group"], "level": group["level"], "shown": False, "reason": TOO_SMALL}


def test_a_group_that_does_not_exist_is_named(clinic: Caseload) -> None:
    with pytest.raises(
        PluginError, match="group x_wealth: the episodes have no such column; they have x_age, x_referral"
    ):
        evaluate(clinic, settings=replace(FAST, groups=("wealth",)))


def test_too_few_are_refused_with_counts() -> None:
    with pytest.raises(PluginError, match=r"too few to judge on: 15 people, \d+ of whom dropped out") as caught:
        evaluate(simulate(Truth(), 15, 1).caseload)
    assert f"{FEWEST_EACH} who dropped out" in caught.value.problems[0]


def test_the_decision_curve_stands_beside_all_and_none(found: dict[str, Any]) -> None:
    curve = found["net_benefit"]
    assert curve["treat_none"] == [0.0] * len(curve["thresholds"])
    lowest = curve["models"]["fitted"]
    assert lowest["sensitivity"][0]["estimate"] == pytest.approx(1.0, abs=0.05)
    sensitivity = [one["estimate"] for one in lowest["sensitivity"]]
    assert sensitivity == sorted(sensitivity, reverse=True)
    share = found["dropout_rate"]
    odds = curve["thresholds"][3] / (1.0 - curve["thresholds"][3])
    assert curve["treat_all"][3]["estimate"] == pytest.approx(share - (1.0 - share) * odds)


def test_calibration_curves_have_bands(found: dict[str, Any]) -> None:
    curve = found["curves"]["fitted"]
    assert sum(point["people"] for point in curve["points"]) == pytest.approx(found["n"])
    inside = [at["low"] <= at["observed"] <= at["high"] for at in curve["smooth"] if at["low"] is not None]
    assert np.mean(inside) > 0.9
    assert found["curves"]["base_rate"]["smooth"] is None


def test_a_second_file_is_judged_by_models_of_the_first(clinic: Caseload) -> None:
    half = np.arange(len(clinic)) < 300
    first, second = clinic.take(half), clinic.take(~half)
    returning = replace(second, client=np.where(np.arange(200) < 20, first.client[:200], second.client))
    made = evaluate(first, test=returning, settings=replace(FAST, landmark_days=None, groups=()))
    assert made["n"] == 180
    assert made["left_out"] == {"are clients of the first file too": 20}
    assert made["validation"]["kind"] == "second file"
    assert made["simulated"] is True


def test_the_future_does_not_help(clinic: Caseload) -> None:
    """A covariate that tells who leaves makes figures perfect; ratings after the day that tell it change nothing."""
    settings = replace(FAST, groups=(), draws=0)
    leaves = (clinic.status == STATUSES.index("dropped_out")).astype(float)
    told = evaluate(replace(clinic, covariates={**clinic.covariates, "fate": leaves}), settings=settings)
    assert told["models"]["logistic"]["auc"]["estimate"] > 0.95
    r = clinic.ratings
    late = r.day > clinic.intake_day[r.episode] + 30
    changed = replace(clinic, ratings=replace(r, share=np.where(late, 1.0 - leaves[r.episode], r.share)))
    plain, after = evaluate(clinic, settings=settings), evaluate(changed, settings=settings)
    comparators = [
        name for name in MODELS if name != "fitted"
    ]  # the fitted one learns from all that others went through
    assert {name: after["models"][name] for name in comparators} == {
        name: plain["models"][name] for name in comparators
    }


class Other:
    """Another author's predictor: an own risk for each clinician, and no answer for who is new."""

    name = "other"
    version = "9"
    api_version = API_VERSION
    needs: tuple[Need, ...] = ()
    horizon = "leaving"
    local_record = None

    def card(self) -> Any:
        return replace(own_card("evidence"), intended_use="To try.")

    def predict(self, requests: Any) -> list[Answer]:
        return [self.answer(request) for request in requests]

    def answer(self, request: Request) -> Answer:
        assert all(rating.date <= request.as_of for rating in request.ratings)
        assert all(visit.date <= request.as_of for visit in request.visits)
        assert request.as_of == request.episode.intake_date + dt.timedelta(days=30)
        if request.episode.units_attended == 0:
            return Abstention("too new")
        risk = 1.0 / (1.0 + request.episode.units_attended)
        chance = Probability(risk, risk, risk)
        return Score(chance, chance, 1.0)


class Broken(Other):
    def answer(self, request: Request) -> Answer:
        raise RuntimeError("client 17 is odd")


def test_another_predictor_is_asked_on_each_ones_day_and_judged_where_it_answers(clinic: Caseload) -> None:
    chosen = Chosen("other", {"other": Other()})
    made = evaluate(clinic, chosen=chosen, settings=replace(FAST, groups=()))
    assert made["primary"] == "other"
    assert made["versions"]["other"] == "9"
    assert made["card"]["intended_use"] == "To try."
    people = landmark(clinic, 30)
    new = int(((people.caseload.units_attended == 0) & ~people.overdue).sum())
    assert made["abstained"] == ({"other": new} if new else {})
    assert made["models"]["other"]["auc"]["estimate"] is not None
    with pytest.raises(PluginError) as caught:
        evaluate(clinic, chosen=Chosen("other", {"other": Broken()}), settings=FAST)
    assert caught.value.problems == ("model other: fails on these episodes: RuntimeError",)  # and nothing of anybody
    with pytest.raises(PluginError, match="other keeps its record itself"):
        savable(chosen)


def test_the_choice_of_a_model(tmp_path: Path, clinic: Caseload) -> None:
    assert choose("") == choose("fitted") == Chosen()
    assert choose("evidence").name == "evidence"
    with pytest.raises(PluginError, match="model nothing: is neither a predictor nor a file; write fitted, evidence"):
        choose("nothing")
    path = tmp_path / "own.json"
    fitted = fit_caseload(clinic)
    path.write_bytes(model_bytes(fitted.predictor, fitted.training))
    again = choose(str(path))
    assert (again.name, dict(again.fixed), again.learnt_until) == ("fitted", {}, None)
    assert "fitted anew" in again.note
    as_it_is = choose(str(path), on_test=True)
    assert as_it_is.learnt_until == dt.date.fromisoformat(fitted.training.as_of)
    with pytest.raises(PluginError, match="too few to judge on: 0 people"):  # it may have learnt from all of them
        evaluate(simulate(Truth(), 300, 8).caseload, test=clinic, chosen=as_it_is, settings=FAST)


def record(**changes: Any) -> LocalRecord:
    plain = LocalRecord(500, 120, "2026-06-30", (1.0, 0.8, 1.2), (1.0, 0.9, 1.1), (0.7, 0.65, 0.75))
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (None, "nobody has judged it"),
        (record(), ""),
        (record(events=FEWEST_TRUSTED), ""),
        (record(events=FEWEST_TRUSTED - 1), "judged on 49 dropouts, and 50 are needed"),
        (record(calibration_slope=(SLOPE[0], 0.1, 2.0)), ""),
        (record(calibration_slope=(0.79, 0.5, 1.1)), "too extreme here: calibration slope 0.79"),
        (record(calibration_slope=(1.3, 0.5, 1.9)), "too much alike here"),
        (record(calibration_slope=(math.nan, 0.5, 1.9)), "calibration slope nan"),
        (record(expected_observed=(EXPECTED_OBSERVED[1], 0.9, 1.5)), ""),
        (record(expected_observed=(1.26, 0.9, 1.5)), "too high here: it foretold 1.26 times"),
        (record(expected_observed=(0.4, 0.3, 0.5)), "too low here: it foretold 0.40 times"),
    ],
)
def test_who_is_shown_to_clinicians(given: LocalRecord | None, why: str) -> None:
    model = replace(evidence(), local_record=given)
    assert calibrated(model) == (why == "")
    assert why in reason(model)
    assert judge(given) == reason(model)


def test_the_record_has_the_evaluations_figures(found: dict[str, Any]) -> None:
    made = local_record(found, "evidence")
    figures = found["models"]["evidence"]
    assert (made.episodes, made.events) == (found["n"], found["events"])
    for name in ("calibration_slope", "expected_observed", "c_index"):
        figure = figures[name]
        assert getattr(made, name) == (figure["estimate"], figure["low"], figure["high"])
    curve = found["net_benefit"]["models"]["evidence"]
    assert made.thresholds["0.20"] == (curve["sensitivity"][3]["estimate"], curve["specificity"][3]["estimate"])
    assert found["trust"]["reason"] == judge(local_record(found))
    with pytest.raises(PluginError, match="base_rate: has no calibration slope"):
        local_record(found, "base_rate")


def test_a_saved_model_bears_its_record(found: dict[str, Any], clinic: Caseload, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(saved(found, Chosen(), clinic, "fitted"))
    read = open_predictor(str(path))
    assert isinstance(read, LinearPredictor)
    assert read.local_record == local_record(found)
    assert read.card().performance == performance(found)
    assert "simulated clients" in performance(found)
    plain = fit_caseload(clinic).predictor
    assert np.array_equal(read.model.mean, plain.model.mean)
    again = tmp_path / "again.json"
    again.write_bytes(saved(found, choose(str(path)), clinic, str(path)))
    assert again.read_bytes() == path.read_bytes()


def test_the_evidence_predictor_gets_a_record_in_a_file(
    found: dict[str, Any], clinic: Caseload, tmp_path: Path
) -> None:
    path = tmp_path / "evidence.json"
    made = found | {"primary": "evidence"}
    path.write_bytes(saved(made, Chosen("evidence"), clinic, "evidence"))
    read = read_model(path)
    assert (read.name, read.version) == ("evidence", evidence().version)
    assert read.local_record == local_record(found, "evidence")
    assert np.array_equal(read.model.mean, evidence().model.mean)
    assert choose(str(path)).name == "evidence"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("evidence_sha256", "0" * 64, "made with other published figures than this release has"),
        ("version", "0.9.0", "made with other published figures"),
        ("local_record", None, "local_record: "),
        ("surprise", 1, "surprise: "),
    ],
)
def test_a_record_of_another_evidence_is_refused(key: str, value: object, said: str) -> None:
    content = json.loads(record_bytes(with_record(record(), "well")))
    data = json.dumps(content | {key: value}).encode()
    with pytest.raises(PluginError) as caught:
        read_record(Path("evidence.json"), data)
    assert any(line.startswith("evidence.json: ") and said in line for line in caught.value.problems)
