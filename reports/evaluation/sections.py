"""The sections of the report: each a function from the evaluation to blocks; none computes a figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from reports.evaluation.benefit_chart import benefit_chart
from reports.evaluation.calibration_chart import calibration_chart
from reports.evaluation.page import Page
from reports.evaluation.tripod import tripod
from reports.evaluation.words import (
    FIGURES,
    NOT_REPORTED,
    Evaluation,
    figure,
    in_full,
    listed,
    model,
    moment,
    percent,
    plain,
)
from reports.pdf.blocks import Block, Heading
from reports.pdf.picture import Picture
from reports.pdf.style import Rich, Run, link, strong

Section: TypeAlias = Callable[[Evaluation, Page], list[Block]]
EVERY = 2  # thresholds of the decision table: each second one


def front(evaluation: Evaluation, page: Page) -> list[Block]:
    """Say what was judged and how it came out, in the fewest words."""
    name = evaluation["primary"]
    figures = evaluation["models"][name]
    blocks: list[Block] = [
        page.text("Evaluation of a prediction model, in the shape of TRIPOD+AI", style=page.theme.quiet),
        Heading(title(evaluation), page.theme.title, level=1, place="front", bookmark="Summary"),
    ]
    if evaluation["simulated"]:
        blocks.append(page.text(Run("Simulated clients: no real person.", strong=True, role="warning")))
    blocks += [
        page.text(
            f"{evaluation['n']:,} episodes, of which {evaluation['events']:,} ended in dropout. "
            f"{evaluation['horizon']} Judged: {in_full(name)}, on people it was not fitted to."
        ),
        page.text(*_verdict(evaluation)),
        page.grid(
            ("", "Estimate", "95% interval", "What it says"),
            [_headline(figures[key], *words) for key, words in _HEADLINES.items()],
            (0.22, 0.1, 0.16, 0.52),
            right=(1,),
        ),
        *page.listing(list(evaluation["notes"])),
    ]
    return blocks


def _verdict(evaluation: Evaluation) -> list[Rich]:
    trust = evaluation["trust"]
    if trust["shown"]:
        return [strong("Well enough calibrated here to be shown to clinicians.")]
    return [strong("Not to be shown to clinicians yet: "), f"{trust['reason']}."]


_HEADLINES = {
    "c_index": ("C-index", "Of two clients, how often the one who leaves first had the higher risk; 0.5 is chance."),
    "auc": ("AUC", "Of one who drops out and one who does not, how often the first had the higher risk."),
    "calibration_slope": ("Calibration slope", "1 is right; below it, high risks are too high and low ones too low."),
    "expected_observed": ("Expected over observed", "Dropouts foretold for each that happened; 1 is right."),
    "scaled_brier": ("Scaled Brier score", "0 is no better than one risk for all, 1 is certainty; below 0 is worse."),
}


def _headline(found: dict[str, Any], label: str, meaning: str) -> list[Rich | list[Rich]]:
    if found["estimate"] is None:
        return [label, "—", "", f"It does not exist: {found['reason']}."]
    estimate, _, span = figure(found).partition(" ")
    return [label, estimate, span.strip("()"), meaning]


def title(evaluation: Evaluation) -> str:
    """Return what the report is of."""
    settings = [plain(name) for name, count in evaluation["population"]["settings"].items() if count]
    return f"Predicting dropout {moment(evaluation)} in {listed(settings)} care: how good it is"


def people(evaluation: Evaluation, page: Page) -> list[Block]:
    """Tell who was judged, where from, and what was known of them."""
    found = evaluation["population"]
    plan = found["planned_units"]
    settings = [f"{plain(name)} {count:,}" for name, count in found["settings"].items() if count]
    statuses = [f"{count:,} {plain(name)}" for name, count in found["statuses"].items() if count]
    rows: list[list[Rich | list[Rich]]] = [
        ["Source", "The clinic’s own records, by episode of care"],
        ["Setting", listed(settings)],
        ["Intakes", f"{found['intake_from']} to {found['intake_to']}; records end on {found['records_end']}"],
        ["People", f"{found['clients']:,} clients in {evaluation['n']:,} episodes, {found['clinicians']:,} clinicians"],
        ["Plans", f"{plan['low']} to {plan['high']} units, median {plan['median']}"],
        ["Ended", listed(statuses)],
        ["Eligible", _eligible(evaluation)],
    ]
    rows += [[f"Left out: they {reason}", f"{count:,}"] for reason, count in evaluation["left_out"].items()]
    return [
        *page.opening("people", "Who was judged", bookmark="People"),
        page.grid(("", "Here"), rows, (0.3, 0.7)),
        page.subhead("What predictions may rest on, and for how many it was known"),
        page.before_table(
            "A rating or visit that is missing counts as unknown: the fitted and the published model take the client "
            "to be like the middle one there and widen the interval; for the other learners it is a column of its own. "
            "Nobody is left out because something is missing."
        ),
        page.grid(
            ("What", "Measured", "Known"),
            [[plain(row["name"]), row["when"], percent(row["known"])] for row in evaluation["predictors"]],
            (0.4, 0.4, 0.2),
            right=(2,),
        ),
    ]


def _eligible(evaluation: Evaluation) -> str:
    days = evaluation["landmark"]["days"]
    if days is None:
        return "every episode in the file"
    return (
        f"episodes in care {days} days after intake with a planned unit left, whose last unit was no longer ago than "
        "three quarters of the gaps between units in their setting"
    )


def outcome(evaluation: Evaluation, page: Page) -> list[Block]:
    """Define what is predicted and how it was judged."""
    validation, bootstrap = evaluation["validation"], evaluation["bootstrap"]
    if validation["kind"] == "second file":
        how = "Models were fitted to a first file and judged on a second one, without the clients of the first."
    else:
        again = "" if validation["repeats"] == 1 else f", drawn {validation['repeats']} times"
        how = (
            f"Cross-validation in {validation['folds']} folds{again}: the episodes of "
            f"a {validation['by']} stay together, and every step of the fit, centring of columns included, was done "
            "without the people judged."
        )
    return [
        *page.opening("method", "What was predicted, and how it was judged", bookmark="Outcome and method"),
        page.text(
            strong("Outcome. "),
            f"{evaluation['outcome'].capitalize()}: the record says dropped_out before the last planned unit. "
            f"{evaluation['horizon']} Time runs as the share of the remaining plan, so that plans of any length end "
            "together. Who completed is followed to the end; who is in care or was discharged for another reason, to "
            "the last unit attended.",
        ),
        page.text(strong("Validation. "), how),
        page.text(
            strong("Intervals. "),
            f"{bootstrap['draws']} draws of whole {bootstrap['by']}s ({bootstrap['clusters']:,}) with replacement, "
            "percentiles 2.5 and 97.5, seed "
            f"{evaluation['seed']}. The models are not fitted anew in a draw.",
        ),
        page.text(
            strong("Compared with. "),
            "The same risk for all; the share that left after a missed or a kept last visit; logistic and Cox "
            "regression with a ridge penalty; a random survival forest; gradient-boosted trees. All were fitted to the "
            "same people on the same columns.",
        ),
    ]


def performance(evaluation: Evaluation, page: Page) -> list[Block]:
    """Show discrimination and calibration of all models with intervals, and the calibration curve."""
    names = list(evaluation["models"])
    first = ("c_index", "auc", "brier", "scaled_brier")
    second = ("calibration_slope", "calibration_intercept", "expected_observed")
    picture = calibration_chart(evaluation, page.column)
    every = [found for figures in evaluation["models"].values() for found in figures.values()]
    dashes = "; ".join(sorted({found["reason"] for found in every if found["estimate"] is None}))
    parts = evaluation["auc_by_part"][evaluation["primary"]]
    by_part = [f"{figure(found)} by {percent(float(part))} of the plan" for part, found in parts.items()]
    return [
        *page.opening("performance", "How well it sorts, and whether it is right", bookmark="Performance", page=True),
        _figures(evaluation, page, names, first),
        page.text(f"AUC for having left: {listed(by_part)}.", style=page.theme.small),
        _figures(evaluation, page, names, second),
        *([page.text(f"A dash: it does not exist, since {dashes}.", style=page.theme.small)] if dashes else []),
        page.subhead(picture.title),
        page.narrow(Picture(picture)),
        page.text(
            "Points are tenths of the people, or fewer groups of at least 20; the line is a logistic regression on a "
            "spline of the predicted risk, with its 95 percent band.",
            style=page.theme.small,
        ),
    ]  # fmt: skip


def _figures(evaluation: Evaluation, page: Page, names: list[str], keys: tuple[str, ...]) -> Block:
    shown = {
        name: [figure(evaluation["models"][name][key], 3 if key == "brier" else 2) for key in keys] for name in names
    }
    rows: list[list[Rich | list[Rich]]] = [
        [[strong(model(name))] if name == evaluation["primary"] else model(name), *cells]
        for name, cells in shown.items()
    ]
    return page.grid(
        ("Model", *(FIGURES[key] for key in keys)), rows, (0.19, *[0.81 / len(keys)] * len(keys)),
        right=range(1, len(keys) + 1),
    )  # fmt: skip


def benefit(evaluation: Evaluation, page: Page) -> list[Block]:
    """Show the decision curve, and what each threshold would flag."""
    found = evaluation["net_benefit"]
    curve = found["models"][evaluation["primary"]]
    picture = benefit_chart(evaluation, page.column)
    keys = ("flagged", "sensitivity", "specificity", "net_benefit")
    rows: list[list[Rich | list[Rich]]] = [
        [
            percent(found["thresholds"][place]),
            *(figure(curve[key][place]) for key in keys),
            figure(found["treat_all"][place]),
        ]
        for place in range(1, len(found["thresholds"]), EVERY)
    ]
    return [
        *page.opening("benefit", "Whether acting on it does good", bookmark="Net benefit", page=True),
        page.text(
            "A threshold is the risk from which somebody acts; at 20 percent, one person rightly flagged counts as "
            "much as four calls in vain. Net benefit is the share of people rightly flagged, less the share wrongly "
            "flagged at that rate. The thresholds stand for how costly a call is to the clinic, and are not chosen to "
            "look well."
        ),
        page.subhead(picture.title),
        page.narrow(Picture(picture)),
        page.text(picture.description, style=page.theme.small),
        page.grid(
            ("From", "Flagged", "Sensitivity", "Specificity", "Net benefit", "Acting on all"),
            rows,
            (0.1, 0.18, 0.18, 0.18, 0.18, 0.18),
            right=range(1, 6),
        ),
    ]


def groups(evaluation: Evaluation, page: Page) -> list[Block]:
    """Show how good it is for some and for others."""
    found = evaluation["groups"]
    opening = page.opening("groups", "Whether it is as good for everybody", bookmark="Groups")
    if not found:
        missing = page.text(f"{NOT_REPORTED}: no groups were asked for, and all are of one setting.")
        return [*opening, missing, *_overdue(evaluation, page)]
    name = evaluation["primary"]
    rows: list[list[Rich | list[Rich]]] = []
    for group in found:
        label = f"{plain(group['group'])}: {group['level']}"
        if group["shown"]:
            figures = group["models"][name]
            shown = [figure(figures[key]) for key in ("c_index", "calibration_slope", "expected_observed")]
            rows.append([label, f"{group['n']:,}", f"{group['events']:,}", *shown])
        else:
            rows.append([label, group["reason"], "", "", "", ""])
    return [
        *opening,
        page.before_table(
            "Intervals that overlap do not prove that it is equally good. Groups of a clinician’s episodes say whether "
            "it holds where little is known of a clinician; no clinician is ranked."
        ),
        page.grid(
            ("Group", "Episodes", "Dropouts", "C-index", "Slope", "Expected over observed"),
            rows,
            (0.26, 0.14, 0.1, 0.17, 0.17, 0.16),
        ),
        *_overdue(evaluation, page),
    ]


def _overdue(evaluation: Evaluation, page: Page) -> list[Block]:
    late = evaluation["overdue"]
    if late is None:
        return []
    if not late["shown"]:
        said = f"Some clients were overdue on the day of the prediction: {late['reason']}."
    else:
        found = late["models"][evaluation["primary"]]
        said = (
            f"{late['n']:,} more had not been seen for longer than is usual, of whom {late['events']:,} dropped "
            f"out. Among them: C-index {figure(found['c_index'])}, expected over observed "
            f"{figure(found['expected_observed'])}. Who is overdue needs a call whatever the risk says."
        )
    return [page.subhead("Who was overdue on the day"), page.text(said)]


def use(evaluation: Evaluation, page: Page) -> list[Block]:
    """Say what it is for, what not, and what its limits are."""
    card = evaluation["card"]
    return [
        *page.opening("use", "What it is for, and what it is not", bookmark="Use and limits"),
        page.text(strong("For. "), card["intended_use"]),
        page.text(strong("Not for. "), card["not_for"]),
        page.subhead("Limits"),
        *page.listing(list(card["limits"])),
        *_feedback(evaluation, page),
    ]


def _feedback(evaluation: Evaluation, page: Page) -> list[Block]:
    """Say what clinicians made of the model's cards; nothing where none was shown."""
    found = evaluation.get("feedback")
    if found is None:
        return []
    shown = found["cards_shown"]
    why = [f"{count:,} {plain(code)}" for code, count in found["override_reasons"].items() if count]
    taken = [f"{count:,} on {part}" for part, count in found["suggestions_taken"].items() if count]
    rows: list[list[Rich | list[Rich]]] = [
        [
            "Shown",
            f"{sum(shown.values()):,}",
            f"{shown['risk']:,} with a risk, {shown['ratings']:,} with ratings alone",
        ],
        ["Answered", f"{found['cards_answered']:,}", "each card counts once, by what was said of it last"],
        ["A suggestion taken up", f"{found['accepted']:,}", listed(taken) if taken else ""],
        ["Put aside", f"{found['overridden']:,}", listed(why) if why else ""],
    ]
    return [
        page.subhead("What clinicians made of its cards"),
        page.before_table("That a card was put aside does not mean that it was wrong, nor that one taken up did good."),
        page.grid(("Cards", "Number", "Of these"), rows, (0.26, 0.14, 0.6), right=(1,)),
    ]


