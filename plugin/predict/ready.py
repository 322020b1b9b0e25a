"""What a worker loads before its first task."""

from __future__ import annotations

from plugin.evidence import evidence_model
from plugin.predict.fingerprint import fingerprint
from plugin.predict.merging import merge_block
from plugin.predict.scoring import score_part
from plugin.predict.sorting import sort_block

TASKS = (sort_block, score_part, merge_block)


def ready() -> None:
    """Load code and evidence."""
    fingerprint()
    evidence_model()
