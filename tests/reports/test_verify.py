"""A proposal matches as it was made, and whatever is changed in it is noticed and named."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import io
import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from assumptions import Library
from calculator import InputError, evaluate, parse_scenario
from calculator.language import ENGLISH, Language
from calculator.result import Result
from calculator.serialize import canonical, given_dict
from reports import build_proposal, proposal
from reports.attachment import NAME, Attachment
from reports.brand import parse_brand
from reports.verify import Verdict, file, verify
from reports.verify.difference import first_difference, first_word

BRAND = {
    "seller": {"name": "Alliance Analytics", "email": "dana@example.com", "prepared_by": "Dana Reyes"},
    "logos": {"seller": "square.svg"},
    "colours": {"accent": "#1f4e9c"},
    "text": {"disclaimer": "An estimate and no promise."},
}
SQUARE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
FLIPS = 40  # two thousand were tried once; a quick suite has room for these
DAY = datetime.date(2026, 11, 25)
Check = Callable[[bytes], Verdict]


def speak(tag: str) -> Language | None:
    return ENGLISH if tag == ENGLISH.tag else None


@pytest.fixture(scope="module")
def check(library: Library) -> Check:
    return lambda pdf: verify(pdf, library, speak)


@pytest.fixture(scope="module")
def short(paying: Result, library: Library) -> bytes:
    return build_proposal(paying, library, form="short")


@pytest.fixture(scope="module")
def full(paying: Result, losing: Result, library: Library) -> bytes:
    brand = parse_brand({**BRAND, "logos": {}})
    return build_proposal(paying, library, brand=brand, prepared_for="Ana Ruiz", prepared_on=DAY, beside=[losing])


def attached(pdf: bytes) -> bytes:
    return PdfReader(io.BytesIO(pdf)).attachments[NAME][0]


def rewritten(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """Save a file as another program would after changing something in it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        change(opened)
        opened.save(out)
    return out.getvalue()


def with_attachment(pdf: bytes, content: bytes) -> bytes:
    return rewritten(pdf, lambda opened: opened.Root.Names.EmbeddedFiles.Names[1].EF.F.write(content))


def on_page(pdf: bytes, number: int, old: bytes, new: bytes) -> bytes:
    """Write other words on a page, once, where they stand in its drawing commands."""

    def change(opened: pikepdf.Pdf) -> None:
        drawing = opened.pages[number - 1].Contents
        before = drawing.read_bytes()
        assert old in before
        drawing.write(before.replace(old, new, 1))

    return rewritten(pdf, change)


@pytest.fixture
def forged(paying: Result, library: Library, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bytes]:
    """Make a document whose attachment says something else and whose pages print the digest of just that."""

    def make(change: Callable[[dict[str, Any]], object]) -> bytes:
        honest = proposal.proposal_attachment

        def other(*arguments: Any, **asked: Any) -> Attachment:
            made = honest(*arguments, **asked)
            data = json.loads(made.content)
            change(data)
            return dataclasses.replace(made, content=f"{canonical(data)}\n".encode())

        with monkeypatch.context() as patch:
            patch.setattr(proposal, "proposal_attachment", other)
            return build_proposal(paying, library, form="short")

    return make


@pytest.mark.parametrize("form", ["full", "short"])
@pytest.mark.parametrize("page_size", ["A4", "Letter"])
def test_a_proposal_matches_as_it_was_made(
    form: Any, page_size: str, paying: Result, losing: Result, library: Library, check: Check
) -> None:
    brand = parse_brand({**BRAND, "logos": {}})
    pdf = build_proposal(
        paying,
        library,
        brand=brand,
        prepared_by="Sam",
        prepared_on=DAY,
        page_size=page_size,
        form=form,
        beside=[losing],
    )
    found = check(pdf)
    count = len(PdfReader(io.BytesIO(pdf)).pages)
    assert (found.matches, found.differs, found.notes) == (True, "", ())
    assert (found.pages, found.version) == (count, json.loads(attached(pdf))["reproducibility"]["version"])
    assert found.digest in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


def test_logos_are_told_of_and_no_difference(paying: Result, library: Library, check: Check) -> None:
    pdf = build_proposal(paying, library, brand=parse_brand(BRAND, {"seller": SQUARE}), form="short")
    found = check(pdf)
    assert found.matches, found.differs
    assert found.notes == ("logos were not compared, only their fingerprints are attached: page 1",)


def test_indices_are_computed_again_where_the_file_has_them(
    changed_clinic: Callable[..., dict[str, Any]], library: Library, check: Check
) -> None:
    scenario = parse_scenario(changed_clinic(analysis={"draws": 64}))
    result = evaluate(scenario, library, indices=True)
    assert result.sobol
    assert check(build_proposal(result, library, form="short")).matches
    swapped = (dataclasses.replace(result.sobol[0], total=result.sobol[0].total + 0.01), *result.sobol[1:])
    other = build_proposal(dataclasses.replace(result, sobol=swapped), library, form="short")
    assert check(other).differs.startswith("sobol.1.total: the file says ")


