"""The annex: all parameters, formulas with their values, reporting checklists, and how to get the same again."""

from __future__ import annotations

from calculator import words
from calculator.language import gettext as _
from reports.checklists import Item, budget_impact, cheers
from reports.content import Content
from reports.pdf.blocks import Block, Words
from reports.pdf.style import Rich, Run, link, strong
from reports.pdf.table import Grid
from reports.sections.inputs import origin, shown, span, unit
from reports.typeset import grid, opening, subhead, text

EXPLAINED = (
    "dropout_rate_after",
    "units_per_episode_before",
    "units_per_episode_after",
    "net_revenue_per_unit",
    "revenue_lost_per_year",
    "revenue_kept_per_year",
    "net_per_year",
    "npv",
    "roi",
)
PARAMETERS = (0.3, 0.13, 0.19, 0.16, 0.22)
CHECKLIST = (0.05, 0.2, 0.3, 0.45)


def parameters(content: Content) -> list[Block]:
    """List every parameter, also those that another road of evidence would use."""
    resolved = content.result.resolved
    spreads = {swing.input: (swing.low, swing.high) for swing in content.result.tornado}
    items = list(resolved.inputs.values())
    rows: list[list[Rich | list[Rich]]] = [
        [
            [words.input_label(item.path, content.result), Run(f"\n{item.path}", role="quiet")],
            shown(item, item.value, content),
            span(item, spreads.get(item.path), content) if resolved.matters(item.path) else _("not used here"),
            unit(item, content),
            origin(item, content),
        ]
        for item in items
    ]
    places = {number: f"input:{item.path}" for number, item in enumerate(items)}
    fills = {(number, 1): "own_paper" for number, item in enumerate(items) if item.own}
    head = (_("Parameter"), _("Value"), _("90% range"), _("Unit"), _("Where from"))
    return [
        *opening(content, "parameters", _("Annex A: every parameter"), bookmark=_("Annex A: parameters")),
        grid(content, head, rows, PARAMETERS, right=(1,), fills=fills, places=places),
    ]


def formulas(content: Content) -> list[Block]:
    """Show each main figure's formula with its values."""
    return [
        *opening(content, "formulas", _("Annex B: the formulas, with their values"), bookmark=_("Annex B: formulas")),
        text(content, _("Formulas are shown at the likely value of every input.")),
        *(_formula(name, content) for name in EXPLAINED),
    ]


def _formula(name: str, content: Content) -> Block:
    explained = content.result.explain(name)
    lines: list[Rich] = [strong(f"{explained.label} = {explained.shown}"), f"\n{explained.formula}"]
    lines += [f"\n= {explained.filled}"] if explained.filled else []
    return Words(lines, content.theme.entry)


def checklists(content: Content) -> list[Block]:
    """Fill the two reporting checklists from the result."""
    result, library = content.result, content.library
    return [
        *opening(content, "checklists", _("Annex C: reporting checklists"), bookmark=_("Annex C: checklists")),
        subhead(content, _("CHEERS 2022, for economic evaluations")),
        _checklist(content, cheers(result, library)),
        subhead(content, _("ISPOR budget impact analysis, principles of good practice")),
        _checklist(content, budget_impact(result, library)),
    ]


def _checklist(content: Content, items: tuple[Item, ...]) -> Grid:
    rows: list[list[Rich | list[Rich]]] = [
        [
            str(item.number),
            [link(f"#{item.section}", item.topic)] if item.section else item.topic,
            item.asks,
            item.answer,
        ]
        for item in items
    ]
    head = (_("No."), _("Item"), _("What it asks"), _("Here"))
    return grid(content, head, rows, CHECKLIST)


def versions(content: Content) -> list[Block]:
    """Show the fingerprints."""
    made = content.result.reproducibility
    pairs = (
        [_("Version of Rapport"), made.version],
        [_("Evidence, SHA-256"), made.evidence_sha256],
        [_("Inputs, SHA-256"), made.inputs_sha256],
        [_("Seed and futures"), f"{made.seed}; {made.draws:,}"],
        [_("Attached rapport.json, SHA-256"), content.digest],
    )
    how = _(
        "The attached file rapport.json holds the inputs, the figures, the versions and the seed. The command “rapport "
        "verify” computes them again and says whether they match, or names the first figure that differs."
    )
    title = _("Annex D: anyone can compute this again")
    return [
        *opening(content, "versions", title, bookmark=_("Annex D: versions and fingerprints"), page=False),
        text(content, how),
        grid(content, (_("What"), _("Fingerprint")), pairs, (0.3, 0.7)),
    ]
