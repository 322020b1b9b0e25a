"""Where the model uses a figure, in a manager's words, with the field of the calculator it stands behind."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import url_for

from assumptions import Figure, Library, Use
from calculator.language import gettext as _
from calculator.language import mark
from calculator.quantity import ANY_SETTING
from web.forms import STARTING, declared_at

BACKFILL = "clinic.backfill_rate"
PLACES = {
    "outpatient": mark("outpatient therapy"),
    "iop": mark("intensive outpatient care (IOP)"),
    "php": mark("partial hospitalization (PHP)"),
    "residential": mark("residential care"),
}
CAPACITY_SENTENCES = {
    "slack": mark("“%(input)s” when you leave it blank and have room for more clients"),
    "mixed": mark("“%(input)s” when you leave it blank and have some room for more clients"),
    "waitlist": mark("“%(input)s” when you leave it blank and have a waiting list"),
}
ROLE_SENTENCES = {
    "estimate_amount_factor": mark("How far an amount may be off that you estimate with one number"),
    "estimate_odds_factor": mark("How far a share may be off that you estimate with one number"),
    "occupancy_mixed": mark("How full your places are when some of what a dropout frees is filled again anyway"),
    "occupancy_full": mark("How full your places are when nearly all of what a dropout frees is filled again anyway"),
    "attendance_ceiling": mark("Kept to compare with: what programmes reach that aim at attendance itself"),
    "between_clinics_logit_sd": mark("Kept to compare with: how widely dropout differs from clinic to clinic"),
    "dropout_low": mark(
        "Your own dropout rate is questioned where it lies far below this low end of the rates in print"
    ),
    "dropout_high": mark(
        "Your own dropout rate is questioned where it lies far above this high end of the rates in print"
    ),
    "risk_alliance_gap_sd": mark(
        "In the dropout prediction: how much an alliance rating above or below the middle moves the risk"
    ),
    "risk_alliance_item_sd": mark(
        "In the dropout prediction: the spread that puts alliance ratings of all scales on one footing"
    ),
    "risk_alliance_mean": mark("In the dropout prediction: the alliance rating of the middle client"),
    "risk_component_correlation": mark(
        "In the dropout prediction: how the weight of the alliance is divided among bond, goals and tasks"
    ),
    "risk_ratings_averaged": mark("In the dropout prediction: how many of the last ratings are averaged"),
    "risk_rating_reliability": mark("In the dropout prediction: how far a few ratings are trusted"),
    "risk_before_first_unit": mark(
        "In the dropout prediction: the risk of a client who has not yet come for the first time"
    ),
    "risk_missed_visits_hr": mark("In the dropout prediction: how much missed visits raise the risk"),
    "risk_symptoms_mean": mark("In the dropout prediction: the symptom score of the middle client"),
    "risk_symptoms_sd": mark(
        "In the dropout prediction: the spread that puts symptom scores of all scales on one footing"
    ),
    "risk_symptoms_hr": mark("In the dropout prediction: how much symptoms move the risk"),
    "risk_symptoms_change_hr": mark("In the dropout prediction: how much getting worse moves the risk"),
    "risk_satisfaction_mean": mark("In the dropout prediction: the satisfaction of the middle client"),
    "risk_satisfaction_sd": mark(
        "In the dropout prediction: the spread that puts satisfaction scores of all scales on one footing"
    ),
    "risk_satisfaction_hr": mark("In the dropout prediction: how much satisfaction moves the risk"),
    "risk_clinician_logit_sd": mark("In the dropout prediction: how far clinicians are expected to differ"),
    "risk_covariate_log_sd": mark(
        "In the dropout prediction: how much a clinic’s own further facts are expected to matter"
    ),
    "risk_baseline_log_sd": mark(
        "In the dropout prediction: how far a clinic’s own course of dropout may differ from the published one"
    ),
    "risk_fewest_episodes": mark(
        "In the dropout prediction: below this many episodes a model of one’s own is marked as too small"
    ),
}
COMPARED = frozenset({"attendance_ceiling", "between_clinics_logit_sd", "dropout_low", "dropout_high"})


@dataclass(frozen=True)
class UseShown:
    """One use in words, the address of its field (empty where there is none), and why this figure."""

    text: str
    address: str = ""
    note: str = ""


def in_the_model(use: Use) -> bool:
    """Return whether a use changes a result; some figures are kept to compare with."""
    return use.part != "role" or use.name not in COMPARED


def stands_in(use: Use) -> bool:
    """Return whether the figure stands in for a field that is left blank."""
    return use.part in ("default", "capacity")


def uses_shown(figure: Figure, library: Library) -> tuple[UseShown, ...]:
    """Return every use of a figure; one that differs between settings in words or address is told for each."""
    return tuple(shown for use in library.uses(figure.id) for shown in _shown(use, library))


def field_address(path: str, setting: str, **more: str) -> str:
    """Return the address of the calculator's field for a path, in a setting, with everything else blank."""
    section, _, key = path.partition(".")
    place = f"payers-1-{key}" if section == "payers" else path.replace(".", "-")
    query = STARTING | {"clinic.setting": setting} | more | {"mode": "detailed"}
    return f"{url_for('calculator.index')}?{urlencode(query)}#{place}"


def _shown(use: Use, library: Library) -> list[UseShown]:
    first = next(iter(library.settings))
    if use.part == "role":
        return [UseShown(_(ROLE_SENTENCES[use.name]))]
    if use.part == "capacity":
        text = _(CAPACITY_SENTENCES[use.name], input=_name(BACKFILL, library))
        return [UseShown(text, field_address(BACKFILL, first, **{"clinic.practice_capacity": use.name}))]
    everywhere = library.everywhere(use)
    return [
        UseShown(
            _sentence(use, "" if everywhere else setting, library),
            field_address(use.name, setting),
            _(library.settings[setting].defaults[use.name].note) if use.part == "default" else "",
        )
        for setting in ([first] if everywhere else use.settings)
    ]


def _sentence(use: Use, setting: str, library: Library) -> str:
    values = {"input": _name(use.name, library, setting)}
    if not setting:
        if use.part == "spread":
            return _("How widely “%(input)s” may differ from clinic to clinic while you have not measured it", **values)
        return _("“%(input)s” when you leave it blank, in every setting", **values)
    values["place"] = _(PLACES[setting]) if setting in PLACES else _(library.settings[setting].label)
    if use.part == "spread":
        return _(
            "How widely “%(input)s” may differ from clinic to clinic while you have not measured it, in %(place)s",
            **values,
        )
    return _("“%(input)s” when you leave it blank, in %(place)s", **values)


def _name(path: str, library: Library, setting: str = "") -> str:
    section, _, key = path.partition(".")
    declared = declared_at(f"payers.1.{key}" if section == "payers" else path)
    if declared is None:
        raise KeyError(path)
    return declared.named(library.settings[setting].words if setting else ANY_SETTING)
