"""Whether a fact known at intake holds numbers or words, which only the whole file can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from plugin.loading import rules
from plugin.loading.columns import COVARIATE

Fact = Literal["number", "word"]


def facts_of(
    names: Sequence[str], said: Sequence[Mapping[str, Any]], first: Sequence[int]
) -> tuple[dict[str, Fact], list[str], list[str]]:
    """Return how each fact that the file has is read, notes, and why others are not read.

    Args:
        names: of the facts that are wanted, without ``x_``.
        said: what sorting said of each block.
        first: number of each block's first row.
    """
    facts: dict[str, Fact] = {}
    notes, ignored = [], []
    for name in names:
        blocks = [(block["covariates"][name], start) for block, start in zip(said, first, strict=True)]
        others = [(found["others"], start + found["first"]) for found, start in blocks if found["others"]]
        if not others:
            facts[name] = "number"
            continue
        if any(found["numbers"] for found, _ in blocks):
            notes.append(rules.mixed(COVARIATE + name, sum(count for count, _ in others), others[0][1]))
        if _levels([found for found, _ in blocks]) > rules.MOST_LEVELS:
            ignored.append(rules.free_text(COVARIATE + name))
        else:
            facts[name] = "word"
    return facts, notes, ignored


def _levels(blocks: Sequence[Mapping[str, Any]]) -> int:
    """Return how many different words there are, unknown being one."""
    levels: set[str] = set()
    for found in blocks:
        if found["levels"] is None:
            return rules.MOST_LEVELS + 1
        levels.update(found["levels"])
    return len(levels) + any(found["unknown"] for found in blocks)
