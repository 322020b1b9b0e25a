"""The proposal says what the result says, the same way every time, whatever name a clinic has."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from assumptions import Library
from calculator import evaluate, parse_scenario, words
from calculator.display import chance, money, money_exact, money_range, months, number, quantity, share
from calculator.result import Result
from reports import build_proposal
from reports.brand import Brand
from reports.content import REQUIRED
from reports.proposal import SECTIONS, Form
from reports.theme import MARGIN
from tests.reports.pdf_tree import NAMESPACES, said
from web.cli.scenario_file import read_scenario

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
NAMES = [
    '<b>Bold</b> & "Sons" <script>alert(1)</script>',
    "A" * 300,
    "Clinic " * 42,
    "Tom 😀 & 👩\u200d⚕\ufe0f Partners",
    "عيادة الأمل",
    "מרפאה Hope 24 (תל אביב)",
    "Klinika Łódź – Δ λ Škoda Ťažký",
    "心理クリニック",
    "<para/> &amp; &#0; ]]> <br>",
    "a\u0000b\u001f\u2028c\u202ed",
    "ＦＵＬＬ ﬁne ½",
    "one line\nand another\r\nand\ta third",
]
CONTROLS = re.compile("[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]")
WORD = re.compile(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*)</word>')
poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")


@lru_cache(maxsize=16)
def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def together(text: str) -> str:
    """Drop white space, since a line may break anywhere a space is."""
    return "".join(text.split())


def read_by_poppler(pdf: bytes, *options: str) -> str:
    done = subprocess.run(
        ["pdftotext", "-enc", "UTF-8", *options, "-", "-"], input=pdf, capture_output=True, check=True
    )
    return done.stdout.decode(errors="replace")  # it splits signs beyond U+FFFF in two


@pytest.fixture(scope="module")
def proposals(paying: Result, losing: Result, library: Library) -> dict[str, bytes]:
    return {"paying": build_proposal(paying, library), "losing": build_proposal(losing, library)}


@pytest.fixture(params=["paying", "losing"])
def case(request: pytest.FixtureRequest, proposals: dict[str, bytes]) -> tuple[Result, bytes]:
    return request.getfixturevalue(request.param), proposals[request.param]


def story(result: Result, swings: int) -> tuple[str, ...]:
    kept, net = result.distribution["revenue_kept_per_year"], result.distribution["net_per_year"]
    return (
        money(kept.p50),
        f"90% range {money_range(kept.p5, kept.p95)}",
        money(net.p50),
        f"90% range {money_range(net.p5, net.p95)}",
        chance(result.probability_npv_positive),
        "not within 36 months" if result.payback_of_median is None else months(result.payback_of_median),
        words.break_even_sentence(result),
        "What would make this wrong",
        *(words.input_label(swing.input, result) for swing in result.tornado[:swings]),
        words.detection_sentence(result),
    )


def test_one_page_tells_the_whole_story(case: tuple[Result, bytes], library: Library) -> None:
    """The page after the cover, and the first of the short form, which leaves room for its head."""
    result, pdf = case
    short = pages(build_proposal(result, library, form="short"))[0]
    assert result.clinic_name in short
    for page, swings in ((pages(pdf)[1], 3), (short, 2)):
        for text in story(result, swings):
            assert together(text) in together(page), text


def test_the_cover_says_for_whom_by_whom_and_what(paying: Result, library: Library) -> None:
    brand = Brand(seller="Alliance Ltd", product="Feedback for clinicians", email="ana@example.org", phone="+44 20 1",
                  website="https://example.org/x", disclaimer=("Figures are estimates.",))  # fmt: skip
    day = datetime.date(2024, 2, 29)
    first = pages(build_proposal(paying, library, brand=brand, prepared_by="Ana Ruiz", prepared_on=day))[0]
    for text in (
        paying.clinic_name, "Ana Ruiz, Alliance Ltd", "Feedback for clinicians", "ana@example.org", "+44 20 1",
        "example.org/x", "February 29, 2024", "Figures are estimates.",
    ):  # fmt: skip
        assert text in first
    other = pages(build_proposal(paying, library, brand=brand, prepared_for="Another name"))[0]
    assert "Another name" in other


def test_every_figure_of_the_result_is_in_the_text(case: tuple[Result, bytes]) -> None:
    result, pdf = case
    text = together(" ".join(pages(pdf)))
    expected = [words.bridge_title(result), words.cash_title(result)]
    expected += [money_exact(step.amount) for step in result.bridge]
    expected += [money(year.net_benefit) for year in result.years]
    expected += [number(road.hazard_ratio, 2) for road in result.roads.values()]
    expected += [result.explain("npv").shown, result.explain("revenue_kept_per_year").shown]
    expected += [words.figure_shown("npv", each.figures["npv"], "USD") for each in result.cases.values()]
    expected += [share(result.point["dropout_rate_after"], 1), number(result.workings["staff_hours_per_year"], 0)]
    for path, item in result.resolved.inputs.items():
        expected += [words.input_label(path, result), path, quantity(item.value, item.quantity.unit)]
        if result.resolved.matters(path) and item.figure:
            expected += [item.figure.label, item.figure.id]
    made = result.reproducibility
    expected += [made.evidence_sha256, made.inputs_sha256, made.version, f"{made.seed}; {made.draws:,}"]
    for text_part in expected:
        assert together(text_part) in text, text_part


def test_a_row_of_a_table_is_read_as_a_row(case: tuple[Result, bytes]) -> None:
    result, pdf = case
    rows = [
        [f"Year {year.year}", money(year.revenue_kept), money(year.contribution_kept), money(year.acquisition_saved),
         money(year.program_cost), money(year.net_benefit), money(year.cumulative_net_benefit)]
        for year in result.years
    ]  # fmt: skip
    for name in ("revenue_kept_per_year", "npv"):
        shown = [words.figure_shown(name, each.figures[name], "USD") for each in result.cases.values()]
        rows.append([words.figure_label(name, result), *shown])
    text = together(" ".join(pages(pdf)))
    for row in rows:
        assert together("".join(row)) in text, row


@poppler
def test_pages_are_read_from_top_to_bottom(case: tuple[Result, bytes]) -> None:
    """Poppler goes by where words stand, pypdf by the order in which they were written: they agree on what follows."""
    marks = ("How to read it", "Each step, and", "Where it would break even", "What the sceptic assumes", "Acceptance",
             "Set by", "Year by year", "Over the months", "How it will be measured", "What may go wrong")  # fmt: skip
    seen = 0
    for placed, written in zip(read_by_poppler(case[1]).split("\f"), pages(case[1]), strict=False):
        found = [mark for mark in marks if mark in written and mark in " ".join(placed.split())]
        seen += len(found)
        assert sorted(found, key=written.find) == sorted(found, key=" ".join(placed.split()).find)
    assert seen > 8


def test_what_to_find_out_next_is_said_where_it_is_known(paying: Result, proposals: dict[str, bytes]) -> None:
    asked = words.ask_next_sentence(paying, paying.ask_next)
    summary = together(pages(proposals["paying"])[1])
    assert together(asked) in summary
    assert together(words.ask_next_place(paying, paying.ask_next)) in summary


def test_each_section_is_a_bookmark(case: tuple[Result, bytes]) -> None:
    reader = PdfReader(io.BytesIO(case[1]))
    places = [reader.get_destination_page_number(entry) for entry in reader.outline]
    assert len(places) == len(SECTIONS)
    assert places[:2] == [0, 1]
    assert places == sorted(places)
    assert [str(entry["/Title"]) for entry in reader.outline][:3] == ["Cover", "Summary", "Your numbers"]
    assert places[-1] <= len(reader.pages) - 1


def test_dois_are_links(case: tuple[Result, bytes]) -> None:
    notes = [note.get_object() for page in PdfReader(io.BytesIO(case[1])).pages for note in page.get("/Annots", [])]
    addresses = {str(note["/A"]["/URI"]) for note in notes if "/A" in note}
    cited = {
        f"https://doi.org/{reference.doi}"
        for item in case[0].resolved.inputs.values()
        if item.figure
        for reference in item.figure.references
        if reference.doi
    }
    assert cited
    assert cited <= addresses


def test_links_lead_from_a_number_to_its_parameter_and_on_to_its_source(case: tuple[Result, bytes]) -> None:
    """An input's name leads to its row in the annex, a benchmark's badge to the figure behind it."""
    with pikepdf.open(io.BytesIO(case[1])) as pdf:
        numbers = {page.obj.objgen: number_ for number_, page in enumerate(pdf.pages)}
        leads = {
            (number_, str(note.Contents)): numbers[note.Dest[0].objgen]
            for number_, page in enumerate(pdf.pages)
            for note in page.get("/Annots", [])
            if "/Dest" in note
        }
    text = pages(case[1])
    annex = next(number_ for number_, page in enumerate(text) if "Annex A: every parameter" in page)
    label = words.input_label("clinic.dropout_rate", case[0])
    (aim,) = {aim for (page, contents), aim in leads.items() if contents == label and page < annex}
    assert aim >= annex
    assert "clinic.dropout_rate" in text[aim]
    badges = {aim for (page, contents), aim in leads.items() if contents.startswith("○") and page >= annex}
    assert badges
    assert all(aim < annex for aim in badges)


def test_the_attachment_is_the_result_and_its_digest_is_on_every_page(case: tuple[Result, bytes]) -> None:
    result, pdf = case
    (content,) = PdfReader(io.BytesIO(pdf)).attachments["rapport.json"]
    told = json.loads(content)
    for key, value in json.loads(json.dumps(result.to_dict())).items():
        assert told[key] == value, key
    digest = hashlib.sha256(content).hexdigest()
    text = pages(pdf)
    for number_, page in enumerate(text, start=1):
        assert digest in page
        assert f"page {number_} of {len(text)}" in page
    assert together(digest) in together(text[-1].partition("Annex D")[2])


def test_the_document_says_what_it_is(case: tuple[Result, bytes], library: Library) -> None:
    reader = PdfReader(io.BytesIO(build_proposal(case[0], library, prepared_by="Zoë <Ltd>")))
    assert reader.metadata is not None
    assert reader.metadata.title == f"What it is worth to keep clients: {case[0].clinic_name}"
    assert reader.metadata.author == "Zoë <Ltd>"
    assert reader.metadata.subject == words.headline(case[0])
    assert reader.trailer["/Root"]["/Lang"] == "en-US"


@poppler
def test_every_typeface_is_embedded(library: Library, changed_clinic: Callable, tmp_path: Path) -> None:
    scenario = parse_scenario(changed_clinic(clinic={"name": "Łódź 😀 심 عيادة"}, analysis={"draws": 64}))
    (tmp_path / "p.pdf").write_bytes(build_proposal(evaluate(scenario, library), library))
    told = subprocess.run(["pdffonts", tmp_path / "p.pdf"], capture_output=True, text=True, check=True).stdout
    fonts = [line.split() for line in told.splitlines()[2:]]
    assert len(fonts) >= 3
    assert all(line[-5:-2] == ["yes", "yes", "yes"] for line in fonts), told  # embedded, a subset, with its letters


def test_the_same_input_gives_the_same_bytes(case: tuple[Result, bytes], library: Library) -> None:
    assert build_proposal(case[0], library) == case[1]


SCRIPT = """
import hashlib, sys
from assumptions import load_library
from calculator import evaluate, parse_scenario
from calculator.language import ENGLISH, Language, speaking
from reports import build_proposal
from reports.brand import Brand
clinic = {"clinic": {"setting": "iop", "intakes_per_month": 20, "name": "Zoë"}, "payers": [{"allowed_per_unit": 300}]}
result = evaluate(parse_scenario({**clinic, "analysis": {"draws": 256, "seed": 0}}), load_library())
asked = {
    "plain": (ENGLISH, {}),
    "short": (ENGLISH, {"form": "short", "prepared_by": "Zoë 😀 עברית"}),
    "other signs": (ENGLISH, {"prepared_by": "Zoë Ťažký 😀 עברית"}),
    "other colours": (Language("es", "MX"), {"brand": Brand(seller="Ťažký", accent="#7a1f5c"), "page_size": "Letter"}),
}
for name in sys.argv[1:]:
    language, options = asked[name]
    with speaking(language):
        print(name, hashlib.sha256(build_proposal(result, load_library(), **options)).hexdigest())
