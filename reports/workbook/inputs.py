"""Every number the model rests on, in a yellow cell of its own, with its bounds and where it comes from.

A default that follows other inputs is a formula in its yellow cell: it goes on following until somebody writes a number
over it, as a blank field of the form does. What it is a share of them stands below the inputs, with its source.
"""

from __future__ import annotations

from collections.abc import Iterable

from calculator import words
from calculator.following import following
from calculator.language import gettext as _
from calculator.language import mark
from calculator.quantity import Quantity, quantity_of
from calculator.resolve import HEADS, QUANTITIES, ROAD_INPUTS, ResolvedInput
from calculator.scenario import MAX_PAYERS, Analysis, Clinic, Road
from reports.workbook.content import Content, Pen, Value, cell, quoted, span
from reports.workbook.rows import LABEL, SOURCE, VALUE, WIDTHS, Rows, cited, kind_of, name_of, validate

TABLE = 3  # header of the lines
ROADS: tuple[Road, ...] = ("program", "alliance", "targeted")
CAPACITIES = ("slack", "mixed", "waitlist")
PAYER_KEYS = ("share", "allowed_per_unit", "collection_rate")
SHARES_TOLERANCE = "0.000001"  # as where a clinic's file is read
FOLLOWED = {
    "course_length": ("MAX(clinic_planned_units-1,1)", mark("follows the length of the plan")),
    "net_revenue_per_unit": ("net_revenue_per_unit", mark("follows what is collected")),
    "planned_units_per_month": (
        "clinic_intakes_per_month*clinic_planned_units",
        mark("follows new clients and the length of the plan"),
    ),
}
HEADING = (
    mark("Input"),
    mark("Value"),
    mark("Unit"),
    mark("Lowest"),
    mark("Highest"),
    mark("State"),
    mark("Where from"),
    mark("Where to find it"),
)


def inputs(content: Content) -> None:
    """Fill the sheet."""
    pen = Pen(content, "inputs")
    pen.opening(
        _("Change a yellow cell and everything follows"),
        _("Each number at its likely value; shares are percent. Some cells hold a formula: write over it to fix them."),
    )
    for column, width in enumerate(WIDTHS):
        pen.sheet.set_column(column, column, width)
    pen.head(TABLE, [_(label) for label in HEADING], texts=(0, 2, 5, 6, 7))
    rows = Rows(pen, TABLE + 1)
    known = [path for paths in ROAD_INPUTS.values() for path in paths]
    _section(rows, _("The clinic"), (path for path in _paths("clinic.") if path != "clinic.backfill_rate"))
    _capacity(rows)
    _payers(rows)
    _section(rows, _("The programme: delivery and price"), (path for path in _paths("program.") if path not in known))
    _roads(rows)
    _analysis(rows)
    _followed(rows)
    _record(rows)
    content.ranges["states"] = ",".join(f"{pen.own}{place}" for place in rows.states)
    pen.sheet.freeze_panes(TABLE + 1, 1)
    pen.sheet.print_area(0, 0, rows.row, len(WIDTHS) - 1)
    pen.page(landscape=True, repeat=(TABLE, TABLE))


def _paths(start: str) -> Iterable[str]:
    return (path for path in QUANTITIES if path.startswith(start))


def _section(rows: Rows, title: str, paths: Iterable[str]) -> None:
    rows.heading(title)
    for path in paths:
        _input(rows, rows.pen.content.result.resolved.inputs[path])


def _input(rows: Rows, item: ResolvedInput) -> None:
    """Write one input, as a formula where its default follows others."""
    follows = following(rows.pen.content.result.resolved).get(item.path)
    formula, note = "", ""
    if follows is not None:
        basis, said = FOLLOWED[follows.basis]
        product = f"benchmark_{name_of(item.path)}*{basis}"
        product = f"ROUNDUP({product}-1E-9,0)" if item.path == HEADS else product
        formula, note = f"=MIN(MAX({product},{item.quantity.ge:.15g}),{item.quantity.le:.15g})", _(said)
    elif item.path == "clinic.backfill_rate" and item.given is None:
        slack, mixed, waitlist = (f"benchmark_backfill_{capacity}" for capacity in CAPACITIES)
        chosen = f'IF(clinic_practice_capacity="mixed",{mixed},{waitlist})'
        formula = f'=IF(clinic_practice_capacity="slack",{slack},{chosen})'
        note = _("follows the room for more clients")
    rows.input(item.path, item.quantity, item.value, _source(item, note), formula)