def test_a_file_that_another_program_saved_matches_with_a_note(full: bytes, check: Check) -> None:
    found = check(rewritten(full, lambda opened: None))
    assert found.matches, found.differs
    assert found.notes == (
        "words and figures are the same, though the file is not byte for byte the one that Rapport makes",
    )


def test_a_changed_attachment_is_noticed_and_its_figure_named(full: bytes, check: Check) -> None:
    before = attached(full)
    data = json.loads(before)
    data["point"]["npv"] += 1000.0
    found = check(with_attachment(full, f"{canonical(data)}\n".encode()))
    assert not found.matches
    assert found.differs.startswith(f"{NAME} was changed: its SHA-256 is {found.digest}, every page prints ")
    assert any(note.startswith("besides, point.npv: the file says ") for note in found.notes)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b"[1" + b",1" * 10 + b"]\n", "schema: "),
        (b'{"schema":NaN}', "NaN is not a number JSON knows"),
        (b'{"schema":1e999}', "is not JSON"),
        (b'{"schema":"\\ud800"}', "is not JSON"),
        (b"9" * 10_000, "is not JSON"),
        (b'{"schema":"rapport.estimate/2"}', "schema: "),
        (b'{"schema":"rapport.estimate/1"}', "given: "),
        (b'{"schema":"rapport.estimate/1","given":{},"document":{}}', "canonical form"),
    ],
)
def test_an_attachment_that_is_something_else_is_named(short: bytes, check: Check, content: bytes, said: str) -> None:
    found = check(with_attachment(short, content))
    assert not found.matches
    assert said in found.differs


def test_the_same_data_written_otherwise_is_noticed(short: bytes, check: Check) -> None:
    data = json.loads(attached(short))
    assert "canonical form" in check(with_attachment(short, json.dumps(data).encode())).differs


def test_a_figure_changed_with_every_digest_is_named_with_both_values(
    paying: Result, library: Library, check: Check
) -> None:
    """The forger has our own programme draw the document: attachment, digests and words agree with each other."""
    other = dataclasses.replace(paying, point={**paying.point, "npv": 12345.5})
    found = check(build_proposal(other, library))
    assert found.differs == f"point.npv: the file says 12,345.5, computed {paying.point['npv']:,}"


def test_a_changed_digit_on_a_page_is_named_with_its_page(full: bytes, check: Check) -> None:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(full)).pages]
    number, amount = next(
        (number, found[0])
        for number, text in enumerate(pages, 1)
        if number > 2 and (found := re.search(r"\$\d\d,\d{3}\b", text))
    )
    other = f"${int(amount[1]) % 9 + 1}{amount[2:]}"
    found = check(on_page(full, number, amount.encode(), other.encode()))
    assert not found.matches
    assert found.differs == f'page {number}: the file says "{other}", computed "{amount}"'


def test_words_added_to_a_page_and_a_page_taken_away_are_noticed(full: bytes, check: Check) -> None:
    assert check(on_page(full, 3, b"Tj\n", b"Tj (always) Tj\n")).differs.startswith("page 3: the file says ")

    def drop(opened: pikepdf.Pdf) -> None:
        del opened.pages[4]

    count = len(PdfReader(io.BytesIO(full)).pages)
    assert check(rewritten(full, drop)).differs == f"the file has {count - 1} pages, computed {count}"


def test_one_digit_of_one_digest_is_named_with_its_page(full: bytes, check: Check) -> None:
    digest = check(full).digest
    other = f"{'1' if digest[0] != '1' else '2'}{digest[1:]}"
    found = check(on_page(full, 5, digest.encode(), other.encode()))
    assert found.differs == f"page 5: it prints the SHA-256 {other}, that of {NAME} is {digest}"
    gone = check(on_page(full, 5, digest.encode(), digest[1:].encode()))
    assert gone.differs == f"page 5: it prints no SHA-256 of {NAME}"


def test_what_is_drawn_or_pinned_over_a_figure_is_told(full: bytes, check: Check) -> None:
    painted = on_page(full, 2, b"BT ", b"1 1 1 rg 50 50 90 30 re f\nBT\n")
    assert check(painted).notes[0] == "drawn otherwise, with the same words: page 2"

    def pin(opened: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, Rect=[1, 1, 9, 9], Contents="$1"
        )
        opened.pages[2].Annots = pikepdf.Array([opened.make_indirect(note)])

    assert check(rewritten(full, pin)).notes[0].startswith("page 3: somebody added an annotation (FreeText)")


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Go through the paths of all values that hold no others."""
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list) and data:
        for place, value in enumerate(data):
            yield from leaves(value, (*path, place))
    else:
        yield path


def changed(value: Any) -> Any:
    """Return another value of the same kind."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return value * 1.001 + 0.001
        case str():
            return f"{value}x"
        case _:
            return 1


