"""A model with the record of how good it was, as the bytes of its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from plugin.caseload import Caseload
from plugin.errors import PluginError
from plugin.evaluation.chosen import EVIDENCE, FITTED, Chosen
from plugin.evaluation.local_record import local_record, performance
from plugin.evidence_record import record_bytes, with_record
from plugin.fitted import fit_caseload
from plugin.model_file import model_bytes, read_trained


def savable(chosen: Chosen) -> None:
    """Check, before the work is done, that the model an evaluation is about can be written.

    Raises:
        PluginError: for another author's predictor, whose files are its own.
    """
    if chosen.name not in (FITTED, EVIDENCE):
        raise PluginError([f"--save: writes {FITTED} and {EVIDENCE} models; {chosen.name} keeps its record itself"])


def saved(evaluation: Mapping[str, Any], chosen: Chosen, caseload: Caseload, model: str) -> bytes:
    """Return the file of the model that an evaluation is about, with its record.

    Args:
        evaluation: what ``evaluate`` returned.
        chosen: the model.
        caseload: a fitted model without a file is fitted to all of it.
        model: as it was chosen; where it names a model file, that model is written.

    Raises:
        PluginError: where the evaluation has no figures to record.
    """
    record, said = local_record(evaluation), performance(evaluation)
    if chosen.name == EVIDENCE:
        return record_bytes(with_record(record, said))
    if model not in ("", FITTED):
        predictor, training = read_trained(Path(model))
    else:
        fitted = fit_caseload(caseload)
        predictor, training = fitted.predictor, fitted.training
    card = replace(predictor.model_card, performance=said)
    return model_bytes(replace(predictor, local_record=record, model_card=card), training)
