"""The quick calculator in the frame of another site: who may show it, how tall it is, and the same figures."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from tests.reports.test_brand_logo import SVG
from tests.web.conftest import HTMX, query, soup
from tests.web.workspace import people
from web.app import create_app
from web.example_clinics import examples

NAME = 'Müller & "Söhne" <b>'


@pytest.fixture(scope="module")
def branded(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    logo = tmp_path_factory.mktemp("logo") / "logo.svg"
    logo.write_bytes(SVG)
    return create_app({
        "TESTING": True,
        "RAPPORT_EMBED_PARENTS": "https://vendor.example https://*.vendor.example",
        "RAPPORT_PUBLIC_URL": "https://calc.example",
        "RAPPORT_EMBED_COLOR": "#6a2c91",
        "RAPPORT_EMBED_LOGO": logo,
        "RAPPORT_EMBED_NAME": NAME,
    })  # fmt: skip


@pytest.fixture
def vendor(branded: Flask) -> FlaskClient:
    return branded.test_client()


def policy_of(answer: Any) -> dict[str, str]:
    return dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; ") if " " in rule)


def headline(page: BeautifulSoup) -> list[str]:
    """The figures of a result, without the dress that differs between the pages."""
    box = page.select_one("#results .headline")
    found = [] if box is None else box.select(".figure, .range, .pays")
    return [" ".join(each.get_text().split()) for each in found]


@pytest.mark.parametrize(
    ("method", "address", "headers"),
    [
        ("GET", "/embed", {}),
        ("GET", "/embed?clinic.dropout_rate=135&clinic.setting=iop", {}),
        ("POST", "/embed/estimate", {}),
        ("POST", "/embed/estimate", HTMX),
        ("POST", "/embed/setting", HTMX),
    ],
)
def test_the_frame_is_for_us_and_the_sites_that_are_named(
    vendor: FlaskClient, client: FlaskClient, method: str, address: str, headers: dict[str, str]
) -> None:
    answer = vendor.open(address, method=method, headers=headers)
    assert answer.status_code in (200, 422)
    assert policy_of(answer)["frame-ancestors"] == "'self' https://vendor.example https://*.vendor.example"
    assert policy_of(answer)["default-src"] == "'none'"
    assert "X-Frame-Options" not in answer.headers
    assert "frame-src" not in policy_of(answer)
    plain = client.open(address, method=method, headers=headers)
    assert policy_of(plain)["frame-ancestors"] == "'self'"


@pytest.mark.parametrize("address", ["/", "/evidence", "/embed/demo", "/embed/brand.css", "/embed/logo", "/nowhere"])
def test_nothing_else_is_framed_by_anybody(vendor: FlaskClient, address: str) -> None:
    answer = vendor.get(address)
    assert policy_of(answer)["frame-ancestors"] == "'none'"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert policy_of(answer).get("frame-src") == ("'self'" if address == "/embed/demo" else None)


def test_no_page_of_it_allows_inline_code_or_sets_a_cookie(vendor: FlaskClient) -> None:
    for address in ("/embed?lang=es", "/embed?theme=dark", "/embed/demo?lang=es", "/embed/brand.css", "/embed/logo"):
        answer = vendor.get(address)
        assert answer.status_code == 200
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
        assert soup(answer).select("style, [style], script:not([src]), [onload], [onclick]") == []


@pytest.mark.parametrize("place", ["/embed/nope", "/embed/", "/embed/demo/more", "/embed/estimate"])
def test_what_is_not_there_below_it_sets_no_cookie_either(client: FlaskClient, place: str) -> None:
    answer = client.get(f"{place}?lang=es")
    assert answer.status_code in (404, 405)
    assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" in client.get("/embedded?lang=es").headers


@pytest.mark.parametrize("place", ["/embed/parent.js", "/embed/brand.css", "/embed/logo"])
def test_what_is_the_same_for_everybody_is_kept_once(vendor: FlaskClient, place: str) -> None:
    answer = vendor.get(place, headers={"Accept-Language": "es"}, buffered=True)
    assert answer.cache_control.public
    assert not {"accept-language", "cookie"} & {name.lower() for name in answer.vary}
    assert "Content-Language" not in answer.headers
    assert {"Accept-Language", "Cookie"} <= set(vendor.get("/embed").vary)


def test_language_and_theme_are_those_of_the_address(vendor: FlaskClient) -> None:
    page = soup(vendor.get("/embed?lang=es&theme=dark"))
    assert page.html is not None
    assert page.html["lang"].startswith("es")
    assert page.html["data-theme"] == "dark"
    form = page.select_one("#clinic")
    kept = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    assert kept.items() >= {"lang": "es", "theme": "dark"}.items()
    assert "lang=es" in form["data-hx-post"]
    assert "lang=es" in page.select_one("#results .button")["href"]
    for other in ("/embed", "/embed?theme=auto", "/embed?theme=%22%3E"):
        assert not soup(vendor.get(other)).html.has_attr("data-theme")


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.label)
def test_the_same_numbers_give_the_same_figures_as_the_calculator(client: FlaskClient, example: Any) -> None:
    quick, full = (soup(client.get(f"{path}?{example.query}")) for path in ("/embed", "/"))
    assert len(headline(quick)) == 5
    assert headline(quick) == headline(full)
    assert quick.select_one("#results")["data-announce"] == full.select_one("#results")["data-announce"]
    assert quick.select_one("#bridge-heading").get_text() == full.select_one("#bridge-heading").get_text()


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.label)
def test_the_form_in_the_frame_keeps_what_it_does_not_show(client: FlaskClient, example: Any) -> None:
    """What the page would send says the same as the address it was opened with, and so does the link to the rest."""
    page = soup(client.get(f"/embed?{example.query}"))
    fields = page.select("#clinic input[name]:not([type=radio]), #clinic input[type=radio][checked]")
    sent = [(field["name"], field.get("value", "")) for field in fields]
    before = soup(client.get(f"/?{example.query}"))
    for again in (client.get("/embed", query_string=sent), client.post("/embed/estimate", data=dict_of(sent))):
        assert headline(soup(again)) == headline(before)
    link = page.select_one("#results .button")
    assert (link["target"], link["rel"]) == ("_blank", ["noopener"])
    assert headline(soup(client.get(link["href"]))) == headline(before)


RANGED = query(clinic__dropout_rate="35") + "&clinic.dropout_rate.low=30&clinic.dropout_rate.high=45"


def sent_of(page: BeautifulSoup, **typed: str) -> dict[str, list[str]]:
    """What the form in a frame would send, after something was typed."""
    fields = page.select("#clinic input[name]:not([type=radio]), #clinic input[type=radio][checked]")
    sent = dict_of([(field["name"], field.get("value", "")) for field in fields])
    return sent | {name.replace("__", "."): [text] for name, text in typed.items()}


@pytest.mark.parametrize("typed", ["60", "20", "40", ""])
def test_a_number_typed_in_the_frame_drops_the_range_it_came_with(client: FlaskClient, typed: str) -> None:
    page = soup(client.get(f"/embed?{RANGED}"))
    sent = sent_of(page, clinic__dropout_rate=typed)
    plain = soup(client.get(f"/?{query(clinic__dropout_rate=typed)}"))
    assert headline(plain) not in ([], headline(page))
    for again in (client.get("/embed", query_string=sent), client.post("/embed/estimate", data=sent)):
        assert again.status_code == 200
        assert headline(soup(again)) == headline(plain)
        link = soup(again).select_one("#results .button")["href"]
        assert headline(soup(client.get(link))) == headline(plain)
        assert "was." not in link
    changed = client.post("/embed/setting", data=sent | {"clinic.setting": ["iop"]})
    assert changed.status_code == 200
    assert not any("dropout_rate." in name for name in sent_of(soup(changed)))


def test_a_range_stays_while_other_numbers_are_typed(client: FlaskClient) -> None:
    page = soup(client.get(f"/embed?{RANGED}"))
    ranged = RANGED.replace("intakes_per_month=40", "intakes_per_month=55")
    for setting in ("outpatient", "iop"):
        sent = sent_of(page, clinic__intakes_per_month="55", clinic__setting=setting)
        again = soup(client.post("/embed/setting", data=sent))
        full = soup(client.get(f"/?{ranged.replace('outpatient', setting)}"))
        assert len(headline(full)) == 5
        assert headline(again) == headline(full)
        page = again
    wrong = soup(client.post("/embed/estimate", data=sent_of(page, clinic__intakes_per_month="many"), headers=HTMX))
    kept = {field["name"]: field["value"] for field in wrong.select("input[type=hidden]")}
    assert kept.items() >= {"clinic.dropout_rate.low": "30", "clinic.dropout_rate.high": "45"}.items()


@pytest.mark.parametrize("given", [("60", "30", "45"), ("", "30", "45"), ("35", "30", ""), ("35", "x", "45")])
@pytest.mark.parametrize("typed", ["35", "60", ""])
def test_a_range_that_is_none_can_be_mended_in_the_frame(
    client: FlaskClient, given: tuple[str, str, str], typed: str
) -> None:
    likely, low, high = given
    address = f"{query(clinic__dropout_rate=likely)}&clinic.dropout_rate.low={low}&clinic.dropout_rate.high={high}"
    page = client.get(f"/embed?{address}")
    assert page.status_code == 422
    assert soup(page).select_one("#clinic-dropout_rate-problem").get_text()
    again = client.post("/embed/estimate", data=sent_of(soup(page), clinic__dropout_rate=typed))
    assert again.status_code == 200
    assert headline(soup(again)) == headline(soup(client.get(f"/?{query(clinic__dropout_rate=typed)}")))


def dict_of(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def test_links_leave_the_frame_for_a_tab_of_their_own(client: FlaskClient) -> None:
    """Our other pages forbid frames, so a link within one would end at a blank."""
    for address in ("/embed", "/embed?clinic.setting=iop&clinic.intakes_per_month=20"):
        page = soup(client.get(address))
        links = page.select("a[href]")
        assert len(links) > 3
        for link in links:
            assert link["target"] == "_blank"
            assert "noopener" in link["rel"]
            assert not link.has_attr("data-hx-get")
            assert client.get(link["href"]).status_code == 200
        assert page.select("#panel, #drawer, nav") == []


@pytest.mark.parametrize(("address", "root"), [("/embed/estimate", "results"), ("/embed/setting", "workspace")])
def test_partials_are_aimed_at_their_own_root(client: FlaskClient, address: str, root: str) -> None:
    typed = dict(parse_qsl(query(clinic__dropout_rate="30")))
    part, whole = client.post(address, data=typed, headers=HTMX), client.post(address, data=typed)
    assert part.headers["HX-Retarget"] == f"#{root}"
    assert [element["id"] for element in soup(part).find_all(recursive=False)] == [root]
    assert soup(whole).select_one(f"html #{root}") is not None
    assert "HX-Replace-Url" not in part.headers
    wrong = client.post(address, data=typed | {"clinic.dropout_rate": "135"}, headers=HTMX)
    assert wrong.status_code == 422
    assert wrong.headers["HX-Retarget"] == "#inputs"
    assert "0% to 99%" in soup(wrong).select_one("#clinic-dropout_rate-problem").get_text()


def test_the_frame_says_whose_it_is_and_where_the_figures_are_from(vendor: FlaskClient, client: FlaskClient) -> None:
    page = soup(vendor.get("/embed"))
    assert page.select_one(".vendor img")["alt"] == NAME
    assert f"A calculator by {NAME}." in page.select_one(".source-line").get_text()
    assert "Estimates with sources" in " ".join(page.select_one(".source-line").get_text().split())
    assert soup(client.get("/embed")).select(".vendor, [href*='brand.css']") == []


def test_htmx_is_told_the_same_as_on_every_page(client: FlaskClient) -> None:
    told = {soup(client.get(path)).select_one("meta[name=htmx-config]")["content"] for path in ("/", "/embed")}
    assert len(told) == 1


def test_brand_and_logo_are_kept_by_their_version(vendor: FlaskClient, client: FlaskClient) -> None:
    page = soup(vendor.get("/embed"))
    sheet = page.select("link[rel=stylesheet]")[-1]["href"]
    picture = page.select_one(".vendor img")["src"]
    for place, kind in ((sheet, "text/css"), (picture, "image/svg+xml")):
        answer = vendor.get(place)
        assert answer.mimetype == kind
        assert "immutable" in answer.headers["Cache-Control"]
        for other in (place.partition("?")[0], place + "0"):
            assert answer.data == vendor.get(other).data
            assert vendor.get(other).headers["Cache-Control"] == "public, max-age=300"
    assert vendor.get(picture).data == SVG
    assert vendor.get(picture).headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    assert "--brand: #6a2c91" in vendor.get(sheet).text
    assert client.get("/embed/brand.css").text == ""
    assert client.get("/embed/logo").status_code == 404


def test_the_script_for_other_sites_may_be_loaded_by_them(vendor: FlaskClient) -> None:
    answer = vendor.get("/embed/parent.js", buffered=True)
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert vendor.get("/embed").headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_snippet_is_what_the_settings_say_and_survives_any_name(vendor: FlaskClient) -> None:
    text = soup(vendor.get("/embed/demo?theme=dark&lang=es&width=narrow")).select_one("#snippet").get_text()
    frame, script = BeautifulSoup(text, "html.parser").find_all(recursive=False)
    assert (frame.name, script.name) == ("iframe", "script")
    place = urlsplit(frame["src"])
    assert f"{place.scheme}://{place.netloc}{place.path}" == "https://calc.example/embed"
    assert dict(parse_qsl(place.query)) == {"theme": "dark", "lang": "es"}
    assert NAME in frame["title"]
    assert frame.has_attr("data-rapport")
    assert script["src"] == "https://calc.example/embed/parent.js"
    assert "style=" not in text


def test_without_a_public_address_the_snippet_has_that_of_the_request(tmp_path: Path) -> None:
    app = create_app({"TESTING": True, "RAPPORT_DATA_DIR": str(tmp_path)})
    database = app.extensions["rapport_database"]
    people.member(database, people.organisation(database))  # without an account it answers its own computer only
    client = app.test_client()
    answer = client.get("/embed/demo", base_url="https://calc.example:8443")
    assert "https://calc.example:8443/embed" in soup(answer).select_one("#snippet").get_text()
    hostile = client.get("/embed/demo", headers={"Host": 'x"><script>alert(1)</script>'})
    assert "<script>alert" not in unescape(hostile.text).replace(hostile.text, "") or hostile.status_code == 400
    assert "<script>alert" not in hostile.text


def test_the_demo_shows_both_widths_and_names_every_setting(vendor: FlaskClient, client: FlaskClient) -> None:
    for width in ("wide", "narrow"):
        page = soup(vendor.get(f"/embed/demo?width={width}"))
        assert width in page.select_one("iframe")["class"]
        assert page.select_one(f".picks [aria-current][href*='width={width}']") is not None
    text = page.get_text()
    for name in ("EMBED_PARENTS", "PUBLIC_URL", "EMBED_COLOR", "EMBED_LOGO", "EMBED_NAME"):
        assert f"RAPPORT_{name}" in text
    assert '{type: "rapport:size", height:' in text
    assert "logo.svg" not in text  # a path of the server is nobody's business
    assert page.select(".trouble") == []
    assert "no other site" in soup(client.get("/embed/demo")).select_one(".trouble").get_text()


def test_the_documentation_names_what_there_is() -> None:
    text = (Path(__file__).parents[2] / "docs" / "embed.md").read_text("utf-8")
    for name in ("EMBED_PARENTS", "PUBLIC_URL", "EMBED_COLOR", "EMBED_LOGO", "EMBED_NAME"):
        assert f"`RAPPORT_{name}`" in text
    for word in ("/embed/parent.js", "data-rapport", "rapport:size", "rapport:ask", "theme=dark", "lang=es"):
        assert word in text


def test_the_name_is_the_header_where_there_is_no_logo() -> None:
    page = soup(create_app({"RAPPORT_EMBED_NAME": NAME}).test_client().get("/embed"))
    assert page.select_one("header.vendor").get_text(strip=True) == NAME
    assert page.select("header.vendor img") == []
    text = (Path(__file__).parents[2] / "docs" / "embed.md").read_text("utf-8")
    assert "as the header where there is no logo" in text
