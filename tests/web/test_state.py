"""Links that hold scenarios: whatever a link holds, it is read exactly or refused with a reason, and nothing else."""

from __future__ import annotations

import base64
import random
import tracemalloc
import zlib
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from assumptions import load_library
from calculator import InputError, parse_scenario, resolve
from calculator.resolve import QUANTITIES
from tests.strategies import scenarios
from web.forms import form_of, parse_form
from web.scenarios import KEEP, MOST, SLOT, TITLE, Kept, Lineup, names, packed, titled
from web.state import MOST_FIELDS, MOST_PACKED, MOST_PLAIN, StateError, pack, shaped, unpack

PAIRS = st.lists(st.tuples(st.text(min_size=1, max_size=20), st.text(max_size=30)), max_size=20)
VALID = pack([("v", "1"), ("clinic.setting", "iop"), ("clinic.intakes_per_month", "12"), ("measured", "dropout_rate")])
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def unpacked(text: str) -> list[tuple[str, str]] | None:
    """Return what a state holds, or None where it was refused in words fit for a page."""
    try:
        return list(unpack(text).items(multi=True))
    except StateError as error:
        message = str(error)
        assert message.startswith("This link")
        assert message.endswith(".")
        assert "\n" not in message
        return None


def made(data: bytes, version: str = "1") -> str:
    return f"{version}.{base64.urlsafe_b64encode(data).decode().rstrip('=')}"


@given(pairs=PAIRS)
@example(pairs=[("a", ""), ("a", "b"), ("a", "b"), ("é&=+%;", "\x00\n<script>")])
def test_pairs_come_back_in_number_and_value(pairs: list[tuple[str, str]]) -> None:
    state = pack(pairs)
    assert shaped(state)
    assert urlencode({"s": state}) == f"s={state}"  # nothing in it needs escaping
    found = unpack(state)
    assert found == MultiDict(pairs)


@settings(max_examples=60)
@given(data=scenarios())
def test_any_scenario_comes_back_exactly(data: dict[str, Any]) -> None:
    library = load_library()
    try:
        scenario = parse_scenario(data)
        resolve(scenario, library)
    except InputError:
        return
    state = pack(form_of(scenario).query)
    assert len(state) <= MOST_PACKED
    assert parse_form(unpack(state), library).scenario == scenario


def test_the_fullest_form_there_is_fits_a_link() -> None:
    """Eight payers with long names in signs of three bytes, and three numbers of all their digits in every field."""
    chance = random.Random(1)  # noqa: S311 - no secret
    word = "".join(map(chr, chance.choices(range(0x4E00, 0x9FA5), k=1100)))
    rows = [f"payers.{row}.{key}" for row in range(1, 9) for key in ("share", "allowed_per_unit", "collection_rate")]
    paths = [path for path in QUANTITIES if not path.startswith("payers.")] + rows
    pairs = [(path + end, repr(chance.random())) for path in paths for end in ("", ".low", ".high")]
    texts = [
        ("clinic.name", word[:300]),
        *((f"payers.{row}.name", word[200 + 100 * row :][:100]) for row in range(1, 9)),
    ]
    state = pack([*pairs, *texts, *(("measured", path) for path in paths)])
    assert len(state) <= MOST_PACKED
    assert len(unpack(state).getlist("measured")) == len(paths)


@given(text=st.text(max_size=60))
@example(text="")
@example(text="1.")
@example(text=".")
@example(text="1.A")
@example(text="١.eJwDAAAAAAE")
@example(text="1.eJwDAAAAAAE\n")
def test_any_text_is_read_or_refused(text: str) -> None:
    unpacked(text)


@given(place=st.integers(0, len(VALID) - 1), sign=st.sampled_from(SIGNS))
def test_a_mistyped_link_never_means_other_numbers(place: int, sign: str) -> None:
    changed = VALID[:place] + sign + VALID[place + 1 :]
    assert unpacked(changed) in (None, unpacked(VALID))


@pytest.mark.parametrize("length", range(len(VALID)))
def test_a_link_that_was_cut_is_refused(length: int) -> None:
    assert unpacked(VALID[:length]) is None


def test_what_follows_a_link_is_refused() -> None:
    for tail in ("A", "AAAA", ".", " ", "%20", "1.AAAA"):
        assert unpacked(VALID + tail) is None


def test_a_newer_version_is_named_and_an_odd_one_is_not_taken_for_one() -> None:
    for newer in ("2.abc", "12.abc"):
        with pytest.raises(StateError, match="newer version of Rapport"):
            unpack(newer)
    for odd in ("0.abc", "01.abc", "-1.abc", "v1.abc", "9999999.abc"):
        with pytest.raises(StateError, match="damaged"):
            unpack(odd)


def test_a_small_link_that_unfolds_to_a_lot_is_not_unfolded() -> None:
    bomb = made(zlib.compress(b"a=" + b"0" * 8_000_000, 9))
    assert len(bomb) < MOST_PACKED
    tracemalloc.start()
    try:
        with pytest.raises(StateError, match="far more than any scenario"):
            unpack(bomb)
        assert tracemalloc.get_traced_memory()[1] < 8 * MOST_PLAIN
    finally:
        tracemalloc.stop()