def _source(item: ResolvedInput, note: str = "") -> str:
    """Return where an input comes from and what it follows, in words, with the figure behind a benchmark."""
    said = "; ".join(part for part in (words.source_words(item), note) if part)
    return f"{said}: {cited(item.figure)}" if item.figure is not None else said


def _declared(model: type[Clinic | Analysis], key: str) -> Quantity:
    declared = quantity_of(model.model_fields[key])
    if declared is None:
        raise KeyError(f"{key} is not a number")
    return declared


def _said(rows: Rows, path: str) -> str:
    """Return where a number comes from that bears no range."""
    resolved = rows.pen.content.result.resolved
    measured = {path, path.partition(".")[2]} & set(resolved.scenario.clinic.measured)
    kind, _colon, reason = resolved.sources.get(path, "estimate").partition(":")
    if kind == "organisation":
        return words.organisation_words(reason.strip())
    return _(words.SOURCE_LABELS["measured" if measured else kind])


def _capacity(rows: Rows) -> None:
    """Write how full the clinic is, and what follows from it: how soon a freed place is taken."""
    content = rows.pen.content
    resolved = content.result.resolved
    clinic = resolved.scenario.clinic
    rows.heading(_("Room for more clients"))
    for key, given in (("places", clinic.places), ("occupancy_rate", clinic.occupancy_rate)):
        source = _("may be left empty") if given is None else _said(rows, f"clinic.{key}")
        rows.input(f"clinic.{key}", _declared(Clinic, key), given, source, optional=True)
    formula, source = "", _(words.SOURCE_LABELS["estimate"])
    if clinic.practice_capacity is None:
        full = 'IF(occupancy_rate<benchmark_occupancy_full,"mixed","waitlist")'
        by_rate = f'IF(occupancy_rate<benchmark_occupancy_mixed,"slack",{full})'
        formula = f"=IF(ISNUMBER(occupancy_rate),{by_rate},{quoted(content.library.default_capacity)})"
        source = _("follows how full you are; what is usual where that is not known")
    rows.choice("clinic_practice_capacity", _("Room for more clients"), resolved.capacity, CAPACITIES, source, formula)
    _input(rows, resolved.inputs["clinic.backfill_rate"])


def _payers(rows: Rows) -> None:
    """Write a table of payers, with room for the most there may be."""
    pen = rows.pen
    content, formats = pen.content, pen.formats
    resolved = content.result.resolved
    declared = [QUANTITIES[f"payers.1.{key}"] for key in PAYER_KEYS]
    rows.heading(_("Payers"))
    labels = [_("Payer"), *(item.named(content.words) for item in declared), "", _("State"), _("Where from")]
    pen.head(rows.row, labels, texts=(0, 5, 6))
    first, last = rows.row + 1, rows.row + MAX_PAYERS
    for number, row in enumerate(range(first, last + 1), 1):
        given = number <= resolved.payers
        pen.text(row, LABEL, resolved.scenario.payers[number - 1].name if given else "", formats.text(own=True))
        pen.name(row, LABEL, f"payer_{number}_name")
        for column, (key, item) in enumerate(zip(PAYER_KEYS, declared, strict=True), VALUE):
            path, look = f"payers.{number}.{key}", formats.number(kind_of(item), own=True)
            if given:
                pen.sheet.write_number(row, column, resolved.inputs[path].value, look)
            else:
                pen.sheet.write_blank(row, column, None, look)
            pen.name(row, column, name_of(path))
            validate(pen, row, column, item)
        numbers = span(row, row, VALUE, VALUE + 2)
        cells = zip((cell(row, column) for column in range(VALUE, VALUE + 3)), declared, strict=True)
        within = ",".join(f"{here}>={item.ge:.15g},{here}<={item.le:.15g}" for here, item in cells)
        rows.state(row, f"IF(COUNT({numbers})=3,AND({within}),FALSE)", unless=f"COUNTA({numbers})=0", empty=not given)
        if given:
            source = _payer_source(content, number)
            pen.aside(row, SOURCE, source, wrap=True)
            pen.fit(row, [(source, WIDTHS[SOURCE])])
    for column, key in enumerate(PAYER_KEYS, VALUE):
        content.ranges[key] = pen.span(first, last, column)
    total = last + 1
    pen.text(total, LABEL, _("All shares together"))
    look = formats.number("share_exact", strong=True, top=1)
    shares = [resolved.inputs[f"payers.{number}.share"].value for number in range(1, resolved.payers + 1)]
    pen.formula(total, VALUE, f"=SUM({span(first, last, VALUE)})", look, sum(shares), "payer_shares_together")
    rows.state(total, f"ABS({cell(total, VALUE)}-1)<={SHARES_TOLERANCE}")
    rows.row = total + 1


