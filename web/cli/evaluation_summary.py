"""An evaluation to read in a terminal: a table of the models, and what it means in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

WIDTH: Final = 100
NONE: Final = "—"
COLUMNS: Final = {
    "c_index": "C-index",
    "auc": "AUC",
    "brier": "Brier",
    "scaled_brier": "scaled",
    "calibration_slope": "slope",
    "expected_observed": "E/O",
}
NAMES: Final = {
    "fitted": "fitted to your episodes",
    "evidence": "published figures alone",
    "base_rate": "the same risk for all",
    "last_attendance": "last visit missed or not",
    "logistic": "penalised logistic",
    "cox": "penalised Cox",
    "survival_forest": "survival forest",
    "gradient_boosting": "gradient boosting",
}


def evaluation_summary(result: Mapping[str, Any]) -> str:
    """Return the summary as lines of at most ``WIDTH`` signs."""
    return "\n".join(
        [
            *_head(result),
            "",
            *_table(result),
            "",
            *_meaning(result),
            *_groups(result),
            *_feedback(result),
            *_notes(result),
        ]
    )


def targeting(result: Mapping[str, Any], saved: Path | None) -> str:
    """Return how to take what was measured into the calculator, at the threshold nearest to the share that drops out.

    Empty where there is nothing to take: no threshold at which sensitivity and specificity both exist.
    """
    benefit = result["net_benefit"]
    curve = benefit["models"][result["primary"]]
    rows = list(zip(benefit["thresholds"], curve["sensitivity"], curve["specificity"], strict=True))
    known = [row for row in rows if row[1]["estimate"] is not None and row[2]["estimate"] is not None]
    if not known:
        return ""
    threshold, sensitivity, specificity = min(known, key=lambda row: abs(row[0] - result["dropout_rate"]))
    who = "100" if result["landmark"]["days"] is None else "100 of those in care then"
    said = (
        f"What acting on it is worth: a flag from a risk of {threshold:.2f} on finds {_share(sensitivity)} of {who} "
        f"who drop out and spares {_share(specificity)} of {who} who do not."
    )
    model = "MODEL" if saved is None else str(saved)
    first = "" if saved is not None else " (--save MODEL first)"
    command = f"  rapport estimate CLINIC.toml --model {model} --threshold {threshold:.2f}{first}"
    return "\n".join([*wrap(said, WIDTH), command])


def _head(result: Mapping[str, Any]) -> Iterator[str]:
    if result["simulated"]:
        yield "SIMULATED CLIENTS: no real person"
    whom = f"{result['n']:,} episodes, {result['events']:,} of which ended in dropout"
    yield from wrap(f"{whom}. {result['horizon']}", WIDTH)
    for reason, count in result["left_out"].items():
        yield f"  {count:,} more are left out: they {reason}."


def _table(result: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'':<26}" + "".join(f"{label:>10}" for label in COLUMNS.values())
    for name, figures in result["models"].items():
        mark = "▸" if name == result["primary"] else " "
        cells = "".join(f"{_shown(figures[key]['estimate']):>10}" for key in COLUMNS)
        yield f"{mark} {NAMES.get(name, name)[:24]:<24}{cells}"


def _meaning(result: Mapping[str, Any]) -> Iterator[str]:
    figures = result["models"][result["primary"]]
    sorting, scaled = figures["c_index"], figures["scaled_brier"]
    slope, ratio = figures["calibration_slope"], figures["expected_observed"]
    yield from wrap(
        f"Of two clients, it gives the one who leaves first the higher risk in {_share(sorting)} of 100 pairs; 50 is "
        f"chance. It comes {_share(scaled)} percent of the way from the base rate to certainty (scaled Brier).",
        WIDTH,
    )
    yield from wrap(
        f"It foretold {_interval(ratio)} times the dropouts there were; calibration slope {_interval(slope)}, where 1 "
        "is right and less is too extreme.",
        WIDTH,
    )
    yield from wrap(_trust(result), WIDTH)


def _trust(result: Mapping[str, Any]) -> str:
    if not result["trust"]["shown"]:
        return f"Not to be shown to clinicians yet: {result['trust']['reason']}."
    return "Well enough calibrated here to be shown to clinicians (`--save MODEL` writes it with this record)."


def _groups(result: Mapping[str, Any]) -> Iterator[str]:
    if not result["groups"]:
        return
    yield ""
    yield f"By group ({NAMES.get(result['primary'], result['primary'])})"
    for group in result["groups"]:
        label = f"  {group['group']}: {group['level']}"
        if not group["shown"]:
            yield f"{label}: {group['reason']}"
            continue
        figures = group["models"][result["primary"]]
        yield (
            f"{label}: {group['n']:,} episodes, {group['events']:,} dropouts, C-index {_interval(figures['c_index'])}, "
            f"E/O {_interval(figures['expected_observed'])}"
        )


def _feedback(result: Mapping[str, Any]) -> Iterator[str]:
    found = result.get("feedback")
    if found is None:
        return
    yield ""
    yield from wrap(
        f"Clinicians answered {found['cards_answered']:,} of {sum(found['cards_shown'].values()):,} cards: took up a "
        f"suggestion in {found['accepted']:,} and put {found['overridden']:,} aside. Neither says whether the risk was "
        "right.",
        WIDTH,
    )


def _notes(result: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    for note in result["notes"]:
        yield from wrap(note, WIDTH, subsequent_indent="  ", initial_indent="· ")


def _shown(value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:.3f}".replace("-0.000", "0.000")


def _interval(figure: Mapping[str, Any]) -> str:
    if figure["estimate"] is None:
        return f"unknown ({figure['reason']})"
    if figure["low"] is None:
        return f"{figure['estimate']:.2f}"
    return f"{figure['estimate']:.2f} ({figure['low']:.2f} to {figure['high']:.2f})"


def _share(figure: Mapping[str, Any]) -> str:
    if figure["estimate"] is None:
        return "unknown"
    if figure["low"] is None:
        return f"{100 * figure['estimate']:.0f}"
    return f"{100 * figure['estimate']:.0f} ({100 * figure['low']:.0f} to {100 * figure['high']:.0f})"