def set_at(data: Any, path: tuple[Any, ...], value: Any) -> None:
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = value


@settings(max_examples=25)
@given(data=st.data())
def test_any_single_changed_value_of_what_was_given_or_found_is_noticed(data: st.DataObject, paying: Result) -> None:
    """Through the comparison of data alone: the digests are taken to have been made to fit."""
    computed = json.loads(json.dumps(paying.to_dict() | {"given": given_dict(paying.resolved.scenario)}))
    paths = list(leaves(computed))
    path = data.draw(st.sampled_from(paths))
    other = copy.deepcopy(computed)
    value: Any = computed
    for part in path:
        value = value[part]
    set_at(other, path, changed(value))
    named = ".".join(str(part + 1 if isinstance(part, int) else part) for part in path)
    assert first_difference(other, computed).startswith(f"{named}: the file says ")
    assert first_difference(computed, json.loads(canonical(computed))) == ""


def test_every_single_changed_input_or_figure_is_noticed_though_all_digests_fit(
    forged: Callable[..., bytes], paying: Result, check: Check
) -> None:
    scenario = given_dict(paying.resolved.scenario)
    for part, paths in (("given", [*leaves(scenario)]), ("point", [*leaves(dict(paying.point))])):
        for path in paths[:: 4 if part == "given" else 5]:

            def change(data: dict[str, Any], part: str = part, path: tuple[Any, ...] = path) -> None:
                value = data[part]
                for step in path:
                    value = value[step]
                set_at(data[part], path, changed(value))

            found = check(forged(change))
            assert not found.matches, (part, path)
            assert not found.differs.startswith("page"), found.differs


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data["given"]["analysis"].update(draws=10**9), "given.analysis.draws is 1000000000"),
        (lambda data: data["given"]["clinic"].update(dropout_rate=35), "given.clinic.dropout_rate is 35"),
        (lambda data: data["given"].update(payers=[]), "given.payers are missing"),
        (lambda data: data["given"]["clinic"].update(planned_units=10**400), "given.clinic.planned_units is "),
        (lambda data: data["document"].update(form="long"), "document.form is 'long'; it is full or short"),
        (lambda data: data["document"].update(page_size="A3"), "document.page_size is 'A3'; it is A4 or Letter"),
        (lambda data: data["document"].update(language="tlh"), "document.language is 'tlh', which is not spoken here"),
        (lambda data: data["document"].update(prepared_on="soon"), "document.prepared_on is 'soon'"),
        (lambda data: data["document"].update(prepared_for="x" * 20_000), "document.prepared_for is "),
        (lambda data: data["document"].update(beside=[{}] * 60), "document.beside is a list"),
        (lambda data: data["document"].update(beside=[{}]), "document.beside.1.clinic.setting is missing"),
        (lambda data: data["document"].update(brand={"schema": "x"}), "document.brand.schema is not "),
        (lambda data: data["document"].update(more=1), "document.more: unknown"),
        (lambda data: data["document"].pop("form"), "document.form: missing"),
        (lambda data: data.update(more=1), "more: the file says 1, computed nothing"),
        (lambda data: data.pop("cash"), "cash: the file says nothing, computed a list"),
        (lambda data: data["monthly"].pop(), "monthly.36: the file says nothing, computed a table"),
        (lambda data: data["sources"].update({"clinic.no_show_rate": "measured"}), "sources.clinic.no_show_rate: "),
        (lambda data: data["reproducibility"].pop("version"), "reproducibility.version: the file says nothing"),
        (lambda data: data["reproducibility"].update(inputs_sha256="0"), "reproducibility.inputs_sha256: "),
    ],
)
def test_what_the_attachment_may_not_say_is_named(
    change: Callable[[dict[str, Any]], None], said: str, forged: Callable[..., bytes], check: Check
) -> None:
    found = check(forged(change))
    assert not found.matches
    assert found.differs.startswith(said), found.differs


def test_futures_are_bounded_for_all_scenarios_together(paying: Result, losing: Result, library: Library) -> None:
    pdf = build_proposal(paying, library, form="short", beside=[losing])
    assert verify(pdf, library, speak, most_draws=1024).matches
    found = verify(pdf, library, speak, most_draws=1023)
    assert found.differs == "analysis.draws: 1,024 futures in all; at most 1,023 are drawn to verify"


