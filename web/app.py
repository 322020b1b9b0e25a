"""The application, put together from its parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Flask
from flask_compress import Compress
from htmx_flask import Htmx
from jinja2 import StrictUndefined

from calculator import display, words
from calculator.language import gettext
from calculator.version import VERSION
from calculator.widening import rule
from reports import charts
from web import api, health
from web.accounts.doorkeeper import check_doors, init_doorkeeper
from web.assets import init_assets
from web.cds.service import init_cds
from web.cds.trust import init_trust
from web.errors import init_errors
from web.kept_parts import init_kept_parts
from web.languages import init_languages
from web.library import init_library
from web.moments import ago, exactly
from web.open_workspace import init_workspace
from web.operations.proxies import init_proxies
from web.operations.requests import init_requests
from web.pages import (
    account,
    administration,
    alliance,
    batch,
    calculator,
    cds,
    clinic_file,
    compare,
    data_request,
    elsewhere,
    embed,
    enquiries,
    evidence,
    explain,
    join,
    method,
    metrics,
    model_card,
    proposal,
    scenario_changes,
    scenarios,
    setup,
    share,
    shared,
    sign_in,
    workbook,
    worklist,
)
from web.security import init_security
from web.settings import init_settings
from web.unbroken import unbroken

DEFAULTS = {
    "MAX_CONTENT_LENGTH": 65_536,  # bytes; a form with every field filled has about 6,000
    "MAX_FORM_MEMORY_SIZE": 65_536,
    "MAX_FORM_PARTS": 300,
    "MAX_DRAWS": 65_536,  # futures a visitor may ask for; more is for the command line
    "COMPRESS_MIMETYPES": [
        "text/html", "text/css", "text/javascript", "application/json", "image/svg+xml", "text/plain",
    ],
    "COMPRESS_ALGORITHM": ["zstd", "br", "gzip"],  # zstd takes a fifth of the time of br, and a seventh more bytes
    "COMPRESS_BR_LEVEL": 5,
    "COMPRESS_STREAMS": False,
}  # fmt: skip
FILTERS = (
    display.money,
    display.money_exact,
    display.money_range,
    display.share,
    display.share_range,
    display.chance,
    display.months,
)


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Return the application; ``config`` goes over the defaults."""
    app = Flask(__name__)
    app.config.update(DEFAULTS)
    app.config.update(config or {})
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {function.__name__: function for function in FILTERS}
    app.jinja_env.filters |= {"translated": gettext, "unbroken": unbroken}
    app.jinja_env.filters |= {"number": display.number, "quantity": display.quantity, "trimmed": display.trimmed}
    app.jinja_env.globals |= {"words": words, "charts": charts, "version": VERSION, "widening_rule": rule}
    app.jinja_env.filters |= {"ago": ago, "exactly": exactly}
    app.jinja_env.globals["today"] = lambda: date.today().isoformat()
    init_settings(app)
    init_proxies(app)
    init_requests(app)
    init_workspace(app)
    Htmx(app)
    init_languages(app)
    init_doorkeeper(app)
    init_library(app)
    batch.init_batch(app)
    elsewhere.init_oidc(app)
    worklist.init_worklist(app)
    init_trust(app)
    init_cds(app)
    init_security(app)
    Compress(app)
    init_kept_parts(app)
    init_assets(app)  # after Compress, which means that it sees an answer before Compress does
    init_errors(app)
    for part in (
        calculator,
        compare,
        clinic_file,
        data_request,
        batch,
        worklist,
        explain,
        evidence,
        proposal,
        workbook,
        alliance,
        method,
        embed,
        model_card,
        cds,
        api,
        health,
        metrics,
        setup,
        sign_in,
        elsewhere,
        join,
        account,
        scenarios,
        scenario_changes,
        share,
        shared,
        enquiries,
        administration,
    ):
        app.register_blueprint(part.bp)
    check_doors(app)
    return app
