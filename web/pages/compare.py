"""Up to four scenarios side by side; the address holds them all."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request, url_for

from calculator import Result, change_words
from calculator.attribution import Attribution
from reports.charts.attribution import attribution
from reports.charts.chart import Chart
from reports.charts.ranges import ranges
from web.compared_figures import NET
from web.comparison import Column, SideBySide, read_columns
from web.library import current_library
from web.scenarios import LONGEST_TITLE, STATE, TITLE, Kept, Lineup, edit_address

bp = Blueprint("compare", __name__)
RENAME = "rename"  # the place of the scenario that gets the title in the address
WIDE, NARROW = 760.0, 342.0  # pixels


@dataclass(frozen=True)
class Links:
    """What can be done with one scenario; empty where it cannot."""

    change: str
    copy: str
    remove: str
    lead: str
    download: str


@dataclass(frozen=True)
class Change:
    """Why one scenario differs from the baseline: its picture in two widths, and the words about it."""

    wide: Chart
    narrow: Chart
    sentence: str
    note: str


@bp.get("/compare")
def index() -> Response:
    """Show the scenarios in the address, or give one of them another title."""
    lineup = Lineup.of(request.args.getlist(STATE))
    place = request.args.get(RENAME, "")
    if place in map(str, range(len(lineup.states))):
        renamed = lineup.renamed(int(place), request.args.get(TITLE, ""))
        return Response(status=303, headers={"Location": renamed.address})
    side = SideBySide(read_columns(lineup, current_library(), current_app.config["MAX_DRAWS"]))
    page = render_template(
        "compare/page.html",
        lineup=lineup,
        side=side,
        links=[_links(lineup, column) for column in side.columns],
        more=len(request.args.getlist(STATE)) > len(lineup.states),
        add=_add(lineup, side),
        from_file=urlencode(Kept(lineup.states, len(lineup.states)).pairs),
        query=_query(lineup, side),
        nets=_nets(side),
        changes=_changes(side),
        longest_title=LONGEST_TITLE,
    )
    return Response(page)


def _links(lineup: Lineup, column: Column) -> Links:
    place, form = column.place, column.form
    kept = lineup.editing(place)
    download = "" if form is None or column.result is None else urlencode([*form.query, *Kept(title=kept.title).pairs])
    return Links(
        change="" if form is None else edit_address(form, kept),
        copy="" if form is None or lineup.full else lineup.with_copy(place).address,
        remove=lineup.without(place).address,
        lead=lineup.led_by(place).address if place else "",
        download=f"{url_for('clinic_file.download')}?{download}" if download else "",
    )


def _add(lineup: Lineup, side: SideBySide) -> str:
    """Return where another scenario begins: the calculator with a copy of the baseline."""
    form = next((column.form for column in side.sound), None)
    if form is None or lineup.full:
        return ""
    return edit_address(form, Kept(lineup.states, len(lineup.states)))


def _query(lineup: Lineup, side: SideBySide) -> str:
    """Return the query that opens the calculator with the baseline and keeps the others."""
    baseline = next(iter(side.sound), None)
    if baseline is None or baseline.form is None:
        return ""
    return urlencode([*baseline.form.query, *lineup.editing(baseline.place).pairs])


def _nets(side: SideBySide) -> tuple[Chart, Chart] | None:
    if len(side.results) < 2 or len(side.currencies) > 1:
        return None
    names = [column.name for column in side.sound]
    wide, narrow = (ranges(side.results, names, NET, width) for width in (WIDE, NARROW))
    return wide, narrow


def _changes(side: SideBySide) -> tuple[Change, ...]:
    if len(side.results) < 2:
        return ()
    pairs = zip(side.sound, side.results, side.compared.attributions, strict=True)
    return tuple(_change(side, column, result, found) for column, result, found in pairs if found is not None)


def _change(side: SideBySide, column: Column, result: Result, found: Attribution) -> Change:
    first, names = side.results[0], (side.sound[0].name, column.name)
    wide, narrow = (attribution(found, first, result, names, width) for width in (WIDE, NARROW))
    return Change(wide, narrow, change_words.change_sentence(found, first, result), change_words.change_note(found))
