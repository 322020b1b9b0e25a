"""Verify a proposal: compute again what its attachment says, draw it again, and name the first thing that differs."""

from reports.verify.check import Languages, Verdict, verify
from reports.verify.file import MOST_BYTES

__all__ = ["MOST_BYTES", "Languages", "Verdict", "verify"]
