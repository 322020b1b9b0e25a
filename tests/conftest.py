"""Let tests import what they share (``tests.strategies``, ``tests.calculator.reference``) however pytest is started."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.append(ROOT)

#: A server that names no folder keeps its database in the user's own; a test keeps out of it.
USUAL = tempfile.mkdtemp(prefix="rapport-tests-")
atexit.register(shutil.rmtree, USUAL, ignore_errors=True)
os.environ["XDG_DATA_HOME"] = USUAL
