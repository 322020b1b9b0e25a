"""Pseudonyms: keyed, apart by kind, and from a salt that nobody else can read."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.errors import PluginError
from plugin.loading.pseudonym import SALT_FILE, pseudonym, pseudonyms, read_salt

SALT = bytes(range(32))


def by_definition(key: bytes, message: bytes) -> str:
    """HMAC as RFC 2104 writes it: H(K ^ opad, H(K ^ ipad, text)), with SHA-256's block of 64 bytes."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in padded) + message).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in padded) + inner).hexdigest()


@given(st.text(min_size=1).filter(lambda text: bool(text.strip())))
def test_it_is_the_hmac_of_kind_and_identifier(identifier: str) -> None:
    message = b"client\0" + identifier.strip().encode()
    assert pseudonym(SALT, "client", identifier) == "c-" + by_definition(SALT, message)[:16]


def test_kinds_salts_and_identifiers_are_apart() -> None:
    found = {
        pseudonym(salt, kind, identifier)[2:]
        for salt in (SALT, bytes(32))
        for kind in ("episode", "client", "clinician")
        for identifier in ("1", "01", "l")
    }
    assert len(found) == 18


def test_many_at_once_are_the_same_and_blank_stays_blank() -> None:
    assert pseudonyms(SALT, "clinician", ["a", "", " a", "  "]).tolist() == [
        pseudonym(SALT, "clinician", "a"), "", pseudonym(SALT, "clinician", "a"), "",
    ]  # fmt: skip


def test_the_salt_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "new"
    salt = read_salt(folder)
    assert len(salt) == 32
    assert read_salt(folder) == salt
    assert stat.S_IMODE((folder / SALT_FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [SALT_FILE]  # nothing half-made is left
    assert read_salt(tmp_path / "other") != salt


def test_processes_that_start_at_once_get_one_salt(tmp_path: Path) -> None:
    """They wait for the same file to appear, then all make the salt."""
    script = (
        "import sys, time; from pathlib import Path; from plugin.loading.pseudonym import read_salt\n"
        "folder = Path(sys.argv[1]); print('ready', flush=True)\n"
        "while not (folder / 'go').exists(): time.sleep(0.001)\n"
        "print(read_salt(folder / 'data').hex())"
    )
    run = [sys.executable, "-c", script, str(tmp_path)]
    started = [subprocess.Popen(run, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()
    salts = {process.communicate(timeout=60)[0] for process in started}
    assert len(salts) == 1
    assert salts == {read_salt(tmp_path / "data").hex() + "\n"}


def test_a_salt_made_by_another_in_between_is_the_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = bytes(32)
    link = os.link

    def late(source: str, target: Path) -> None:
        target.write_bytes(theirs)
        target.chmod(0o600)
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    assert read_salt(tmp_path) == theirs
    assert [path.name for path in tmp_path.iterdir()] == [SALT_FILE]


def test_a_damaged_salt_is_not_replaced(tmp_path: Path) -> None:
    """A new salt would cut every client off from their history without a word."""
    read_salt(tmp_path)
    (tmp_path / SALT_FILE).write_bytes(b"short")
    with pytest.raises(PluginError, match="is damaged; put it back from a backup"):
        read_salt(tmp_path)
    assert (tmp_path / SALT_FILE).read_bytes() == b"short"


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_salt_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    read_salt(tmp_path)
    (tmp_path / SALT_FILE).chmod(mode)
    with pytest.raises(PluginError, match="set its mode to 600"):
        read_salt(tmp_path)
