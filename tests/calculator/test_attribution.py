"""Why it changed: parts that add up, by a hand calculation, a second implementation and the axioms of Shapley."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assumptions import load_library
from calculator import InputError, parse_scenario, resolve
from calculator.attribution import HORIZON, PAYERS, ROAD, Attribution, attribution
from calculator.resolve import Resolved
from tests.calculator.clinics import PLAIN, plain, resolved_of, with_changes
from tests.strategies import scenarios

ONE_PAYER = [{"name": "all", "share": 1.0, "allowed_per_unit": 120.0, "collection_rate": 0.9}]


def parts_of(found: Attribution) -> dict[str, float]:
    return {part.input: part.amount for part in found.parts}


def between(base: dict[str, Any], changes: dict[str, Any], most_exact: int = 10) -> Attribution:
    return attribution(resolved_of(base), resolved_of(with_changes(base, changes)), most_exact)


def brute_force(base: dict[str, Any], players: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Walk through every order, each world a scenario of its own that is written, parsed and evaluated."""
    worlds: dict[frozenset[str], float] = {}
    for size in range(len(players) + 1):
        for chosen in itertools.combinations(players, size):
            changes = {path: value for player in chosen for path, value in players[player].items()}
            worlds[frozenset(chosen)] = float(resolved_of(with_changes(base, changes)).block({}).npv[0])
    sums = dict.fromkeys(players, 0.0)
    orders = list(itertools.permutations(players))
    for order in orders:
        for number, player in enumerate(order):
            sums[player] += worlds[frozenset(order[: number + 1])] - worlds[frozenset(order[:number])]
    return {player: total / len(orders) for player, total in sums.items()}


def test_two_inputs_by_hand() -> None:
    """Nobody is reached, so only the subscription counts: 12 months, undiscounted, price × clinicians.

    10 × 5 × 12 = 600 becomes 20 × 8 × 12 = 1,920. The price: half of 10·5·12 and 10·8·12, 780. Clinicians: half of
    10·3·12 and 20·3·12, 540. Together 1,320.
    """
    base = plain(
        program__adoption_rate=0.0,
        program__implementation_cost=0.0,
        program__training_hours_per_clinician=0.0,
        program__subscription_per_clinician_month=10.0,
        clinic__clinicians=5,
        analysis__horizon_months=12,
        analysis__discount_rate=0.0,
    )
    price = "program.subscription_per_clinician_month"
    found = between(base, {price: 20.0, "clinic.clinicians": 8})
    assert found.before == pytest.approx(-600.0)
    assert found.after == pytest.approx(-1920.0)
    assert parts_of(found) == pytest.approx(
        {"program.subscription_per_clinician_month": -780.0, "clinic.clinicians": -540.0}
    )
    assert [part.input for part in found.parts] == [price, "clinic.clinicians"]


PLAYERS: dict[str, dict[str, Any]] = {
    "clinic.dropout_rate": {"clinic.dropout_rate": 0.5},
    "clinic.planned_units": {"clinic.planned_units": 20},
    "program.adoption_rate": {"program.adoption_rate": 0.5},
    PAYERS: {"payers": ONE_PAYER},
    ROAD: {"program.evidence_road": "targeted", "program.save_rate": 0.3, "program.minutes_per_flag": 9.0},
    HORIZON: {"analysis.horizon_months": 18},
}


@pytest.mark.parametrize("names", [tuple(PLAYERS), ("clinic.dropout_rate", PAYERS), (ROAD, HORIZON, PAYERS), (ROAD,)])
def test_the_same_as_walking_through_every_order(names: tuple[str, ...]) -> None:
    players = {name: PLAYERS[name] for name in names}
    changes = {path: value for each in players.values() for path, value in each.items()}
    found = parts_of(between(PLAIN, changes))
    assert found == pytest.approx(brute_force(PLAIN, players), rel=1e-9, abs=1e-6)


PLANNED, MEDIAN, HEADS = "clinic.planned_units", "clinic.median_dropout_unit", "clinic.clinicians"
COST, INTAKES = "clinic.variable_cost_per_unit", "clinic.intakes_per_month"
FOLLOWING = plain(clinic__planned_units=40, clinic__median_dropout_unit=None, clinic__clinicians=None,
                  clinic__variable_cost_per_unit=None)  # fmt: skip


