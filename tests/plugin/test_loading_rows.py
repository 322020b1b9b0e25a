"""What is said of a row: the column, what is wrong, what to write."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.caseload import NO_DAY
from plugin.loading import Loaded, load_caseload
from plugin.loading.cells import CellError, day, number, whole, word_of

GOOD = {
    "episode_id": "E1",
    "client_id": "C1",
    "clinician_id": "K1",
    "setting": "outpatient",
    "intake_date": "2026-01-05",
    "planned_units": "12",
    "units_attended": "3",
    "last_unit_date": "2026-02-02",
    "status": "open",
}
RATING = {
    "episode_id": "E1",
    "unit": "3",
    "date": "2026-02-02",
    "measure": "bond",
    "score": "9",
    "scale_min": "0",
    "scale_max": "10",
}
VISIT = {"episode_id": "E1", "date": "2026-02-02", "status": "attended", "minutes": "50"}


def table(*rows: dict[str, str]) -> bytes:
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]).encode()


def episodes(*changes: dict[str, str]) -> Loaded:
    """Load good rows with some cells changed; each row has its own identifier unless a change gives it."""
    rows = [{**GOOD, "episode_id": f"E{number}", **change} for number, change in enumerate(changes)]
    return load_caseload(table(*rows), salt=b"salt")


def only_problem(loaded: Loaded) -> str:
    (line,) = loaded.problems
    return line


@pytest.mark.parametrize(
    ("change", "column", "said"),
    [
        ({"episode_id": ""}, "episode_id", "is empty"),
        ({"client_id": " "}, "client_id", "is empty"),
        ({"setting": ""}, "setting", "is empty"),
        (
            {"setting": "out-patient"},
            "setting",
            "is not one of outpatient, iop, php, residential; is outpatient meant?",
        ),
        ({"status": "dropped out"}, "status", "; is dropped_out meant?"),
        ({"intake_date": ""}, "intake_date", "is empty"),
        ({"intake_date": "2026-02-30"}, "intake_date", "is no day of the calendar"),
        ({"intake_date": "1/5/2026"}, "intake_date", "more than one way"),
        ({"intake_date": "46027"}, "intake_date", "spreadsheet's number of a day"),
        ({"intake_date": "yesterday"}, "intake_date", "is no day; write it as 2026-01-31"),
        ({"last_unit_date": "2206-02-02"}, "last_unit_date", "outside the years 1900 to 2099"),
        ({"last_unit_date": "2026-01-04"}, "last_unit_date", "lies before intake_date"),
        ({"last_unit_date": ""}, "last_unit_date", "is empty although units were attended"),
        ({"units_attended": "0"}, "last_unit_date", "is filled although units_attended is 0"),
        ({"units_attended": "-1"}, "units_attended", "allowed are whole numbers from 0 to 10,000"),
        ({"units_attended": "2.5"}, "units_attended", "is no whole number"),
        ({"units_attended": "three"}, "units_attended", "is no number"),
        ({"units_attended": '"3,0"'}, "units_attended", "has a comma; write numbers with a decimal point"),
        ({"planned_units": "0"}, "planned_units", "from 1 to 400"),
        ({"planned_units": "401"}, "planned_units", "from 1 to 400"),
        ({"planned_units": "inf"}, "planned_units", "is no number"),
        ({"status": "dropped_out", "units_attended": "12"}, "status", "although all planned units were attended"),
    ],
)
def test_a_bad_episode_is_left_out_and_its_column_named(change: dict[str, str], column: str, said: str) -> None:
    loaded = episodes({}, change)
    line = only_problem(loaded)
    assert line.startswith(f"episodes.csv: row 3, column {column}: ")
    assert said in line
    assert (loaded.rows, loaded.kept) == (2, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"clinician_id": ""},
        {"setting": " Outpatient "},
        {"planned_units": "12.0", "units_attended": "3.0"},
        {"intake_date": "2026-01-05 00:00:00", "last_unit_date": "2026-02-02T10:15:00.250Z"},
        {"units_attended": "0", "last_unit_date": ""},
        {"units_attended": "14"},
        {"status": "dropped_out", "units_attended": "11"},
        {"last_unit_date": "2026-01-05"},
    ],
)
def test_what_can_only_mean_one_thing_is_read(change: dict[str, str]) -> None:
    loaded = episodes(change)
    assert loaded.problems == ()
    assert loaded.caseload.planned_units.tolist() == [12]
    assert loaded.caseload.intake_day.tolist() == [20458]  # 56 years of 365 days, 14 leap days, and 4 days


def test_no_last_unit_is_no_day_and_no_clinician_is_blank() -> None:
    loaded = episodes({"units_attended": "0", "last_unit_date": "", "clinician_id": ""})
    assert loaded.caseload.last_unit_day.tolist() == [NO_DAY]
    assert loaded.caseload.clinician.tolist() == [""]


def test_an_episode_that_stands_twice_counts_once() -> None:
    loaded = episodes({"episode_id": "A"}, {}, {"episode_id": " A ", "planned_units": "7"}, {"episode_id": "A"})
    assert loaded.problems == (
        "episodes.csv: row 4, column episode_id: is that of row 2 too; write each episode once",
        "episodes.csv: row 5, column episode_id: is that of row 2 too; write each episode once",
    )
    assert loaded.caseload.planned_units.tolist() == [12, 12]


def test_all_that_is_wrong_with_a_row_is_said_at_once_in_the_order_of_its_columns() -> None:
    loaded = episodes({"status": "gone", "setting": "ward", "planned_units": "x"}, {"client_id": ""})
    places = [line.split(": ")[1] for line in loaded.problems]
    assert places == [
        "row 2, column setting",
        "row 2, column planned_units",
        "row 2, column status",
        "row 3, column client_id",
    ]
    assert loaded.kept == 0


@pytest.mark.parametrize(
    ("change", "column", "said"),
    [
        ({"episode_id": ""}, "episode_id", "is empty"),
        ({"episode_id": "E7"}, "episode_id", "is not in episodes.csv"),
        ({"unit": "-1"}, "unit", "from 0 to 10,000"),
        ({"date": ""}, "date", "is empty"),
        ({"date": "2026-01-04"}, "date", "lies before the episode's intake_date"),
        ({"measure": "bonds"}, "measure", "alliance_total, symptoms, satisfaction; is bond meant?"),
        ({"score": ""}, "score", "is empty"),
        ({"score": "10.1"}, "score", "lies outside scale_min to scale_max"),
        ({"score": "-0.1"}, "score", "lies outside scale_min to scale_max"),
        ({"score": "1e300"}, "score", "too large"),
        ({"scale_min": "10"}, "scale_min", "is not below scale_max"),
        ({"scale_max": ""}, "scale_max", "is empty"),
    ],
)
def test_a_bad_rating_is_left_out_and_its_column_named(change: dict[str, str], column: str, said: str) -> None:
    loaded = load_caseload(table(GOOD), table(RATING, {**RATING, **change}), salt=b"salt")
    line = only_problem(loaded)
    assert line.startswith(f"ratings.csv: row 3, column {column}: ")
    assert said in line
    assert loaded.caseload.ratings.share.tolist() == [0.9]
    assert loaded.kept == 1


@pytest.mark.parametrize(
    ("change", "column", "said"),
    [
        ({"episode_id": "E7"}, "episode_id", "is not in episodes.csv"),
        ({"date": "2026-01-04 18:00"}, "date", "lies before the episode's intake_date"),
        ({"status": "no show"}, "status", "attended, no_show, late_cancel, cancelled; is no_show meant?"),
        ({"minutes": "-5"}, "minutes", "from 0 to 1,440"),
        ({"minutes": "an hour"}, "minutes", "is no number"),
    ],
)
def test_a_bad_visit_is_left_out_and_its_column_named(change: dict[str, str], column: str, said: str) -> None:
    loaded = load_caseload(table(GOOD), None, table(VISIT, {**VISIT, **change}), salt=b"salt")
    line = only_problem(loaded)
    assert line.startswith(f"visits.csv: row 3, column {column}: ")
    assert said in line
    assert len(loaded.caseload.visits.day) == 1


def test_unit_and_minutes_may_be_blank_or_have_no_column() -> None:
    blank = load_caseload(table(GOOD), table({**RATING, "unit": ""}), table({**VISIT, "minutes": ""}), salt=b"salt")
    rating = {name: cell for name, cell in RATING.items() if name != "unit"}
    visit = {name: cell for name, cell in VISIT.items() if name != "minutes"}
    absent = load_caseload(table(GOOD), table(rating), table(visit), salt=b"salt")
    for loaded in (blank, absent):
        assert loaded.problems == ()
        assert loaded.caseload.ratings.unit.tolist() == [-1]
        assert loaded.caseload.visits.status.tolist() == [0]


def test_a_score_given_twice_is_harmless_and_two_scores_are_noted() -> None:
    twice = load_caseload(table(GOOD), table(RATING, RATING), salt=b"salt")
    assert twice.notes == ()
    differ = load_caseload(table(GOOD), table(RATING, RATING, {**RATING, "score": "4"}), salt=b"salt")
    assert differ.caseload.ratings.share.tolist() == [0.4]
    assert differ.notes == (
        "ratings.csv: 1 scores share episode, measure, day and unit with another, lower one, which is used",
    )


def test_covariates_are_numbers_where_all_filled_cells_are_and_words_otherwise() -> None:
    rows = [
        {"x_age": "41", "x_level": "2", "x_referral": "court"},
        {"x_age": "", "x_level": "high", "x_referral": " self "},
        {"x_age": "NA", "x_level": "", "x_referral": "null"},
        {"x_age": "-1.5e1", "x_level": "2", "x_referral": ""},
    ]
    loaded = episodes(*rows)
    found = loaded.caseload.covariates
    assert np.array_equal(found["age"], [41.0, np.nan, np.nan, -15.0], equal_nan=True)
    assert found["level"].tolist() == ["2", "high", None, "2"]
    assert found["referral"].tolist() == ["court", "self", None, None]
    assert loaded.problems == ()
    assert loaded.notes == (
        "episodes.csv: column x_level: 1 cells hold no number (the first in row 3), so all of it is read as words;"
        " write numbers with a point and leave unknown ones empty",
    )


def test_a_covariate_of_an_episode_left_out_does_not_count() -> None:
    loaded = episodes({"x_age": "41"}, {"x_age": "about 40", "setting": "?"})
    assert loaded.caseload.covariates["age"].tolist() == [41.0]


def test_free_text_is_not_read_as_a_covariate() -> None:
    rows = [{"x_notes": f"client {number} said", "x_site": f"site {number % 50}"} for number in range(120)]
    loaded = episodes(*rows)
    assert set(loaded.caseload.covariates) == {"site"}
    assert only_problem(loaded).startswith("episodes.csv: column x_notes: has more than 50 different words")
    assert loaded.kept == 120


@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2099, 12, 31)))
def test_every_day_is_read_as_it_is_written(date: object) -> None:
    expected = (np.datetime64(str(date)) - np.datetime64("1970-01-01")).astype(int)
    assert day(str(date)) == day(f"{date} 23:59") == expected


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_never_repeated(text: str) -> None:
    for read in (day, number, whole(0, 9), word_of(("open", "completed"))):
        said = ""
        try:
            assert np.isfinite(read(text))
        except CellError as error:
            said = str(error)
        assert said.isascii()  # our own words are; so nothing beyond ASCII is repeated
        assert len(text) < 5 or text not in said


@pytest.mark.parametrize("text", ["nan", "inf", "1_000", "0x10", "１２", "--1", "1e", "", ".", "1e999", "12 "])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        number(text)
