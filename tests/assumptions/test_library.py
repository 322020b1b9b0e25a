"""The library as an object: what it answers, that it cannot be changed, and that its fingerprint follows its bytes."""

from __future__ import annotations

import hashlib
import math
import shutil
import time
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

import assumptions
from assumptions import AssumptionError, Distribution, Use, load_library, load_library_from

PACKAGE = Path(assumptions.__file__).parent
LIBRARY = load_library()


def test_used_for_names_defaults_spreads_capacities_and_roles() -> None:
    assert LIBRARY.used_for("programs/feedback_dropout_or_dejong_2021") == (
        "default of program.odds_ratio (every setting)",
    )
    assert LIBRARY.used_for("dropout/adult_overall_swift_2012") == ("default of clinic.dropout_rate (outpatient)",)
    assert LIBRARY.used_for("uncertainty/between_clinics_lappan_2020") == (
        "spread of clinic.dropout_rate (iop, php, residential)",
    )
    assert LIBRARY.used_for("uncertainty/between_clinics_outpatient") == (
        "spread of clinic.dropout_rate (outpatient)",
        "role between_clinics_logit_sd",
    )
    assert LIBRARY.used_for("practice/backfill_waitlist") == ("backfill where practice_capacity is waitlist",)
    assert LIBRARY.used_for("finance/vendor_claim_lost_revenue") == ()


def test_uses_say_the_same_as_data() -> None:
    assert LIBRARY.uses("programs/feedback_dropout_or_dejong_2021") == (
        Use("default", "program.odds_ratio", ("outpatient", "iop", "php", "residential")),
    )
    assert LIBRARY.uses("uncertainty/between_clinics_outpatient") == (
        Use("spread", "clinic.dropout_rate", ("outpatient",)),
        Use("role", "between_clinics_logit_sd"),
    )
    assert LIBRARY.uses("practice/backfill_waitlist") == (Use("capacity", "waitlist"),)
    assert LIBRARY.uses("finance/vendor_claim_lost_revenue") == ()


def test_every_default_spread_capacity_and_role_is_a_use_of_its_figure() -> None:
    for setting in LIBRARY.settings.values():
        for path, default in setting.defaults.items():
            for part, figure in (("default", default.figure), ("spread", default.spread)):
                uses = LIBRARY.uses(figure.id) if figure else ()
                assert not figure or [
                    use for use in uses if (use.part, use.name) == (part, path) and setting.id in use.settings
                ]
    for part, named in (("capacity", LIBRARY.capacity), ("role", LIBRARY.roles)):
        for name, figure in named.items():
            assert (part, name, ()) in [(use.part, use.name, use.settings) for use in LIBRARY.uses(figure.id)]


def test_an_unknown_figure_is_answered_with_its_neighbours() -> None:
    with pytest.raises(
        AssumptionError, match=r"therapists/nobody: there is no such figure; figures on therapists: .*saxon"
    ):
        LIBRARY["therapists/nobody"]
    with pytest.raises(AssumptionError, match="topics: dropout, timing"):
        LIBRARY.used_for("nowhere")


def test_the_library_is_read_once_and_cannot_be_changed() -> None:
    assert load_library() is LIBRARY
    frozen: Any = LIBRARY
    with pytest.raises(TypeError):
        frozen.figures["x"] = None
    with pytest.raises(TypeError):
        frozen.settings["iop"].defaults["x"] = None
    with pytest.raises(FrozenInstanceError):
        frozen["alliance/causal_share"].value = 1.0


def test_same_bytes_same_fingerprint(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    assert load_library_from(copy).sha256 == LIBRARY.sha256
    (copy / "figures" / "notes.txt").write_text("not part of the evidence", encoding="utf-8")
    assert load_library_from(copy).sha256 == LIBRARY.sha256


@pytest.mark.parametrize("file", ["figures/dropout/teds_iop_2004.toml", "settings/common.toml"])
def test_one_changed_byte_another_fingerprint(tmp_path: Path, file: str) -> None:
    shutil.copytree(PACKAGE, tmp_path, ignore=shutil.ignore_patterns("*.py", "__pycache__"), dirs_exist_ok=True)
    target = tmp_path / file
    target.write_bytes(target.read_bytes() + b"\n")
    changed = load_library_from(tmp_path)
    assert changed.sha256 != LIBRARY.sha256
    assert changed["dropout/teds_iop_2004"] == LIBRARY["dropout/teds_iop_2004"]


def test_a_renamed_file_another_fingerprint(library_dir: Path) -> None:
    before = load_library_from(library_dir).sha256
    (library_dir / "figures/dropout/claim.toml").rename(library_dir / "figures/dropout/vendor_claim.toml")
    assert load_library_from(library_dir).sha256 != before


def test_the_fingerprint_can_be_computed_by_hand(library_dir: Path) -> None:
    """Path, length and content of each file, in the order of the paths, as the README says."""
    digest = hashlib.sha256()
    for path in sorted(path.relative_to(library_dir).as_posix() for path in library_dir.rglob("*.toml")):
        content = (library_dir / path).read_bytes()
        digest.update(f"{path}\n{len(content)}\n".encode() + content)
    assert load_library_from(library_dir).sha256 == digest.hexdigest()


def test_times_per_inverse_and_whole(library_dir: Path, spoil: Any) -> None:
    """0.5 x 31 / 2 = 7.75, so 8 as a whole number; one over 0.5 is 2; a PERT of 0.25, 0.5, 1 times 4 is 1, 2, 4."""
    common = "settings/common.toml"
    plain = 'figure = "practice/guess"\nnote   = "A guess."\n'
    for path, extra in {
        "clinic.planned_units": "times = 31\nper = 2\nwhole = true\nfixed = true\n",
        "clinic.clinicians": "inverse = true\nfixed = true\n",
        "program.ramp_months": "times = 4\n",
    }.items():
        spoil(common, f"[{path}]\n{plain}", f"[{path}]\n{extra}{plain}")
    defaults = load_library_from(library_dir).settings["outpatient"].defaults
    assert (defaults["clinic.planned_units"].value, defaults["clinic.planned_units"].times) == (8.0, 15.5)
    assert defaults["clinic.clinicians"].value == 2.0
    assert defaults["program.ramp_months"].value == 2.0
    assert defaults["program.ramp_months"].distribution == Distribution("pert", (1.0, 2.0, 4.0))


def test_a_share_from_a_study_cannot_be_multiplied(library_dir: Path, spoil: Any) -> None:
    common, plain = "settings/common.toml", 'figure = "practice/guess"\nnote   = "A guess."\n'
    spoil(
        common,
        f"[program.save_rate]\n{plain}",
        '[program.save_rate]\nfigure = "dropout/doe_2012"\ntimes = 2\nnote = "x"\n',
    )
    with pytest.raises(AssumptionError, match="cannot be multiplied by 2"):
        load_library_from(library_dir)


def test_a_setting_of_ones_own_comes_after_the_known_ones(library_dir: Path) -> None:
    own = (library_dir / "settings/outpatient.toml").read_bytes()
    for name in ("day_clinic", "iop"):
        (library_dir / f"settings/{name}.toml").write_bytes(own)
    assert tuple(load_library_from(library_dir).settings) == ("outpatient", "iop", "day_clinic")


def test_loading_is_quick() -> None:
    """A command that only prints its help reads the library too. The best of five, against 60 ms on a desk machine."""
    best = math.inf
    for _ in range(5):
        start = time.perf_counter()
        load_library_from(PACKAGE)
        best = min(best, time.perf_counter() - start)
    assert best < 0.25  # four times the aim, for slow machines and for coverage
