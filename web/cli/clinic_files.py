"""The files of a clinic as commands take them: options, the salt of this installation, what was left out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calculator.errors import InputError, Problem
from web.data_folder import usable_folder, usual_folder

if TYPE_CHECKING:
    from plugin.loading import Loaded

DATA_DIR = "RAPPORT_DATA_DIR"

ratings_option = click.option(
    "--ratings", metavar="FILE", type=click.Path(path_type=Path), help="Ratings of the same episodes."
)
visits_option = click.option(
    "--visits", metavar="FILE", type=click.Path(path_type=Path), help="Visits of the same episodes."
)
refuse_option = click.option(
    "--refuse", is_flag=True, help="Stop at any bad row; without it, bad rows are listed and left out."
)


def data_folder() -> Path:
    """Return the folder in which this installation keeps what it must keep.

    Raises:
        InputError: where RAPPORT_DATA_DIR names none that can be used.
    """
    text = os.environ.get(DATA_DIR, "").strip()
    try:
        return usable_folder(text) if text else usual_folder()
    except ValueError as error:
        raise InputError([Problem(DATA_DIR, str(error))]) from None


def load_files(
    episodes: Path, ratings: Path | None, visits: Path | None, *, refuse: bool, keep_episode_ids: bool = False
) -> Loaded:
    """Return what is in the files, with the pseudonyms of this installation; say on standard error what is left out.

    Raises:
        PluginError: where a file cannot be used, or ``refuse`` is set and there is a bad row.
        InputError: where the data folder cannot be used.
        OSError: where a file cannot be read.
    """
    from plugin.loading import load_caseload, read_salt

    salt = read_salt(data_folder())
    loaded = load_caseload(episodes, ratings, visits, salt=salt, refuse=refuse, keep_episode_ids=keep_episode_ids)
    for line in (*loaded.notes, *loaded.problems):
        click.echo(line, err=True)
    return loaded
