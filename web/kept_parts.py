"""Parts of pages that are the same for everybody who reads a language: made once, and kept while the server runs.

The page around such a part is made for each visitor, with their menu and their address; a part knows neither.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, current_app, request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from calculator.language import spoken

KEY: Final = "rapport_kept_parts"
MOST: Final = 64  # of each language, and of each of its countries, there are a few
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
    """Give templates ``kept_part``."""
    app.extensions[KEY] = {}
    app.jinja_env.globals["kept_part"] = kept_part


@pass_context
def kept_part(context: Context, template: str) -> Markup:
    """Return a part of a page, in the language of the page.

    Args:
        context: of the page; what the part takes from it has to be the same for every visitor.
        template: of the part.

    Raises:
        UndefinedError: where the part asks for what differs between visitors.
    """
    kept: dict[Any, Markup] = current_app.extensions[KEY]
    key = template, spoken().tag, request.script_root
    part = kept.get(key)
    if part is None or current_app.debug:  # whoever changes a template wants to see it
        undefined = {name: context.environment.undefined(name=name) for name in OF_VISITORS}
        made = context.environment.get_template(template).render({**context.get_all(), **undefined})
        part = Markup(made)  # noqa: S704 - a template escapes what it is given
        if len(kept) >= MOST:  # in languages of ever other countries
            kept.clear()
        kept[key] = part
    return part
