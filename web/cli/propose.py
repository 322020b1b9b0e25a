"""``rapport propose``: the proposal as PDF."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from web.cli.brand_option import brand_option, load_brand
from web.cli.output import write_whole
from web.cli.scenario_file import clinic_argument, measured, measured_options, read_scenario, set_option


@click.command("propose")
@clinic_argument
@click.option("-o", "--output", metavar="FILE.pdf", required=True, type=click.Path(path_type=Path, dir_okay=False))
@brand_option
@click.option("--short", is_flag=True, help="Two pages, for a first meeting.")
@click.option("--paper", type=click.Choice(["A4", "Letter"], case_sensitive=False), default="A4", show_default=True)
@click.option("--language", type=click.Choice(["en", "es"]), default="en", show_default=True)
@click.option("--date", metavar="YYYY-MM-DD", type=click.DateTime(["%Y-%m-%d"]), help="Print this date on the cover.")
@click.option(
    "--for", "prepared_for", metavar="NAME", default="", help="Whom it is for, if not the clinic by its name."
)
@click.option("--by", "prepared_by", metavar="NAME", default="", help="Who prepared it, if not as BRAND.toml says.")
@click.option(
    "--beside", metavar="B.toml", multiple=True, type=click.Path(path_type=Path), help="Another scenario beside it."
)
@measured_options
@set_option
def command(
    clinic: Path,
    output: Path,
    brand_file: Path | None,
    short: bool,
    paper: str,
    language: str,
    date: datetime | None,
    prepared_for: str,
    prepared_by: str,
    beside: tuple[Path, ...],
    model: str | None,
    threshold: float | None,
    changes: tuple[str, ...],
) -> None:
    """Write a PDF proposal for the clinic in CLINIC.toml."""
    scenario = read_scenario(clinic, changes, measured(model, threshold, handed_on=True))
    others = [read_scenario(path) for path in beside]
    brand = load_brand(brand_file)
    from assumptions import load_library
    from calculator.evaluate import evaluate
    from calculator.language import ENGLISH, speaking
    from reports import build_proposal

    chosen = ENGLISH
    if language != ENGLISH.code:
        from web.languages import language as language_of  # it loads the web framework, which English needs not

        chosen = language_of(language)
    library = load_library()
    with speaking(chosen):
        pdf = build_proposal(
            evaluate(scenario, library),
            library,
            brand=brand,
            prepared_for=prepared_for,
            prepared_by=prepared_by,
            prepared_on=None if date is None else date.date(),
            page_size=paper,
            form="short" if short else "full",
            beside=[evaluate(other, library) for other in others],
        )
    write_whole(output, pdf)
    click.echo(f"{output}")
