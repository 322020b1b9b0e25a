"""What is wrong with the library's files: collected while reading, raised once, one line each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


class AssumptionError(ValueError):
    """The evidence cannot be used as written.

    ``problems`` has one line for each mistake: the file, the key, what was found and what to write instead.

    >>> AssumptionError(["figures/dropout/x.toml: unit: is missing", "settings/iop.toml: label: is missing"]).problems
    ('figures/dropout/x.toml: unit: is missing', 'settings/iop.toml: label: is missing')
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[type[AssumptionError], tuple[tuple[str, ...]]]:
        """Keep the lines apart when the error crosses a process border."""
        return type(self), (self.problems,)


@dataclass
class Problems:
    """The mistakes found so far.

    >>> found = Problems()
    >>> found.add("settings/iop.toml", "label", "is missing")
    >>> found.lines
    ['settings/iop.toml: label: is missing']
    """

    lines: list[str] = field(default_factory=list)

    def add(self, file: str, key: str, message: str) -> None:
        """Note one mistake; an empty key means the file as a whole."""
        self.lines.append(f"{file}: {key}: {message}" if key else f"{file}: {message}")

    def raise_if_any(self) -> None:
        """Raise everything that was found, or return when nothing was."""
        if self.lines:
            raise AssumptionError(self.lines)
