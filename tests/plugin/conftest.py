"""Let a predictor's process import ``bad_predictors``: other packages bring a ``tests`` of their own."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = str(Path(__file__).resolve().parent)
if HERE not in sys.path:
    sys.path.append(HERE)
