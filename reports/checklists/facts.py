"""What both checklists say of a result: each fact in one place, as a sentence or two."""

from __future__ import annotations

from dataclasses import dataclass

from assumptions import Library
from calculator import words
from calculator.display import chance, money, money_range, months, number, share, trimmed
from calculator.language import gettext as _
from calculator.language import ngettext
from calculator.result import Result

FINGERPRINT = 12  # signs of a digest that tell it from any other


@dataclass(frozen=True)
class Facts:
    """A result and the evidence behind it."""

    result: Result
    library: Library

    def _value(self, path: str) -> float:
        return self.result.resolved.inputs[path].value

    def _chosen(self, path: str) -> str:
        """Return who chose a setting of the analysis."""
        kind, _colon, reason = self.result.resolved.sources[path].partition(":")
        if kind == "organisation":
            return words.organisation_words(reason.strip())
        return _("the usual one for this setting") if kind == "benchmark" else _("your choice")

    def where(self) -> str:
        """Return the setting, how it is paid, and how full it is."""
        resolved = self.result.resolved
        payers = ngettext("%(number)s payer", "%(number)s payers", resolved.payers)
        return _(
            "%(setting)s; %(payers)s. Other clients would fill %(refilled)s of the slots that dropouts free.",
            setting=_(resolved.setting.label),
            payers=payers,
            refilled=share(self._value("clinic.backfill_rate")),
        )

    def population(self) -> str:
        """Return who is looked at."""
        return _(
            "All new clients, %(intakes)s a month, of whom %(rate)s %(leaving)s today. Age, diagnosis and income are "
            "not modelled.",
            intakes=trimmed(self._value("clinic.intakes_per_month")),
            rate=share(self._value("clinic.dropout_rate")),
            leaving=_(self.result.resolved.setting.leaving),
        )

    def compared(self) -> str:
        """Return what is compared with what."""
        return _(
            "The programme, its effect taken from one road of evidence (%(road)s), with care as it is today, which "
            "goes on if nothing is done.",
            road=words.lowered(_(words.ROAD_LABELS[self.result.resolved.road])),
        )

    def perspective(self) -> str:
        """Return whose money is counted."""
        return _(
            "The provider’s, since the provider decides and pays: what the clinic earns and spends. What clients, "
            "payers and society gain or lose is not counted."
        )

    def horizon(self) -> str:
        """Return the months looked at, and who chose them."""
        return _(
            "%(months)s from go-live, %(chosen)s. What falls later counts nothing.",
            months=months(self.result.resolved.horizon_months),
            chosen=self._chosen("analysis.horizon_months"),
        )

    def discounting(self) -> str:
        """Return the discount rate, who chose it, and what is discounted."""
        return _(
            "%(rate)s a year, %(chosen)s. Net present value and return are discounted; yearly figures and payback are "
            "not.",
            rate=share(self._value("analysis.discount_rate"), 1),
            chosen=self._chosen("analysis.discount_rate"),
        )

    def currency(self) -> str:
        """Return the currency, and what is not done about prices."""
        return _(
            "Amounts are in %(currency)s, as given. Not done: no common price date; nothing is converted or adjusted "
            "for inflation.",
            currency=self.result.currency,
        )

    def costs(self) -> str:
        """Return what the programme costs and at what hours, and what a kept unit costs."""
        result, workings = self.result, self.result.workings
        return _(
            "%(once)s once and %(yearly)s a year, of it %(hours)s staff hours a year at %(hourly)s. A kept %(unit)s "
            "costs %(cost)s to deliver.",
            once=money(workings["go_live_cost"], result.currency),
            yearly=money(workings["program_cost_per_year"], result.currency),
            hours=number(workings["staff_hours_per_year"], 0),
            hourly=money(self._value("clinic.clinician_hourly_cost"), result.currency),
            unit=_(result.resolved.setting.unit),
            cost=money(self._value("clinic.variable_cost_per_unit"), result.currency),
        )

    def uptake(self) -> str:
        """Return whom the programme reaches, and how soon."""
        return _(
            "It reaches %(share)s of new clients after a ramp of %(ramp)s; the rest stay as they are.",
            share=share(self._value("program.adoption_rate")),
            ramp=months(self._value("program.ramp_months")),
        )

    def model(self) -> str:
        """Return what kind of model it is and where it is found."""
        return _(
            "A retention curve for each episode and a calendar of months, made for this question: how many fewer "
            "leave, and what that is worth. Open source, version %(version)s; formulas with their values are in annex "
            "B.",
            version=self.result.reproducibility.version,
        )

    def validation(self) -> str:
        """Return how the model was checked, and how it was not."""
        return _(
            "Its tests compare it with a second implementation and with clinics simulated client by client. Not done: "
            "no comparison with what clinics earned afterwards."
        )

    def uncertainty(self) -> str:
        """Return how uncertainty is dealt with."""
        resolved = self.result.resolved
        return _(
            "All uncertain numbers (%(uncertain)s) drawn together in %(draws)s futures, seed %(seed)s; a tornado, "
            "break-evens and a sceptic’s case.",
            uncertain=number(len(resolved.uncertain), 0),
            draws=number(resolved.draws, 0),
            seed=str(resolved.seed),
        )

    def parameters(self) -> str:
        """Return how many numbers there are, where they come from, and which evidence they rest on."""
        resolved = self.result.resolved
        kinds = [item.kind for path, item in resolved.inputs.items() if resolved.matters(path)]
        text = _(
            "%(total)s numbers: %(measured)s measured, %(estimates)s your estimates, %(benchmarks)s from the evidence "
            "library (digest %(digest)s). Annex A gives each with range and source.",
            total=number(len(kinds), 0),
            measured=number(kinds.count("measured"), 0),
            estimates=number(kinds.count("estimate"), 0),
            benchmarks=number(kinds.count("benchmark"), 0),
            digest=self.library.sha256[:FINGERPRINT],
        )
        if house := kinds.count("organisation"):
            said = ngettext(
                "%(number)s of them is the organisation’s own value, with its reason there.",
                "%(number)s of them are the organisation’s own values, each with its reason there.",
                house,
            )
            return f"{text} {said}"
        return text

    def findings(self) -> str:
        """Return the main figures with their ranges."""
        result, spread = self.result, self.result.distribution
        kept, npv = spread["revenue_kept_per_year"], spread["npv"]
        return _(
            "%(kept)s of revenue kept a year (90%% range %(range)s); net present value %(npv)s.",
            kept=money(kept.p50, result.currency),
            range=money_range(kept.p5, kept.p95, result.currency),
            npv=f"{money(npv.p50, result.currency)} ({money_range(npv.p5, npv.p95, result.currency)})",
        )

    def effect_of_uncertainty(self) -> str:
        """Return the chance that it pays, and what the answer hangs on."""
        result = self.result
        chances = chance(result.probability_npv_positive)
        sceptic = money(result.cases["sceptic"].figures["npv"], result.currency)
        if not result.tornado:
            return _("Nothing is uncertain: it pays in %(chance)s.", chance=chances)
        return _(
            "It pays in %(chance)s; in a sceptic’s case the net present value is %(npv)s. It hangs most on "
            "“%(input)s”.",
            chance=chances,
            npv=sceptic,
            input=words.input_label(result.tornado[0].input, result),
        )

    def not_varied(self) -> str:
        """Return which choices of the analysis stay as they are in every future."""
        if self.result.resolved.inputs["analysis.discount_rate"].certain:
            return _("Not done: horizon and discount rate are not varied.")
        return _("Not done: the horizon is not varied.")

    def effect(self) -> str:
        """Return the effect on dropout and what may be said of it."""
        result = self.result
        road = result.roads[result.resolved.road]
        return _(
            "Dropout goes from %(before)s to %(after)s (hazard ratio %(ratio)s). Evidence: %(reading)s.",
            before=share(result.workings["dropout_rate_before"], 1),
            after=share(road.dropout_rate_after, 1),
            ratio=number(road.hazard_ratio, 2),
            reading=_(words.ROAD_READING_WORDS[road.reading]),
        )

    def limits(self) -> str:
        """Return what it takes to pay, and what limits the answer."""
        limits = _("Studies of other clinics stand in for yours, and clients are taken as alike.")
        return f"{words.break_even_sentence(self.result)} {limits}"