def test_a_default_that_follows_the_plan_is_no_part_of_its_own() -> None:
    """Only the plan is changed; when half of those who drop out have left is a share of it, and goes along."""
    base = {
        "clinic": {"setting": "outpatient", "intakes_per_month": 40, "clinicians": 10, "planned_units": 40,
                   "variable_cost_per_unit": 20.0},
        "payers": [{}],
    }  # fmt: skip
    found = between(base, {PLANNED: 8})
    assert found.before != found.after
    assert parts_of(found) == pytest.approx({PLANNED: found.after - found.before})


@pytest.mark.parametrize(
    "players",
    [
        {PLANNED: {PLANNED: 7}, INTAKES: {INTAKES: 43}},  # clinicians are rounded up in each world
        {PLANNED: {PLANNED: 7}, PAYERS: {"payers": ONE_PAYER}, "clinic.dropout_rate": {"clinic.dropout_rate": 0.5}},
        {PLANNED: {PLANNED: 3}, HEADS: {HEADS: 9}, INTAKES: {INTAKES: 55.5}},  # a default here, the user's own there
        {PAYERS: {"payers": ONE_PAYER}, COST: {COST: 40.0}, MEDIAN: {MEDIAN: 2}, PLANNED: {PLANNED: 12}},
        {HEADS: {HEADS: 20}, PLANNED: {PLANNED: 20}, INTAKES: {INTAKES: 80}},  # as many as by default, in any case
    ],
)
def test_defaults_follow_the_other_inputs_in_each_world_between(players: dict[str, dict[str, Any]]) -> None:
    changes = {path: value for each in players.values() for path, value in each.items()}
    there, expected = between(FOLLOWING, changes), brute_force(FOLLOWING, players)
    assert parts_of(there) == pytest.approx(expected, rel=1e-9, abs=1e-6)
    back = attribution(resolved_of(with_changes(FOLLOWING, changes)), resolved_of(FOLLOWING))
    assert parts_of(back) == pytest.approx({path: -amount for path, amount in expected.items()}, rel=1e-9, abs=1e-6)
    drawn = between(FOLLOWING, changes, most_exact=0)
    widest = max(abs(amount) for amount in expected.values())
    assert parts_of(drawn) == pytest.approx(expected, abs=0.02 * widest)


def test_a_settings_own_share_is_a_part_under_the_inputs_path() -> None:
    """Of the plan, 27 % in outpatient and 52 % in intensive outpatient care, whatever plan it meets."""
    base = plain(clinic__planned_units=40, clinic__median_dropout_unit=None)
    found = parts_of(between(base, {"clinic.setting": "iop", PLANNED: 8}))
    npv = {
        (share, units): resolved_of(with_changes(base, {PLANNED: units, MEDIAN: share * (units - 1)})).block({}).npv[0]
        for share in (0.27, 0.52)
        for units in (40, 8)
    }
    later, shorter = npv[0.52, 40] - npv[0.27, 40], npv[0.27, 8] - npv[0.27, 40]
    both = npv[0.52, 8] - npv[0.27, 40]
    expected = {MEDIAN: (later + both - shorter) / 2, PLANNED: (shorter + both - later) / 2}
    assert found == pytest.approx(expected, rel=1e-9)


def test_how_likely_a_freed_slot_is_filled_is_a_part_of_its_own() -> None:
    """By default it follows how full the places are, in three steps; where the step differs, it is what differs."""
    base = plain(clinic__backfill_rate=None, clinic__practice_capacity="slack")
    found = parts_of(between(base, {"clinic.practice_capacity": "waitlist"}))
    assert set(found) == {"clinic.backfill_rate"}
    full = with_changes(base, {"clinic.practice_capacity": None, "clinic.occupancy_rate": 0.3})
    found = parts_of(between(full, {"clinic.occupancy_rate": 0.99}))
    assert set(found) == {"clinic.backfill_rate"}


def test_a_roads_own_inputs_stand_alone_while_the_road_is_the_same() -> None:
    changes = {"program.odds_ratio": 0.7, "program.fidelity": 0.8, "program.save_rate": 0.9}
    found = between(PLAIN, changes)  # acting on flags is not the road in use
    assert set(parts_of(found)) == {"program.odds_ratio", "program.fidelity"}
    other = with_changes(PLAIN, {**changes, "program.evidence_road": "alliance"})
    assert set(parts_of(attribution(resolved_of(PLAIN), resolved_of(other)))) == {ROAD}


