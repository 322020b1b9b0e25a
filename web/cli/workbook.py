"""``rapport workbook``: the model as a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import click

from web.cli.output import write_whole
from web.cli.scenario_file import clinic_argument, measured, measured_options, read_scenario, set_option


@click.command("workbook")
@clinic_argument
@click.option("-o", "--output", metavar="FILE.xlsx", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--paper", type=click.Choice(["A4", "Letter"], case_sensitive=False), default="A4", show_default=True)
@click.option("--language", type=click.Choice(["en", "es"]), default="en", show_default=True)
@measured_options
@set_option
def command(
    clinic: Path,
    output: Path,
    paper: str,
    language: str,
    model: str | None,
    threshold: float | None,
    changes: tuple[str, ...],
) -> None:
    """Write the model for the clinic in CLINIC.toml as a spreadsheet with live formulas."""
    scenario = read_scenario(clinic, changes, measured(model, threshold, handed_on=True))
    from assumptions import load_library
    from calculator.evaluate import evaluate
    from calculator.language import ENGLISH, speaking
    from reports import build_workbook

    chosen = ENGLISH
    if language != ENGLISH.code:
        from web.languages import language as language_of  # it loads the web framework, which English needs not

        chosen = language_of(language)
    library = load_library()
    with speaking(chosen):
        data = build_workbook(evaluate(scenario, library), library, page_size=paper)
    write_whole(output, data)
    click.echo(f"{output}")
