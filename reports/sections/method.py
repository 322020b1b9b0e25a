"""How it was computed: each main figure's formula with its values, and what it takes to get the same again."""

from __future__ import annotations

from reportlab.platypus import Flowable, KeepTogether, PageBreak, Paragraph, Table

from reports.content import Content
from reports.typeset import Heading, grid, paragraph, plain, strong

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


def method(content: Content) -> list[Flowable]:
    """Show the formulas and the fingerprints."""
    theme = content.theme
    return [
        PageBreak(),
        Heading("Anyone can compute this again", "method", content.wide, theme),
        paragraph("Formulas are shown at the likely value of every input.", theme.body),
        *(_formula(name, content) for name in EXPLAINED),
        paragraph("To get the same figures", theme.subhead),
        _fingerprints(content),
    ]


def _formula(name: str, content: Content) -> KeepTogether:
    explained = content.result.explain(name)
    lines = [f"{strong(explained.label)} = {strong(explained.shown)}", plain(explained.formula)]
    lines += [plain(f"= {explained.filled}")] if explained.filled else []
    return KeepTogether([Paragraph("<br/>".join(lines), content.theme.entry)])


def _fingerprints(content: Content) -> Table:
    made = content.result.reproducibility
    pairs = (
        ("Version of Rapport", made.version),
        ("Evidence, SHA-256", made.evidence_sha256),
        ("Inputs, SHA-256", made.inputs_sha256),
        ("Seed and futures", f"{made.seed}; {made.draws:,}"),
        ("Attached rapport.json, SHA-256", content.digest),
    )
    return grid(("What", "Fingerprint"), pairs, [0.3 * content.wide, 0.7 * content.wide], content.theme)
