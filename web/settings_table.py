"""The table of all settings in ``docs/deploy.md``, from their declarations: ``python -m web.settings_table``."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Final

from web.settings import PREFIX, Settings

FILE: Final = Path(__file__).parents[1] / "docs" / "deploy.md"
BEGIN: Final = "<!-- settings: written by python -m web.settings_table -->\n"
END: Final = "<!-- end of settings -->\n"


def table() -> str:
    """Return the table: each setting in the order of the declarations, in their words.

    Raises:
        LookupError: where a setting is not described.
    """
    said = _said()
    rows = [f"| `{PREFIX}{field.upper()}` | {said[field]} |" for field in Settings.model_fields]
    return "\n".join(["| setting | what |", "| --- | --- |", *rows, ""])


def written(text: str) -> str:
    """Return a page with the table of today in it."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


def _said() -> dict[str, str]:
    """Return what the docstring of the settings says of each."""
    listed = inspect.getdoc(Settings) or ""
    entries = re.split(r"\n    (?=\w+: )", listed.partition("Attributes:")[2])
    found = {}
    for entry in entries[1:]:
        name, _, words = entry.partition(": ")
        found[name] = " ".join(words.split()).replace("``", "`").rstrip(".")
    return found


if __name__ == "__main__":
    FILE.write_text(written(FILE.read_text("utf-8")), "utf-8")
