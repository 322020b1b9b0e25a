"""The evidence predictor with how it did on a clinic's own episodes, as a file.

``rapport.judged-evidence/1`` holds the record and the card alone: the model is the evidence library's, and a record
that was made with another state of the library is refused, since those figures predicted something else.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assumptions import load_library
from plugin.contract import LocalRecord, ModelCard
from plugin.errors import PluginError
from plugin.evidence_predictor import predictor as evidence_predictor
from plugin.linear_predictor import LinearPredictor
from plugin.model_schema import Card, Record

SCHEMA: Final = "rapport.judged-evidence/1"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    file_schema: Annotated[Literal["rapport.judged-evidence/1"], Field(alias="schema")]
    version: str
    evidence_sha256: str
    local_record: Record
    card: Card


def with_record(record: LocalRecord, performance: str) -> LinearPredictor:
    """Return the evidence predictor with a record, and with what its card says of its performance."""
    plain = evidence_predictor()
    return replace(plain, local_record=record, model_card=replace(plain.model_card, performance=performance))


def record_bytes(predictor: LinearPredictor) -> bytes:
    """Return what ``with_record`` made as the bytes of a file."""
    record = predictor.local_record
    assert record is not None  # noqa: S101 - that is what the file is for
    content = {
        "schema": SCHEMA,
        "version": predictor.version,
        "evidence_sha256": load_library().sha256,
        "local_record": asdict(record),
        "card": asdict(predictor.model_card),
    }
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def is_record(data: bytes) -> bool:
    """Return whether a file is one of these, judged or misjudged."""
    return data.lstrip()[:1] == b"{" and f'"{SCHEMA}"'.encode() in data[:200]


def read_record(path: Path, data: bytes) -> LinearPredictor:
    """Return the predictor in the bytes of a file.

    Raises:
        PluginError: where a key is wrong, or the evidence library was another one.
    """
    try:
        file = _File.model_validate_json(data)
    except ValidationError as error:
        raise PluginError(
            f"{path}: {'.'.join(map(str, problem['loc'])) or 'the file'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ) from None
    plain = evidence_predictor()
    if (file.version, file.evidence_sha256) != (plain.version, load_library().sha256):
        raise PluginError(
            [f"{path}: was made with other published figures than this release has; run rapport evaluate again"]
        )
    record = LocalRecord(**file.local_record.model_dump())
    return replace(plain, local_record=record, model_card=ModelCard(**file.card.model_dump()))
