"""Read CLINIC.toml or a filled data request, with what ``--set`` changes, and say everything wrong with it at once."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from assumptions import load_library
from calculator.errors import InputError, Problem
from calculator.parse import parse_scenario
from calculator.scenario import Scenario
from reports.data_request import SUFFIX, Answers, looks_like_workbook, read_answers
from web.clinic_toml import read_toml

if TYPE_CHECKING:
    from web.measured_targeting import TargetedInputs

Command = Callable[..., Any]

clinic_argument = click.argument("clinic", metavar="CLINIC.toml", type=click.Path(path_type=Path))
set_option = click.option(
    "changes", "--set", "-s", metavar="KEY=VALUE", multiple=True, help="Change one value: --set clinic.dropout_rate=0.3"
)


def measured_options(command: Command) -> Command:
    """Add ``--model`` and ``--threshold``: what the two give, ``measured`` turns into inputs."""
    threshold = click.option(
        "--threshold", metavar="RISK", type=click.FloatRange(0.0, 1.0), help="With --model: flag from this risk on."
    )
    model = click.option(
        "--model",
        metavar="MODEL",
        help="Take the targeted road with the sensitivity and specificity that `evaluate --save MODEL` measured.",
    )
    return model(threshold(command))


class Measured(NamedTuple):
    """What ``--model`` measured at ``--threshold``; ``model`` is as the user wrote it."""

    model: str
    inputs: TargetedInputs


def measured(model: str | None, threshold: float | None, *, handed_on: bool = False) -> Measured | None:
    """Return what a model measured at a threshold and say it on standard error; None where neither is given.

    Args:
        model: name or file.
        threshold: of the risk before completion.
        handed_on: whether what is made from it is for others to read; nothing of simulated clients may be in it.

    Raises:
        PluginError: where only one is given, there is no such model, it measured nothing at the threshold, or
            what is handed on would rest on simulated clients.
    """
    if model is None and threshold is None:
        return None
    from plugin.errors import PluginError

    if model is None or threshold is None:
        given, lacks = ("--threshold", "--model") if model is None else ("--model", "--threshold")
        raise PluginError([f"{given}: is given without {lacks}; write both, such as --model MODEL --threshold 0.30"])
    from plugin.registry import open_predictor
    from web.measured_targeting import targeted_inputs

    predictor = open_predictor(model)
    try:
        inputs = targeted_inputs(predictor.local_record, threshold)
    except PluginError as error:
        raise PluginError(f"--model {model}: {problem}" for problem in error.problems) from None
    if handed_on and inputs.simulated:
        said = "was judged on simulated clients, and what is handed on must rest on real ones"
        raise PluginError([f"--model {model}: {said}; `rapport estimate` shows what it would come to"])
    click.echo(inputs.told(), err=True)
    return Measured(model, inputs)


class FileError(InputError):
    """A file with problems; each line names the file."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        super().__init__(problems)
        self.args = ("\n".join(f"{file}: {problem}" for problem in self.problems),)


def read_scenario(path: Path, changes: Iterable[str] = (), found: Measured | None = None) -> Scenario:
    """Return the scenario in a CLINIC.toml or a filled data request, on the targeted road where that was measured.

    Raises:
        FileError: with one line for each problem of the file or of ``changes``, and for each number that was measured
            and is given as well.
    """
    data = _bytes(path)
    answers: Answers | None = None
    try:
        if path.suffix.lower() == SUFFIX or looks_like_workbook(data):
            answers = read_answers(data)
        tables = read_toml(data) if answers is None else answers.data
    except InputError as error:
        raise FileError(str(path), error.problems) from None
    problems = [problem for change in changes if (problem := _apply(tables, change))]
    if found is not None:
        problems += found.inputs.put_into(tables, found.model)
    try:
        scenario = parse_scenario(tables) if answers is None else answers.scenario(load_library())
    except InputError as error:
        raise FileError(str(path), [*problems, *error.problems]) from None
    if problems:
        raise FileError(str(path), problems)
    return scenario


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(str(path), [Problem("", f"cannot be read: {error.strerror}.")]) from None


def _apply(data: dict[str, Any], change: str) -> Problem | None:
    """Set one dotted key in ``data``; payers are counted from 1."""
    key, equals, text = change.partition("=")
    parts = key.strip().split(".")
    if not equals or len(parts) < 2 or not all(parts):
        return Problem(f"--set {change}", "is not understood; write --set table.key=value.")
    place: Any = data.setdefault(parts[0], [] if parts[0] == "payers" else {})
    for part in parts[1:-1]:
        if isinstance(place, list):
            if not part.isdigit() or not 1 <= int(part) <= len(place):
                return Problem(f"--set {change}", f"names payer {part}; there are {len(place)}, counted from 1.")
            place = place[int(part) - 1]
        elif isinstance(place, dict):
            place = place.setdefault(part, {})
    if not isinstance(place, dict):
        return Problem(f"--set {change}", "does not name a value; payers are written payers.1.share.")
    place[parts[-1]] = _value(text.strip())
    if isinstance(house := data.get("house"), dict):
        house.pop(".".join(parts), None)  # it is no longer the organisation's value
    return None


def _value(text: str) -> Any:
    """Return a TOML value; bare words, such as iop, are text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
