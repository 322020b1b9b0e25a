"""Every mistake in a file stops the load, and the message names file and key and says what to write instead."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assumptions import AssumptionError, load_library_from
from assumptions.figure import read_figure
from assumptions.problem import Problems

#: One figure in units of log-odds.
SPREAD = """\
label = "Spread"
unit = "SD of log-odds"
kind = "judgement"
value = 0.5
population = "Clinics"
setting = "Any"
reason = "Half."
"""

DOE = "figures/dropout/doe_2012.toml"
RATIO = "figures/dropout/ratio.toml"
GUESS = "figures/practice/guess.toml"
RANGE = "figures/dropout/range.toml"
OWN = "settings/outpatient.toml"
COMMON = "settings/common.toml"

# file, text to replace, what to put there, key named in the message, part of the advice
MISTAKES: list[tuple[str, str, str, str, str]] = [
    # words that are not in the vocabulary
    (DOE, "label ", "lable ", "lable", "did you mean label?"),
    (DOE, '"share"', '"shares"', "unit", "did you mean share?"),
    (DOE, '"proportion"', '"percentage"', "kind", "write one of: difference, ratio, proportion"),
    (DOE, '"descriptive"', '"proof"', "reading", "write one of: causal, part-causal"),
    (DOE, '"study"', '"blog"', "source_type", "write one of: study, survey"),
    (DOE, "low = 0.16", "low = 0.16, middle = 0.2", "interval.middle", "write one of: high, level, low"),
    (DOE, "locator ", "page = 2\nlocator ", "reference.page", "is not a known key"),
    # missing keys
    (DOE, 'unit        = "share"\n', "", "unit", "is missing; write one of: share"),
    (DOE, "value       = 0.20\n", "", "value", "is missing; kind proportion needs a number"),
    (DOE, 'population  = "Adults"\n', "", "population", "is missing; write text in quotes"),
    (DOE, "verified    = true\n", "", "verified", "is missing; write true or false"),
    (DOE, 'locator     = "Table 2"\n', "", "reference.locator", "is missing; write text in quotes"),
    (DOE, "checked_on  = 2026-11-20\n", "", "reference.checked_on", "is missing; write a date, as in 2026-11-20"),
    (DOE, "low = 0.16, ", "", "interval.low", "is missing; write a number"),
    (RANGE, "interval    = { level = 0.95, low = 0.16, high = 0.24 }\n", "", "interval", "is missing; write a range"),
    (GUESS, 'reason     = "Half, for want of anything better."\n', "", "reason", "is missing; write text in quotes"),
    # wrong types
    (DOE, "0.20", '"0.20"', "value", "write a number without quotes"),
    (DOE, "0.20", "true", "value", "is true; write a number"),
    (DOE, "0.20", "nan", "value", "is nan; write a finite number"),
    (DOE, "0.20", "-inf", "value", "is -inf; write a finite number"),
    (DOE, "0.20", "1" + 400 * "0", "value", "is inf; write a finite number"),
    (DOE, "high = 0.24", "high = inf", "interval.high", "is inf; write a finite number"),
    (DOE, "{ level = 0.95, low = 0.16, high = 0.24 }", "[0.16, 0.24]", "interval", "is a list; write a table"),
    (DOE, "2012\n", "2012.5\n", "year", "write a whole number"),
    (DOE, "2012\n", "12\n", "year", "write the four digits"),
    (DOE, "true", '"yes"', "verified", "write true or false, without quotes"),
    (DOE, '["An invented study."]', '"An invented study."', "cautions", "write a list of sentences"),
    (DOE, '["An invented study."]', '["", 1]', "cautions", "write a list of sentences"),
    (DOE, '"Adults"', "18", "population", "is the number 18; write text in quotes"),
    (DOE, '"Adults"', '""', "population", "is blank"),
    (DOE, '"Adults"', '" Adults"', "population", "has blanks around it"),
    (DOE, "2026-11-20", '"2026-11-20"', "reference.checked_on", "write a date without quotes"),
    (DOE, "2026-11-20", "2026-11-20T10:00:00", "reference.checked_on", "is the date and time"),
    (DOE, "[[reference]]", "[reference]", "reference", "under [[reference]]"),
    # numbers that cannot be
    (DOE, "0.20", "0.35", "value", "outside its interval 0.16 to 0.24"),
    (DOE, "low = 0.16, high = 0.24", "low = 0.24, high = 0.16", "interval.low", "write the smaller number as low"),
    (DOE, "low = 0.16, high = 0.24", "low = 0.2, high = 0.2", "interval.low", "not below high"),
    (DOE, "level = 0.95", "level = 95", "interval.level", "write it as a share, as in 0.95"),
    (DOE, "high = 0.24", "high = 24.0", "interval.high", "write 35 percent as 0.35"),
    (RATIO, "low = 0.64", "low = -0.64", "interval.low", "a ratio is above 0"),
    (RANGE, "low = 0.16", "low = -0.1", "interval.low", "a share goes from 0 to 1"),
    # kinds that do not fit
    (RANGE, "interval ", "value = 0.2\ninterval ", "value", "does not go with kind range"),
    (DOE, '"share"', '"direction"', "unit", "kind direction and unit direction go together"),
    (DOE, "verified ", 'reason = "so"\nverified ', "reason", "belongs to judgements only"),
    (GUESS, "reason ", "verified = true\nreason ", "verified", "a judgement has no source"),
    (GUESS, "reason ", 'source_type = "study"\nreason ', "source_type", "write judgement"),
    (GUESS, "reason ", 'reading = "causal"\nreason ', "reading", "may only be read as opinion"),
    (DOE, '"study"', '"judgement"', "source_type", "write kind judgement, or name the source"),
    ("figures/dropout/claim.toml", '"opinion"', '"causal"', "reading", "what a vendor says is opinion"),
    # sources that cannot be found
    (DOE, '"10.0000/invented"', '"https://doi.org/10.0000/invented"', "reference.doi", "write it bare"),
    (DOE, '"10.0000/invented"', '"10.00"', "reference.doi", "write it bare"),
    (DOE, '"https://example.org/doe"', '"example.org/doe"', "reference.url", "from https:// on"),
    (DOE, '"Doe & Roe (2012). Journal of Examples 1:1-9."', '" "', "reference.citation", "is blank"),
    (DOE, '"Adults"', "1979-05-27", "population", "is the date 1979-05-27"),
    (DOE, '"Adults"', '{ who = "adults" }', "population", "is a table"),
    # settings
    (OWN, 'unit      = "session"\n', "", "unit", "is missing; write text in quotes"),
    (OWN, "label ", "colour = 1\nlabel ", "colour", "is not a known key"),
    (OWN, "[clinic.dropout_rate]", "[clinic.drop_out_rate]", "clinic.drop_out_rate", "did you mean dropout_rate?"),
    (OWN, '"dropout/doe_2012"', '"dropout/doe_2013"', "clinic.dropout_rate.figure", "no figures/dropout/doe_2013.toml"),
    (OWN, '"dropout/doe_2012"', '"dropout/range"', "clinic.dropout_rate.figure", "is a range and has no value"),
    (OWN, '"dropout/doe_2012"', '"dropout/claim"', "clinic.dropout_rate.figure", "is a vendor's claim"),
    (OWN, '"dropout/doe_2012"', '"dropout/hearsay"', "clinic.dropout_rate.figure", "has verified = false"),
    (OWN, 'figure = "dropout/doe_2012"\n', "", "clinic.dropout_rate.figure", "is missing"),
    (OWN, 'note   = "A survey."\n', "", "clinic.dropout_rate.note", "is missing"),
    (OWN, '"logit_sd"', '"sd"', "clinic.dropout_rate.spread.as", "write one of: logit_sd, log_sd"),
    (OWN, '"logit_sd"', '"log_sd"', "clinic.dropout_rate.spread.figure", "needs one in SD of logs"),
    (OWN, '"uncertainty/spread"', '"dropout/claim"', "clinic.dropout_rate.spread.figure", "is a vendor's claim"),
    (OWN, "note ", "fixed = true\nnote ", "clinic.dropout_rate.fixed", "does not go with spread"),
    (OWN, "note ", "whole = true\nnote ", "clinic.dropout_rate.whole", "goes with fixed = true only"),
    (OWN, "note ", "inverse = true\nnote ", "clinic.dropout_rate.inverse", "goes with fixed = true only"),
    (OWN, "note ", 'basis = "length"\nnote ', "clinic.dropout_rate.basis", "did you mean course_length?"),
    (OWN, "note ", "times = 0\nnote ", "clinic.dropout_rate.times", "write a number above 0"),
    (OWN, "note ", "per = -12\nnote ", "clinic.dropout_rate.per", "write a number above 0"),
    (OWN, "note ", "times = 6\nnote ", "clinic.dropout_rate.figure", "must lie between 0 and 1"),
    (OWN, "[clinic.dropout_rate]", "[analysis.seed]\nfigure = 'practice/guess'\nnote = 'x'\n[clinic.dropout_rate]",
     "analysis.seed", "is also in settings/common.toml"),
    (COMMON, '"practice/guess"\nnote', '"practice/bare"\nnote', "clinic.planned_units.fixed", "write fixed = true"),
    (COMMON, '"mixed"', '"full"', "default_capacity", "write one of: slack, mixed, waitlist"),
    (COMMON, "waitlist =", "queue =", "capacity.queue", "write one of: mixed, slack, waitlist"),
    (COMMON, "dropout_low ", "dropout_lowest ", "roles.dropout_lowest", "did you mean dropout_low?"),
    (COMMON, 'waitlist = "practice/guess"', 'waitlist = "dropout/claim"', "capacity.waitlist", "is a vendor's claim"),
]  # fmt: skip


def problems_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(AssumptionError) as caught:
        load_library_from(folder)
    return caught.value.problems


def test_the_library_that_the_mistakes_are_made_in_is_in_order(library_dir: Path) -> None:
    assert load_library_from(library_dir)["dropout/doe_2012"].value == 0.20


@pytest.mark.parametrize(("file", "old", "new", "key", "advice"), MISTAKES)
def test_a_mistake_is_named_with_file_key_and_advice(
    library_dir: Path, spoil: Any, file: str, old: str, new: str, key: str, advice: str
) -> None:
    spoil(file, old, new)
    found = problems_of(library_dir)
    named = [line for line in found if line.startswith(f"{file}: {key}: ") and advice in line]
    assert len(named) == 1, found
    # a misspelt key is both unknown and missing, so a second line about the same file may follow; nothing else may
    assert all(line.startswith(f"{file}: ") for line in found), found
    assert len(found) <= 2, found


def test_numbers_that_fit_the_file_but_not_each_other(library_dir: Path, spoil: Any) -> None:
    """One over nothing, the logarithm of nothing, the log-odds of 0.5 x 2, a value past the end of the numbers."""
    plain = 'figure = "practice/guess"\nnote   = "A guess."\n'
    spoil("figures/practice/bare.toml", "0.5", "0.0")
    other = plain.replace("guess", "bare", 1)
    spoil(COMMON, f"[clinic.clinicians]\n{plain}", f"[clinic.clinicians]\ninverse = true\nfixed = true\n{other}")
    spoil(COMMON, f"[program.ramp_months]\n{plain}", f"[program.ramp_months]\ntimes = 1e308\nper = 1e-308\n{plain}")
    logs = 'spread = { figure = "uncertainty/spread", as = "logit_sd" }\n'
    spoil(COMMON, f"[program.save_rate]\n{plain}", f"[program.save_rate]\ntimes = 2\n{logs}{plain}")
    fees = 'spread = { figure = "uncertainty/fees", as = "log_sd" }\n'
    (library_dir / "figures/uncertainty/fees.toml").write_text(SPREAD.replace("log-odds", "logs"), encoding="utf-8")
    spoil(COMMON, f"[clinic.no_show_rate]\n{plain}", f"[clinic.no_show_rate]\n{fees}{other}")
    found = problems_of(library_dir)
    assert sorted(line.split(": ")[1] for line in found) == [
        "clinic.clinicians.figure",
        "clinic.no_show_rate.figure",
        "program.ramp_months.figure",
        "program.save_rate.figure",
    ]


def test_a_broken_common_file_does_not_hide_the_mistakes_of_a_setting(library_dir: Path, spoil: Any) -> None:
    spoil(COMMON, "[capacity]", "[capacity")
    spoil(OWN, 'note   = "A survey."\n', "")
    found = problems_of(library_dir)
    assert [line.split(": ")[0] for line in found] == [COMMON, OWN]
    assert found[1] == f"{OWN}: clinic.dropout_rate.note: is missing; write text in quotes"


def test_a_direction_has_no_numbers(library_dir: Path, spoil: Any) -> None:
    spoil(DOE, '"proportion"', '"direction"')
    assert [line.split(": ")[1] for line in problems_of(library_dir)] == ["value", "interval", "unit"]


def test_a_table_that_is_none(library_dir: Path, spoil: Any) -> None:
    """Roles given as one word: said once, and not again as missing."""
    content = (library_dir / COMMON).read_text(encoding="utf-8")
    head, _, rest = content.partition("[roles]")
    rest = rest[rest.index("\n[clinic.") :]
    (library_dir / COMMON).write_text(f'roles = "none"\n{head}{rest}', encoding="utf-8")
    assert problems_of(library_dir) == (f"{COMMON}: roles: is the text 'none'; write a table, as in roles = {{ ... }}",)


def test_neither_doi_nor_address(library_dir: Path, spoil: Any) -> None:
    spoil(DOE, 'doi         = "10.0000/invented"\nurl         = "https://example.org/doe"\n', "")
    assert problems_of(library_dir) == (f"{DOE}: reference.doi: is missing, and so is url; write at least one of them",)


def test_a_study_without_any_reference(library_dir: Path) -> None:
    content = (library_dir / DOE).read_text(encoding="utf-8")
    (library_dir / DOE).write_text(content.partition("[[reference]]")[0], encoding="utf-8")
    (line,) = problems_of(library_dir)
    assert line.startswith(f"{DOE}: reference: is missing; write a [[reference]]")


def test_the_second_of_two_references_is_named_by_its_number(library_dir: Path) -> None:
    with (library_dir / DOE).open("a", encoding="utf-8") as file:
        file.write('\n[[reference]]\ncitation = "Roe"\nurl = "https://example.org"\nchecked_on = 2026-11-20\n')
    assert problems_of(library_dir) == (f"{DOE}: reference[2].locator: is missing; write text in quotes",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"# only a remark\n", "is empty"),
        (b"label = \n", "at line 1"),
        (b'label = "a"\nlabel = "b"\n', "at line 2"),
        (b"\x89PNG\r\n\x1a\n\xff\xd8", "not a text file in UTF-8"),
        (b"label = 'a'\x00", "is a binary file"),
        (b"value = " + b"9" * 5000, "is not valid TOML"),
        (b"value = " + b"[" * 5000, "is not valid TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(library_dir: Path, content: bytes, message: str) -> None:
    (library_dir / DOE).write_bytes(content)
    (line,) = problems_of(library_dir)
    assert line.startswith(f"{DOE}: ")
    assert message in line


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("figures/stray.toml", "is not at figures/<topic>/<name>.toml"),
        ("figures/dropout/deeper/doe.toml", "is not at figures/<topic>/<name>.toml"),
        ("figures/dropout/Doe-2012.toml", "is not at figures/<topic>/<name>.toml"),
        ("figures/weather/doe_2012.toml", "'weather' is not a topic; move the file to one of: dropout"),
        ("settings/deep/er.toml", "is not at settings/<name>.toml"),
    ],
)
def test_a_file_in_the_wrong_place_is_named(library_dir: Path, file: str, message: str) -> None:
    target = library_dir / file
    target.parent.mkdir(exist_ok=True)
    target.write_bytes((library_dir / DOE).read_bytes())
    (line,) = problems_of(library_dir)
    assert line.startswith(f"{file}: ")
    assert message in line


def test_an_input_without_a_default_is_named_for_every_setting(library_dir: Path, spoil: Any) -> None:
    spoil(COMMON, '\n[analysis.seed]\nfigure = "practice/guess"\nnote   = "A guess."\n', "")
    (line,) = problems_of(library_dir)
    assert line.startswith(f"{OWN}: analysis.seed: has no default; write a table [analysis.seed]")


def test_a_folder_without_a_library_says_what_it_lacks(tmp_path: Path) -> None:
    found = problems_of(tmp_path)
    assert [line.partition(":")[0] for line in found] == ["figures", "settings/common.toml", "settings"]


def test_a_missing_table_of_common_is_named(library_dir: Path, spoil: Any) -> None:
    spoil(COMMON, "[capacity]", "[capacities]")
    found = problems_of(library_dir)
    assert any(line.startswith(f"{COMMON}: capacity: is missing; write a table [capacity]") for line in found)
    assert any(line.startswith(f"{COMMON}: capacities: is not a known key; did you mean capacity?") for line in found)


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_files(library_dir: Path, spoil: Any) -> None:
    """Five mistakes in four files: five lines. A broken figure is not reported again where a setting uses it."""
    spoil(DOE, "0.20", "nan")
    spoil(DOE, '"10.0000/invented"', '"doi"')
    spoil(RATIO, '"ratio"', '"rato"')
    spoil(GUESS, '"Half, for want of anything better."', '""')
    spoil(OWN, 'note   = "A survey."\n', "")
    found = problems_of(library_dir)
    assert [line.split(": ")[:2] for line in found] == [
        [DOE, "value"],
        [DOE, "reference.doi"],
        [RATIO, "kind"],
        [GUESS, "reason"],
        [OWN, "clinic.dropout_rate.note"],
    ]


def test_the_error_is_a_value_error_that_reads_as_its_lines_and_survives_pickling() -> None:
    error = AssumptionError(["a: b: c", "d: e: f"])
    assert isinstance(error, ValueError)
    assert str(error) == "a: b: c\nd: e: f"
    assert pickle.loads(pickle.dumps(error)).problems == error.problems  # noqa: S301  (our own bytes)


def test_windows_line_ends_and_a_byte_order_mark_are_no_mistake(library_dir: Path) -> None:
    content = (library_dir / DOE).read_bytes().replace(b"\n", b"\r\n")
    (library_dir / DOE).write_bytes(b"\xef\xbb\xbf" + content)
    assert load_library_from(library_dir)["dropout/doe_2012"].value == 0.20


SCALARS = st.one_of(
    st.none().map(lambda _: []),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text("a 1", max_size=3),
    st.dates(),
    st.datetimes(),
)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["share", "ratio", "proportion", "amount", "judgement", "study", "vendor", "opinion"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["level", "low", "high", "doi", "url", "citation"]), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["label", "unit", "kind", "value", "interval", "reading", "verified", "reference", "cautions", "x"]
)


@given(st.dictionaries(KEYS, VALUES, max_size=10))
@example({"value": 10**400})
@example({"kind": ["ratio"], "reference": [{"doi": 1}, {}]})
def test_no_content_makes_the_reader_fail_otherwise(data: dict[str, Any]) -> None:
    """None of these has all the keys, so each must be refused in words, and none by a traceback."""
    problems = Problems()
    assert read_figure("figures/dropout/x.toml", "dropout/x", data, problems) is None
    assert all(line.startswith("figures/dropout/x.toml: ") for line in problems.lines)
    assert problems.lines
