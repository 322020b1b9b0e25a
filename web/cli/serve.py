"""``rapport serve``: the web application on this machine."""

from __future__ import annotations

import socket

import click

from calculator.errors import RapportError


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535), help="0 takes any free port.")
def command(host: str, port: int) -> None:
    """Start the calculator and print its address. Stop it with Ctrl-C."""
    from werkzeug.serving import make_server

    from web.access_log import PathOnlyHandler
    from web.accounts.first_start import KEY, refuse_open_host
    from web.app import create_app
    from web.operations import logs
    from web.settings import environment, read_settings

    settings = read_settings(environment())
    logs.configure(settings.log, settings.log_level)
    app, handler = create_app(environment()), PathOnlyHandler
    refuse_open_host(app.extensions[KEY], host)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise RapportError(f"cannot listen on {host}:{port}: {error.strerror or error}. Try another --port.") from None
    with listener:
        port = listener.getsockname()[1]
        server = make_server(host, port, app, threaded=True, request_handler=handler, fd=listener.fileno())
        click.echo(f"Rapport is ready on http://{f'[{host}]' if ':' in host else host}:{port}  (Ctrl-C stops it)")
        server.serve_forever()  # returns on Ctrl-C, its socket closed
        click.echo("Stopped.")
