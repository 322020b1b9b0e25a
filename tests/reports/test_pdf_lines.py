"""Paragraphs in lines: no sign is lost or moved, and no line is wider than there is room."""

from __future__ import annotations

import itertools
import re

from hypothesis import example, given
from hypothesis import strategies as st

from reports import typeface
from reports.pdf.lines import Line, broken
from reports.pdf.style import Rich, Run, Style, strong

BODY = Style(10.0, 14.0)
SIGNS = st.one_of(
    st.sampled_from("abc WMi.,-()’“€ \n\t\r\u00a0\u2028"),
    st.sampled_from("عيادةאבג心理😀é\u0301\u200d\u202eﬁ"),
    st.characters(exclude_categories=["Cs"]),
)
TEXTS = st.one_of(st.text(SIGNS, max_size=60), st.text("Wa", min_size=20, max_size=120))
PARTS = st.lists(
    st.one_of(TEXTS, st.builds(Run, TEXTS, strong=st.booleans(), to=st.sampled_from(["", "#a"]))), max_size=6
)
STYLES = st.builds(Style, st.floats(5.0, 40.0), st.just(12.0), strong=st.booleans())


def said(parts: list[Rich]) -> str:
    return "".join(part.text if isinstance(part, Run) else part for part in parts)


def drawn(lines: tuple[Line, ...]) -> str:
    return "".join(piece.text for line in lines for piece in line.pieces)


def without_blanks(text: str) -> str:
    return re.sub("[ \t\n\r\u2028\u2029]", "", text)


@given(parts=PARTS, style=STYLES, room=st.floats(1.0, 500.0))
@example(parts=["لا" * 30], style=BODY, room=7.0)
@example(parts=["W" * 300], style=BODY, room=1.0)
def test_no_sign_is_lost_and_no_line_too_wide(parts: list[Rich], style: Style, room: float) -> None:
    lines = broken(tuple(parts), style, room)
    assert lines, "an empty paragraph is one empty line"
    assert without_blanks(drawn(lines)) == without_blanks(said(parts))
    for line in lines:
        wide = sum(
            typeface.width(piece.text.rstrip(" "), style.size, strong=piece.strong) for piece in line.pieces[-1:]
        )
        wide += sum(typeface.width(piece.text, style.size, strong=piece.strong) for piece in line.pieces[:-1])
        assert abs(wide - line.width) < 1e-6
        single = len(without_blanks("".join(piece.text for piece in line.pieces))) == 1
        assert single or line.width <= room + 1e-6


@given(parts=PARTS, style=STYLES, room=st.floats(1.0, 500.0))
def test_each_piece_keeps_what_it_was_given(parts: list[Rich], style: Style, room: float) -> None:
    """Weight and link stay with their words, in whatever lines they end."""
    runs = [part if isinstance(part, Run) else Run(part) for part in parts]
    kept: list[tuple[bool, str, str]] = []
    for line in broken(tuple(parts), style, room):
        for piece in line.pieces:
            assert piece.strong == (piece.run.strong or style.strong)
            kept += [(piece.strong, piece.run.to, sign) for sign in without_blanks(piece.text)]
    given_ = [(run.strong or style.strong, run.to, sign) for run in runs for sign in without_blanks(run.text)]
    assert kept == given_


@given(
    words=st.lists(st.text("abcdefWi", min_size=1, max_size=8), min_size=1, max_size=40), room=st.floats(60.0, 300.0)
)
def test_a_line_is_broken_only_where_the_next_word_does_not_fit(words: list[str], room: float) -> None:
    lines = broken((" ".join(words),), BODY, room)
    told = [line.pieces[0].text.split() for line in lines]
    assert [word for line in told for word in line] == words
    for above, below in itertools.pairwise(told):
        assert typeface.width(" ".join([*above, below[0]]), BODY.size) > room - 1e-6


def test_lines_that_go_on_end_in_a_blank_so_that_copied_words_stay_apart() -> None:
    lines = broken(("one two three",), BODY, typeface.width("one two", BODY.size) + 1.0)
    assert [line.pieces[0].text for line in lines] == ["one two ", "three"]
    assert lines[0].width == typeface.width("one two", BODY.size)


def test_parts_stand_together_or_apart_as_they_were_written() -> None:
    (line,) = broken((strong("Caution"), ": ", Run("read", to="#a"), "."), BODY, 400.0)
    assert "".join(piece.text for piece in line.pieces) == "Caution: read."
    assert [len(broken((text,), BODY, 400.0)) for text in ("a\nb", "a\r\nb", "a\rb", "a\u2028b", "a\n\nb")] == [
        2,
        2,
        2,
        2,
        3,
    ]
