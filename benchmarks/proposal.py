"""What a page of the full proposal costs, beside typst and WeasyPrint, which set the very same blocks; and a cold one.

    python benchmarks/proposal.py

Each document is another clinic's, after two others to warm up. For Rapport the whole of ``build_proposal`` is measured;
the others are handed their finished markup: the same headings, paragraphs, links, lists, tables and vector charts in
the same typeface, with tags, bookmarks, running feet and the attached file.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

from pypdf import PdfReader

import web  # noqa: F401 - first: it settles the number of threads, as in the product
from assumptions import load_library
from calculator import evaluate
from calculator.result import Result
from reports import proposal
from reports.attachment import result_attachment
from reports.brand import Brand
from reports.charts.chart import Chart, Place
from reports.charts.paper import draw
from reports.content import Content
from reports.document import page_size, widths
from reports.pdf.blocks import Beside, Block, Columns, Gap, Heading, Listing, NewPage, Rule, Stack, Words
from reports.pdf.picture import Picture
from reports.pdf.style import Run, Style
from reports.pdf.table import Grid
from reports.theme import MARGIN, load_theme
from web.cli.scenario_file import read_scenario

ROOT = Path(__file__).parent.parent
FONTS = ROOT / "reports" / "fonts"
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
DOCUMENTS, SLOW = 14, 4  # documents of each; of the one that takes seconds
WARM_UP = 2
AT_MOST, COLD_AT_MOST = 3.5, 1.5  # milliseconds a page and seconds, of the issue
TIMES_FASTER = 10  # than WeasyPrint, of the issue
PALETTE: Mapping[str, str] = Brand().palette()


# --- the charts as SVG --------------------------------------------------------------------------------------


class Svg:
    """A pen that writes SVG."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def rectangle(self, x: float, y: float, wide: float, high: float, role: str) -> None:
        self.parts.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{wide:.2f}" height="{high:.2f}" fill="{PALETTE[role]}"/>'
        )

    def frame(self, x: float, y: float, wide: float, high: float, role: str, line: float) -> None:
        box = f'x="{x:.2f}" y="{y:.2f}" width="{wide:.2f}" height="{high:.2f}"'
        self.parts.append(f'<rect {box} fill="none" stroke="{PALETTE[role]}" stroke-width="{line}"/>')

    def rule(self, x1: float, y1: float, x2: float, y2: float, role: str, line: float) -> None:
        ends = f'x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"'
        self.parts.append(f'<line {ends} stroke="{PALETTE[role]}" stroke-width="{line}"/>')

    def path(self, points: Sequence[Place], role: str, line: float) -> None:
        way = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
        self.parts.append(f'<polyline points="{way}" fill="none" stroke="{PALETTE[role]}" stroke-width="{line}"/>')

    def polygon(self, points: Sequence[Place], role: str) -> None:
        way = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
        self.parts.append(f'<polygon points="{way}" fill="{PALETTE[role]}"/>')

    def circle(self, x: float, y: float, radius: float, role: str, edge: str) -> None:
        colours = f'fill="{PALETTE[role]}" stroke="{PALETTE[edge]}"'
        self.parts.append(f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius}" {colours}/>')

    def label(self, x: float, y: float, text: str, size: float, role: str, *, strong: bool = False) -> None:
        font = f'font-family="Inter" font-size="{size:g}" font-weight="{600 if strong else 400}"'
        self.parts.append(f'<text x="{x:.2f}" y="{y:.2f}" {font} fill="{PALETTE[role]}">{escape(text)}</text>')


def svg(chart: Chart) -> str:
    pen = Svg()
    draw(chart, pen, 0.0, 0.0)
    size = (
        f'width="{chart.width:.2f}pt" height="{chart.height:.2f}pt" viewBox="0 0 {chart.width:.2f} {chart.height:.2f}"'
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(pen.parts)}</svg>'


# --- the blocks as markup -----------------------------------------------------------------------------------


