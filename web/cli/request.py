"""``rapport request``: a workbook that asks a practice for its numbers, and a filled one as CLINIC.toml."""

from __future__ import annotations

from pathlib import Path

import click

from assumptions import load_library
from calculator.errors import InputError, Problem
from calculator.parse import CHOICES
from web.cli.brand_option import brand_option, load_brand
from web.cli.output import write_whole
from web.cli.scenario_file import read_scenario
from web.clinic_toml import write_toml


@click.command("request")
@click.argument("clinic", metavar="[CLINIC.toml]", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", metavar="FILE", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--setting", type=click.Choice(CHOICES["setting"]), help="Ask a practice of which only this is known.")
@click.option("--currency", metavar="CODE", default="USD", show_default=True, help="Of its amounts, with --setting.")
@click.option(
    "--read", "answers", metavar="ANSWERS.xlsx", type=click.Path(path_type=Path), help="Write a filled one as TOML."
)
@click.option("--language", type=click.Choice(["en", "es"]), default="en", show_default=True)
@brand_option
def command(
    clinic: Path | None,
    output: Path,
    setting: str | None,
    currency: str,
    answers: Path | None,
    language: str,
    brand_file: Path | None,
) -> None:
    """Write a workbook that asks a practice for its numbers, those in CLINIC.toml filled in.

    With --read, write the answers of a filled one as CLINIC.toml. Other commands take a filled one as it is.
    """
    if sum(given is not None for given in (clinic, setting, answers)) != 1:
        raise click.UsageError("Give one of CLINIC.toml, --setting and --read.")
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise InputError([Problem("--currency", f"is {currency!r}; it is three capital letters, such as USD.")])
    if answers is not None:
        scenario = read_scenario(answers)
        words = load_library().settings[scenario.clinic.setting].words
        write_whole(output, write_toml(scenario, words).encode())
        click.echo(f"{output}")
        return
    about = str(setting) if clinic is None else read_scenario(clinic)
    brand = load_brand(brand_file)
    from calculator.language import ENGLISH, speaking
    from reports import build_data_request

    chosen = ENGLISH
    if language != ENGLISH.code:
        from web.languages import language as language_of  # it loads the web framework, which English needs not

        chosen = language_of(language)
    with speaking(chosen):
        workbook = build_data_request(about, load_library(), brand=brand, currency=currency)
    write_whole(output, workbook)
    click.echo(f"{output}")
