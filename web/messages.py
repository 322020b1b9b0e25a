"""Gather every text that may be translated into the catalogues: ``python -m web.messages`` after a text has changed.

Texts come from code and templates, from what inputs declare about themselves, and from the evidence library. New ones
are added without a translation, vanished ones go; a test asks that none lacks its translation.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from pydantic import BaseModel

from assumptions import load_library
from calculator.formulas import FORMULAS
from calculator.parse import SECTIONS
from calculator.quantity import quantity_of
from calculator.scenario import Payer
from calculator.version import VERSION
from web.cli.output import write_whole
from web.languages import NAMES

ROOT = Path(__file__).parent.parent
LOCALES = ROOT / "web" / "locales"
PACKAGES = ("calculator", "reports", "web")
KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
TEMPLATES = {"extensions": "jinja2.ext.i18n", "trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
OPTIONS = {"**/templates/**.html": TEMPLATES}


def gathered() -> Catalog:
    """Return a catalogue with every text there is and no translation."""
    catalog = Catalog(project="Rapport", version=VERSION, charset="utf-8", fuzzy=False)
    for package in PACKAGES:
        found = extract_from_dir(ROOT / package, METHODS, OPTIONS, KEYWORDS, strip_comment_tags=True)
        for file, _line, message, _comments, context in found:
            catalog.add(message, locations=[(f"{package}/{file}", 0)], context=context)
    for place, text in declared():
        if text:
            catalog.add(text, locations=[(place, 0)])
    return catalog


def declared() -> Iterator[tuple[str, str]]:
    """Yield texts that stand in data, with where they stand."""
    models: list[type[BaseModel]] = [*SECTIONS.values(), Payer]
    for model in models:
        for field in model.model_fields.values():
            if (found := quantity_of(field)) is not None:
                yield from (("calculator/scenario.py", text) for text in (found.label, found.help, found.find))
    for formula in FORMULAS.values():
        yield "calculator/formulas.py", formula.words
    library = load_library()
    for setting in library.settings.values():
        place = f"assumptions/settings/{setting.id}.toml"
        yield from ((place, text) for text in (setting.label, *setting.words.values()))
        yield from ((place, default.note) for default in setting.defaults.values())
    for figure in library.figures.values():
        texts = (figure.label, figure.population, figure.setting, figure.design, figure.derivation, figure.reason)
        place = f"assumptions/figures/{figure.id}.toml"
        yield from ((place, text) for text in (*texts, *figure.cautions))
        yield "assumptions/vocabulary.py", figure.unit


def path_of(language: str) -> Path:
    """Return where the catalogue of a language is."""
    return LOCALES / language / "LC_MESSAGES" / "rapport.po"


def renew() -> None:
    """Bring each catalogue up to date with the texts there are."""
    template = gathered()
    for language in NAMES:
        path = path_of(language)
        if not path.exists():
            continue  # English is the source
        with path.open("rb") as file:
            catalog = read_po(file, language)
        made = catalog.creation_date
        catalog.update(template, no_fuzzy_matching=True)
        catalog.creation_date = made  # nothing new is no difference
        catalog.obsolete.clear()
        written = io.BytesIO()
        write_po(written, catalog, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
        write_whole(path, written.getvalue())


if __name__ == "__main__":
    renew()
