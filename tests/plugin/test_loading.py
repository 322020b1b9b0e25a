"""Clinics' files as a whole: what was written comes back, and every problem is listed at once."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.caseload import Caseload
from plugin.errors import PluginError
from plugin.loading import Loaded, load_caseload, pseudonym
from plugin.loading.findings import MOST
from plugin.simulation import Simulated, Truth, simulate

SALT = bytes(range(32))
HEADER = (
    "episode_id,client_id,clinician_id,setting,intake_date,planned_units,units_attended,last_unit_date,status,x_age\n"
)
GOOD = "E1,C1,K1,outpatient,2026-01-05,12,3,2026-02-02,open,41\n"
OTHER = "E2,C2,,iop,2026-01-07,30,0,,dropped_out,\n"
RATED = "episode_id,unit,date,measure,score,scale_min,scale_max\n"
VISITED = "episode_id,date,status,minutes\n"


def load(episodes: str, ratings: str | None = None, visits: str | None = None, **options: bool) -> Loaded:
    coded = [None if text is None else text.encode() for text in (ratings, visits)]
    return load_caseload(episodes.encode(), *coded, salt=SALT, **options)


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return simulate(Truth(planned_units=(5, 12), intake_days=200), 400, seed=7)


@pytest.fixture(scope="module")
def files(simulated: Simulated) -> list[bytes]:
    return [table.to_csv(index=False).encode() for table in simulated.frames()]


def same(left: Caseload, right: Caseload, columns: tuple[str, ...]) -> bool:
    """Whether two caseloads hold the same, bit for bit."""
    pairs = [(getattr(left, name), getattr(right, name)) for name in columns]
    for part, names in (
        ("ratings", ("episode", "measure", "day", "unit", "share")),
        ("visits", ("episode", "day", "status")),
    ):
        pairs += [(getattr(getattr(left, part), name), getattr(getattr(right, part), name)) for name in names]
    pairs += [(left.covariates[name], right.covariates[name]) for name in right.covariates]
    return all(np.array_equal(one, two, equal_nan=one.dtype == np.float64) for one, two in pairs) and list(
        left.covariates
    ) == list(right.covariates)


PLAIN = ("setting", "intake_day", "planned_units", "units_attended", "last_unit_day", "status")


def test_what_is_written_comes_back(simulated: Simulated, files: list[bytes]) -> None:
    loaded = load_caseload(*files, salt=SALT, keep_episode_ids=True, refuse=True)
    assert loaded.problems == loaded.notes == ()
    assert (loaded.rows, loaded.kept) == (400, 400)
    assert same(loaded.caseload, simulated.caseload, ("episode_id", *PLAIN))
    assert len(simulated.caseload.ratings.day) > 5000


def test_no_identifier_comes_through(simulated: Simulated, files: list[bytes]) -> None:
    found = load_caseload(*files, salt=SALT).caseload
    assert same(found, simulated.caseload, PLAIN)
    own = simulated.caseload
    for kind, column, written in (
        ("episode", found.episode_id, own.episode_id),
        ("client", found.client, own.client),
        ("clinician", found.clinician, own.clinician),
    ):
        assert not any("sim" in text for text in column)
        assert column.tolist() == [pseudonym(SALT, kind, text) for text in written]
        assert len(set(column)) == len(set(written))


def test_paths_open_files_and_bytes_are_the_same(tmp_path: Path, simulated: Simulated, files: list[bytes]) -> None:
    paths = [tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    by_path = load_caseload(*paths, salt=SALT).caseload
    by_file = load_caseload(*(io.BytesIO(data) for data in files), salt=SALT).caseload
    by_bytes = load_caseload(*files, salt=SALT).caseload
    columns = ("episode_id", "client", "clinician", *PLAIN)
    assert same(by_path, by_bytes, columns)
    assert same(by_file, by_bytes, columns)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_the_order_of_rows_and_columns_of_the_other_files_does_not_matter(
    seed: int, simulated: Simulated, files: list[bytes]
) -> None:
    rng = np.random.default_rng(seed)
    shuffled = [
        table.iloc[rng.permutation(len(table))][list(rng.permutation(table.columns))].to_csv(index=False).encode()
        for table in simulated.frames()[1:]
    ]
    found = load_caseload(files[0], *shuffled, salt=SALT).caseload
    assert same(found, load_caseload(*files, salt=SALT).caseload, ("episode_id", *PLAIN))


def test_bad_rows_are_left_out_and_listed_and_the_rest_is_kept() -> None:
    bad = "E3,C3,K1,outpatient,05.01.2026,12,3,2026-02-02,paused,30\n"
    loaded = load(
        HEADER + GOOD + bad + OTHER,
        RATED + "E1,3,2026-02-02,bond,9,0,10\nE3,3,2026-02-02,bond,5,0,10\nE2,1,2026-02-02,bond,11,0,10\n",
        VISITED + "E1,2026-02-02 09:30,attended,50\nE9,2026-02-02,attended,50\n",
    )
    assert loaded.problems == (
        "episodes.csv: row 3, column intake_date: can be read in more than one way; write the day as 2026-01-31 (year,"
        " month, day)",
        "episodes.csv: row 3, column status: is not one of open, completed, dropped_out, discharged_other",
        "ratings.csv: row 3, column episode_id: its row in episodes.csv is left out",
        "ratings.csv: row 4, column score: lies outside scale_min to scale_max of its row",
        "visits.csv: row 3, column episode_id: is not in episodes.csv",
    )
    assert (loaded.rows, loaded.kept) == (3, 2)
    assert loaded.caseload.ratings.share.tolist() == [0.9]
    assert loaded.caseload.visits.episode.tolist() == [0]


def test_a_file_is_refused_with_all_problems_where_that_is_asked() -> None:
    episodes = HEADER + GOOD.replace("open", "opened")
    visits = VISITED + "E1,2026-02-02,came,50\n"
    with pytest.raises(PluginError) as refused:
        load(episodes, None, visits, refuse=True)
    assert refused.value.problems == load(episodes, None, visits).problems
    assert len(refused.value.problems) == 3  # the status, a visit's status, and that its episode is left out


def test_problems_never_repeat_what_cells_hold() -> None:
    """Every cell of every row is wrong and holds a client's secret; no line has it, whoever reads the log."""
    secret = "Zaphod"
    cells = ",".join([secret] * 9)
    episodes = HEADER + f"{cells},7\n{cells},7\n" + GOOD
    ratings = RATED + ",".join([secret] * 7) + "\n"
    visits = VISITED + ",".join([secret] * 4) + "\n"
    loaded = load(episodes, ratings, visits)
    said = "\n".join(loaded.problems + loaded.notes)
    assert loaded.kept == 1
    assert len(loaded.problems) == 6 + 6 + 1 + 7 + 4
    assert secret.lower() not in said.lower()
    for source in ((f"{cells}\n{cells}\n", None, None), (HEADER + GOOD, f"{cells}\n", f"{cells}\n")):
        with pytest.raises(PluginError) as refused:
            load(*source)
        assert secret.lower() not in str(refused.value).lower()


