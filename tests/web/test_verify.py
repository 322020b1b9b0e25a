"""``rapport verify`` as outside scripts use it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result

from web.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
IOP = EXAMPLES / "intensive_outpatient.toml"
QUICK = ("--set", "analysis.draws=64")


def rapport(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def proposal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("proposal") / "iop.pdf"
    assert rapport("propose", IOP, "-o", path, "--short", *QUICK).exit_code == 0
    return path


def changed(source: Path, target: Path, old: bytes, new: bytes) -> Path:
    with pikepdf.open(source) as opened:
        drawing = opened.pages[1].Contents
        before = drawing.read_bytes()
        assert old in before
        drawing.write(before.replace(old, new, 1))
        opened.save(target)
    return target


def test_the_example_clinics_match(tmp_path: Path) -> None:
    files = []
    for clinic in sorted(EXAMPLES.glob("*.toml")):
        files.append(tmp_path / f"{clinic.stem}.pdf")
        assert rapport("propose", clinic, "-o", files[-1], "--date", "2026-11-25").exit_code == 0
    found = rapport("verify", *files)
    assert found.exit_code == 0, found.output
    assert found.stderr == ""
    lines = found.stdout.splitlines()
    assert len(lines) == len(files) == 4
    for file, line in zip(files, lines, strict=True):
        with pikepdf.open(file) as opened:
            count = len(opened.pages)
        said = rf"{re.escape(str(file))}: MATCH \(SHA-256 [0-9a-f]{{64}}, Rapport [0-9.]+, {count} pages\)"
        assert re.fullmatch(said, line), line


def test_a_branded_proposal_in_spanish_on_letter_matches(tmp_path: Path) -> None:
    file = tmp_path / "propuesta.pdf"
    brand = EXAMPLES / "brand" / "BRAND.toml"
    asked = ("--brand", brand, "--language", "es", "--paper", "Letter", "--for", "Ana Ruiz", "--by", "Sam", *QUICK)
    assert rapport("propose", IOP, "-o", file, "--beside", IOP, *asked).exit_code == 0
    found = rapport("verify", file)
    assert (found.exit_code, ": MATCH (" in found.stdout) == (0, True), found.output
    assert found.stderr == f"{file}: note: logos were not compared, only their fingerprints are attached: page 1\n"


def test_a_changed_figure_ends_with_one_and_names_its_page(proposal: Path, tmp_path: Path) -> None:
    with pikepdf.open(proposal) as opened:
        amount = re.search(rb"\$\d[\d,]*\d", opened.pages[1].Contents.read_bytes())
    assert amount
    other = amount[0][:-1] + (b"1" if amount[0].endswith(b"0") else b"0")
    bad = changed(proposal, tmp_path / "bad.pdf", amount[0], other)
    found = rapport("verify", proposal, bad)
    assert found.exit_code == 1
    first, second = found.stdout.splitlines()
    assert first.startswith(f"{proposal}: MATCH (")
    assert second == f'{bad}: DIFFERS: page 2: the file says "{other.decode()}", computed "{amount[0].decode()}"'


def test_what_cannot_be_read_ends_with_two_and_the_others_are_still_verified(proposal: Path, tmp_path: Path) -> None:
    bare, torn, gone, folder = (tmp_path / name for name in ("bare.pdf", "torn.pdf", "gone.pdf", "folder"))
    pikepdf.new().save(bare)
    torn.write_bytes(proposal.read_bytes()[:4000])
    folder.mkdir()
    found = rapport("verify", bare, torn, gone, folder, IOP, proposal)
    assert found.exit_code == 2
    assert found.stderr.splitlines() == [
        f"{bare}: carries no rapport.json; it is not a proposal that Rapport made, or the attachment was removed.",
        f"{torn}: is damaged: it cannot be read as a PDF.",
        f"{gone}: cannot be read: No such file or directory.",
        f"{folder}: cannot be read: Is a directory.",
        f"{IOP}: is not a PDF.",
    ]
    assert found.stdout.startswith(f"{proposal}: MATCH (")
    assert rapport("verify").exit_code == 2


def test_english_needs_no_web_framework_and_the_reader_says_nothing_of_its_own(proposal: Path, tmp_path: Path) -> None:
    bent = tmp_path / "bent.pdf"
    bent.write_bytes(proposal.read_bytes().replace(b"startxref", b"startxxxx"))
    run = (
        "import sys; from web.cli import main\n"
        "try: main()\n"
        "finally: sys.exit('flask is loaded') if 'flask' in sys.modules else None"
    )
    command = [sys.executable, "-c", run, "verify", str(proposal), str(bent)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert all(line.startswith(str(bent)) for line in found.stderr.splitlines()), found.stderr
    assert found.stdout.startswith(f"{proposal}: MATCH (")
