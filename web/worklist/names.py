"""Which clinician a pseudonym stands for: told on one answer to whoever types the ids, and kept nowhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

from plugin.loading import pseudonym

MOST_NAMES = 500
LONGEST_NAME = 80  # characters


def typed_names(text: str, clinicians: Sequence[str], salt: bytes) -> dict[str, str]:
    """Return the ids that were typed, one a line or between commas, by the clinician of the caseload they belong to.

    Args:
        text: what was typed.
        clinicians: as the caseload names them; a simulated one by their own ids.
        salt: of the pseudonyms.
    """
    typed = [name.strip() for name in re.split(r"[\n,;]", text) if 0 < len(name.strip()) <= LONGEST_NAME][:MOST_NAMES]
    known = set(clinicians)
    found = {}
    for name in typed:
        for own in (pseudonym(salt, "clinician", name), name):
            if own in known:
                found[own] = name
    return found