class Html:
    """The document for WeasyPrint."""

    def __init__(self, digest: str, clinic: str) -> None:
        self.digest, self.clinic = digest, clinic

    def document(self, blocks: Sequence[Block]) -> str:
        body = "".join(map(self.block, blocks))
        head = f'<!doctype html><html lang="en-US"><head><title>{escape(self.clinic)}</title></head>'
        return f"{head}<body>{body}</body></html>"

    def css(self) -> str:
        faces = "".join(
            f"@font-face{{font-family:Inter;font-weight:{weight};src:url({(FONTS / file).as_uri()})}}"
            for weight, file in ((400, "Inter-Regular.ttf"), (600, "Inter-SemiBold.ttf"))
        )
        small = "font-size:6.5pt;color:#555"
        return f"""{faces} @page{{size:A4;margin:{MARGIN:.1f}pt;
        @bottom-left{{content:"{self.clinic} SHA-256 {self.digest}";{small}}}
        @bottom-right{{content:"page " counter(page) " of " counter(pages);{small}}}}}
        body{{font-family:Inter,"DejaVu Sans";margin:0}} p,h1,h2,h3{{margin:0}}
        a{{color:{PALETTE["focus"]};text-decoration:none}}
        table{{width:100%;border-collapse:collapse;table-layout:fixed;margin:6pt 0 12pt}} td,th{{padding:3pt 5pt;
        vertical-align:top;border-bottom:.5pt solid {PALETTE["line"]};text-align:left;font-weight:inherit}}
        .r{{text-align:right}} .own{{background:{PALETTE["own_paper"]}}} svg{{display:block}} hr{{margin:6pt 0}}
        .n{{page-break-before:always}} .b{{display:flex;gap:17pt}} .k{{break-inside:avoid}} ul,ol{{margin:0}}"""

    def style(self, style: Style) -> str:
        weight = 600 if style.strong else 400
        room = f"margin-top:{style.before:.1f}pt;margin-bottom:{style.after:.1f}pt"
        look = f"color:{PALETTE[style.role]};font-weight:{weight}"
        return f"font-size:{style.size:g}pt;line-height:{style.leading:g}pt;{look};{room}"

    def run(self, part: str | Run) -> str:
        run = part if isinstance(part, Run) else Run(part)
        text = escape(run.text).replace("\n", "<br>")
        text = f"<b style='font-weight:600'>{text}</b>" if run.strong else text
        return f'<a href="{escape(run.to)}">{text}</a>' if run.to else text

    def inline(self, words: Words) -> str:
        return "".join(map(self.run, words.parts))

    def block(self, block: Block) -> str:
        match block:
            case Heading():
                place = f' id="{block.place}"' if block.place else ""
                return f'<h{block.level}{place} style="{self.style(block.style)}">{self.inline(block)}</h{block.level}>'
            case Words():
                place = f' id="{block.place}"' if block.place else ""
                return f'<p{place} style="{self.style(block.style)}">{self.inline(block)}</p>'
            case NewPage():
                return '<div class="n"></div>'
            case Gap():
                return f'<div style="height:{block.high}pt"></div>'
            case Rule():
                return "<hr>"
            case Stack():
                return f'<div class="k">{"".join(map(self.block, block.blocks))}</div>'
            case Columns():
                shares = (f"flex:{share}" for share in block.shares)
                return self.beside(zip(block.blocks, shares, strict=True))
            case Beside(note=Gap()):
                return f'<div style="width:{block.column:.1f}pt">{self.block(block.block)}</div>'
            case Beside():
                wide = (f"width:{each:.1f}pt" for each in (block.column, block.margin))
                return self.beside(zip((block.block, block.note), wide, strict=True))
            case Listing():
                kind = "ol" if block.sign == "1." else "ul"
                entries = "".join(f"<li>{self.inline(each)}</li>" for each in block.entries)
                return f'<{kind} style="{self.style(block.style)}">{entries}</{kind}>'
            case Picture():
                return f"<div role=img aria-label='{escape(block.chart.title)}'>{svg(block.chart)}</div>"
            case Grid():
                return self.table(block)
        return ""

    def beside(self, sides: Iterable[tuple[Block, str]]) -> str:
        parts = "".join(f'<div style="{look}">{self.block(each)}</div>' for each, look in sides)
        return f'<div class="b">{parts}</div>'

    def table(self, table: Grid) -> str:
        total = sum(table.shares)
        columns = "".join(f'<col style="width:{share / total:.2%}">' for share in table.shares)

        def row(cells: Sequence[Words], tag: str, fills: Mapping[int, str], place: str) -> str:
            looks = ("r " * (column in table.right) + "own" * (column in fills) for column in range(len(cells)))
            told = (
                f'<{tag} class="{look}">{self.inline(cell)}</{tag}>' for cell, look in zip(cells, looks, strict=True)
            )
            return f"<tr{f' id={chr(34)}{place}{chr(34)}' if place else ''}>{''.join(told)}</tr>"

        head = row(table.head.cells, "th", {}, "")
        rows = "".join(row(each.cells, "td", each.fills, each.place) for each in table.rows)
        look = self.style(table.head.cells[0].style).partition("margin")[0]
        return f'<table style="{look}">{columns}<thead>{head}</thead><tbody>{rows}</tbody></table>'