def _payer_source(content: Content, number: int) -> str:
    """Return where a payer's numbers come from, each kind of source once."""
    items = [content.result.resolved.inputs[f"payers.{number}.{key}"] for key in PAYER_KEYS]
    by_source: dict[str, list[str]] = {}
    for item in items:
        by_source.setdefault(_source(item), []).append(item.quantity.named(content.words))
    if len(by_source) == 1:
        return next(iter(by_source))
    return "; ".join(f"{', '.join(labels)}: {source}" for source, labels in by_source.items())


def _roads(rows: Rows) -> None:
    resolved = rows.pen.content.result.resolved
    rows.heading(_("The programme: the road of evidence in use"))
    source = _(words.SOURCE_LABELS["estimate"])
    rows.choice("program_evidence_road", _("Road of evidence"), resolved.road, ROADS, source)
    for road in ROADS:
        title = _("On the road “%(road)s”: %(label)s", road=road, label=_(words.ROAD_LABELS[road]))
        _section(rows, title, ROAD_INPUTS[road])


def _analysis(rows: Rows) -> None:
    resolved = rows.pen.content.result.resolved
    rows.heading(_("The analysis"))
    for key, value in (("horizon_months", resolved.horizon_months), ("history_months", resolved.history_months)):
        rows.input(f"analysis.{key}", _declared(Analysis, key), float(value), _said(rows, f"analysis.{key}"))
    _input(rows, resolved.inputs["analysis.discount_rate"])


def _followed(rows: Rows) -> None:
    """Write what defaults that follow others are a share of them, and what room for more clients stands for."""
    content = rows.pen.content
    resolved, library = content.result.resolved, content.library
    rows.heading(_("What defaults that follow rest on"))
    for path, follows in following(resolved).items():
        item = resolved.inputs[path]
        label = f"{item.quantity.named(content.words)}: {_(FOLLOWED[follows.basis][1])}"
        source = cited(item.figure) if item.figure is not None else ""
        rows.fixed(label, follows.share, "general", f"benchmark_{name_of(path)}", source)
    for role in ("occupancy_mixed", "occupancy_full"):
        figure = library.roles[role]
        rows.fixed(_(figure.label), figure.value or 1.0, "share_tenth", f"benchmark_{role}", cited(figure))
    for capacity in CAPACITIES:
        figure = library.capacity[capacity]
        rows.fixed(_(figure.label), figure.value or 0.0, "share_tenth", f"benchmark_backfill_{capacity}", cited(figure))
    stay = "units_per_episode_before/clinic_units_per_month"
    unknown = quoted(_("not known"))
    implied = f"IF(ISNUMBER(clinic_places),clinic_intakes_per_month*{stay}/clinic_places,{unknown})"
    formula = f"=IF(ISNUMBER(clinic_occupancy_rate),clinic_occupancy_rate,{implied})"
    rate = resolved.occupancy.rate
    shown: Value = _("not known") if rate is None else rate
    label = _("How full you are: as said, or as new clients and their stay would fill the places")
    rows.fixed(label, shown, "share_exact", "occupancy_rate", formula=formula)


def _record(rows: Rows) -> None:
    """Write what belongs to the scenario and changes no figure here."""
    resolved = rows.pen.content.result.resolved
    clinic = resolved.scenario.clinic
    rows.heading(_("For the record; it changes nothing here"))
    rows.fixed(_("Name"), clinic.name, "general", "clinic_name")
    rows.fixed(_("Setting; the benchmarks above are those of it"), clinic.setting, "general", "clinic_setting")
    rows.fixed(_("Currency"), clinic.currency, "general", "clinic_currency")
    for key, value in (("draws", resolved.draws), ("seed", resolved.seed)):
        rows.fixed(_declared(Analysis, key).named(), float(value), "whole", f"analysis_{key}")
