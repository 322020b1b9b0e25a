"""The checks in their order, from the digest on the pages to the last word of the document made again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from assumptions import Library
from calculator.language import Language
from calculator.quantity import shown
from calculator.version import VERSION
from reports.attachment import NAME
from reports.verify.again import Again, make_again
from reports.verify.asked import DifferenceError, read_asked, read_data
from reports.verify.difference import first_difference, first_word
from reports.verify.file import Page, read_attachment, read_pages

Languages: TypeAlias = Callable[[str], Language | None]
MOST_DRAWS = 4_194_304  # of all scenarios together: what the model allows one
PERHAPS = "figures may differ for that reason"


@dataclass(frozen=True)
class Verdict:
    """What came of verifying a file.

    Attributes:
        matches: whether inputs, figures, digests and words are what they should be.
        differs: the first thing that is not; empty where everything is.
        notes: what a reader should know besides, such as that another version made the file.
        digest: the SHA-256 of the attachment.
        pages: how many there are.
        version: of Rapport, that the file says made it; empty where it does not.
    """

    matches: bool
    differs: str
    notes: tuple[str, ...]
    digest: str
    pages: int
    version: str = ""


def verify(data: bytes, library: Library, languages: Languages, *, most_draws: int = MOST_DRAWS) -> Verdict:
    """Compare a proposal with what it says it was made from; nothing in the file is trusted or run.

    The figures are computed again from what was given, within ``TOLERANCE``; the words of every page are compared with
    those of the document made again. Pictures are not: of a file that another program saved, notes say where it is
    drawn otherwise.

    Args:
        data: the PDF.
        library: the evidence to compute with.
        languages: gives the language with a tag such as ``es-US`` and its translations, or None.
        most_draws: futures that are drawn at most, for all scenarios of the document together.

    Raises:
        InputError: with one problem, if the file cannot be read or carries no ``rapport.json``.
    """
    content, count = read_attachment(data)
    digest = hashlib.sha256(content).hexdigest()
    try:
        told = read_data(content)
    except DifferenceError as error:
        return Verdict(False, str(error), (), digest, count)
    notes = list(_origin(told, library))
    again, figures = None, ""
    try:
        again = _made_again(told, library, languages, most_draws)
        figures = first_difference(told, _expected(told, again.data))
    except DifferenceError as error:
        figures = str(error)
    if again and again.pdf == data:  # then there is no need to read its pages
        return Verdict(True, "", tuple(notes), digest, count, _version(told))
    pages = read_pages(data)
    differs = _digest_difference(pages, digest)
    notes += [f"besides, {figures}"] if differs and figures else []
    differs = differs or figures
    if again and not differs:
        others = read_pages(again.pdf)
        differs = _page_difference(pages, others, _renamed(told, again, digest, library))
        logos = "logos" in told["document"]["brand"]
        notes += [] if differs else _unlike(pages, others, (again.digest, digest), logos=logos)
    return Verdict(not differs, differs, tuple(notes), digest, count, _version(told))


def _made_again(told: Mapping[str, Any], library: Library, languages: Languages, most_draws: int) -> Again:
    asked = read_asked(told)
    language = languages(asked.language)
    if language is None:
        raise DifferenceError(f"document.language is {shown(asked.language)}, which is not spoken here")
    return make_again(asked, library, language, indices=told.get("sobol") is not None, most_draws=most_draws)


def _digest_difference(pages: Sequence[Page], digest: str) -> str:
    """Return how the digests on the pages differ from that of the attachment, or nothing."""
    printed = [page.digests for page in pages]
    last = {found[-1] if found else "" for found in printed}
    if len(pages) > 1 and len(last) == 1 and last.isdisjoint({digest, ""}):
        return f"{NAME} was changed: its SHA-256 is {digest}, every page prints {last.pop()}"
    for number, found in enumerate(printed, 1):
        if not found:
            return f"page {number}: it prints no SHA-256 of {NAME}"
        if digest not in found:
            return f"page {number}: it prints the SHA-256 {found[-1]}, that of {NAME} is {digest}"
    return ""


def _origin(told: Mapping[str, Any], library: Library) -> Iterator[str]:
    """Say that another version or other evidence made the file."""
    version, evidence = _version(told), _made(told, "evidence_sha256")
    if version != VERSION:
        yield f"made with {f'Rapport {version}' if version else 'an unknown version'}; this is {VERSION}: {PERHAPS}"
    if evidence != library.sha256:
        yield f"made with other evidence ({shown(evidence)}; this is {shown(library.sha256)}): {PERHAPS}"


def _expected(told: Mapping[str, Any], computed: dict[str, Any]) -> dict[str, Any]:
    """Return what the attachment should say, but for what notes tell already and what cannot be known.

    That is the version and the evidence that made it, and the fingerprints of logos.
    """
    made = {key: text for key in ("version", "evidence_sha256") if (text := _made(told, key))}
    document = computed["document"]
    brand = told["document"]["brand"]
    logos = {"logos": brand["logos"]} if "logos" in brand else {}
    return computed | {
        "reproducibility": computed["reproducibility"] | made,
        "document": document | {"brand": document["brand"] | logos},
    }


def _made(told: Mapping[str, Any], key: str) -> str:
    made = told.get("reproducibility")
    value = made.get(key) if isinstance(made, Mapping) else None
    return value if isinstance(value, str) else ""


def _version(told: Mapping[str, Any]) -> str:
    version = _made(told, "version")
    return version if re.fullmatch(r"[0-9A-Za-z.+!_-]{1,40}", version) else ""


def _renamed(told: Mapping[str, Any], again: Again, digest: str, library: Library) -> dict[str, str]:
    """Return words that may rightly be others in the file, with what they are there: logos make another digest."""
    return {
        again.digest: digest,
        VERSION: _made(told, "version"),
        library.sha256: _made(told, "evidence_sha256"),
    }


def _page_difference(found: Sequence[Page], computed: Sequence[Page], renamed: Mapping[str, str]) -> str:
    if len(found) != len(computed):
        return f"the file has {len(found)} pages, computed {len(computed)}"
    for number, (here, there) in enumerate(zip(found, computed, strict=True), 1):
        difference = first_word(here.words, [renamed.get(word, word) for word in there.words])
        if difference:
            return f"page {number}: {difference}"
    return ""


def _unlike(found: Sequence[Page], computed: Sequence[Page], digests: tuple[str, str], *, logos: bool) -> Iterator[str]:
    """Say what is in the file besides the words that were compared."""
    ours, its = (digest.encode() for digest in digests)
    pictured: list[str] = []
    drawn: list[str] = []
    for number, (here, there) in enumerate(zip(found, computed, strict=True), 1):
        if here.added:
            yield f"page {number}: somebody added an annotation ({', '.join(here.added)}), which was not compared"
        if here.drawing.split() != there.drawing.replace(ours, its).split():
            (pictured if logos and here.pictures else drawn).append(str(number))
    if pictured:
        yield f"logos were not compared, only their fingerprints are attached: page {', '.join(pictured)}"
    if drawn:
        yield f"drawn otherwise, with the same words: page {', '.join(drawn)}"
    if not logos:
        yield "words and figures are the same, though the file is not byte for byte the one that Rapport makes"