def checklist(evaluation: Evaluation, page: Page) -> list[Block]:
    """Fill the 27 items of TRIPOD+AI."""
    rows: list[list[Rich | list[Rich]]] = [
        [str(item.number), [link(f"#{item.section}", item.topic)] if item.section else item.topic, item.answer]
        for item in tripod(evaluation)
    ]
    address = "https://doi.org/10.1136/bmj-2023-078378"
    return [
        *page.opening("checklist", "TRIPOD+AI, item by item", bookmark="Checklist", page=True),
        page.text(
            "Collins GS et al. (2024). TRIPOD+AI statement. BMJ 385:e078378, ",
            link(address, address.partition("://")[2]),
            ". Topics in our own words; what is not known here says so.",
            style=page.theme.small,
        ),
        page.grid(("No.", "Item", "Here"), rows, (0.06, 0.26, 0.68)),
    ]


def versions(evaluation: Evaluation, page: Page, digest: str) -> list[Block]:
    """Say what the figures were made with."""
    rows: list[list[Rich | list[Rich]]] = [[name, value] for name, value in evaluation["versions"].items()]
    rows += [["seed", str(evaluation["seed"])], ["attached file, SHA-256", digest]]
    return [
        *page.opening("versions", "What it was made with", bookmark="Versions"),
        page.grid(("What", "Version"), rows, (0.3, 0.7)),
    ]


SECTIONS: tuple[Section, ...] = (front, people, outcome, performance, benefit, groups, use, checklist)