def test_the_same_twice_has_no_parts() -> None:
    found = between(PLAIN, {})
    assert found.parts == ()
    assert found.before == found.after
    renamed = between(PLAIN, {"payers.1.name": "other", "analysis.history_months": 3, "clinic.name": "Elm St"})
    assert renamed.parts == ()


def test_inputs_with_the_same_effect_get_the_same_part() -> None:
    """Adoption and intakes enter as their product, so 0.8 to 1 and 40 to 50 are the same change."""
    found = parts_of(between(PLAIN, {"program.adoption_rate": 1.0, "clinic.intakes_per_month": 50}))
    assert found["program.adoption_rate"] == pytest.approx(found["clinic.intakes_per_month"])


def test_what_bears_on_nothing_gets_nothing() -> None:
    """Where no freed slot is refilled, no client need be won, whatever winning one costs."""
    base = plain(clinic__backfill_rate=0.0)
    changes = {"clinic.acquisition_cost_per_intake": 900.0, "clinic.dropout_rate": 0.2, "payers.1.name": "x"}
    found = parts_of(between(base, changes))
    assert found["clinic.acquisition_cost_per_intake"] == pytest.approx(0.0, abs=1e-9)
    split = [{"name": str(row), "share": 0.5, "allowed_per_unit": 120.0, "collection_rate": 0.9} for row in (1, 2)]
    payers = parts_of(between(plain(payers=ONE_PAYER), {"payers": split, "clinic.dropout_rate": 0.2}))
    assert payers[PAYERS] == pytest.approx(0.0, abs=1e-6)


def test_drawn_orders_agree_with_all_orders() -> None:
    changes = {path: value for each in PLAYERS.values() for path, value in each.items()} | {
        "clinic.no_show_rate": 0.2,
        "program.minutes_per_unit": 0.5,
        "clinic.clinicians": 6,
    }
    exact, drawn = between(PLAIN, changes), between(PLAIN, changes, most_exact=0)
    assert (exact.exact, drawn.exact) == (True, False)
    widest = max(abs(part.amount) for part in exact.parts)
    assert parts_of(drawn) == pytest.approx(parts_of(exact), abs=0.02 * widest)
    assert parts_of(between(PLAIN, changes, most_exact=0)) == parts_of(drawn)  # the same orders each time


def resolved_or_none(data: dict[str, Any]) -> Resolved | None:
    try:
        return resolve(parse_scenario(data), load_library())
    except InputError:
        return None


@settings(max_examples=60)
@given(first=scenarios(), second=scenarios(), most_exact=st.sampled_from([0, 6]))
def test_parts_add_up_and_turn_round(first: dict[str, Any], second: dict[str, Any], most_exact: int) -> None:
    """Any two clinics: parts add up to the difference, and the way back is the way there with its signs turned."""
    one, other = resolved_or_none(first), resolved_or_none(second)
    if one is None or other is None:
        return
    there, back = attribution(one, other, most_exact), attribution(other, one, most_exact)
    size = max((abs(part.amount) for part in there.parts), default=0.0)
    close = 1e-7 * max(size, abs(there.before), abs(there.after), 1.0)
    assert sum(part.amount for part in there.parts) == pytest.approx(there.after - there.before, abs=close)
    assert parts_of(back) == pytest.approx({path: -amount for path, amount in parts_of(there).items()}, abs=close)
    assert [abs(part.amount) for part in there.parts] == sorted((abs(p.amount) for p in there.parts), reverse=True)


@pytest.mark.parametrize("base", [PLAIN, plain(clinic__median_dropout_unit=None, clinic__variable_cost_per_unit=None)])
def test_a_typical_pair_takes_no_time_worth_waiting_for(base: dict[str, Any]) -> None:
    """Ten inputs, the most that every order is looked at for; the best of several runs, as the machine may be busy."""
    changes = {"clinic.dropout_rate": 0.3, "clinic.no_show_rate": 0.1, "program.fidelity": 0.9,
               "program.adoption_rate": 0.6, "clinic.planned_units": 16, "analysis.horizon_months": 24,
               "clinic.intakes_per_month": 60, "clinic.clinicians": 12, "program.minutes_per_unit": 1.0,
               "analysis.discount_rate": 0.05}  # fmt: skip
    one, other = resolved_of(base), resolved_of(with_changes(base, changes))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        found = attribution(one, other)
        times.append(time.perf_counter() - start)
    assert found.exact
    assert len(found.parts) == 10
    assert min(times) < 0.05
