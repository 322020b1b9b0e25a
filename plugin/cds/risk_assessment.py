"""A score as a RiskAssessment of FHIR R4. There a probability is a percentage: 0.42 is written 42 (invariant ras-2)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Final

from plugin.cds.advice import advice_on
from plugin.cds.cards import MOST_REASONS, Maker
from plugin.cds.codes import URN
from plugin.cds.fhir_in import ClientRecord
from plugin.cds.request import HookRequest
from plugin.cds.risk_words import LEVEL_WORDS, Level, level, percent, usual_risk
from plugin.contract import Probability, Score

OUTCOMES: Final = {
    "left_before_completion": "Leaves care before the last planned unit",
    "left_before_next_unit": "Leaves care before the next planned unit",
}
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, f"{URN}:risk-assessment")


def risk_assessment(
    score: Score, client: ClientRecord, request: HookRequest, maker: Maker, as_of: dt.date
) -> dict[str, Any]:
    """Return the RiskAssessment of a score; parts that say nothing are left out by ``body.without_nothing``.

    Its identifier is the same for the same patient, model and day, so that a record system can keep one of them. The
    period has an end only where the record says when the plan ends.
    """
    advice = advice_on(score.weakest_component)
    found = level(score.risk_before_completion, usual_risk(client.episode))
    raising = [each.words for each in score.contributions if each.log_hazard > 0.0][:MOST_REASONS]
    why = f" What goes with a higher risk: {'; '.join(raising)}." if raising else ""
    name = f"{request.patient_id}|{maker.model}|{maker.version}|{as_of}"
    whole = _prediction("left_before_completion", score.risk_before_completion, as_of, client.planned_end, why)
    return {
        "resourceType": "RiskAssessment",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid.uuid5(_NAMESPACE, name)}"}],
        "status": "final",
        "method": {
            "coding": [{"system": f"{URN}:model", "version": maker.version, "code": maker.model}],
            "text": f"Rapport dropout risk, model {maker.model} {maker.version}: {maker.site}/model",
        },
        "code": {"coding": [{"system": f"{URN}:topic", "code": "dropout_risk"}], "text": "Risk of leaving care early"},
        "subject": {"reference": f"Patient/{request.patient_id}"},
        "encounter": {"reference": f"Encounter/{request.encounter_id}"} if request.encounter_id else None,
        "occurrenceDateTime": as_of.isoformat(),
        "basis": [{"reference": name} for name in client.basis],
        "prediction": [
            {**whole, "qualitativeRisk": _qualitative(found)},
            _prediction("left_before_next_unit", score.risk_next_unit, as_of, None, ""),
        ],
        "mitigation": None if advice is None else f"{advice.label}. {advice.standing} {advice.citation}",
    }


def _prediction(outcome: str, risk: Probability, start: dt.date, end: dt.date | None, why: str) -> dict[str, Any]:
    period = {"start": start.isoformat(), "end": None if end is None else end.isoformat()}
    return {
        "outcome": {"coding": [{"system": f"{URN}:outcome", "code": outcome}], "text": OUTCOMES[outcome]},
        "probabilityDecimal": round(100.0 * risk.value, 1),
        "whenPeriod": period,
        "rationale": f"90 percent range {percent(risk.low)} to {percent(risk.high)}.{why}",
    }


def _qualitative(found: Level) -> dict[str, Any]:
    """Return the words on a risk; in codes of our own, since HL7's (negligible … certain) are absolute."""
    return {
        "coding": [{"system": f"{URN}:risk-level", "code": found, "display": LEVEL_WORDS[found]}],
        "text": f"{LEVEL_WORDS[found]} at this point of care",
    }