class Typst:
    """The document for typst; its charts are files beside it."""

    def __init__(self, digest: str, clinic: str, folder: Path, name: str) -> None:
        self.digest, self.clinic, self.folder, self.name = digest, clinic, folder, name
        self.places: dict[str, str] = {}
        self.charts = 0

    def document(self, blocks: Sequence[Block], attached: str) -> str:
        body = "\n".join(map(self.block, blocks))
        return f"""#set document(title: {quoted(self.clinic)})
#set page("a4", margin: {MARGIN:.1f}pt, footer: text(6.5pt)[#{quoted(self.clinic)} #h(1fr)
  page #context counter(page).display() of #context counter(page).final().first() \\ SHA-256 {self.digest}])
#set text(font: ("Inter", "DejaVu Sans"), size: 9pt, lang: "en")
#set par(spacing: 6pt)
#show heading: set block(below: 8pt)
#pdf.attach("rapport.json", read({quoted(attached)}, encoding: none), mime-type: "application/json")
{body}
"""

    def style(self, style: Style, inside: str) -> str:
        weight = 600 if style.strong else 400
        return f'#text(size: {style.size:g}pt, weight: {weight}, fill: rgb("{PALETTE[style.role]}"))[{inside}]'

    def anchor(self, place: str) -> str:
        return f"#metadata(none) <{self.label(place)}>" if place else ""

    def label(self, place: str) -> str:
        return self.places.setdefault(place, f"p{len(self.places)}")

    def run(self, part: str | Run) -> str:
        run = part if isinstance(part, Run) else Run(part)
        text = f"#{quoted(run.text)}"
        text = f"#text(weight: 600)[{text}]" if run.strong else text
        if run.to.startswith("#"):
            return f"#link(<{self.label(run.to[1:])}>)[{text}]"
        return f"#link({quoted(run.to)})[{text}]" if run.to else text

    def inline(self, words: Words) -> str:
        return "".join(map(self.run, words.parts))

    def block(self, block: Block) -> str:
        match block:
            case Heading():
                text = self.style(block.style, self.inline(block))
                return f"#heading(level: {block.level})[{text}]{self.anchor(block.place)}\n"
            case Words():
                return f"{self.style(block.style, self.inline(block))}{self.anchor(block.place)}\n"
            case NewPage():
                return "#pagebreak(weak: true)"
            case Gap():
                return f"#v({block.high}pt)"
            case Rule():
                return "#line(length: 100%, stroke: 0.5pt)"
            case Stack():
                return f"#block(breakable: false)[{chr(10).join(map(self.block, block.blocks))}]"
            case Columns():
                shares = ", ".join(f"{share}fr" for share in block.shares)
                sides = ", ".join(f"[{self.block(each)}]" for each in block.blocks)
                return f"#grid(columns: ({shares},), gutter: 12pt, {sides})"
            case Beside(note=Gap()):
                return f"#block(width: {block.column:.1f}pt)[{self.block(block.block)}]"
            case Beside():
                wide = f"{block.column:.1f}pt, {block.margin:.1f}pt"
                return (
                    f"#grid(columns: ({wide}), gutter: 17pt, [{self.block(block.block)}], [{self.block(block.note)}])"
                )
            case Listing():
                kind = "enum" if block.sign == "1." else "list"
                return (
                    f"#{kind}({', '.join(f'[{self.style(block.style, self.inline(each))}]' for each in block.entries)})"
                )
            case Picture():
                self.charts += 1
                file = self.folder / f"{self.name}-{self.charts}.svg"
                file.write_text(svg(block.chart))
                return (
                    f"#image({quoted(file.name)}, alt: {quoted(block.chart.title)}, width: {block.chart.width:.1f}pt)"
                )
            case Grid():
                return self.table(block)
        return ""

    def table(self, table: Grid) -> str:
        shares = ", ".join(f"{share}fr" for share in table.shares)
        sides = ", ".join("right" if column in table.right else "left" for column in range(len(table.shares)))
        cells = []
        for row in table.rows:
            for column, cell in enumerate(row.cells):
                place = self.anchor(row.place) if column == 0 else ""
                text = f"[{self.style(cell.style, self.inline(cell))}{place}]"
                cells.append(
                    f'table.cell(fill: rgb("{PALETTE[row.fills[column]]}"))' + text if column in row.fills else text
                )
        head = ", ".join(f"[{self.style(cell.style, self.inline(cell))}]" for cell in table.head.cells)
        look = "stroke: (bottom: 0.5pt), inset: (x: 5pt, y: 3pt)"
        return f"#table(columns: ({shares},), align: ({sides},), {look}, table.header({head}), {', '.join(cells)})"


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# --- the measuring ------------------------------------------------------------------------------------------