def test_a_link_of_any_length_is_refused_for_its_length() -> None:
    with pytest.raises(StateError, match="far longer"):
        unpack("1." + "A" * MOST_PACKED)
    assert not shaped("1." + "A" * MOST_PACKED)


@pytest.mark.parametrize(
    "plain",
    [b"a=%ff", "a=é".encode(), b"\xff", b"&".join([b"a=1"] * (MOST_FIELDS + 1))],
    ids=["half", "raw", "byte", "many"],
)
def test_what_no_form_of_ours_makes_is_refused(plain: bytes) -> None:
    assert unpacked(made(zlib.compress(plain))) is None


def test_only_fields_of_the_form_survive() -> None:
    hostile = [("clinic.setting", "iop"), ("clinic.intakes_per_month", "12"), ("__class__", "x"), ("keep", "1.abc"),
               ("<script>", "alert(1)"), ("reset", "clinic.setting.x")]  # fmt: skip
    form = parse_form(unpack(pack(hostile)), load_library())
    assert {name for name, _ in form.query} <= {"v", "clinic.setting", "clinic.intakes_per_month"}
    assert form.scenario is not None
    wrong = parse_form(unpack(pack([*hostile, ("clinic.evil", "1")])), load_library())
    assert [problem.path for problem in wrong.problems] == ["clinic.evil"]


# --- what is kept while one scenario is edited ------------------------------------------------------------------


def form_with(**texts: str) -> Any:
    data = {"clinic.setting": "outpatient", "clinic.intakes_per_month": "40"}
    data |= {key.replace("__", "."): text for key, text in texts.items()}
    return parse_form(MultiDict(data), load_library())


STATES = tuple(packed(form_with(clinic__intakes_per_month=str(number)), f"No. {number}") for number in (1, 2, 3))


def test_what_is_kept_comes_back_from_its_own_pairs() -> None:
    for kept in (Kept(), Kept(STATES[:1], 1, "Mine"), Kept(STATES, 0, ""), Kept((), 0, "Alone")):
        assert Kept.of(MultiDict(kept.pairs)) == kept
    assert Kept().pairs == []
    assert not Kept((), 0, "Alone")


@pytest.mark.parametrize(
    ("slot", "place"),
    [("0", 0), ("2", 2), ("3", 3), ("4", 3), ("9", 3), ("-1", 3), ("x", 3), ("", 3), ("²", 3), ("00", 3)],
)
def test_the_edited_one_has_a_place_whatever_the_address_says(slot: str, place: int) -> None:
    kept = Kept.of(MultiDict([*((KEEP, state) for state in STATES), (SLOT, slot)]))
    assert kept.slot == place
    states = kept.lineup(form_with()).states
    assert states[place] == packed(form_with())
    assert tuple(state for number, state in enumerate(states) if number != place) == STATES


def test_what_cannot_be_a_scenario_is_not_kept_and_no_more_than_three_are() -> None:
    values = MultiDict([(KEEP, text) for text in ('"><script>', "1.é", "", "1." + "A" * MOST_PACKED, *STATES, *STATES)])
    assert Kept.of(values).others == STATES


@given(text=st.text(max_size=200))
def test_a_title_is_one_short_line(text: str) -> None:
    found = titled(text)
    assert len(found) <= 60
    assert found.isprintable()
    assert titled(found) == found


def test_scenarios_are_called_by_title_or_clinic_or_number() -> None:
    def called(*scenarios: dict[str, str]) -> tuple[str, ...]:
        return names(scenarios)

    assert called({}, {}) == ("Baseline", "Scenario 2")
    assert called({"clinic.name": "Elm"}, {"clinic.name": "Elm"}) == ("Baseline", "Scenario 2")
    assert called({"clinic.name": "Elm"}, {"clinic.name": "Oak", TITLE: "Less"}) == ("Elm", "Less")
    assert names([StateError("x"), {"clinic.name": "Oak"}]) == ("Baseline", "Oak")


def test_lineups_copy_remove_lead_and_rename() -> None:
    lineup = Lineup(STATES)
    assert lineup.without(1).states == (STATES[0], STATES[2])
    assert lineup.led_by(2).states == (STATES[2], STATES[0], STATES[1])
    copied = lineup.with_copy(0)
    assert copied.full
    assert (copied.states[0], copied.states[2:]) == (STATES[0], STATES[1:])
    fields = {name: text for name, text in unpack(STATES[0]).items() if name != TITLE}
    assert dict(unpack(copied.states[1]).items()) == fields
    renamed = lineup.renamed(1, "  New \n name ")
    assert unpack(renamed.states[1])[TITLE] == "New name"
    assert Lineup(("1.broken",)).renamed(0, "x").states == ("1.broken",)
    assert len(Lineup.of(STATES * 3).states) == MOST
    assert lineup.editing(1) == Kept((STATES[0], STATES[2]), 1, "No. 2")
