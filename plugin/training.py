"""What a fitted model was learnt from: counts and dates, and nothing of any one client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assumptions import load_library


@dataclass(frozen=True)
class Training:
    """The episodes behind a model.

    Attributes:
        episodes, dropouts, person_units, clinicians: counts; a person-unit is one time a client could have left.
        first_intake, last_intake: ISO dates.
        as_of: ISO date; nothing later was used.
        evidence_sha256: fingerprint of the evidence library, which the prior comes from.
        left_out: covariates, or levels of them, that were not used: why, by name.
    """

    episodes: int
    dropouts: int
    person_units: int
    clinicians: int
    first_intake: str
    last_intake: str
    as_of: str
    evidence_sha256: str
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def small(self) -> bool:
        """Return whether there are fewer episodes than are recommended for a model of one's own."""
        return self.episodes < fewest_episodes()


def fewest_episodes() -> int:
    """Return the published number of episodes below which a model of one's own is small."""
    return round(load_library().roles["risk_fewest_episodes"].value or 0.0)
