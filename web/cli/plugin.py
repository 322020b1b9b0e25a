"""``rapport plugin``: the predictors that are installed, what one says of itself, and whether it keeps the contract."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from plugin.conformance import Result

WIDTH: Final = 100
INDENT: Final = 16
_SHOWN: Final = {
    "passed": "pass",
    "failed": "FAIL",
    "expected_failure": "expected",
    "unexpected_pass": "FAIL",
}
_CARD: Final = ("intended_use", "not_for", "trained_on", "outcome", "performance", "limits", "sources", "date")
_INTERVALS: Final = {
    "calibration_slope": "calibration slope",
    "expected_observed": "expected over observed",
    "c_index": "C-index",
}


@click.group("plugin")
def command() -> None:
    """List predictors, show what one says about itself, and check that it keeps the contract."""


@command.command("list")
def list_predictors() -> None:
    """List the predictors that are installed: name, package, version. None of them is loaded."""
    from plugin.registry import installed

    for each in installed():
        click.echo(f"{each.name:<24} {each.package:<32} {each.version}".rstrip())


@command.command("show")
@click.argument("model", metavar="NAME")
def show(model: str) -> None:
    """Show the predictor NAME, or the model in a file: what it predicts and needs, its card, its local record."""
    from plugin.conformance import describe

    click.echo("\n".join(_description(describe(model))))


@command.command("check")
@click.argument("model", metavar="NAME")
@click.option(
    "--expect", "expected", metavar="CHECK=REASON", multiple=True, help="A check that is known to fail, and why."
)
@click.option(
    "--seconds", type=click.FloatRange(0.1, 600.0), default=5.0, show_default=True, help="What a batch may take."
)
@click.option("--json", "as_json", is_flag=True, help="Print the JSON and nothing else.")
@click.pass_context
def check(ctx: click.Context, model: str, expected: tuple[str, ...], seconds: float, as_json: bool) -> None:
    """Check that the predictor NAME, or the model in a file, keeps the contract; about simulated clients alone.

    It runs in a process of its own, which is stopped when it takes too long. Exit code 1 where a check fails, or one
    that was expected to fail passes.
    """
    from plugin.conformance import KIT_VERSION, check_named

    def progress(result: Result) -> None:
        if not as_json:
            click.echo("\n".join(_lines(result)))

    report = check_named(model, _reasons(expected), seconds=seconds, progress=progress)
    if as_json:
        click.echo(json.dumps(report.plain(), indent=2))
    else:
        counts = report.counts()
        passed, known = counts.get("passed", 0), counts.get("expected_failure", 0)
        failed = len(report.results) - passed - known
        said = f"{passed} passed, {failed} failed" + (f", {known} failed as expected" if known else "")
        click.echo(f"\n{report.model} {report.version}, kit {KIT_VERSION}: {said}")
    ctx.exit(0 if report.passed else 1)


def _reasons(expected: tuple[str, ...]) -> dict[str, str]:
    """Return expected failures by check.

    Raises:
        PluginError: where one is not CHECK=REASON, or a check is there twice.
    """
    from plugin.errors import PluginError

    found: dict[str, str] = {}
    problems = []
    for each in expected:
        name, sign, reason = (part.strip() for part in each.partition("="))
        if not sign or not name or not reason:
            problems.append(f"--expect {each}: write the check and why it fails, such as threads=its library has one")
        elif name in found:
            problems.append(f"--expect {name}: is there twice")
        found[name] = reason
    if problems:
        raise PluginError(problems)
    return found


def _lines(result: Result) -> list[str]:
    first = f"{_SHOWN[result.status]:<9} {result.check:<20} {result.rule}"
    more = [result.message] if result.message else []
    more += [f"expected: {result.reason}"] if result.reason else []
    return [first, *(line for text in more for line in _wrapped(text, 10))]


def _description(said: dict[str, Any]) -> list[str]:
    card = said["card"]
    needs = [_need(need) for need in said["needs"]] or ["nothing but the episode"]
    rows = [
        ("name", said["name"]),
        ("version", said["version"]),
        ("contract", ".".join(map(str, said["api_version"]))),
        ("horizon", said["horizon"]),
        *(("needs", need) for need in needs),
        *(("local record", line) for line in _record(said["local_record"])),
        ("clinicians", f"do not see it: {said['withheld']}" if said["withheld"] else "see it"),
    ]
    for key in _CARD:
        value = card[key]
        rows += [(key.replace("_", " "), str(line)) for line in (value if isinstance(value, list) else [value])]
    lines, before = [], ""
    for key, text in rows:
        wrapped = _wrapped(text or "nothing", INDENT)
        lines += [f"{'' if key == before else key:<{INDENT}}{wrapped[0].strip()}", *wrapped[1:]]
        before = key
    return lines


def _need(need: dict[str, Any]) -> str:
    what = need["kind"] if need["kind"] == "visits" else f"{need['kind']} {', '.join(need['names'])}"
    days = need["look_back_days"]
    return f"{what}{', required' if need['required'] else ''}" + (f", of the last {days} days" if days else "")


def _record(record: dict[str, Any] | None) -> list[str]:
    if record is None:
        return ["none"]
    what = "simulated episodes" if record.get("simulated") else "episodes"
    lines = [f"{record['episodes']:,} {what}, {record['events']:,} dropouts, as of {record['as_of']}"]
    for key, name in _INTERVALS.items():
        value, low, high = record[key]
        lines.append(f"{name} {value:.2f} (95% interval {low:.2f} to {high:.2f})")
    return lines


def _wrapped(text: str, indent: int) -> list[str]:
    space = " " * indent
    text = "".join(c if c.isprintable() else " " for c in text)  # another author's text may hold control characters
    return textwrap.wrap(
        text, WIDTH, initial_indent=space, subsequent_indent=space, break_long_words=False, break_on_hyphens=False
    )
