"""``rapport serve``: the web application on this machine."""

from __future__ import annotations

import click

from calculator.errors import RapportError


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535), help="0 takes any free port.")
def command(host: str, port: int) -> None:
    """Start the calculator and print its address. Stop it with Ctrl-C."""
    from werkzeug.serving import make_server

    from web.app import create_app

    try:
        server = make_server(host, port, create_app(), threaded=True)
    except (OSError, SystemExit) as error:
        reason = getattr(error, "strerror", None) or "the port is taken"
        raise RapportError(f"cannot listen on {host}:{port}: {reason}. Try --port {port + 1}.") from None
    click.echo(f"Rapport is ready on http://{host}:{server.server_port}  (Ctrl-C stops it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("Stopped.")
    finally:
        server.server_close()
