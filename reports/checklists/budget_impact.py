"""ISPOR's good practice for budget impact analyses: what its second report recommends, element by element."""

from __future__ import annotations

from assumptions import Library
from calculator.display import money, share
from calculator.language import gettext as _
from calculator.result import Result
from reports.checklists.facts import FINGERPRINT, Facts
from reports.checklists.item import Item, numbered


def budget_impact(result: Result, library: Library) -> tuple[Item, ...]:
    """Return the recommended elements: the analytic framework, then inputs and data sources, then the report.

    The report does not number its recommendations; the numbers count our list of them, which follows its order.

    References:
        Sullivan SD et al. (2014). Budget impact analysis, principles of good practice: report of the ISPOR 2012 Budget
        Impact Analysis Good Practice II Task Force. Value Health 17(1):5-14.
    """
    facts = Facts(result, library)
    return numbered(*_framework(facts), *_analyses(facts), *_report(facts))


def _framework(facts: Facts) -> tuple[tuple[str, str, str, str], ...]:
    return (
        (
            _("Features of the health system"),
            _("Regard what in financing and access bears on the budget."),
            facts.where(),
            "inputs",
        ),
        (
            _("Perspective"),
            _("Take that of the budget holder."),
            facts.perspective(),
            "bridge",
        ),
        (
            _("Eligible population"),
            _("Estimate how many are eligible, and how that changes."),
            f"{facts.population()} {_growth(facts)}",
            "inputs",
        ),
        (
            _("Current interventions"),
            _("Describe the mix of care now and after."),
            facts.compared(),
            "cases",
        ),
        (
            _("Uptake and market effects"),
            _("Forecast the uptake, and whom the newcomer replaces or adds to."),
            facts.uptake(),
            "parameters",
        ),
        (
            _("Off-label use"),
            _("Leave it out of the base case."),
            _("Not applicable: the programme is no drug or device with a label."),
            "checklists",
        ),
        (
            _("Cost of the current and new intervention mix"),
            _("Multiply what is used by its price, for the budget holder."),
            facts.costs(),
            "risks",
        ),
        (
            _("Impact on other costs: of the condition"),
            _("Include changes in related care, where the budget holder bears them."),
            _acquisition(facts),
            "bridge",
        ),
        (
            _("Impact on other costs: indirect"),
            _("Leave out productivity and the like, unless the budget holder bears them."),
            _("Left out: productivity of clients and turnover of staff are not counted."),
            "bridge",
        ),
        (
            _("Time horizon"),
            _("Look as far as the budget holder does, and show each period."),
            " ".join((facts.horizon(), _("The yearly table shows each year, undiscounted."))),
            "cash",
        ),
        (
            _("Time dependencies and discounting"),
            _("Show each period’s flows undiscounted, and how use changes over time."),
            facts.discounting(),
            "cash",
        ),
    )


def _growth(facts: Facts) -> str:
    growth = facts.result.resolved.inputs["clinic.intake_growth_rate"].value
    return _("Intakes change by %(growth)s a year.", growth=share(growth, 1)) if growth else _("Intakes do not grow.")


def _acquisition(facts: Facts) -> str:
    return _(
        "Winning fewer new clients saves %(saved)s a year. Not done: other care that clients use elsewhere is not "
        "counted.",
        saved=money(facts.result.workings["acquisition_saved_per_year"], facts.result.currency),
    )


def _analyses(facts: Facts) -> tuple[tuple[str, str, str, str], ...]:
    return (
        (
            _("Computing framework"),
            _("Prefer the simplest that does, for the budget holder to use."),
            facts.model(),
            "formulas",
        ),
        (
            _("Uncertainty and scenario analyses"),
            _("Vary inputs and assumptions in plausible scenarios."),
            f"{facts.uncertainty()} {facts.effect_of_uncertainty()}",
            "sensitivity",
        ),
        (
            _("Validation"),
            _("Check face validity and the computation; compare with what came about, where possible."),
            facts.validation(),
            "formulas",
        ),
        (
            _("Inputs and data sources"),
            _("Prefer the budget holder’s own data; name every source."),
            facts.parameters(),
            "parameters",
        ),
    )


def _report(facts: Facts) -> tuple[tuple[str, str, str, str], ...]:
    made = facts.result.reproducibility
    return (
        (
            _("Report: objectives and background"),
            _("Give the question, the condition, and what is known of effects and costs."),
            facts.effect(),
            "evidence",
        ),
        (
            _("Report: design and methods"),
            _("Describe the population, the interventions, the model, the data and the analyses."),
            _("Methods are in the sections on inputs, evidence and sensitivity, and in annexes A and B."),
            "formulas",
        ),
        (
            _("Report: results"),
            _("Give totals and differences for each period, with their ranges."),
            facts.findings(),
            "cash",
        ),
        (
            _("Report: conclusions and limitations"),
            _("Draw the conclusions, and name the limits."),
            facts.limits(),
            "summary",
        ),
        (
            _("Report: tables and pictures"),
            _("Show inputs, results and uncertainty in tables and pictures."),
            _(
                "Bridge, cumulative cash with its band, tornado and break-evens are pictures; each number is in a "
                "table."
            ),
            "cash",
        ),
        (
            _("Report: access to the model"),
            _("Let the reader run it again."),
            _(
                "Inputs, evidence digest (%(evidence)s), version %(version)s and seed %(seed)s travel in the file and "
                "give the same figures again.",
                evidence=made.evidence_sha256[:FINGERPRINT],
                version=made.version,
                seed=str(made.seed),
            ),
            "versions",
        ),
    )
