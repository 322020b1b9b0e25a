"""What goes wrong with a clinic's files, models and predictors: all problems at once, in words to act on."""

from __future__ import annotations

from collections.abc import Iterable


class PluginError(ValueError):
    """Something cannot be used as it is; ``problems`` has one line each: where, what was found, what is allowed.

    No line holds a client's data: rows and columns are named, identifiers and free text are not repeated.

    >>> PluginError(["episodes.csv: row 3, column status: is not one of open, completed"]).problems
    ('episodes.csv: row 3, column status: is not one of open, completed',)
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[type[PluginError], tuple[tuple[str, ...]]]:
        """Keep the lines apart when the error crosses a process border."""
        return type(self), (self.problems,)
