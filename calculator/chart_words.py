"""What the pictures say: their titles, units and the words at their marks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from calculator import words
from calculator.display import chance, money, money_short, months, number, quantity, share, share_range
from calculator.grid import Grid
from calculator.language import gettext as _
from calculator.language import ngettext
from calculator.result import NpvBin, Result, RoadEffect, Swing

FEW_MORE = 0.0005  # a share of clients: below it no more stay than today


def unit(result: Result) -> str:
    """Return the setting's word for one unit, such as session."""
    return _(result.resolved.setting.words["unit"])


def units(result: Result) -> str:
    """Return the setting's word for several."""
    return _(result.resolved.setting.words["units"])


# --- who is still in care ---------------------------------------------------------------------------------------


def retention_title(result: Result) -> str:
    """Return how many more clients stay to the end."""
    before, after = result.retention_before, result.retention_after
    more = after[-1] - before[-1]
    if len(before) == 1:
        return _("A course of one %(unit)s has nobody to lose", unit=unit(result))
    if abs(more) < FEW_MORE:
        return _("As many clients stay to the end as today")
    clients = 100 if abs(more) >= 0.01 else 1000
    count = max(round(abs(more) * clients), 1)
    shown = {"clients": number(clients, 0), "number": number(count, 0)}
    if more > 0.0:
        return ngettext(
            "Of %(clients)s clients it reaches, %(number)s more stays to the end",
            "Of %(clients)s clients it reaches, %(number)s more stay to the end",
            count,
            **shown,
        )
    return ngettext(
        "Of %(clients)s clients it reaches, %(number)s fewer stays to the end",
        "Of %(clients)s clients it reaches, %(number)s fewer stay to the end",
        count,
        **shown,
    )


def retention_subtitle(result: Result) -> str:
    """Return what the curves count."""
    return _("Clients still in care when each %(unit)s comes", unit=unit(result))


def retention_gain(result: Result) -> str:
    """Return how many units a client more; empty where it is none."""
    more = (result.point["units_per_episode_after"] or 0.0) - (result.point["units_per_episode_before"] or 0.0)
    if abs(more) < 0.005:
        return ""
    shown = number(abs(more), 1 if abs(more) >= 0.95 else 2)
    if more > 0.0:
        return _("%(number)s more %(units)s kept for each client", number=shown, units=units(result))
    return _("%(number)s fewer %(units)s for each client", number=shown, units=units(result))


def retention_description(result: Result) -> str:
    """Return the curves in words."""
    point, before, after = result.point, result.retention_before, result.retention_after
    return _(
        "Of %(planned)s planned %(units)s a client comes to %(before)s on average today, and to %(after)s with the "
        "programme. At the last one %(end_before)s are still in care today, %(end_after)s with it.",
        planned=number(len(before), 0),
        units=units(result),
        before=number(point["units_per_episode_before"], 2),
        after=number(point["units_per_episode_after"], 2),
        end_before=share(before[-1], 1),
        end_after=share(after[-1], 1),
    )


# --- how the futures turn out -----------------------------------------------------------------------------------


def distribution_title(result: Result) -> str:
    """Return the chance that it pays."""
    return _("It pays in %(chance)s", chance=chance(result.probability_npv_positive))


def distribution_subtitle(result: Result) -> str:
    """Return what the columns count."""
    return _(
        "Net present value over %(months)s in %(currency)s; the taller a column, the more futures end there",
        months=months(result.resolved.horizon_months),
        currency=result.currency,
    )


def distribution_description(result: Result) -> str:
    """Return the histogram in words."""
    spread, currency = result.distribution["npv"], result.currency
    return _(
        "The middle of all futures is %(middle)s; 90 of 100 lie from %(low)s to %(high)s. It pays in %(chance)s.",
        middle=money(spread.p50, currency),
        low=money(spread.p5, currency),
        high=money(spread.p95, currency),
        chance=chance(result.probability_npv_positive),
    )


