"""A model file gives back what was written, holds nobody's data, and every mistake in one is named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plugin.caseload import Caseload
from plugin.errors import PluginError
from plugin.fitted import Fitted, fit_caseload
from plugin.model_file import MOST_BYTES, model_bytes, read_model
from plugin.model_schema import SCHEMA
from plugin.registry import open_predictor
from plugin.simulation import Truth, simulate

AS_OF = simulate(Truth(), 1, 0).as_of
Content = dict[str, Any]


@pytest.fixture(scope="module")
def caseload() -> Caseload:
    return simulate(Truth(covariates={"age": -0.2, "referral=court": 0.4}), 700, seed=2).caseload


@pytest.fixture(scope="module")
def fitted(caseload: Caseload) -> Fitted:
    return fit_caseload(caseload)


@pytest.fixture(scope="module")
def written(fitted: Fitted) -> bytes:
    return model_bytes(fitted.predictor, fitted.training)


@pytest.fixture
def path(tmp_path: Path, written: bytes) -> Path:
    path = tmp_path / "model.json"
    path.write_bytes(written)
    return path


def test_a_model_read_back_scores_to_the_last_digit_as_the_one_written(
    fitted: Fitted, path: Path, caseload: Caseload
) -> None:
    read = read_model(path)
    ours, theirs = fitted.predictor.score(caseload, AS_OF), read.score(caseload, AS_OF)
    assert (ours.reason == 0).any()
    assert ours.term_names == theirs.term_names
    for name in ("risk_next_unit", "next_low", "completion_high", "expected_units_remaining", "weakest", "terms"):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name), equal_nan=True), name
    assert read.card() == fitted.predictor.card()
    assert read.local_record == fitted.predictor.local_record
    assert (read.name, read.version) == ("fitted", fitted.predictor.version)
    assert model_bytes(read, fitted.training) == path.read_bytes()


def test_a_model_is_chosen_by_its_path(path: Path) -> None:
    assert open_predictor(str(path)).version == read_model(path).version


def test_the_same_fit_gives_the_same_bytes(caseload: Caseload, written: bytes) -> None:
    again = fit_caseload(caseload)
    assert model_bytes(again.predictor, again.training) == written


def test_another_fit_has_another_version(caseload: Caseload, fitted: Fitted) -> None:
    other = fit_caseload(caseload.take(np.arange(699)))
    assert other.predictor.version != fitted.predictor.version
    assert re.fullmatch(r"2026-06-30\.[0-9a-f]{8}", fitted.predictor.version)


def test_no_episode_and_no_client_is_in_it(caseload: Caseload, written: bytes) -> None:
    text = written.decode()
    assert not any(name in text for name in (*caseload.episode_id, *caseload.client))
    assert json.loads(text)["schema"] == SCHEMA == "rapport.model/1"
    assert set(json.loads(text)["model"]["clinicians"]) == set(caseload.clinician)


def deleted(*keys: str) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        for key in keys[:-1]:
            content = content[key]
        del content[keys[-1]]

    return change


def put(value: object, *keys: str | int) -> Callable[[Content], object]:
    def change(content: Any) -> None:
        for key in keys[:-1]:
            content = content[key]
        content[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (put("rapport.model/2", "schema"), "schema"),
        (put("evidence", "name"), "name"),
        (deleted("model"), "model"),
        (deleted("model", "mean"), "model.mean"),
        (put("0.1", "model", "mean", 3), "model.mean.3"),
        (put(True, "model", "mean", 3), "model.mean.3"),
        (put(None, "model", "covariance", 1, 1), "model.covariance.1.1"),
        (put([0.1], "model", "mean"), "model.mean"),
        (put([], "model", "covariance"), "model.covariance"),
        (put([0.1], "model", "covariance", 2), "model.covariance"),
        (put(0.5, "model", "covariance", 0, 1), "model.covariance"),
        (put(-1.0, "model", "covariance", 4, 4), "model.covariance"),
        (put("x", "model", "columns", 0), "model.columns"),
        (put(-0.1, "model", "clinician_variance"), "model.clinician_variance"),
        (put({"mean": 0.1}, "model", "clinicians", "sim-clinician-01"), "model.clinicians.sim-clinician-01.variance"),
        (put({"mean": 0.1, "variance": -1.0}, "model", "clinicians", "k"), "model.clinicians.k.variance"),
        (deleted("model", "clinicians", "sim-clinician-01"), "training.clinicians"),
        (deleted("model", "persistence"), "model.persistence"),
        (put([], "model", "persistence"), "model.persistence"),
        (put([1.0], "model", "persistence", 1), "model.persistence"),
        (put(0.9, "model", "persistence", 0, 2), "model.persistence"),
        (put(1.1, "model", "persistence", 1, 2), "model.persistence.1.2"),
        (put(0.0, "model", "covariates", 0, "sd"), "model.covariates.0.number.sd"),
        (put("other", "model", "covariates", 0, "kind"), "model.covariates.0"),
        (put([], "model", "covariates", 1, "levels"), "model.covariates.1.choice.levels"),
        (put(["self", "self", "court"], "model", "covariates", 1, "levels"), "model.covariates"),
        (put(-1, "training", "episodes"), "training.episodes"),
        (put("yesterday", "training", "as_of"), "training.as_of"),
        (put("abc", "training", "evidence_sha256"), "training.evidence_sha256"),
        (put([1.0, 1.2, 0.8], "local_record", "calibration_slope"), "local_record.calibration_slope"),
        (put([1.0, 0.8], "local_record", "c_index"), "local_record.c_index"),
        (put(1, "surprise"), "surprise"),
        (put("2026-06-30.00000000", "version"), "version"),
        (put(0.123, "model", "mean", 0), "version"),  # each key is right, and yet somebody changed it
        (put(5, "training", "dropouts"), "version"),
    ],
)
def test_a_mistake_is_named_by_its_key(
    path: Path, written: bytes, change: Callable[[Content], object], key: str
) -> None:
    content = json.loads(written)
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(PluginError) as caught:
        read_model(path)
    assert any(line.startswith((f"{path}: {key}: ", f"{path}: {key}.")) for line in caught.value.problems)


def test_all_mistakes_are_named_at_once(path: Path, written: bytes) -> None:
    content = json.loads(written)
    content["model"]["mean"][0], content["training"]["episodes"] = "a", 0
    path.write_text(json.dumps(content))
    with pytest.raises(PluginError) as caught:
        read_model(path)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    "data", [b"", b"episode_id,client_id\n1,2\n", b"[" * 100_000, b"\xff\xfe\x00", b"null", b'{"schema": NaN}']
)
def test_what_is_no_model_file_is_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(PluginError) as caught:
        read_model(path)
    assert all(line.startswith(f"{path}: ") for line in caught.value.problems)


def test_a_file_too_large_to_be_one_is_not_read_whole(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    with pytest.raises(PluginError, match="larger than 64 MB"):
        read_model(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="cannot be read"):
        read_model(tmp_path / "none.json")


def test_a_number_that_is_none_is_never_written(fitted: Fitted) -> None:
    broken = replace(fitted.predictor.model, mean=np.full_like(fitted.predictor.model.mean, np.nan))
    with pytest.raises(ValueError, match="JSON"):
        model_bytes(replace(fitted.predictor, model=broken), fitted.training)
