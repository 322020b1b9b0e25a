"""The proposal says what the result says, the same way every time, whatever name a clinic has."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from assumptions import Library
from calculator import evaluate, parse_scenario, words
from calculator.display import chance, money, money_exact, money_range, months, number, quantity
from calculator.result import Result
from reports import build_proposal
from reports.proposal import SECTIONS

SHOWN_AS = {
    '<b>Bold</b> & "Sons" <script>alert(1)</script>': '<b>Bold</b> & "Sons" <script>alert(1)</script>',
    "A" * 300: "A" * 300,
    "Clinic " * 42: "Clinic " * 42,
    "Tom 😀 & 👩\u200d⚕\ufe0f Partners": "Tom □ & □□ Partners",
    "عيادة الأمل": "□□□□□ □□□□□",
    "Klinika Łódź – Δ λ Škoda Ťažký": "Klinika Łódź – Δ λ Škoda Ťažký",
    "心理クリニック": "□□□□□□□",
    "<para/> &amp; &#0; ]]> <br>": "<para/> &amp; &#0; ]]> <br>",
    "a\u0000b\u001f\u2028c\u202ed": "ab cd",
    "ＦＵＬＬ ﬁne ½": "FULL fine ½",
}


def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def together(text: str) -> str:
    """Drop white space, since a line may break anywhere a space is."""
    return "".join(text.split())


@pytest.fixture(scope="module")
def proposals(paying: Result, losing: Result, library: Library) -> dict[str, bytes]:
    return {"paying": build_proposal(paying, library), "losing": build_proposal(losing, library)}


@pytest.fixture(params=["paying", "losing"])
def case(request: pytest.FixtureRequest, proposals: dict[str, bytes]) -> tuple[Result, bytes]:
    return request.getfixturevalue(request.param), proposals[request.param]


def test_the_first_page_tells_the_whole_story(case: tuple[Result, bytes]) -> None:
    result, pdf = case
    first = together(pages(pdf)[0])
    kept, net = result.distribution["revenue_kept_per_year"], result.distribution["net_per_year"]
    for text in (
        result.clinic_name,
        money(kept.p50),
        f"90% range {money_range(kept.p5, kept.p95)}",
        money(net.p50),
        chance(result.probability_npv_positive),
        "not within 36 months" if result.payback_of_median is None else months(result.payback_of_median),
        words.break_even_sentence(result),
        words.detection_sentence(result),
    ):
        assert together(text) in first, text


def test_every_figure_of_the_result_is_in_the_text(case: tuple[Result, bytes]) -> None:
    result, pdf = case
    text = together(" ".join(pages(pdf)))
    expected = [words.bridge_title(result), words.cash_title(result)]
    expected += [money_exact(step.amount) for step in result.bridge]
    expected += [money(year.net_benefit) for year in result.years]
    expected += [number(road.hazard_ratio, 2) for road in result.roads.values()]
    expected += [result.explain("npv").shown, result.explain("revenue_kept_per_year").shown]
    for path, item in result.resolved.inputs.items():
        if result.resolved.matters(path):
            expected += [words.input_label(path, result), quantity(item.value, item.quantity.unit)]
            expected += [item.figure.label] if item.figure else []
    made = result.reproducibility
    expected += [made.evidence_sha256, made.inputs_sha256, made.version]
    for text_part in expected:
        assert together(text_part) in text, text_part


def test_what_to_find_out_next_is_said_where_it_is_known(paying: Result, proposals: dict[str, bytes]) -> None:
    asked = words.ask_next_sentence(paying, paying.ask_next)
    first = together(pages(proposals["paying"])[0])
    assert together(asked) in first
    assert together(words.ask_next_place(paying, paying.ask_next)) in first


def test_each_section_is_a_bookmark_on_a_page_of_its_own(case: tuple[Result, bytes]) -> None:
    reader = PdfReader(io.BytesIO(case[1]))
    places = [reader.get_destination_page_number(entry) for entry in reader.outline]
    assert len(places) == len(SECTIONS)
    assert places == sorted(set(places))
    assert len(reader.pages) >= 5
    assert str(reader.outline[0]["/Title"]) == case[0].clinic_name


def test_dois_are_links(case: tuple[Result, bytes]) -> None:
    addresses = {
        str(note.get_object()["/A"]["/URI"])
        for page in PdfReader(io.BytesIO(case[1])).pages
        for note in page.get("/Annots", [])
    }
    cited = {
        f"https://doi.org/{reference.doi}"
        for item in case[0].resolved.inputs.values()
        if item.figure
        for reference in item.figure.references
        if reference.doi
    }
    assert cited
    assert cited <= addresses


def test_the_attachment_is_the_result_and_its_digest_is_on_every_page(case: tuple[Result, bytes]) -> None:
    result, pdf = case
    (content,) = PdfReader(io.BytesIO(pdf)).attachments["rapport.json"]
    plain = json.dumps(result.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert content.decode("utf-8") == plain + "\n"
    digest = hashlib.sha256(content).hexdigest()
    text = pages(pdf)
    for number_, page in enumerate(text, start=1):
        assert digest[:12] in page
        assert together(f"page {number_} of {len(text)}") in together(page)
    assert digest in together(text[-1])


def test_the_document_says_what_it_is(case: tuple[Result, bytes], library: Library) -> None:
    reader = PdfReader(io.BytesIO(build_proposal(case[0], library, prepared_by="Zoë <Ltd>")))
    assert reader.metadata is not None
    assert reader.metadata.title == f"What it is worth to keep clients: {case[0].clinic_name}"
    assert reader.metadata.author == "Zoë <Ltd>"
    assert reader.metadata.subject == words.headline(case[0])
    assert reader.trailer["/Root"]["/Lang"] == "en-GB"


def test_every_typeface_is_embedded(case: tuple[Result, bytes]) -> None:
    found = {}
    for page in PdfReader(io.BytesIO(case[1])).pages:
        for font in page["/Resources"]["/Font"].values():
            described: DictionaryObject = font.get_object()
            found[described["/BaseFont"]] = "/FontFile2" in described.get("/FontDescriptor", {})
    assert found
    assert all(found.values()), found


def test_the_same_input_gives_the_same_bytes(case: tuple[Result, bytes], library: Library) -> None:
    assert build_proposal(case[0], library) == case[1]


SCRIPT = """
import hashlib
from assumptions import load_library
from calculator import evaluate, parse_scenario
from reports import build_proposal
clinic = {"clinic": {"setting": "iop", "intakes_per_month": 20, "name": "Zoë"}, "payers": [{"allowed_per_unit": 300}]}
result = evaluate(parse_scenario({**clinic, "analysis": {"draws": 256, "seed": 0}}), load_library())
print(hashlib.sha256(build_proposal(result, load_library())).hexdigest())
"""


def test_two_processes_give_the_same_bytes() -> None:
    digests = set()
    for seed in ("0", "12345"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "UTC" if seed == "0" else "Asia/Tokyo"}
        done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, check=True)
        digests.add(done.stdout)
    assert len(digests) == 1


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_nothing_wrong(case: tuple[Result, bytes], tmp_path: Path) -> None:
    (tmp_path / "p.pdf").write_bytes(case[1])
    done = subprocess.run(["qpdf", "--check", tmp_path / "p.pdf"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "shown"), SHOWN_AS.items())
def test_any_name_is_shown_and_breaks_nothing(
    name: str, shown: str, library: Library, changed_clinic: Callable
) -> None:
    result = evaluate(parse_scenario(changed_clinic(clinic={"name": name}, analysis={"draws": 64})), library)
    text = pages(build_proposal(result, library, prepared_for=name, prepared_by=name))
    assert len(text) >= 5
    assert together(text[0]).count(together(shown)) >= 3  # prepared for, by, the title; the foot may cut it short
    for page in text:
        assert "page" in page


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.text(st.characters(exclude_categories=[]), min_size=1, max_size=300))
@example(name="half a sign: \ud800")
def test_any_text_at_all_makes_a_document(paying: Result, library: Library, name: str) -> None:
    assert build_proposal(paying, library, prepared_for=name, prepared_by=name).startswith(b"%PDF")


def test_the_date_is_printed_only_when_given(paying: Result, library: Library, proposals: dict[str, bytes]) -> None:
    dated = pages(build_proposal(paying, library, prepared_on=datetime.date(2024, 2, 29)))
    assert "2024-02-29" in dated[0]
    assert not any(str(datetime.datetime.now(tz=datetime.UTC).year) in page for page in pages(proposals["losing"])[:1])


def test_letter_is_letter_and_another_size_is_refused(paying: Result, library: Library) -> None:
    box = PdfReader(io.BytesIO(build_proposal(paying, library, page_size="Letter"))).pages[0].mediabox
    assert (float(box.width), float(box.height)) == (612.0, 792.0)
    with pytest.raises(ValueError, match="A4 or Letter"):
        build_proposal(paying, library, page_size="A5")


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
    text = together(" ".join(pages(build_proposal(result, library))))
    assert together(words.ROAD_LABELS[road]) in text
    assert together(f"Year 1 ({months(5.0)})") in text
    assert "€" in text
