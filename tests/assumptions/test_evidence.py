"""The library that is shipped: complete, cited, and honest about what may be used for what."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from statistics import NormalDist

import pytest

import assumptions
from assumptions import Default, Figure, load_library
from assumptions.vocabulary import PATHS, TOPICS, UNITS

PACKAGE = Path(assumptions.__file__).parent
LIBRARY = load_library()
SETTINGS = ("outpatient", "iop", "php", "residential")


def all_defaults() -> Iterator[tuple[str, Default]]:
    for setting in LIBRARY.settings.values():
        for default in setting.defaults.values():
            yield setting.id, default


def default(setting: str, path: str) -> Default:
    return LIBRARY.settings[setting].defaults[path]


def used_figures() -> set[str]:
    """Every figure that can move a result."""
    used = {entry.figure.id for _, entry in all_defaults()}
    used |= {entry.spread.id for _, entry in all_defaults() if entry.spread is not None}
    return used | {figure.id for uses in (LIBRARY.capacity, LIBRARY.roles) for figure in uses.values()}


def test_every_figure_file_is_loaded_under_its_path() -> None:
    names = {str(path.relative_to(PACKAGE / "figures").with_suffix("")) for path in PACKAGE.glob("figures/*/*.toml")}
    assert set(LIBRARY.figures) == {name.replace("\\", "/") for name in names}
    assert all(figure.id == name for name, figure in LIBRARY.figures.items())
    assert len(names) >= 100


def test_every_topic_has_figures_and_every_unit_is_in_use() -> None:
    assert {figure.topic for figure in LIBRARY.figures.values()} == set(TOPICS)
    # The vocabulary is there to catch typing mistakes; a word nobody uses would let one pass.
    assert {figure.unit for figure in LIBRARY.figures.values()} == set(UNITS)


@pytest.mark.parametrize("figure", LIBRARY.figures.values(), ids=list(LIBRARY.figures))
def test_a_figure_says_what_it_is_and_where_it_comes_from(figure: Figure) -> None:
    assert figure.label[0].isupper()
    assert not figure.label.endswith(".")
    assert len(figure.label) <= 100  # one line of a report
    for sentence in (figure.derivation, figure.reason, *figure.cautions):
        assert not sentence or sentence[-1] in ".;)", sentence
    if figure.kind == "judgement":
        assert figure.reason
        assert not figure.verified
    else:
        assert figure.references
        assert figure.cautions
        assert all(reference.locator and (reference.doi or reference.url) for reference in figure.references)


def test_the_four_settings_have_a_default_for_every_input() -> None:
    assert tuple(LIBRARY.settings) == SETTINGS
    for setting in LIBRARY.settings.values():
        assert tuple(setting.defaults) == PATHS
        assert all(entry.path == path for path, entry in setting.defaults.items())


def test_the_words_of_the_settings() -> None:
    words = {s.id: tuple(s.words.values()) for s in LIBRARY.settings.values()}
    assert words == {
        "outpatient": ("session", "sessions", "new clients", "leave early", "a full course", "places"),
        "iop": ("day", "days", "admissions", "leave early (AMA)", "a full course", "places"),
        "php": ("day", "days", "admissions", "leave early (AMA)", "a full course", "places"),
        "residential": ("day", "days", "admissions", "leave against advice (AMA)", "a planned stay", "beds"),
    }


@pytest.mark.parametrize("figure_id", sorted(used_figures()))
def test_whatever_moves_a_result_is_checked_or_says_that_it_is_a_judgement(figure_id: str) -> None:
    figure = LIBRARY[figure_id]
    assert figure.source_type != "vendor"
    assert figure.verified != (figure.kind == "judgement")
    assert figure.value is not None
    if figure.kind == "judgement":
        assert len(figure.reason.split()) >= 10  # a reason, not a word


def test_a_default_is_uncertain_or_says_why_not() -> None:
    for setting, entry in all_defaults():
        assert entry.note.endswith(".")
        if entry.distribution.kind == "fixed":
            assert entry.distribution.parameters == (entry.value,), (setting, entry.path)
        elif entry.distribution.kind == "pert":
            low, likely, high = entry.distribution.parameters
            assert low < high
            assert likely == entry.value


def test_a_price_and_a_plan_carry_no_spread_and_evidence_does() -> None:
    certain = {entry.path for _, entry in all_defaults() if entry.distribution.kind == "fixed"}
    assert {"program.subscription_per_clinician_month", "clinic.planned_units", "analysis.seed"} <= certain
    assert certain.isdisjoint(
        {"clinic.dropout_rate", "program.odds_ratio", "program.fidelity", "payers.allowed_per_unit"}
    )


# setting, path, value with its origin
VALUES: list[tuple[str, str, float]] = [
    ("outpatient", "clinic.dropout_rate", 0.197),  # Swift & Greenberg 2012
    ("outpatient", "clinic.planned_units", 13.0),  # 12.7 sessions in trials (Hansen 2002), a whole number
    ("outpatient", "clinic.clinicians", 1 / 80),  # 80 attended sessions a clinician and month
    ("outpatient", "payers.allowed_per_unit", 143.26),  # Zhu 2024
    ("outpatient", "program.subscription_per_clinician_month", 194 / 12),  # USD 194 a year
    ("outpatient", "program.odds_ratio", 1 / 1.19),  # de Jong 2021, turned round
    ("iop", "clinic.dropout_rate", 0.232),  # TEDS 2004, Table 2.5
    ("iop", "clinic.planned_units", 30.0),  # ten weeks of three days
    ("iop", "clinic.units_per_month", 3 * 52 / 12),
    ("iop", "clinic.median_dropout_unit", 26 / 50),  # TEDS 2004, Table 4.11
    ("iop", "clinic.clinicians", 1 / (8 * 3 * 52 / 12)),  # a group of eight, three days a week
    ("iop", "payers.allowed_per_unit", 169.51),  # COMAR 10.09.80.08
    ("php", "clinic.dropout_rate", 0.232),  # stands in
    ("php", "clinic.planned_units", 22.0),
    ("php", "clinic.units_per_month", 5 * 52 / 12),
    ("php", "payers.allowed_per_unit", 284.77),  # COMAR 10.09.80.08
    ("residential", "clinic.dropout_rate", 0.141),  # TEDS 2004, Table 2.5
    ("residential", "clinic.planned_units", 24.0),  # TEDS 2004, Table 5.11
    ("residential", "clinic.median_dropout_unit", 7 / 24),
    ("residential", "clinic.units_per_month", 365 / 12),
    ("residential", "clinic.no_show_rate", 0.0),
]


@pytest.mark.parametrize(("setting", "path", "value"), VALUES)
def test_defaults_have_the_value_of_their_source(setting: str, path: str, value: float) -> None:
    assert default(setting, path).value == pytest.approx(value, rel=0.002)  # 21.67 for 21.6667, 0.2917 for 7/24


def test_shares_of_another_quantity_name_it() -> None:
    bases = {(entry.path, entry.basis) for _, entry in all_defaults() if entry.basis is not None}
    assert bases == {
        ("clinic.median_dropout_unit", "course_length"),
        ("clinic.clinicians", "planned_units_per_month"),
        ("clinic.variable_cost_per_unit", "net_revenue_per_unit"),
    }


def test_backfill_follows_the_capacity() -> None:
    assert {name: figure.value for name, figure in LIBRARY.capacity.items()} == {
        "slack": 0.0,
        "mixed": 0.5,
        "waitlist": 0.9,
    }
    assert LIBRARY.default_capacity == "mixed"


def test_roles_have_the_figures_they_need() -> None:
    values = {name: figure.value for name, figure in LIBRARY.roles.items()}
    assert values == {
        "attendance_ceiling": 0.39,  # Oldham 2012, d
        "between_clinics_logit_sd": 0.75,
        "estimate_amount_factor": 1.25,
        "estimate_odds_factor": 1.5,
        "dropout_low": 0.159,  # Carpallo-González 2023, the ends of the range
        "dropout_high": 0.468,
        "occupancy_mixed": 0.85,  # judgements
        "occupancy_full": 0.95,
        "risk_alliance_gap_sd": 0.55,  # Sharf 2010
        "risk_alliance_item_sd": 1.05,  # median of seven printed SDs
        "risk_alliance_mean": 0.75,  # judgements, from here on where no study is named
        "risk_component_correlation": 0.7,
        "risk_ratings_averaged": 4.0,  # generalizability study
        "risk_rating_reliability": 0.9,
        "risk_before_first_unit": 0.159,  # Fernandez 2015
        "risk_missed_visits_hr": 2.0,
        "risk_symptoms_mean": 0.45,
        "risk_symptoms_sd": 0.22,
        "risk_symptoms_hr": 1.15,
        "risk_symptoms_change_hr": 1.15,
        "risk_satisfaction_mean": 0.8,
        "risk_satisfaction_sd": 0.18,
        "risk_satisfaction_hr": 0.85,
        "risk_clinician_logit_sd": 0.446,  # Zimmermann 2017
        "risk_covariate_log_sd": 0.35,
        "risk_baseline_log_sd": 0.5,
        "risk_fewest_episodes": 300.0,  # Giesemann 2023
    }


def test_the_flag_separates_as_well_as_the_alliance_gap_lets_it() -> None:
    """Two normal groups d = 0.55 apart: with specificity 0.70, sensitivity is Phi(0.55 - 0.5244) = 0.51; AUC 0.65."""
    normal = NormalDist()
    gap, specificity = LIBRARY["alliance/completer_gap_sharf_2010"].value, LIBRARY["prediction/specificity"].value
    assert gap is not None
    assert specificity is not None
    assert LIBRARY["prediction/sensitivity"].value == pytest.approx(
        normal.cdf(gap - normal.inv_cdf(specificity)), abs=0.005
    )
    assert LIBRARY["prediction/auc_from_alliance_gap"].value == pytest.approx(normal.cdf(gap / math.sqrt(2)), abs=0.005)


def test_the_save_rate_is_what_the_trials_achieve() -> None:
    """OR p/(1 - p + OR p): 0.20 becomes 0.1736 (13.2% fewer), 0.35 becomes 0.3115 (11.0% fewer)."""
    odds_ratio = default("outpatient", "program.odds_ratio").value
    fewer = [1.0 - odds_ratio / (1.0 - p + odds_ratio * p) for p in (0.20, 0.35)]
    assert min(fewer) < default("outpatient", "program.save_rate").value < max(fewer)


def test_therapist_spread_follows_from_its_share_of_variance() -> None:
    """sqrt(v/(1 - v) x pi^2/3) with v = 0.057 is 0.446."""
    share = LIBRARY["therapists/dropout_variance_zimmermann_2017"].value
    assert share is not None
    expected = math.sqrt(share / (1.0 - share) * math.pi**2 / 3.0)
    assert LIBRARY["therapists/spread_zimmermann_2017"].value == pytest.approx(expected, abs=0.0005)


# What may be read as cause: trials only, and only in part where not all were randomised.
READINGS = {
    "programs/feedback_dropout_or_dejong_2021": "part-causal",
    "programs/feedback_symptoms_dejong_2021": "part-causal",
    "programs/pcoms_symptoms_ostergard_2020": "part-causal",
    "programs/termination_interventions_oldham_2012": "causal",
    "programs/pcoms_alliance_2012": "causal",
    "programs/feedback_alliance_brattland_2019": "causal",
    "programs/self_monitoring_stefana_2024": "causal",
    "programs/alliance_workshop_umass": "causal",
    "programs/structured_feedback_alliance_2026": "associational",
    "dropout/telehealth_rr_shaker_2023": "causal",
    "dropout/symptom_cost_saxon_2017": "associational",
    "dropout/adult_overall_swift_2012": "descriptive",
    "therapists/dropout_variance_saxon_2017": "associational",
}


@pytest.mark.parametrize(("figure_id", "reading"), READINGS.items())
def test_what_may_be_said_follows_the_design(figure_id: str, reading: str) -> None:
    assert LIBRARY[figure_id].reading == reading


def test_no_study_of_the_alliance_itself_is_read_as_cause() -> None:
    readings = {figure.reading for figure in LIBRARY.figures.values() if figure.topic == "alliance"}
    assert readings <= {"associational", "descriptive", "opinion"}


def test_used_for_agrees_with_what_is_used() -> None:
    assert {figure_id for figure_id in LIBRARY.figures if LIBRARY.used_for(figure_id)} == used_figures()


def test_every_judgement_is_in_use() -> None:
    """A judgement has no source to be looked up in; one that decides nothing has no reason to be kept."""
    judgements = {figure.id for figure in LIBRARY.figures.values() if figure.kind == "judgement"}
    assert judgements <= used_figures()