def sides(result: Result) -> tuple[str, str]:
    """Return what to write on the losing and on the paying side; empty where hardly any future lies there."""
    paying = result.probability_npv_positive
    if paying >= 0.995:
        return "", _("pays in nearly all")
    if paying < 0.005:
        return _("loses in nearly all"), ""
    whole = int(number(paying * 100.0, 0))  # as the title rounds it, so that both sides add up to a hundred
    return (
        _("%(number)s of 100 lose", number=number(100 - whole, 0)),
        _("%(number)s of 100 pay", number=number(whole, 0)),
    )


def bin_ranges(bins: Sequence[NpvBin], currency: str) -> list[str]:
    """Return from where to where each bin reaches; the outer ones have no end."""
    edges = [money(edge, currency) for edge in (*(part.low for part in bins), bins[-1].high)]
    if len(bins) == 1:
        return [_("about %(low)s to %(high)s", low=edges[0], high=edges[1])]
    between = [_("%(low)s to %(high)s", low=low, high=high) for low, high in pairwise(edges[1:-1])]
    return [_("up to %(high)s", high=edges[1]), *between, _("above %(low)s", low=edges[-2])]


# --- what the result hangs on -----------------------------------------------------------------------------------


def tornado_title(result: Result) -> str:
    """Return the input that moves the result most."""
    if not result.tornado:
        return _("Nothing is uncertain: every number is measured or decided")
    return _("The result hangs most on: %(label)s", label=words.input_label(result.tornado[0].input, result))


def tornado_subtitle(result: Result) -> str:
    """Return what the bars count."""
    return _(
        "Net present value in %(currency)s when one number is low or high (5 of 100 are lower, 5 of 100 higher) and "
        "all others are in the middle",
        currency=result.currency,
    )


def tornado_description(result: Result, swings: Sequence[Swing]) -> str:
    """Return the bars in words."""
    middle = money(result.npv_at_medians, result.currency)
    if not swings:
        return _("The net present value is %(middle)s.", middle=middle)
    each = "; ".join(swing_sentence(swing, result) for swing in swings[:3])
    return _("With every number in the middle it is %(middle)s. %(each)s.", middle=middle, each=each)


def swing_sentence(swing: Swing, result: Result) -> str:
    """Return what becomes of the result at both ends of an input."""
    low, high = swing_ends(swing, result)
    return _(
        "%(label)s: %(npv_low)s at %(low)s, %(npv_high)s at %(high)s",
        label=words.input_label(swing.input, result),
        low=low,
        high=high,
        npv_low=money(swing.npv_low, result.currency),
        npv_high=money(swing.npv_high, result.currency),
    )


def swing_ends(swing: Swing, result: Result) -> tuple[str, str]:
    """Return the input's low and high value, dressed."""
    counted, currency = result.resolved.inputs[swing.input].quantity.unit, result.currency
    return rounded(swing.low, counted, currency), rounded(swing.high, counted, currency)


def rounded(value: float, counted: str, currency: str) -> str:
    """Return an input's value to as many digits as a percentile of a guess deserves."""
    if counted.startswith("money"):
        return money(value, currency)
    if counted.startswith("share") or counted == "per year":
        return share(value, 0 if abs(value) >= 0.1 else 1)
    return number(value, 0 if abs(value) >= 20 else 1 if abs(value) >= 2 else 2)


def smaller_swings(rest: Sequence[Swing]) -> str:
    """Return what the last line of the table stands for."""
    return ngettext(
        "%(number)s more number, which moves it by at most",
        "%(number)s more numbers, each of which moves it by at most",
        len(rest),
        number=number(len(rest), 0),
    )


# --- what the evidence says -------------------------------------------------------------------------------------


def forest_title(result: Result) -> str:
    """Return whether the effect the evidence allows is enough."""
    needed = result.break_even.relative_dropout_reduction
    used = next(road for road in result.roads.values() if road.used)
    if needed is None:
        return _("No fall in dropout would pay for it at these numbers")
    if needed < FEW_MORE:
        return _("Any fall in dropout pays for it")
    if used.relative_reduction_p5 >= needed:
        return _("Even a weak effect would pay for it")
    if used.relative_reduction >= needed:
        return _("The likely effect would pay for it, a weak one would not")
    if used.relative_reduction_p95 >= needed:
        return _("Only an effect stronger than the likely one would pay for it")
    return _("No effect that the evidence makes likely would pay for it")


