"""TRIPOD+AI: what a report of a prediction model should say, item by item."""

from __future__ import annotations

from dataclasses import dataclass

from reports.evaluation.words import FIGURES, NOT_REPORTED, Evaluation, figure, in_full, listed, moment, percent, plain


@dataclass(frozen=True)
class Item:
    """An item: its number, its topic in our words, what this evaluation answers, and the section that shows it."""

    number: int
    topic: str
    answer: str
    section: str = ""


def tripod(evaluation: Evaluation) -> tuple[Item, ...]:
    """Return the 27 items under the numbers of the checklist; sub-items are answered together.

    References:
        Collins GS, Moons KGM, Dhiman P et al. (2024). TRIPOD+AI statement. BMJ 385:e078378.
    """
    rows = (*_opening(evaluation), *_methods(evaluation), *_science(), *_results(evaluation), *_discussion(evaluation))
    return tuple(Item(number, *row) for number, row in enumerate(rows, start=1))


Row = tuple[str, str] | tuple[str, str, str]


def _opening(e: Evaluation) -> tuple[Row, ...]:
    return (
        ("Title", f"Evaluation of a model that predicts dropout {moment(e)}.", "front"),
        ("Abstract", "The first page sums up people, outcome, method and main figures.", "front"),
        (
            "Background: context, target population, known inequalities",
            f"{e['card']['intended_use']} Known inequalities in who drops out: {NOT_REPORTED.lower()}.",
            "use",
        ),
        (
            "Objectives",
            f"To judge {in_full(e['primary'])} beside simple rules and learners.",
            "front",
        ),
    )


def _methods(e: Evaluation) -> tuple[Row, ...]:
    found, validation = e["population"], e["validation"]
    missing = [row for row in e["predictors"] if row["known"] < 1.0]
    names = sorted({group["group"] for group in e["groups"]})
    return (
        (
            "Data: sources and dates",
            f"The clinic’s records; intakes {found['intake_from']} to {found['intake_to']}, followed to "
            f"{found['records_end']}. How representative they are: {NOT_REPORTED.lower()}.",
            "people",
        ),
        (
            "Participants: setting, eligibility, treatment",
            f"{found['episodes_in_file']:,} episodes in the file, {e['n']:,} judged. Treatments received: "
            f"{NOT_REPORTED.lower()}, except as columns of the file.",
            "people",
        ),
        (
            "Data preparation",
            "Rows with mistakes are listed by the command and left out; scores become parts of their scale, columns "
            "are centred on the people fitted to.",
            "people",
        ),
        (
            "Outcome: definition, horizon, how it is assessed",
            f"{e['outcome'].capitalize()}. {e['horizon']} Taken from the record’s status. Whether whoever sets the "
            f"status knows the predictions: {NOT_REPORTED.lower()}.",
            "method",
        ),
        (
            "Predictors: choice and time of measurement",
            f"{len(e['predictors'])}, each with when it is measured.",
            "people",
        ),
        (
            "Sample size",
            f"As many episodes as the file has: {e['n']:,} with {e['events']:,} dropouts. At least 100 dropouts, "
            "better 200, are advised for an evaluation (Collins, Ogundimu, Altman 2016, Stat Med 35:214-226).",
            "people",
        ),
        (
            "Missing data",
            f"Known for fewer than all: {listed([plain(row['name']) for row in missing])}. Nobody is left out for it; "
            "shares and handling are told.",
            "people",
        ),
        (
            "Analytical methods",
            f"{validation['kind'].capitalize()}, by {validation['by']}; "
            f"{listed(list(FIGURES.values()))}; net benefit; bootstrap of whole clusters.",
            "method",
        ),
        ("Class imbalance", "Nothing is re-weighted or re-sampled, since that would break calibration.", "method"),
        (
            "Fairness",
            f"Told by {listed([plain(name) for name in names])}."
            if names
            else f"{NOT_REPORTED}: no groups were asked for.",
            "groups",
        ),
        ("Model output", "A probability with an interval; sensitivity and specificity by threshold.", "benefit"),
        (
            "Training against evaluation",
            "Nobody judged was fitted to."
            if e["validation"]["kind"] != "second file"
            else "Two files, no client in both.",
            "method",
        ),
        ("Ethical approval", f"{NOT_REPORTED}."),
    )


def _science() -> tuple[Row, ...]:
    return (
        (
            "Open science: funding, interests, protocol, registration, data, code",
            f"Funding, interests, protocol and registration: {NOT_REPORTED.lower()}. Data stay in the clinic. The code "
            "is open, and its version stands at the end.",
            "versions",
        ),
        ("Patient and public involvement", f"{NOT_REPORTED}."),
    )


def _results(e: Evaluation) -> tuple[Row, ...]:
    left_out = sum(e["left_out"].values())
    figures = e["models"][e["primary"]]
    shown = [f"{FIGURES[key]} {figure(figures[key])}" for key in ("c_index", "calibration_slope", "expected_observed")]
    hidden = sum(not group["shown"] for group in e["groups"])
    small = f" Groups too small to show: {hidden}." if hidden else ""
    return (
        (
            "Participants: flow and characteristics",
            f"{left_out:,} left out, with reasons; {e['events']:,} of {e['n']:,} dropped out "
            f"({percent(e['dropout_rate'])} by the end of the plan).",
            "people",
        ),
        ("Model development", "Every step of the fit was done anew for each fold.", "method"),
        (
            "Model specification",
            f"Version {e['versions'].get(e['primary'], e['versions']['rapport'])}. A fitted model is a file with every "
            "coefficient; the published one stands in the evidence library.",
            "versions",
        ),
        ("Model performance", f"{'; '.join(shown)}.{small}", "performance"),
        ("Model updating", "None was done here.", "versions"),
    )


def _discussion(e: Evaluation) -> tuple[Row, ...]:
    return (
        (
            "Interpretation",
            "Figures stand beside the base rate and standard learners, with what each says.",
            "performance",
        ),
        ("Limitations", f"{len(e['notes'])} notes on the first page and {len(e['card']['limits'])} limits.", "use"),
        (
            "Usability: poor input, users, next steps",
            f"Works without ratings and visits, less well. {e['card']['not_for']} Next: judge it again when care, "
            "referrals or staff change.",
            "use",
        ),
    )
