"""Which facts known at intake a clinic's own model may use, and why others are left out."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from plugin.caseload import Caseload
from plugin.hazard import BASELINE, SLOPES, ChoiceCovariate, CovariateSpec, NumberCovariate

#: Episodes that must share a level, or have a number; fewer say little, and could be recognised in the model file.
FEWEST: Final = 20
MOST_LEVELS: Final = 8
_TAKEN: Final = frozenset({*BASELINE, *SLOPES, "clinician"})


def covariate_specs(caseload: Caseload) -> tuple[tuple[CovariateSpec, ...], dict[str, str]]:
    """Return the covariates to fit, by name, and for each that is left out (or levels of it) the reason.

    Numbers are centred and scaled by their own mean and standard deviation. Of categories, the most frequent levels
    get a slope each; all others are the middle client.
    """
    specs: list[CovariateSpec] = []
    left_out: dict[str, str] = {}
    for name in sorted(caseload.covariates):
        values = caseload.covariates[name]
        if name in _TAKEN or "=" in name:
            left_out[name] = "the model has a column of that name; call it something else"
        elif values.dtype == np.object_:
            counts = Counter(value for value in values if value is not None)
            frequent = [level for level, count in counts.items() if count >= FEWEST]
            kept = sorted(frequent, key=lambda level: (-counts[level], level))[:MOST_LEVELS]
            if not kept or len(counts) == 1:
                left_out[name] = f"no two levels, one of which has {FEWEST} episodes"
                continue
            specs.append(ChoiceCovariate(name, tuple(sorted(kept))))
            if len(kept) < len(counts):
                left_out[name] = (
                    f"{len(counts) - len(kept)} of {len(counts)} levels have no slope: they have fewer than {FEWEST} "
                    f"episodes, or are not among the {MOST_LEVELS} most frequent"
                )
        else:
            known = values[np.isfinite(values)]
            spread = float(known.std()) if len(known) else 0.0
            if len(known) < FEWEST or not spread > 1e-9 * max(1.0, float(np.abs(known).max())):
                left_out[name] = f"it is known for fewer than {FEWEST} episodes, or the same for all"
                continue
            specs.append(NumberCovariate(name, float(known.mean()), spread))
    return tuple(specs), left_out
