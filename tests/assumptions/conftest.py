"""A library small enough to read: one study, one guess, one setting. Tests spoil it in one place at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

STUDY = """\
label       = "Share of clients who leave early"
unit        = "share"
kind        = "proportion"
value       = 0.20
interval    = { level = 0.95, low = 0.16, high = 0.24 }
reading     = "descriptive"
population  = "Adults"
setting     = "Outpatient"
design      = "Survey"
year        = 2012
derivation  = "As printed."
cautions    = ["An invented study."]
source_type = "study"
verified    = true

[[reference]]
citation    = "Doe & Roe (2012). Journal of Examples 1:1-9."
doi         = "10.0000/invented"
url         = "https://example.org/doe"
locator     = "Table 2"
as_printed  = "20% [16, 24]"
checked_on  = 2026-11-20
"""

RATIO = STUDY.replace('"share"', '"odds ratio of dropout"').replace('"proportion"', '"ratio"').replace("0.20", "0.8")
RATIO = RATIO.replace("low = 0.16, high = 0.24", "low = 0.64, high = 1.0")

GUESS = """\
label      = "A number somebody thought of"
unit       = "share"
kind       = "judgement"
value      = 0.5
interval   = { low = 0.25, high = 1.0 }
population = "Clinics"
setting    = "Any"
reason     = "Half, for want of anything better."
"""

SPREAD = GUESS.replace('"share"', '"SD of log-odds"')

BARE = GUESS.replace("interval   = { low = 0.25, high = 1.0 }\n", "")

CLAIM = STUDY.replace('"study"', '"vendor"').replace('"descriptive"', '"opinion"')

HEARSAY = STUDY.replace("verified    = true", "verified    = false")

RANGE = STUDY.replace('"proportion"', '"range"').replace("value       = 0.20\n", "")

OWN = """\
label     = "Outpatient"
unit      = "session"
units     = "sessions"
admissions = "new clients"
leaving   = "leave early"
course    = "a full course"
places    = "places"

[clinic.dropout_rate]
figure = "dropout/doe_2012"
spread = { figure = "uncertainty/spread", as = "logit_sd" }
note   = "A survey."
"""

COMMON_HEAD = """\
default_capacity = "mixed"

[capacity]
slack    = "practice/guess"
mixed    = "practice/guess"
waitlist = "practice/guess"

[roles]
attendance_ceiling       = "dropout/doe_2012"
between_clinics_logit_sd = "uncertainty/spread"
estimate_amount_factor   = "practice/guess"
estimate_odds_factor     = "practice/guess"
dropout_low              = "practice/guess"
dropout_high             = "practice/guess"
occupancy_mixed          = "practice/guess"
occupancy_full           = "practice/guess"
risk_alliance_gap_sd        = "practice/guess"
risk_alliance_item_sd       = "practice/guess"
risk_alliance_mean          = "practice/guess"
risk_component_correlation  = "practice/guess"
risk_ratings_averaged       = "practice/guess"
risk_rating_reliability     = "practice/guess"
risk_before_first_unit      = "practice/guess"
risk_missed_visits_hr       = "practice/guess"
risk_symptoms_mean          = "practice/guess"
risk_symptoms_sd            = "practice/guess"
risk_symptoms_hr            = "practice/guess"
risk_symptoms_change_hr     = "practice/guess"
risk_satisfaction_mean      = "practice/guess"
risk_satisfaction_sd        = "practice/guess"
risk_satisfaction_hr        = "practice/guess"
risk_clinician_logit_sd     = "practice/guess"
risk_covariate_log_sd       = "practice/guess"
risk_baseline_log_sd        = "practice/guess"
risk_fewest_episodes        = "practice/guess"
"""

#: Written out, so that a path that vanishes from the package is noticed here.
COMMON_PATHS = """
clinic.planned_units clinic.units_per_month clinic.median_dropout_unit clinic.no_show_rate clinic.clinicians
clinic.variable_cost_per_unit clinic.intake_growth_rate clinic.clinician_hourly_cost clinic.acquisition_cost_per_intake
payers.allowed_per_unit payers.collection_rate
program.odds_ratio program.fidelity program.alliance_lift_sd program.alliance_gap_sd program.causal_share
program.sensitivity program.specificity program.action_rate program.save_rate program.minutes_per_flag
program.adoption_rate program.ramp_months program.subscription_per_clinician_month program.subscription_per_intake
program.implementation_cost program.training_hours_per_clinician program.minutes_per_unit
analysis.horizon_months analysis.discount_rate analysis.history_months analysis.draws analysis.seed
""".split()  # noqa: SIM905  (easier to compare with the interface as lines)

COMMON = COMMON_HEAD + "".join(f'\n[{path}]\nfigure = "practice/guess"\nnote   = "A guess."\n' for path in COMMON_PATHS)

FILES = {
    "figures/dropout/doe_2012.toml": STUDY,
    "figures/dropout/ratio.toml": RATIO,
    "figures/dropout/claim.toml": CLAIM,
    "figures/dropout/hearsay.toml": HEARSAY,
    "figures/dropout/range.toml": RANGE,
    "figures/practice/guess.toml": GUESS,
    "figures/practice/bare.toml": BARE,
    "figures/uncertainty/spread.toml": SPREAD,
    "settings/common.toml": COMMON,
    "settings/outpatient.toml": OWN,
}

Spoil = Callable[[str, str, str], None]


@pytest.fixture
def library_dir(tmp_path: Path) -> Path:
    """A folder with a library in order."""
    for file, content in FILES.items():
        target = tmp_path / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    return tmp_path


@pytest.fixture
def spoil(library_dir: Path) -> Spoil:
    """Replace one piece of text in one file; the piece must be there."""

    def replace(file: str, old: str, new: str) -> None:
        target = library_dir / file
        content = target.read_text(encoding="utf-8")
        assert old in content, f"{old!r} is not in {file}"
        target.write_text(content.replace(old, new, 1), encoding="utf-8")

    return replace
