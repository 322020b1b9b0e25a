"""The group of commands, loaded one by one, and what happens when something goes wrong."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from calculator.errors import RapportError
from calculator.version import VERSION
from plugin.errors import PluginError

COMMANDS = {
    "serve": "start the calculator in the browser",
    "estimate": "the model for one clinic",
    "compare": "scenarios side by side",
    "propose": "a PDF proposal",
    "workbook": "the model as a spreadsheet with live formulas",
    "verify": "whether a proposal still says what it was made from",
    "batch": "a proposal for each row of a prospects file",
    "request": "a workbook that asks a practice for its numbers",
    "predict": "which open clients are likely to leave, and why",
    "fit": "a model of your own episodes",
    "evaluate": "how good the predictions are",
    "simulate": "a simulated clinic to try things on",
    "plugin": "the predictors that are installed, and whether they keep the contract",
    "assumptions": "the evidence library",
    "account": "who may sign in to the server",
    "organisation": "whose accounts are kept apart on the server",
    "db": "the database of the server: what it holds, and how to bring it up to date",
    "backup": "a copy of everything the server keeps, in one file",
    "restore": "put such a copy back",
}


class LazyGroup(click.Group):
    """Imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, or None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"web.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; wrong input becomes one line a problem and exit code 2, never a traceback."""
        try:
            return super().invoke(ctx)
        except (RapportError, PluginError) as error:
            click.echo(str(error), err=True)
            ctx.exit(2)
        except BrokenPipeError:  # the reader of a pipe has seen enough
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - kept open until the process ends
            ctx.exit(0)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"{where}{error.strerror or error}", err=True)
            ctx.exit(2)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="rapport")
def main() -> None:
    """Rapport: what a better therapeutic alliance is worth to a clinic, honestly and with ranges."""
