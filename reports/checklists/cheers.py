"""CHEERS 2022: what a report of an economic evaluation should say, item by item."""

from __future__ import annotations

from assumptions import Library
from calculator.display import money
from calculator.language import gettext as _
from calculator.result import Result
from reports.checklists.facts import Facts
from reports.checklists.item import Item, numbered


def cheers(result: Result, library: Library) -> tuple[Item, ...]:
    """Return the 28 items, in the order and under the numbers of the checklist.

    What is asked is put in our own words; “Not done” stands where the analysis does not do it.

    References:
        Husereau D et al. (2022). Consolidated Health Economic Evaluation Reporting Standards 2022. BMJ 376:e067975.
    """
    facts = Facts(result, library)
    return numbered(*_front(facts), *_methods(facts), *_analysis(facts), *_results(facts))


def _front(facts: Facts) -> tuple[tuple[str, str, str, str], ...]:
    lost = money(facts.result.distribution["revenue_lost_per_year"].p50, facts.result.currency)
    return (
        (
            _("Title"),
            _("Say that it is an economic evaluation, and of what against what."),
            _("A business case for %(clinic)s: costs and returns of one programme against care as it is.",
              clinic=facts.result.clinic_name),
            "summary",
        ),
        (
            _("Abstract"),
            _("Sum up context, methods, results and other analyses in a structured way."),
            _("The summary gives result, range, payback, the chance that it pays and what would make it wrong."),
            "summary",
        ),
        (
            _("Background and objectives"),
            _("Give the context, the question, and why it matters for the decision."),
            _("Dropout costs about %(lost)s of revenue a year, gross. The question is whether the programme pays.",
              lost=lost),
            "today",
        ),
    )  # fmt: skip


def _methods(facts: Facts) -> tuple[tuple[str, str, str, str], ...]:
    return (
        (
            _("Health economic analysis plan"),
            _("Say whether there was a plan beforehand and where it is."),
            _("Not done: no plan was registered. The method is the same for every clinic and fixed by its version, "
              "%(version)s.", version=facts.result.reproducibility.version),
            "versions",
        ),
        (
            _("Study population"),
            _("Describe the people looked at."),
            facts.population(),
            "inputs",
        ),
        (
            _("Setting and location"),
            _("Tell what about the place may influence the findings."),
            " ".join((facts.where(), _("Not done: the place itself is not modelled."))),
            "inputs",
        ),
        (
            _("Comparators"),
            _("Describe what is compared and why."),
            facts.compared(),
            "cases",
        ),
        (
            _("Perspective"),
            _("Say whose costs and benefits count, and why."),
            facts.perspective(),
            "bridge",
        ),
        (
            _("Time horizon"),
            _("Say how far the analysis looks, and why."),
            facts.horizon(),
            "cash",
        ),
        (
            _("Discount rate"),
            _("Give the discount rate, and why it was chosen."),
            facts.discounting(),
            "parameters",
        ),
        (
            _("Selection of outcomes"),
            _("Say which outcomes measure benefit and harm."),
            _("Dropout before the planned end, units of care kept, and money. Not done: health and quality of life are "
              "not valued; a rise in dropout would show as harm."),
            "summary",
        ),
        (
            _("Measurement of outcomes"),
            _("Say how the outcomes were measured."),
            facts.effect(),
            "evidence",
        ),
        (
            _("Valuation of outcomes"),
            _("Say by whom and how the outcomes were valued."),
            _("Units of care kept are valued at what payers pay for them. Not applicable: no states of health are "
              "valued."),
            "bridge",
        ),
        (
            _("Measurement and valuation of resources and costs"),
            _("Say how costs were valued."),
            facts.costs(),
            "risks",
        ),
        (
            _("Currency, price date and conversion"),
            _("Give the currency, the dates of quantities and prices, and any conversion."),
            facts.currency(),
            "parameters",
        ),
    )  # fmt: skip


def _analysis(facts: Facts) -> tuple[tuple[str, str, str, str], ...]:
    return (
        (
            _("Rationale and description of the model"),
            _("Describe the model, why it is used, and where it can be had."),
            facts.model(),
            "formulas",
        ),
        (
            _("Analytics and assumptions"),
            _("Describe how data were transformed or extrapolated, and how the model was validated."),
            " ".join(
                (
                    _("Odds ratios of studies become a hazard ratio, taken to hold for the whole episode."),
                    facts.validation(),
                )
            ),
            "formulas",
        ),
        (
            _("Characterising heterogeneity"),
            _("Say how results for subgroups were estimated."),
            _("Not done: clients are taken as alike, and there are no subgroups. How far clinics differ is part of the "
              "ranges."),
            "parameters",
        ),
        (
            _("Characterising distributional effects"),
            _("Say how effects are spread over people, or how priority groups were regarded."),
            _("Not done: who among the clients gains is not looked at."),
            "checklists",
        ),
        (
            _("Characterising uncertainty"),
            _("Say how sources of uncertainty were dealt with."),
            facts.uncertainty(),
            "sensitivity",
        ),
        (
            _("Approach to engagement with patients and others affected"),
            _("Say how patients, the public or others had a part in the design."),
            _("Not done: no clients or public had a part in it. The clinic gives and corrects the inputs."),
            "next",
        ),
    )  # fmt: skip


def _results(facts: Facts) -> tuple[tuple[str, str, str, str], ...]:
    return (
        (
            _("Study parameters"),
            _("Give every input with its uncertainty and source."),
            facts.parameters(),
            "parameters",
        ),
        (
            _("Summary of main results"),
            _("Give the main costs and outcomes, summed up in the most fitting measure."),
            facts.findings(),
            "summary",
        ),
        (
            _("Effect of uncertainty"),
            _("Say how uncertainty, horizon and discount rate bear on the findings."),
            f"{facts.effect_of_uncertainty()} {facts.not_varied()}",
            "sensitivity",
        ),
        (
            _("Effect of engagement with patients and others affected"),
            _("Say what that engagement changed."),
            _("Not done, as there was none."),
            "checklists",
        ),
        (
            _("Findings, limitations, generalisability and current knowledge"),
            _("Discuss findings, limits, and how they fit with what is known."),
            facts.limits(),
            "evidence",
        ),
        (
            _("Source of funding"),
            _("Say who paid for it and what part they had."),
            _("Prepared by whoever offers the programme, who is named on the cover; no other funding is recorded."),
            "next",
        ),
        (
            _("Conflicts of interest"),
            _("Report what the authors stand to gain."),
            _("Whoever prepared this sells the programme. Every figure can be computed again without them."),
            "versions",
        ),
    )  # fmt: skip
