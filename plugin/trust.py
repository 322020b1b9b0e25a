"""Whether a model may be shown to clinicians: not until it has proved calibrated on this clinic's own episodes.

A risk of 60 percent that comes true for 20 of 100 does harm even where it sorts clients well, and how far a model is
off differs from clinic to clinic (Van Calster et al. 2019, BMC Medicine 17:230). The numbers below are judgements. At
50 dropouts expected over observed has a standard error near 0.13, and the calibration slope one of 0.2 to 0.5 (the
better a model sorts, the smaller), so a model that is right is often still withheld at that size: it is the safe
mistake, and more episodes mend it. Within a quarter of 1 a risk in words ("about 3 in 10") says the right thing.
"""

from __future__ import annotations

from typing import Final

from plugin.contract import LocalRecord, Predictor

FEWEST_EVENTS: Final = 50
SLOPE: Final = (0.8, 1.25)
EXPECTED_OBSERVED: Final = (0.8, 1.25)


def calibrated(predictor: Predictor) -> bool:
    """Return whether a predictor may be shown to clinicians."""
    return not reason(predictor)


def reason(predictor: Predictor) -> str:
    """Return why a predictor may not be shown to clinicians, as the end of a sentence; empty where it may."""
    return judge(predictor.local_record)


def judge(record: LocalRecord | None) -> str:
    """Return why a record does not do; empty where it does."""
    if record is None:
        return "nobody has judged it on this clinic’s own episodes yet (`rapport evaluate --save`)"
    if record.events < FEWEST_EVENTS:
        return f"it was judged on {record.events} dropouts, and {FEWEST_EVENTS} are needed to tell how far it is off"
    slope, ratio = record.calibration_slope[0], record.expected_observed[0]
    low, high = EXPECTED_OBSERVED
    if not low <= ratio <= high:
        way = "low" if ratio < low else "high"
        said = f"it foretold {ratio:.2f} times the dropouts there were ({low:g} to {high:g} is close enough)"
        return f"its risks are too {way} here: {said}"
    low, high = SLOPE
    if not low <= slope <= high:
        way = "extreme" if slope < low else "much alike"
        return f"its risks are too {way} here: calibration slope {slope:.2f} ({low:g} to {high:g} is close enough)"
    return ""
