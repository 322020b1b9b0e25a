"""The two validators of npm, in one process of node that is asked again and again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import platformdirs

SOURCE = Path(__file__).resolve().parent.parent / "fhir_validators"
INSTALL_SECONDS = 300


class NotHere(Exception):  # noqa: N818 - it is a state of the machine, not a mistake
    """The validators cannot run on this machine; the message says what is missing."""


def installed() -> Path:
    """Return a folder with the packages of the lock file, installed once for each lock file, outside the checkout.

    Raises:
        NotHere: without node and npm, or where npm cannot get the packages.
    """
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        raise NotHere(f"{' and '.join(missing)} not found; the FHIR validators need both (apt install nodejs npm)")
    lock = (SOURCE / "package-lock.json").read_bytes()
    cache = Path(platformdirs.user_cache_dir("rapport-tests"))
    place = cache / f"fhir-validators-{hashlib.sha256(lock).hexdigest()[:16]}"
    if place.is_dir():
        return place
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            made = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        except subprocess.TimeoutExpired:
            raise NotHere(f"npm ci did not end within {INSTALL_SECONDS} seconds") from None
        if made.returncode:
            raise NotHere(f"npm ci failed: {(made.stderr.strip().splitlines() or ['it gave no reason'])[0]}")
        whole = Path(folder) / "whole"
        whole.mkdir()
        for name in ("node_modules", "package.json"):
            os.rename(Path(folder) / name, whole / name)
        try:
            os.rename(whole, place)
        except OSError:  # another test process was first
            if not place.is_dir():
                raise
    return place


class Validators:
    """A running process; ask it with ``problems``, and ``close`` it."""

    def __init__(self) -> None:
        script = str(SOURCE / "validate.mjs")
        self._node = subprocess.Popen(
            ["node", script, str(installed())], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def problems(self, resource: Any) -> dict[str, list[str]]:
        """Return what ``medplum`` and ``lantana`` say is wrong with a resource; empty lists where nothing is."""
        node = self._node
        assert node.stdin is not None
        assert node.stdout is not None
        node.stdin.write(json.dumps(resource, allow_nan=False) + "\n")
        node.stdin.flush()
        line = node.stdout.readline()
        assert line, "the validators ended; see what node wrote to standard error"
        found: dict[str, list[str]] = json.loads(line)
        return found

    def close(self) -> None:
        """End the process."""
        self._node.communicate()
