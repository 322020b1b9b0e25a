"""``rapport compare``: scenarios side by side, the first one being the baseline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calculator.errors import RapportError
from web.cli.scenario_file import FileError, Measured, measured, measured_options, read_scenario, set_option

if TYPE_CHECKING:
    from calculator.compare import Comparison
    from calculator.result import Result
    from calculator.scenario import Scenario

LABEL = 52
COLUMN = 20
ROAD = "targeted"


@click.command("compare")
@click.argument("clinics", metavar="A.toml B.toml …", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("as_json", "--json", is_flag=True, help="Print the comparison as JSON.")
@measured_options
@set_option
def command(
    clinics: tuple[Path, ...], as_json: bool, model: str | None, threshold: float | None, changes: tuple[str, ...]
) -> None:
    """Put scenarios side by side; --set changes each of them, --model those that take the targeted road."""
    found = measured(model, threshold)
    problems: list[str] = []
    scenarios = []
    for path in clinics:
        try:
            scenarios.append(_read(path, changes, found))
        except FileError as error:
            problems.append(str(error))
    if problems:
        raise RapportError("\n".join(problems))
    if found is not None and not any(scenario.program.evidence_road == ROAD for scenario in scenarios):
        raise RapportError(f'--model: no scenario takes the targeted road; write evidence_road = "{ROAD}" in [program]')
    from assumptions import load_library
    from calculator.compare import compare
    from calculator.evaluate import evaluate

    results = [evaluate(scenario, load_library()) for scenario in scenarios]
    comparison = compare(results)
    if as_json:
        named: list[dict[str, Any]] = [
            {"file": str(path), "name": result.clinic_name, "result": result.to_dict()}
            for path, result in zip(clinics, results, strict=True)
        ]
        data = comparison.to_dict() | {"scenarios": named}
        click.echo(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False))
        return
    click.echo(_table(comparison, results, [path.stem for path in clinics]))


def _read(path: Path, changes: tuple[str, ...], found: Measured | None) -> Scenario:
    scenario = read_scenario(path, changes)
    return scenario if scenario.program.evidence_road != ROAD else read_scenario(path, changes, found)


def _table(comparison: Comparison, results: list[Result], names: list[str]) -> str:
    from calculator import words
    from calculator.display import share

    lines = [_row("At the likely value of every input", [_short(name) for name in names]), _row("", ["(baseline)"])]
    for figure in comparison.figures:
        shown = [words.figure_shown(figure.name, p, r.currency) for p, r in zip(figure.point, results, strict=True)]
        lines.append(_row(_label(figure.name, results), [_short(text) for text in shown]))
    pays = [share(result.probability_npv_positive) for result in results]
    lines += [_row("Share of futures in which it pays", pays), "", "Inputs that differ"]
    lines += [_row(f"  {row.path}", [_short(_plain(value)) for value in row.values]) for row in comparison.inputs]
    return "\n".join([*lines, *_changes(comparison, results, names)])


def _changes(comparison: Comparison, results: list[Result], names: list[str]) -> Iterator[str]:
    """Yield why the net present value of each scenario differs from the baseline's."""
    from calculator.change_words import signed_money, told

    before = results[0]
    for found, after, name in zip(comparison.attributions, results, names, strict=True):
        if found is None:
            if after.currency != before.currency:
                yield from ("", f"{name} is in {after.currency}, so its money is not compared.")
            continue
        change = signed_money(found.after - found.before, before.currency)
        yield from ("", _row(f"Why the net present value changes: {_short(name)}", [change]))
        for part in told(found, before, after):
            yield _row(f"  {part.label}", [signed_money(part.amount, before.currency)])


def _label(name: str, results: list[Result]) -> str:
    """Return a figure's label; in no setting's own words where the settings count in different units."""
    from calculator import words
    from calculator.quantity import ANY_SETTING

    if len({result.resolved.setting.units for result in results}) == 1:
        return words.figure_label(name, results[0])
    return words.capitalized(words.FIGURE_LABELS[name].format_map(ANY_SETTING))


def _row(label: str, cells: list[str]) -> str:
    return f"{label:<{LABEL}}" + "".join(f"{cell:>{COLUMN}}" for cell in cells)


def _short(text: str) -> str:
    text = text.replace("not within the months looked at", "not in time")
    return text if len(text) < COLUMN - 1 else text[: COLUMN - 3] + "…"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value['low']:g}–{value['high']:g}"
    if isinstance(value, float):
        return f"{value:g}"
    return "—" if value is None else ", ".join(value) if isinstance(value, list) else str(value)
