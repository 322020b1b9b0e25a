"""The command ``rapport``. Each command imports what it needs when it runs, so that a cold start stays short."""

from web.cli.group import main

__all__ = ["main"]