def test_a_long_list_of_problems_is_cut_and_counted() -> None:
    many = MOST + 1234
    loaded = load(HEADER + GOOD + OTHER.replace("iop", "clinic").replace("E2", "E{}") * many)
    assert len(loaded.problems) == MOST + 1
    assert loaded.problems[0].startswith("episodes.csv: row 3, column setting")
    # each row has a wrong setting, and all but the first an episode_id that was there before
    assert loaded.problems[-1] == f"episodes.csv: and {2 * many - 1 - MOST:,} more problems"


def test_all_files_are_looked_at_before_any_is_refused() -> None:
    with pytest.raises(PluginError) as refused:
        load("episode_id,client_id\nE1,C1\n", "", "episode_id,day,status\nE1,2026-02-02,attended\n")
    said = refused.value.problems
    assert [line for line in said if line.startswith("episodes.csv: column status: is missing")]
    assert "ratings.csv: is empty" in said
    assert [line for line in said if line.startswith("visits.csv: column date: is missing")]


def test_other_files_may_have_no_rows_and_the_episodes_may_not() -> None:
    loaded = load(HEADER + GOOD, RATED, VISITED)
    assert (loaded.kept, len(loaded.caseload.ratings.day), len(loaded.caseload.visits.day)) == (1, 0, 0)
    with pytest.raises(PluginError, match="has a header and no episodes"):
        load(HEADER)


def test_a_file_of_bad_rows_gives_no_episode_and_still_says_why() -> None:
    loaded = load(HEADER + GOOD.replace("12", "0"), RATED + "E1,3,2026-02-02,bond,9,0,10\n")
    assert (loaded.rows, loaded.kept, len(loaded.caseload)) == (1, 0, 0)
    assert loaded.problems == (
        "episodes.csv: row 2, column planned_units: is out of range; allowed are whole numbers from 1 to 400",
        "ratings.csv: row 2, column episode_id: its row in episodes.csv is left out",
    )


def test_a_path_gives_its_name_to_the_problems(tmp_path: Path) -> None:
    path = tmp_path / "cases {other}\n2026.csv"
    path.write_text(HEADER + GOOD.replace("open", "opne"))
    (line,) = load_caseload(path, salt=SALT).problems
    assert line == (
        "cases {other}?2026.csv: row 2, column status: is not one of open, completed, dropped_out, discharged_other;"
        " is open meant?"
    )
    with pytest.raises(FileNotFoundError):
        load_caseload(tmp_path / "none.csv", salt=SALT)


def test_all_ratings_of_unknown_episodes_are_a_hint_at_lost_zeros() -> None:
    loaded = load(HEADER + GOOD.replace("E1", "0017"), RATED + "17,3,2026-02-02,bond,9,0,10\n")
    assert any("leading zeros" in note for note in loaded.notes)
    assert not load(HEADER + GOOD, RATED + "E1,3,2026-02-02,bond,9,0,10\n").notes