def forest_subtitle() -> str:
    """Return what the picture counts."""
    return _("By how much dropout falls, relative to today: the likely value, and where 90 of 100 futures lie")


def forest_description(result: Result) -> str:
    """Return the picture in words."""
    roads = "; ".join(road_tip(road) for road in result.roads.values())
    return _("%(roads)s. %(needed)s", roads=roads, needed=words.break_even_sentence(result))


def road_tip(road: RoadEffect) -> str:
    """Return what one road says."""
    return _(
        "%(road)s: %(likely)s, 90 of 100 futures from %(low)s to %(high)s",
        road=_(words.ROAD_LABELS[road.name]),
        likely=share(road.relative_reduction, 1),
        low=share(road.relative_reduction_p5, 1),
        high=share(road.relative_reduction_p95, 1),
    )


def road_claim(road: RoadEffect) -> str:
    """Return what a road may claim, and whether the result rests on it."""
    reading = _(words.ROAD_READING_WORDS[road.reading])
    return _("Used here; %(reading)s", reading=reading) if road.used else words.capitalized(reading)


def needed_words(needed: float | None) -> str:
    """Return the words at the line where it pays back."""
    if needed is None:
        return _("no fall is enough to pay back")
    if needed < FEW_MORE:
        return _("pays back from any fall")
    return _("pays back from %(share)s", share=words.least_fall(needed))


def trials_tip(low: float, high: float) -> str:
    """Return what trials found."""
    return _("Trials found %(range)s", range=share_range(low, high, 1))


# --- two inputs at once -----------------------------------------------------------------------------------------


def grid_title(grid: Grid) -> str:
    """Return in how many of the combinations it pays."""
    cells = [value for row in grid.npv for value in row]
    paying = sum(value > 0.0 for value in cells)
    if paying == len(cells):
        return _("It pays in all of these combinations")
    if paying == 0:
        return _("It pays in none of these combinations")
    if 2 * paying > len(cells):
        return _("It pays in most of these combinations")
    return _("It pays in some of these combinations") if 2 * paying < len(cells) else _("It pays in half of them")


def grid_subtitle(result: Result) -> str:
    """Return what the cells count."""
    return _(
        "Net present value in %(currency)s over %(months)s, every other number at its likely value; the "
        "scenario as it stands is outlined",
        currency=result.currency,
        months=months(result.resolved.horizon_months),
    )


def grid_description(grid: Grid, result: Result) -> str:
    """Return the grid in words."""
    cells = [value for row in grid.npv for value in row]
    row, column = grid.own
    return _(
        "From %(least)s to %(most)s; at your own numbers %(own)s.",
        least=money(min(cells), result.currency),
        most=money(max(cells), result.currency),
        own=money(grid.npv[row][column], result.currency),
    )


def grid_value(path: str, value: float, result: Result) -> str:
    """Return a value at the edge of the grid, dressed."""
    return quantity(value, result.resolved.inputs[path].quantity.unit, result.currency)


def grid_tip(across: str, down: str, npv: str) -> str:
    """Return what one cell says; ``across`` and ``down`` are labels with their values."""
    return _("%(across)s, %(down)s: %(npv)s", across=across, down=down, npv=npv)


def valued(path: str, value: str, result: Result) -> str:
    """Return an input's label with a value."""
    return _("%(label)s %(value)s", label=words.input_label(path, result), value=value)


def across_words(path: str, result: Result) -> str:
    """Return what the columns are."""
    return _("Across: %(label)s", label=words.lowered(words.input_label(path, result)))


def down_words(path: str, result: Result) -> str:
    """Return what the rows are."""
    return _("Down: %(label)s", label=words.lowered(words.input_label(path, result)))


def signed(value: float, currency: str) -> str:
    """Return an amount in few signs, a gain with its plus."""
    text = money_short(value, currency)
    return _("+%(amount)s", amount=text) if value >= 0.5 else text
