"""An error whose page says more than its status does."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from werkzeug.exceptions import HTTPException

from calculator.language import ngettext


class AdvisedError(HTTPException):
    """An error of HTTP with a sentence on what to do.

    Attributes:
        advice: the sentence, in the visitor's language.
        wait: how long to wait before another try; None where that is no matter of time.
    """

    def __init__(self, status: int, advice: str, wait: dt.timedelta | None = None) -> None:
        super().__init__()
        self.code = status
        self.advice = advice
        self.wait = wait

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """Return the headers, with how long to wait."""
        headers = super().get_headers(*args, **kwargs)
        if self.wait is not None:
            headers.append(("Retry-After", str(max(math.ceil(self.wait.total_seconds()), 1))))
        return headers


def too_many_tries(wait: dt.timedelta) -> AdvisedError:
    """Return the error of somebody who has tried too often, which says how long to wait."""
    minutes = max(math.ceil(wait.total_seconds() / 60), 1)
    advice = ngettext(
        "Wait a minute, then try again. Nothing was lost.",
        "Wait %(number)s minutes, then try again. Nothing was lost.",
        minutes,
    )
    return AdvisedError(429, advice, wait)
