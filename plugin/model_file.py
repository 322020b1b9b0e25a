"""A fitted model as a file: JSON that anyone can read, with nothing of any one client in it and no code.

``rapport.model/1`` has all that scoring needs. Numbers are written so that reading gives the same ones back, and the
same model gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import ValidationError

from plugin.contract import LocalRecord, ModelCard
from plugin.errors import PluginError
from plugin.evidence_record import is_record, read_record
from plugin.hazard import HazardModel, NumberCovariate
from plugin.linear_predictor import LinearPredictor
from plugin.model_schema import NAME, SCHEMA, Hazard, ModelFile, contradictions
from plugin.training import Training

MOST_BYTES: Final = 64 * 2**20


def model_bytes(predictor: LinearPredictor, training: Training) -> bytes:
    """Return a predictor that ``fitted.fit_caseload`` made as the bytes of a model file."""
    record = predictor.local_record
    content = {
        "schema": SCHEMA,
        "name": predictor.name,
        "version": predictor.version,
        "training": asdict(training),
        "model": _table(predictor.model),
        "local_record": None if record is None else asdict(record),
        "card": asdict(predictor.model_card),
    }
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def version_of(model: HazardModel, training: Training) -> str:
    """Return a model's version: the day it is as of, and the start of a fingerprint of what it says."""
    said = json.dumps([_table(model), asdict(training)], sort_keys=True, allow_nan=False)
    return f"{training.as_of}.{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def read_model(path: Path) -> LinearPredictor:
    """Return the predictor in a model file, or the evidence predictor in a file with its record.

    Raises:
        PluginError: where it is no model file, or was changed since it was written; one line for each mistake, with
            the key it is at.
    """
    data = _bytes(path)
    return read_record(path, data) if is_record(data) else _read(path, data)[0]


def read_trained(path: Path) -> tuple[LinearPredictor, Training]:
    """Return the predictor in a model file with what it was learnt from; raises as ``read_model`` does."""
    return _read(path, _bytes(path))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise PluginError([f"{path}: cannot be read: {error.strerror}"]) from None
    if len(data) > MOST_BYTES:
        raise PluginError([f"{path}: is larger than {MOST_BYTES // 2**20} MB; it is no model file"])
    return data


def _read(path: Path, data: bytes) -> tuple[LinearPredictor, Training]:
    file = _parsed(path, data)
    problems = list(contradictions(file))
    if problems:
        raise PluginError(f"{path}: {problem}" for problem in problems)
    model, training = _model(file.model), Training(**file.training.model_dump())
    if file.version != version_of(model, training):
        raise PluginError([f"{path}: version: does not fit the rest; the file was changed after it was written"])
    record = None if file.local_record is None else LocalRecord(**file.local_record.model_dump())
    return LinearPredictor(NAME, file.version, model, ModelCard(**file.card.model_dump()), record), training


def _parsed(path: Path, data: bytes) -> ModelFile:
    try:
        return ModelFile.model_validate_json(data)
    except ValidationError as error:
        if any(problem["type"] == "json_invalid" for problem in error.errors()):
            raise PluginError([f"{path}: is no model file that `rapport fit` wrote: not JSON"]) from None
        raise PluginError(
            f"{path}: {'.'.join(map(str, problem['loc'])) or 'the file'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ) from None


def _table(model: HazardModel) -> dict[str, Any]:
    """Return a hazard model as the tables of the file."""
    return {
        "columns": list(model.columns),
        "mean": model.mean.tolist(),
        "covariance": model.covariance.tolist(),
        "covariates": [
            {"kind": "number" if isinstance(spec, NumberCovariate) else "choice", **asdict(spec)}
            for spec in model.covariates
        ],
        "clinicians": {
            name: {"mean": mean, "variance": variance} for name, (mean, variance) in sorted(model.clinicians.items())
        },
        "clinician_variance": float(model.clinician_variance),
        "persistence": None if model.persistence is None else model.persistence.tolist(),
    }


def _model(table: Hazard) -> HazardModel:
    return HazardModel(
        mean=np.array(table.mean),
        covariance=np.array(table.covariance),
        covariates=table.specs,
        clinicians={name: (effect.mean, effect.variance) for name, effect in table.clinicians.items()},
        clinician_variance=table.clinician_variance,
        persistence=None if table.persistence is None else np.array(table.persistence),
    )
