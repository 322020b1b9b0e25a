"""The option ``--brand BRAND.toml``, and the file read with everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from calculator.errors import InputError
from web.cli.scenario_file import FileError

if TYPE_CHECKING:
    from reports.brand import Brand

brand_option = click.option(
    "--brand",
    "brand_file",
    metavar="BRAND.toml",
    type=click.Path(path_type=Path),
    help="Names, logos, colour and texts of who makes the offer.",
)


def load_brand(path: Path | None) -> Brand:
    """Return the brand in a file, or the plain one where none is named; notes on it go to standard error.

    Raises:
        FileError: with one line for each problem of the file and its logos.
    """
    from reports.brand import Brand, read_brand

    if path is None:
        return Brand()
    try:
        brand = read_brand(path)
    except InputError as error:
        raise FileError(str(path), error.problems) from None
    for note in brand.notes:
        click.echo(f"{path}: note: {note}", err=True)
    return brand
