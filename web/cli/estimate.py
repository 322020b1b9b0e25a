"""``rapport estimate``: the model for one clinic, to read or as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import click

from web.cli.scenario_file import clinic_argument, measured, measured_options, read_scenario, set_option


@click.command("estimate")
@clinic_argument
@click.option("as_json", "--json", is_flag=True, help="Print the whole result as JSON.")
@measured_options
@set_option
def command(clinic: Path, as_json: bool, model: str | None, threshold: float | None, changes: tuple[str, ...]) -> None:
    """Estimate what a programme is worth to the clinic in CLINIC.toml."""
    scenario = read_scenario(clinic, changes, measured(model, threshold))
    from assumptions import load_library
    from calculator.evaluate import evaluate

    result = evaluate(scenario, load_library(), indices=as_json)
    if as_json:
        click.echo(json.dumps(result.to_dict(), indent=2, ensure_ascii=False, allow_nan=False))
        return
    from web.cli.summary import summary

    click.echo(summary(result))