def clinics(number: int) -> list[Result]:
    """Return so many different clinics' results."""
    library, found = load_library(), []
    for place in range(number):
        scenario = read_scenario(EXAMPLES[place % len(EXAMPLES)])
        changes = {"name": f"Clinic {place}", "intakes_per_month": (scenario.clinic.intakes_per_month or 20.0) + place}
        clinic = scenario.clinic.model_copy(update=changes)
        found.append(evaluate(scenario.model_copy(update={"clinic": clinic}), library))
    return found


def story(result: Result) -> list[Block]:
    """Return the blocks that the proposal is made of."""
    column, wide = widths(page_size("A4"))
    content = Content(
        result=result, library=load_library(), theme=load_theme(), brand=Brand(), column=column, wide=wide,
        digest=result_attachment(result).digest, prepared_for="", prepared_by="", prepared_on=None,
    )  # fmt: skip
    return [block for section in proposal.SECTIONS for block in section(content)]


def measured(make: Callable[[int], bytes], number: int) -> tuple[float, float]:
    """Return milliseconds a page, and pages a document: the median of the documents after those that warm up."""
    each, pages = [], []
    for place in range(number):
        begin = time.perf_counter()
        pdf = make(place)
        spent = time.perf_counter() - begin
        count = len(PdfReader(io.BytesIO(pdf)).pages)
        if place >= WARM_UP:
            each.append(spent * 1000.0 / count)
            pages.append(count)
    return median(each), median(pages)


def by_typst(results: Sequence[Result], folder: Path) -> Callable[[int], bytes]:
    import typst

    compiler = typst.Compiler(root=str(folder), font_paths=[str(FONTS)], ignore_system_fonts=True)
    for place, result in enumerate(results):
        attached = result_attachment(result)
        (folder / f"{place}.json").write_bytes(attached.content)
        text = Typst(attached.digest, result.clinic_name, folder, str(place)).document(story(result), f"{place}.json")
        (folder / f"{place}.typ").write_text(text)
    return lambda place: compiler.compile(input=str(folder / f"{place}.typ"), format="pdf")


def by_weasyprint(results: Sequence[Result]) -> Callable[[int], bytes]:
    from weasyprint import CSS, HTML, Attachment
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    documents = []
    for result in results:
        attached = result_attachment(result)
        writer = Html(attached.digest, result.clinic_name)
        documents.append((writer.document(story(result)), writer.css(), attached))

    def make(place: int) -> bytes:
        text, css, attached = documents[place]
        files = [Attachment(string=attached.content, name=attached.name)]
        sheets = [CSS(string=css, font_config=fonts)]
        made: Any = HTML(string=text).write_pdf(stylesheets=sheets, font_config=fonts, pdf_tags=True, attachments=files)
        return bytes(made)

    return make


def cold() -> float:
    """Return the seconds of ``rapport propose`` in a new process: the median of five."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from web.cli import main; main()", "propose", str(EXAMPLES[0])]
        for _ in range(5):
            begin = time.perf_counter()
            subprocess.run([*command, "-o", f"{folder}/p.pdf"], check=True, capture_output=True)
            times.append(time.perf_counter() - begin)
    return median(times)


def main() -> None:
    library, results = load_library(), clinics(DOCUMENTS)
    with tempfile.TemporaryDirectory() as folder:
        makers = {
            "Rapport": (lambda place: proposal.build_proposal(results[place], library), DOCUMENTS),
            "typst": (by_typst(results, Path(folder)), DOCUMENTS),
            "WeasyPrint": (by_weasyprint(results[:SLOW]), SLOW),
        }
        found = {name: measured(make, number) for name, (make, number) in makers.items()}
    ours = found["Rapport"][0]
    print(f"full proposal, warm: {ours:.2f} ms a page (at most {AT_MOST}), {found['Rapport'][1]:.0f} pages")
    for name, limit in (("typst", 1), ("WeasyPrint", TIMES_FASTER)):
        theirs, pages = found[name]
        ratio = f"ratio to Rapport {theirs / ours:.1f} (at least {limit})"
        print(f"{name:10} {theirs:.2f} ms a page, {pages:.0f} pages; {ratio}")
    print(f"rapport propose, cold: {cold():.2f} s (at most {COLD_AT_MOST})")


if __name__ == "__main__":
    main()
