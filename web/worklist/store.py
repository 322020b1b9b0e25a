"""Caseloads that are kept: each in a folder named by the digest of its id, for a day after it was last looked at."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path
from typing import Final

from plugin.errors import PluginError
from plugin.evidence_predictor import predictor as evidence_predictor
from plugin.evidence_record import is_record, record_bytes
from plugin.model_file import model_bytes, read_model, read_trained
from web.kept_folders import DAY, KeptFolders, write_private
from web.worklist.caseload_file import caseload_bytes, read_caseload
from web.worklist.kept import Kept, facts_bytes, read_facts

KEPT: Final = DAY  # seconds after the last look
MOST_KEPT: Final = 50  # at a time: a disk has an end
CASELOAD, MODEL, FACTS, OWNER = "caseload.npz", "model.json", "facts.json", "owner"


class Caseloads:
    """The folder of all caseloads; made when the first one comes, for the server's eyes only.

    Each has an owner, a text that says whose it is; nobody else finds it.
    """

    def __init__(self, data_dir: Path) -> None:
        self.folders = KeptFolders(data_dir / "worklist")

    def add(self, kept: Kept, owner: str) -> str:
        """Keep a caseload; return its id, which nobody can guess and which stands nowhere on disk.

        Raises:
            StoreFullError: if too many are kept.
            OSError: if it cannot be written.
        """
        self.sweep()
        number, folder = self.folders.new(MOST_KEPT)
        try:
            write_private(folder / OWNER, owner.encode())
            write_private(folder / CASELOAD, caseload_bytes(kept.caseload))
            if kept.training is not None:
                write_private(folder / MODEL, model_bytes(kept.predictor, kept.training))
            elif kept.predictor.local_record is not None:
                write_private(folder / MODEL, record_bytes(kept.predictor))
            write_private(folder / FACTS, facts_bytes(kept.facts))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return number

    def find(self, number: str, owner: str) -> Kept | None:
        """Return an owner's caseload by its id; None where there is none, it is over, or another version wrote it."""
        folder = self.folders.find(number)
        if folder is None or not _fresh(folder) or _owner(folder) != owner:
            return None
        try:
            facts = read_facts((folder / FACTS).read_bytes())
            caseload = read_caseload(folder / CASELOAD)
            path = folder / MODEL
            if not path.exists():
                predictor, training = evidence_predictor(), None
            elif is_record(path.read_bytes()):
                predictor, training = read_model(path), None
            else:
                predictor, training = read_trained(path)
            os.utime(folder)
        except (OSError, ValueError, TypeError, KeyError, PluginError):
            return None
        return Kept(caseload, predictor, training, facts)

    def remove(self, number: str, owner: str) -> None:
        """Remove an owner's caseload by its id, if there is one."""
        folder = self.folders.find(number)
        if folder is not None and _owner(folder) == owner:
            self.folders.remove(folder)

    def remove_all_of(self, owner: str) -> int:
        """Remove everything that is an owner's; return how many caseloads there were."""
        theirs = [folder for folder in self.folders if _owner(folder) == owner]
        for folder in theirs:
            self.folders.remove(folder)
        return len(theirs)

    def sweep(self) -> None:
        """Remove what is over."""
        for folder in list(self.folders):
            if not _fresh(folder):
                self.folders.remove(folder)
        self.folders.clear()


def _owner(folder: Path) -> str | None:
    with contextlib.suppress(OSError):
        return (folder / OWNER).read_text()
    return None


def _fresh(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return time.time() - folder.stat().st_mtime < KEPT
    return False