"""


def test_two_processes_give_the_same_bytes_whatever_they_made_before() -> None:
    names = ["plain", "short", "other signs", "other colours"]
    digests = set()
    for seed, order in (("0", names), ("12345", [*reversed(names)])):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "UTC" if seed == "0" else "Asia/Tokyo"}
        command = [sys.executable, "-c", SCRIPT, *order]
        done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
        digests.add(tuple(sorted(done.stdout.splitlines())))
    assert len(digests) == 1
    assert len(digests.pop()) == len(names)


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_nothing_wrong(case: tuple[Result, bytes], library: Library, tmp_path: Path) -> None:
    short = build_proposal(case[0], library, form="short", page_size="Letter", prepared_for=NAMES[4])
    for number_, pdf in enumerate((case[1], short)):
        (tmp_path / f"{number_}.pdf").write_bytes(pdf)
        command = ["qpdf", "--check", tmp_path / f"{number_}.pdf"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def seen(name: str) -> str:
    """Return a name as software may tell it: without blanks and signs that cannot be seen."""
    return together(CONTROLS.sub("", name))


@pytest.fixture(scope="module", params=NAMES, ids=range(len(NAMES)))
def named(request: pytest.FixtureRequest, library: Library, changed_clinic: Callable) -> tuple[str, bytes]:
    name = request.param
    result = evaluate(parse_scenario(changed_clinic(clinic={"name": name}, analysis={"draws": 64})), library)
    brand = Brand(seller=name, product=name)
    return name, build_proposal(result, library, brand=brand, prepared_for=name, prepared_by=name, beside=[result])


def test_any_name_is_told_as_it_is(named: tuple[str, bytes]) -> None:
    """Software that reads aloud goes by the marked text, in which a sign nobody can draw is what it is."""
    name, pdf = named
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        told = [said(page) for page in opened.pages]
    assert together(told[0]).count(seen(name)) >= 4  # the title, what they sell, who prepared it and sells it
    assert sum(together(page).count(seen(name)) for page in told) >= 7  # beside the others, and where it is signed
    assert not any(CONTROLS.search(page) for page in told)


def logical(text: str) -> str:
    """Return text as it is read: poppler takes what is told for what is seen, and turns it round once more."""
    return re.sub("\u202b([^\u202c]*)\u202c", lambda found: found[1][::-1], text)


@poppler
def test_any_name_is_found_by_poppler(named: tuple[str, bytes]) -> None:
    name, pdf = named
    found = logical(read_by_poppler(pdf))
    assert not CONTROLS.search(found)
    if any(unicodedata.bidirectional(sign) == "R" for sign in name):  # two directions: blanks and brackets may move
        assert all(part in found for part in ("מרפאה", "Hope 24", "תל אביב"))
    else:
        assert together(found).count(seen(name)) >= 7


@poppler
def test_any_name_stays_on_its_page_and_covers_nothing(named: tuple[str, bytes]) -> None:
    _name, pdf = named
    for page in read_by_poppler(pdf, "-bbox").split("<page ")[1:]:
        wide, high = (float(value) for value in re.findall(r'(?:width|height)="([\d.]+)"', page)[:2])
        boxes = [(*map(float, found[:4]), found[4]) for found in WORD.findall(page)]
        assert boxes
        for left, top, right, bottom, word in boxes:
            assert left >= MARGIN - 1.0, word
            assert right <= wide - MARGIN + 1.0, word
            assert 0.0 < top < bottom < high, word
        boxes.sort(key=lambda box: box[1])
        for place, first in enumerate(boxes):
            for second in boxes[place + 1 :]:
                if second[1] >= first[3]:
                    break
                across = min(first[2], second[2]) - max(first[0], second[0])
                down = min(first[3], second[3]) - second[1]
                assert across < 0.5 or down < 0.5 * min(first[3] - first[1], second[3] - second[1]), (first, second)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.text(st.characters(exclude_categories=[]), min_size=1, max_size=300))
@example(name="half a sign: \ud800")
@example(name="no sign: \uffff\ufffe")
def test_any_text_at_all_makes_a_document(paying: Result, library: Library, name: str) -> None:
    pdf = build_proposal(paying, library, prepared_for=name, prepared_by=name, form="short")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.check_pdf_syntax() == []
        packet = ElementTree.fromstring(opened.Root.Metadata.read_bytes())  # noqa: S314 - our own output
        author = packet.findtext(".//dc:creator//rdf:li", None, NAMESPACES)
        assert author == str(opened.docinfo["/Author"])
        assert len(opened.pages) >= 2


def test_the_date_is_printed_only_when_given(proposals: dict[str, bytes]) -> None:
    now = datetime.datetime.now(tz=datetime.UTC)
    cover = pages(proposals["losing"])[0]
    assert "Date" not in cover
    assert str(now.year) not in cover.partition("page 1 of")[0]


def test_letter_is_letter_and_another_size_is_refused(paying: Result, library: Library) -> None:
    box = PdfReader(io.BytesIO(build_proposal(paying, library, page_size="Letter"))).pages[0].mediabox
    assert (float(box.width), float(box.height)) == (612.0, 792.0)
    with pytest.raises(ValueError, match="A4 or Letter"):
        build_proposal(paying, library, page_size="A5")
    with pytest.raises(ValueError, match="full or short"):
        build_proposal(paying, library, form="brief")


@pytest.mark.parametrize("page_size", ["A4", "Letter"])
def test_the_short_form_has_two_pages(page_size: str, paying: Result, losing: Result, library: Library) -> None:
    results = [paying, losing, *(evaluate(read_scenario(path), library) for path in EXAMPLES)]
    assert len(results) == 6
    day = datetime.date(2024, 2, 29)
    for result in results:
        pdf = build_proposal(
            result, library, form="short", page_size=page_size, prepared_by="Ana Ruiz", prepared_on=day
        )
        assert len(PdfReader(io.BytesIO(pdf)).pages) == 2, result.clinic_name


@pytest.mark.parametrize("form", ["full", "short"])
@pytest.mark.parametrize("amounts", [(None,), (300.0,), (300.0, None), (300.0, 250.0)])
def test_it_is_a_draft_while_a_required_number_is_missing(
    amounts: tuple[float | None, ...], form: Form, library: Library
) -> None:
    """New clients a month are always given; what a payer allows may be a benchmark."""
    assert set(REQUIRED) == {"intakes_per_month", "allowed_per_unit"}
    payers = [{"name": f"p{place}", "share": 1 / len(amounts)} for place in range(len(amounts))]
    for payer, amount in zip(payers, amounts, strict=True):
        payer |= {"allowed_per_unit": amount} if amount else {}
    data = {"clinic": {"setting": "iop", "intakes_per_month": 20}, "payers": payers, "analysis": {"draws": 64}}
    text = pages(build_proposal(evaluate(parse_scenario(data), library), library, form=form))
    draft = None in amounts
    assert [page.count("draft") for page in text] == [2 * draft] * len(text)  # across the page and at its foot
    assert any("Draft: still a benchmark" in page for page in text) == (draft and form == "full")


@pytest.mark.parametrize("setting", ["outpatient", "iop", "php", "residential"])
@pytest.mark.parametrize("road", ["program", "alliance", "targeted"])
def test_every_setting_and_road_makes_a_proposal(setting: str, road: str, library: Library) -> None:
    scenario = parse_scenario(
        {
            "clinic": {"setting": setting, "intakes_per_month": 12, "currency": "EUR"},
            "payers": [{"allowed_per_unit": 150.0}],
            "program": {"evidence_road": road, "alliance_lift_sd": 0.3},
            "analysis": {"draws": 64, "horizon_months": 5},
        }
    )
    result = evaluate(scenario, library)
    reader = PdfReader(io.BytesIO(build_proposal(result, library)))
    starts = {str(entry["/Title"]): reader.get_destination_page_number(entry) for entry in reader.outline}
    cash, found = (together(reader.pages[starts[title]].extract_text()) for title in ("When it pays", "The evidence"))
    assert together(f"{words.ROAD_LABELS[road]} (used here)") in found
    assert together(f"Year 1 ({months(5.0)})") in cash
    assert "€" in cash
