"""How clinicians’ clients stay: shrunken, in the order of names, nothing below the minimum."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
from flask.testing import FlaskClient

from plugin.caseload import caseload_of
from plugin.clinician_expectation import estimates
from plugin.clinicians import clinician_estimates
from plugin.evidence import evidence_model
from plugin.loading import pseudonym, read_salt
from plugin.records import Rating, Visit
from plugin.retention import cumulative_hazard
from tests.web.conftest import soup
from tests.web.worklist.caseloads import ONE, _episode, sent, simulated
from web.worklist.demo import demo_caseload


def test_clinicians_stand_by_name_with_interval_and_nothing_below_the_minimum(client: FlaskClient) -> None:
    few = simulated(60, seed=4)
    found = soup(client.get(sent(client, few).replace("/list", "/clinicians")))
    names = [node.get_text(strip=True) for node in found.select(".clinicians tbody th")]
    assert names == sorted(names)
    assert all(name.startswith("k-") and len(name) == 8 for name in names)
    assert "nothing can be said" in found.select_one(".clinicians tbody").get_text()
    assert "Not for hiring, pay or discipline" in found.get_text()
    found = soup(client.get("/worklist/clinicians?id=demo"))
    demo = demo_caseload()
    first = estimates(demo.predictor.model, demo.caseload)[0]
    assert (
        f"{first.ratio:.2f} ({first.low:.2f}–{first.high:.2f})" in found.select_one(".clinicians tbody tr").get_text()
    )


def test_whose_pseudonym_it_is_is_told_to_who_types_the_id_and_kept_nowhere(
    client: FlaskClient, data_dir: Path
) -> None:
    ended = ONE.replace(",open", ",completed")
    address = sent(client, {"episodes": ended.encode()}).replace("/list", "/clinicians")
    answer = client.post(address, data={"names": "Dr Nobody\nDr Smith"})
    row = soup(answer).select_one(".clinicians .named")
    assert "Dr Smith" in row.get_text()
    assert pseudonym(read_salt(data_dir), "clinician", "Dr Smith")[:8] in row.get_text()
    assert "Dr Nobody" not in soup(answer).get_text()
    assert "Dr Smith" not in client.get(address).get_data(as_text=True)
    assert "None of these ids" in client.post(address, data={"names": "Dr Nobody"}).get_data(as_text=True)


def test_clinicians_are_set_against_the_published_course_by_setting_plan_and_symptoms_at_intake() -> None:
    """Expected hazard of a middle client is H(units followed); two standard deviations of symptoms multiply it."""
    ended = [_episode("a", 12, status="completed"), _episode("b", 4, status="dropped_out"), _episode("c")]
    model = evidence_model()
    hazard = cumulative_hazard(np.zeros(2, dtype=np.int64), np.array([12, 12]), np.array([12, 5]))
    caseload = caseload_of(ended)
    expected = clinician_estimates(caseload.take(np.array([0, 1])), hazard, np.array([0.0, 1.0]))
    assert estimates(model, caseload) == expected
    late = [Rating(dt.date(2026, 2, 1), "bond", 1, 1, 7)]  # part of the work: makes no difference
    missed = [Visit(dt.date(2026, 1, 20), "no_show")]
    assert estimates(model, caseload_of(ended, [late, (), ()], [missed, (), ()])) == expected
