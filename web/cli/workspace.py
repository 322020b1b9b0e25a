"""The workspace as commands reach it: by the same settings as the server, which may be running meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from web.settings import Settings
    from web.storage import Database


@contextmanager
def open_workspace() -> Iterator[tuple[Settings, Database]]:
    """Yield the settings of the environment and the database that they name; nothing is made in it.

    Raises:
        InputError: where a setting is wrong.
        RapportError: where the database fails meanwhile.
    """
    from web.open_workspace import open_database
    from web.settings import environment, read_settings
    from web.storage.failing import plainly

    settings = read_settings(environment())
    database = open_database(settings)
    try:
        with plainly(database):
            yield settings, database
    finally:
        database.close()


@contextmanager
def counting(unit: str) -> Iterator[Callable[[int], object]]:
    """Yield what counts on a terminal; in a pipe it says nothing."""
    from tqdm import tqdm

    with tqdm(unit=f" {unit}", disable=not sys.stderr.isatty(), leave=False) as shown:
        yield shown.update
