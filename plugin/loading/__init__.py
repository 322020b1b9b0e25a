"""Reads a clinic's files: every problem by row and column, identifiers hashed on the way in."""

from plugin.loading.loaded import Loaded, load_caseload
from plugin.loading.pseudonym import pseudonym, read_salt
from plugin.loading.source import Source

__all__ = ["Loaded", "Source", "load_caseload", "pseudonym", "read_salt"]