def test_another_version_and_other_evidence_are_said_and_the_rest_is_compared(
    forged: Callable[..., bytes], check: Check
) -> None:
    older = check(forged(lambda data: data["reproducibility"].update(version="0.0.9")))
    assert older.matches
    assert older.version == "0.0.9"
    assert older.notes[0].startswith("made with Rapport 0.0.9; this is ")

    def both(data: dict[str, Any]) -> None:
        data["reproducibility"].update(evidence_sha256="e" * 64)
        data["point"]["roi"] = 99.5

    other = check(forged(both))
    assert other.notes[0].startswith("made with other evidence ('eeee")
    assert other.differs.startswith("point.roi: the file says 99.5, computed ")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda pdf: b"", "is not a PDF."),
        (lambda pdf: b"%PDF-1.7\n" + bytes(1000), "is damaged"),
        (lambda pdf: pdf[:5000], "is damaged"),
        (lambda pdf: b"\0" * 50_000_001, "has more than 50 MB"),
        (lambda pdf: rewritten(pdf, lambda opened: opened.Root.__delitem__("/Names")), f"carries no {NAME}"),
        (
            lambda pdf: rewritten(pdf, lambda opened: opened.Root.Names.EmbeddedFiles.Names.extend(twice(opened))),
            f"carries 2 attachments named {NAME}",
        ),
        (lambda pdf: locked(pdf), "is protected by a password"),
        (lambda pdf: with_attachment(pdf, bytes(60_000_000)), "is damaged"),
        (lambda pdf: endless(pdf), "holds more than any proposal does"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(
    make: Callable[[bytes], bytes], said: str, short: bytes, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "MOST_MARKS", 50_000)
    with pytest.raises(InputError) as caught:
        check(make(short))
    (problem,) = caught.value.problems
    assert problem.message.startswith(said)


def twice(opened: pikepdf.Pdf) -> list[Any]:
    names = opened.Root.Names.EmbeddedFiles.Names
    return [names[0], names[1]]


def locked(pdf: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


def endless(pdf: bytes) -> bytes:
    """Let one small drawing be drawn again and again by all pages: far more than the file is long."""

    def change(opened: pikepdf.Pdf) -> None:
        named = {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Form, "BBox": [0, 0, 9, 9]}
        for page in opened.pages:
            fonts = pikepdf.Dictionary(Font=page.Resources.Font)
            page.Resources.XObject = pikepdf.Dictionary(
                F=opened.make_stream(b"q Q " * 10_000, Resources=fonts, **named)
            )
            page.Contents.write(b"/F Do " * 150)

    return rewritten(pdf, change)


def test_flipped_bytes_never_make_a_match_of_other_words_nor_a_crash(short: bytes, check: Check) -> None:
    """One bit at a time; what is still called a match has the same words, figures and digest."""
    chosen = random.Random(4)  # noqa: S311 - for places in a file
    attachment, words = attached(short), read_words(short)
    for place in chosen.sample(range(len(short)), FLIPS):
        bent = bytearray(short)
        bent[place] ^= 1 << chosen.randrange(8)
        found = outcome(bytes(bent), check)
        assert found is None or found.matches != bool(found.differs)
        if found and found.matches:
            assert attached(bytes(bent)) == attachment
            assert read_words(bytes(bent)) == words


def outcome(pdf: bytes, check: Check) -> Verdict | None:
    """Return the verdict, or None where the file was refused."""
    try:
        return check(pdf)
    except InputError:
        return None


def read_words(pdf: bytes) -> list[list[str]]:
    return [page.extract_text().split() for page in PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.parametrize(
    ("found", "computed", "difference"),
    [
        (1.0, 1.0 + 1e-12, ""),
        (0.0, 1e-12, ""),
        (1e9, 1e9 + 0.5, ""),  # half a unit in a thousand million is within a thousand-millionth
        (1.0, 1.0001, "a: the file says 1.0, computed 1.0001"),
        (5, 5.0, ""),
        (1, True, "a: the file says 1, computed true"),
        (None, 0.0, "a: the file says empty, computed 0.0"),
        ("5", 5, "a: the file says '5', computed 5"),
        (10**400, 5.0, "a: the file says a number of more than 60 digits, computed 5.0"),
        ([1, 2], [1, 3], "a.2: the file says 2, computed 3"),
        ({"b": 1}, {}, "a.b: the file says 1, computed nothing"),
        ({}, {"b": "x"}, "a.b: the file says nothing, computed 'x'"),
        ([], {}, "a: the file says a list, computed a table"),
    ],
)
def test_data_differ_where_they_are_told_to(found: Any, computed: Any, difference: str) -> None:
    assert first_difference({"a": found}, {"a": computed}) == difference


def test_words_that_a_terminal_would_obey_are_not_repeated() -> None:
    assert first_word(["\x1b[2Ja"], ["b"]) == 'the file says "□[2Ja", computed "b"'
    assert first_word(["a"], ["a", "b"]) == 'the file says nothing more, computed "b"'
    assert first_word(["x" * 99], []) == f'the file says "{"x" * 60}…", computed nothing more'
