"""What a worker does, in this process, another one or on another machine: scenario in, documents and figures out.

It writes nothing. Whoever follows a change of the proposal or the workbook changes ``render`` and ``Options``.
"""

from __future__ import annotations

import gc
import gettext
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache, cached_property
from threading import Lock
from typing import Any, Literal

from assumptions import Library, load_library
from calculator.errors import InputError, Problem, RapportError
from calculator.evaluate import evaluate
from calculator.language import Language, speaking
from calculator.parse import parse_scenario
from calculator.result import Result
from calculator.serialize import canonical
from calculator.verdict import flags
from calculator.version import VERSION
from calculator.words import headline
from reports.batch.plausible import HOLDING, implausible
from reports.brand import Brand

_ONE_AT_A_TIME = Lock()  # a cluster's worker has several threads, the PDF's machinery is made for one


@dataclass(frozen=True)
class Options:
    """How every proposal of a batch is made; what travels to the workers, so it holds content and no paths.

    Attributes:
        page_size: A4 or Letter.
        form: full, or short for a first meeting.
        prepared_by: a name for the cover.
        prepared_on: a date for the cover.
        workbook: whether each row also becomes a workbook.
        language: code of the language.
        territory: whose habits numbers follow.
        catalogue: its translations, compiled (``.mo``); empty for English.
        brand: whose proposal it is, with the logos in it.
    """

    page_size: str = "A4"
    form: Literal["full", "short"] = "full"
    prepared_by: str = ""
    prepared_on: date | None = None
    workbook: bool = False
    language: str = "en"
    territory: str = "US"
    catalogue: bytes = b""
    brand: Brand | None = None

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of all of them."""
        plain = {part.name: str(getattr(self, part.name)) for part in fields(self)}
        plain["catalogue"] = hashlib.sha256(self.catalogue).hexdigest()
        plain["brand"] = canonical((self.brand or Brand()).attachment())
        return hashlib.sha256(canonical(plain).encode()).hexdigest()


@dataclass(frozen=True)
class Job:
    """One row's work: plain scenario data, whose name goes on the cover, and how far to go.

    ``render`` asks for the documents, ``include_held`` for those of a row with implausible values, too.
    """

    data: Mapping[str, Any]
    prepared_for: str = ""
    render: bool = True
    include_held: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a row.

    Attributes:
        problems: what is wrong with the input; nothing else is set then, nor with a ``fault``.
        fault: why it could not be made although the input is right.
        held: whether its values are implausible.
        flags: what a sceptical reader would not believe, the reasons for holding it first.
        figures: its headline and numbers, for the manifest.
        digest: the SHA-256 printed on the pages.
        pdf: the proposal; empty where it was held or not asked for.
        workbook: likewise.
    """

    problems: tuple[Problem, ...] = ()
    fault: str = ""
    held: bool = False
    flags: tuple[str, ...] = ()
    figures: Mapping[str, str] | None = None
    digest: str = ""
    pdf: bytes = b""
    workbook: bytes = b""


@dataclass(frozen=True)
class Documents:
    """What is made of a result; ``digest`` is the one printed on the proposal's pages."""

    pdf: bytes
    workbook: bytes
    digest: str


def fingerprint() -> tuple[str, str]:
    """Return the version of the model and the digest of the evidence in use here."""
    return VERSION, load_library().sha256


def work(options: Options, expected: tuple[str, str], jobs: Sequence[Job]) -> list[Outcome]:
    """Return the outcome of each job.

    Raises:
        RapportError: where this worker has another version or other evidence than ``expected``.
    """
    found = fingerprint()
    if found != expected:
        raise RapportError(
            f"a worker has rapport-roi {found[0]} with evidence {found[1][:12]}, this computer {expected[0]} with "
            f"{expected[1][:12]}; install the same on both."
        )
    with _ONE_AT_A_TIME, speaking(_language(options)):
        return [_outcome(job, options, load_library()) for job in jobs]


def render(result: Result, library: Library, job: Job, options: Options) -> Documents:
    """Return the proposal and, where it is asked for, the workbook of a result."""
    from reports.proposal import make_proposal

    made = make_proposal(
        result,
        library,
        brand=options.brand or Brand(),
        prepared_for=job.prepared_for,
        prepared_by=options.prepared_by,
        prepared_on=options.prepared_on,
        page_size=options.page_size,
        form=options.form,
    )
    workbook = b""
    if options.workbook:
        from reports import build_workbook

        workbook = build_workbook(result, library)
    return Documents(made.pdf, workbook, made.digest)


def _outcome(job: Job, options: Options, library: Library) -> Outcome:
    try:
        return _made(evaluate(parse_scenario(job.data), library), library, job, options)
    except InputError as error:
        return Outcome(problems=error.problems)
    except ImportError:  # no row can be made here
        raise
    except Exception as error:  # one row must not stop the others; it is named, and tried again next time
        text = " ".join(str(error).split())[:300]
        return Outcome(fault=f"could not be made ({type(error).__name__}: {text})")


def _made(result: Result, library: Library, job: Job, options: Options) -> Outcome:
    remarks = flags(result, library)
    doubts = [*implausible(result.resolved), *(remark for remark in remarks if remark.name in HOLDING)]
    others = [remark for remark in remarks if remark.name not in HOLDING]
    found = Outcome(
        held=bool(doubts),
        flags=tuple(remark.text for remark in (*doubts, *others)),
        figures=_figures(result),
    )
    if not job.render or (doubts and not job.include_held):
        return found
    documents = render(result, library, job, options)
    return replace(found, pdf=documents.pdf, workbook=documents.workbook, digest=documents.digest)


def _figures(result: Result) -> dict[str, str]:
    """Return the headline and its numbers as the manifest holds them: money to the cent, a probability to 6 digits."""
    kept, net = result.distribution["revenue_kept_per_year"].p50, result.distribution["net_per_year"].p50
    return {
        "currency": result.currency,
        "revenue_kept_p50": "" if kept is None else f"{kept:.2f}",
        "net_p50": "" if net is None else f"{net:.2f}",
        "probability": f"{result.probability_npv_positive:.6f}",
        "headline": headline(result),
    }


@cache
def _language(options: Options) -> Language:
    catalogue = options.catalogue
    spoken = gettext.GNUTranslations(io.BytesIO(catalogue)) if catalogue else gettext.NullTranslations()
    return Language(options.language, options.territory, spoken)


def prepare() -> None:
    """Read evidence and typeface, and import what makes the documents, before the first row comes."""
    import reports.proposal  # noqa: F401
    from reports.theme import load_theme

    load_library()
    load_theme()
    gc.collect()
    gc.freeze()  # what is there now stays; to look through it again and again takes a fifth of the time
    gc.set_threshold(100_000, 50, 100)
