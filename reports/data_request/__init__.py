"""The data request: a workbook that a prospect's staff fill in, and the scenario that a filled one makes.

``build`` is in ``writing``, which needs XlsxWriter; ``read`` and ``read_answers`` are in ``reading``, which does not.
"""

from __future__ import annotations

from reports.data_request.opening import MAX_BYTES, SUFFIX, TYPE, looks_like_workbook
from reports.data_request.reading import Answers, read, read_answers

__all__ = ["MAX_BYTES", "SUFFIX", "TYPE", "Answers", "looks_like_workbook", "read", "read_answers"]
