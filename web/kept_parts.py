"""Parts of pages that are the same for everybody who reads a language: made once, and kept while the server runs.

The page around such a part is made for each visitor, with their menu and their address; a part knows neither. Nor does
a row of a list, which is the same for everybody who may see it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final

from flask import Flask, current_app, request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from calculator.language import spoken

KEY: Final = "rapport_kept_parts"
ROWS: Final = "rapport_kept_rows"
MOST: Final = 64  # of each language, and of each of its countries, there are a few
MOST_ROWS: Final = 4000  # of one to two kilobytes
#: What differs from visitor to visitor; a part that asks for one of them is refused when it is first made.
OF_VISITORS: Final = (
    "request",
    "session",
    "g",
    "visitor",
    "csrf_token",
    "return_path",
    "in_language",
    "spoken_address",
)


def init_kept_parts(app: Flask) -> None:
    """Give templates ``kept_part`` and ``kept_row``."""
    app.extensions[KEY], app.extensions[ROWS] = {}, {}
    app.jinja_env.globals |= {"kept_part": kept_part, "kept_row": kept_row}


@pass_context
def kept_part(context: Context, template: str) -> Markup:
    """Return a part of a page, in the language of the page.

    Args:
        context: of the page; what the part takes from it has to be the same for every visitor.
        template: of the part.

    Raises:
        UndefinedError: where the part asks for what differs between visitors.
    """
    return _kept(current_app.extensions[KEY], MOST, context, template, (), {})


@pass_context
def kept_row(context: Context, template: str, key: tuple[Hashable, ...], **values: Any) -> Markup:
    """Return a row of a list, in the language of the page.

    Args:
        context: of the page, as for a part.
        template: of the row.
        key: everything by which one row may differ from another, or from itself at another time.
        values: what the template draws; ``key`` says all of it that can change.

    Raises:
        UndefinedError: where the row asks for what differs between visitors.
    """
    return _kept(current_app.extensions[ROWS], MOST_ROWS, context, template, key, values)


def _kept(
    kept: dict[Any, Markup],
    most: int,
    context: Context,
    template: str,
    key: tuple[Hashable, ...],
    values: Mapping[str, Any],
) -> Markup:
    whole = template, spoken().tag, request.script_root, *key
    part = kept.get(whole)
    if part is None or current_app.debug:  # whoever changes a template wants to see it
        undefined = {name: context.environment.undefined(name=name) for name in OF_VISITORS}
        made = context.environment.get_template(template).render({**context.get_all(), **undefined, **values})
        part = Markup(made)  # noqa: S704 - a template escapes what it is given
        if len(kept) >= most:  # in languages of ever other countries, or rows that nobody asks for any more
            kept.clear()
        kept[whole] = part
    return part
