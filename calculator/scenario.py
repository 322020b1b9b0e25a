"""What a user may say about a clinic: the keys of CLINIC.toml, declared once (interfaces: CLINIC.toml)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from calculator.language import mark
from calculator.quantity import Input, Uncertain, quantity

Setting = Literal["outpatient", "iop", "php", "residential"]
Capacity = Literal["slack", "mixed", "waitlist"]
Road = Literal["program", "alliance", "targeted"]
MAX_PAYERS = 8
CAPACITY_WORDS = {"slack": mark("yes"), "mixed": mark("some"), "waitlist": mark("no, a waiting list")}


class Clinic(Input):
    """The clinic as it is today. What is left out comes from the defaults of the setting."""

    name: str = Field("", max_length=300)
    setting: Setting
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$")
    clinicians: Uncertain | None = quantity(
        "Clinicians",
        "clinicians",
        ge=0.0,
        le=10_000,
        widen="none",
        help="Clinicians who would use the programme, in heads.",
        find="Your staff list.",
    )
    intakes_per_month: Uncertain = quantity(
        "{admissions} a month",
        "new episodes a month",
        ge=0.1,
        le=100_000,
        required=True,
        help="Clients who come to a first unit of care in a month.",
        find="Intake or admission report, last 12 months.",
    )
    intake_growth_rate: Uncertain | None = quantity(
        "Growth in new clients",
        "per year",
        ge=-0.9,
        le=2.0,
        help="How intakes change from one year to the next.",
        find="Intake report, this year against last.",
    )
    planned_units: Uncertain | None = quantity(
        "{units} in {course}",
        "units",
        ge=1,
        le=400,
        whole=True,
        widen="none",
        help="Sessions, or programme days, in a full episode of care as you plan it.",
        find="Treatment plans or programme description.",
    )
    units_per_month: Uncertain | None = quantity(
        "{units} a month for each client",
        "units a month",
        ge=0.25,
        le=62,
        widen="none",
        help="How many sessions or days are scheduled a month; weekly is 4.33.",
        find="Scheduling template.",
    )
    dropout_rate: Uncertain | None = quantity(
        "Clients who {leaving}",
        "share of episodes",
        ge=0.0,
        le=0.99,
        help="Episodes that end before the planned number of units is reached.",
        find="Discharge report: ended before plan, divided by all ended episodes.",
    )
    median_dropout_unit: Uncertain | None = quantity(
        "{unit} by which half of the dropouts have left",
        "units",
        ge=1.0,
        le=399,
        help="The unit after which half of those who drop out have left; early in nearly every clinic.",
        find="Discharge report: sessions attended by clients who left early, the middle value.",
    )
    no_show_rate: Uncertain | None = quantity(
        "No-shows",
        "share of scheduled units",
        ge=0.0,
        le=0.95,
        help="Scheduled units that are missed and not billed.",
        find="Appointment status report.",
    )
    practice_capacity: Capacity | None = Field(
        None, description="Room for more clients: slack, mixed or waitlist. It sets the default of backfill_rate."
    )
    backfill_rate: Uncertain | None = quantity(
        "Freed slots filled again anyway",
        "share of freed units",
        ge=0.0,
        le=1.0,
        help="When a client leaves, the share of their slots that another client soon takes.",
        find="Waiting list and schedule: how fast an open slot is taken.",
    )
    variable_cost_per_unit: Uncertain | None = quantity(
        "Cost of delivering a {unit}",
        "money a unit",
        ge=0.0,
        le=100_000,
        help="What one more attended unit costs you: the clinician's share of the fee, supplies, meals.",
        find="Compensation plan; cost accounting.",
    )
    acquisition_cost_per_intake: Uncertain | None = quantity(
        "Cost of winning a new client",
        "money a new client",
        ge=0.0,
        le=100_000,
        help="Marketing, referral work and intake time for one new client.",
        find="Marketing spend over new clients.",
    )
    clinician_hourly_cost: Uncertain | None = quantity(
        "An hour of a clinician's time",
        "money an hour",
        ge=0.0,
        le=10_000,
        help="Pay and benefits for an hour, used to price the time the programme takes.",
        find="Payroll.",
    )
    places: float | None = quantity(
        "{places} you have",
        "places",
        ge=1,
        le=100_000,
        ranged=False,
        help="How many clients you can have in care at once.",
        find="Your licence, or the census report.",
    )
    occupancy_rate: float | None = quantity(
        "How full you are",
        "share of places",
        ge=0.0,
        le=1.0,
        ranged=False,
        help="The share of your {places} taken on an average day. It says how soon a freed place is filled again.",
        find="Census report: average daily census over {places}.",
    )
    measured: tuple[str, ...] = Field(
        (), description="Keys taken from records; every other number given here counts as an estimate."
    )


class Payer(Input):
    """One source of payment and what it brings a unit."""

    name: str = Field("", max_length=100)
    share: Uncertain | None = quantity(
        "Share of {units}",
        "share of attended units",
        ge=0.0,
        le=1.0,
        widen="none",
        help="The part of attended {units} this payer pays for; together the payers pay for all.",
        find="Payer mix report.",
    )
    allowed_per_unit: Uncertain | None = quantity(
        "Allowed amount a {unit}",
        "money a unit",
        ge=0.0,
        le=100_000,
        help="What the payer's contract allows for one unit, before what is never collected.",
        find="Fee schedule, or allowed amounts in remittances.",
    )
    collected_per_unit: Uncertain | None = quantity(
        "Collected a {unit}",
        "money a unit",
        ge=0.0,
        le=100_000,
        help="What reaches your account for one attended {unit}, all payers together; instead of the allowed amount.",
        find="Payments received over attended units, last 12 months.",
    )
    collection_rate: Uncertain | None = quantity(
        "Collected of the allowed amount",
        "share of the allowed amount",
        ge=0.0,
        le=1.0,
        help="The part of the allowed amount that reaches your account.",
        find="Net collection rate in billing.",
    )


class Program(Input):
    """The programme: which evidence it rests on, how it is delivered, what it costs."""

    evidence_road: Road = "program"
    fidelity: Uncertain | None = quantity(
        "Delivered as in the trials",
        "share",
        ge=0.0,
        le=1.0,
        help="How fully the programme is delivered, compared with the controlled trials.",
    )
    odds_ratio: Uncertain | None = quantity(
        "Odds ratio on dropout",
        "odds ratio",
        ge=0.05,
        le=2.0,
        help="Effect of the programme on the odds of dropout in controlled trials; below 1 is fewer dropouts.",
    )
    alliance_lift_sd: Uncertain | None = quantity(
        "Rise in alliance",
        "standard deviations",
        ge=-1.0,
        le=3.0,
        help="How far mean alliance rises, in standard deviations between clients.",
    )
    alliance_gap_sd: Uncertain | None = quantity(
        "Alliance gap, completers and dropouts",
        "standard deviations",
        ge=0.0,
        le=3.0,
        help="The published difference in alliance between those who complete and those who drop out.",
    )
    causal_share: Uncertain | None = quantity(
        "Causal share of that gap",
        "share",
        ge=0.0,
        le=1.0,
        help="The part of the association that is cause rather than company; no study fixes it.",
    )
    sensitivity: Uncertain | None = quantity(
        "Dropouts that are flagged",
        "share of dropouts",
        ge=0.0,
        le=1.0,
        help="Sensitivity of the predictor at the threshold in use.",
    )
    specificity: Uncertain | None = quantity(
        "Completers left unflagged",
        "share of completers",
        ge=0.0,
        le=1.0,
        help="Specificity of the predictor at the threshold in use.",
    )
    action_rate: Uncertain | None = quantity(
        "Flags that are acted on",
        "share of flags",
        ge=0.0,
        le=1.0,
        help="The part of flagged clients whom somebody actually contacts.",
    )
    save_rate: Uncertain | None = quantity(
        "Kept when acted on",
        "share of dropouts acted on",
        ge=0.0,
        le=1.0,
        help="Of those who would have left and were contacted, the part who stay.",
    )
    minutes_per_flag: Uncertain | None = quantity(
        "Minutes for each flag", "minutes", ge=0.0, le=600, help="Staff time for one flag, false ones included."
    )
    adoption_rate: Uncertain | None = quantity(
        "Clients reached",
        "share of intakes",
        ge=0.0,
        le=1.0,
        help="The part of new clients whose clinician uses the programme once the ramp is over.",
    )
    ramp_months: Uncertain | None = quantity(
        "Months until fully adopted",
        "months",
        ge=0.0,
        le=60,
        widen="none",
        help="Adoption rises evenly over these months.",
    )
    subscription_per_clinician_month: Uncertain | None = quantity(
        "Programme price a clinician and month",
        "money a clinician and month",
        ge=0.0,
        le=100_000,
        widen="none",
        help="Subscription for each clinician and month.",
        find="The quote.",
    )
    subscription_per_intake: Uncertain | None = quantity(
        "Programme price a covered client",
        "money a covered intake",
        ge=0.0,
        le=100_000,
        widen="none",
        help="Subscription for each new client covered, where the price is per client.",
        find="The quote.",
    )
    implementation_cost: Uncertain | None = quantity(
        "Set-up cost",
        "money, once",
        ge=0.0,
        le=10_000_000,
        widen="none",
        help="Paid once at go-live: set-up, integration, project time.",
        find="The quote.",
    )
    training_hours_per_clinician: Uncertain | None = quantity(
        "Training", "hours a clinician, once", ge=0.0, le=200, help="Hours each clinician trains before go-live."
    )
    minutes_per_unit: Uncertain | None = quantity(
        "Minutes of measuring a {unit}",
        "minutes an attended unit",
        ge=0.0,
        le=120,
        help="Staff time for asking and looking at the ratings, each attended unit.",
    )


class Analysis(Input):
    """How far to look and how to discount."""

    horizon_months: int | None = quantity(
        "Months looked at",
        "months",
        ge=1,
        le=120,
        whole=True,
        ranged=False,
        help="Months from go-live; nothing is counted that falls later.",
    )
    discount_rate: Uncertain | None = quantity(
        "Discount rate",
        "per year",
        ge=0.0,
        le=1.0,
        widen="none",
        help="What money costs your practice a year: what a loan costs, or what it would earn elsewhere.",
    )
    history_months: int | None = quantity(
        "Months of records you hold",
        "months",
        ge=0,
        le=240,
        whole=True,
        ranged=False,
        help="Records from before go-live that can serve as the comparison.",
    )
    draws: int | None = quantity(
        "Futures drawn",
        "draws",
        ge=64,
        le=4_194_304,
        whole=True,
        ranged=False,
        help="How many futures the ranges rest on; a power of two is best.",
    )
    seed: int | None = quantity(
        "Seed",
        "",
        ge=0,
        le=4_294_967_295,
        whole=True,
        ranged=False,
        help="Fixes the draws, so that the same input gives the same figures.",
    )


class Scenario(Input):
    """One clinic with one programme: all that ``evaluate`` needs besides the evidence."""

    clinic: Clinic
    payers: tuple[Payer, ...] = Field(min_length=1, max_length=MAX_PAYERS)
    program: Program = Program()
    analysis: Analysis = Analysis()
    house: Mapping[str, str] = Field(
        default_factory=dict,
        description="Paths whose value the organisation set in place of a number the clinic did not give, and why.",
    )
