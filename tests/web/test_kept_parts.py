"""Parts of pages that are kept are the same for everybody, and cannot be anything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, render_template_string
from jinja2 import DictLoader, UndefinedError

from calculator.language import speaking
from tests.web.conftest import soup
from tests.web.workspace import people
from web import kept_parts
from web.languages import language
from web.storage import Database
from web.storage.upgrade import upgrade

PAGES = ("/method", "/alliance", "/evidence")


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    database = Database.in_folder(tmp_path)
    upgrade(database)
    people.member(database, people.organisation(database), name="Ada Lovelace")
    return people.app(database, tmp_path)


@pytest.mark.parametrize("path", PAGES)
def test_everybody_reads_the_same_and_has_a_menu_of_their_own(app: Flask, path: str) -> None:
    database: Database = app.extensions["rapport_database"]
    members = [people.member(database, people.organisation(database), name=name) for name in ("Ada", "Grace")]
    first, second = (people.client(app, member).get(path) for member in members)
    stranger = app.test_client().get(path)
    assert str(soup(first).main) == str(soup(second).main) == str(soup(stranger).main)
    assert len(soup(first).main.text) > 2000
    assert [name in answer.text for answer in (first, second, stranger) for name in ("Ada", "Grace")] == [
        True, False, False, True, False, False,
    ]  # fmt: skip
    assert "csrf_token" not in str(soup(first).main)
    assert len(app.extensions[kept_parts.KEY]) == 1


def test_each_language_and_each_place_has_its_own(app: Flask) -> None:
    client = app.test_client()
    english, spanish = (soup(client.get("/method", headers={"Accept-Language": code})) for code in ("en", "es"))
    assert [page.h1.text.startswith("How the number is made") for page in (english, spanish)] == [True, False]
    under = soup(client.get("/method", environ_overrides={"SCRIPT_NAME": "/rapport"}))
    assert {str(each["href"]).startswith("/rapport/") for each in under.select("a.cited")} == {True}


def test_a_search_is_never_answered_with_what_was_kept(app: Flask) -> None:
    client = app.test_client()
    whole = soup(client.get("/evidence"))
    found = soup(client.get("/evidence?q=medicaid"))
    assert 0 < len(found.select(".hit")) < len(whole.select(".hit"))
    assert len(soup(client.get("/evidence")).select(".hit")) == len(whole.select(".hit"))
    assert soup(client.get("/evidence?topic=nonsense")).select(".left-out")


@pytest.mark.parametrize("asked", ["request.path", "visitor().name", "csrf_token()", "session.x", "return_path()"])
@pytest.mark.parametrize("way", ["kept_part('part.html')", "kept_row('part.html', (1,))"])
def test_a_part_that_asks_who_reads_it_is_refused(app: Flask, asked: str, way: str) -> None:
    app.jinja_env.loader = DictLoader({"part.html": f"{{{{ {asked} }}}}"})
    with app.test_request_context(), speaking(language("en")), pytest.raises(UndefinedError):
        render_template_string(f"{{{{ {way} }}}}")
    assert app.extensions[kept_parts.KEY] == app.extensions[kept_parts.ROWS] == {}


def test_a_row_is_made_once_for_each_key_and_language(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_parts, "MOST_ROWS", 3)
    made: list[str] = []
    app.jinja_env.globals["note"] = lambda: made.append("x") or ""
    app.jinja_env.loader = DictLoader({"row.html": "{{ note() }}<td>{{ each }}</td>"})
    page = "{% for each in rows %}{{ kept_row('row.html', (each,), each=each) }}{% endfor %}"
    for code, rows, count in (("en", "aba", 2), ("en", "ab", 2), ("es", "a", 3), ("en", "b", 3), ("en", "cb", 5)):
        with app.test_request_context(), speaking(language(code)):
            shown = render_template_string(page, rows=rows)
        assert shown == "".join(f"<td>{each}</td>" for each in rows)
        assert len(made) == count, "the last: what is kept is full, so it begins anew"


def test_what_is_kept_is_not_made_again_and_does_not_pile_up(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_parts, "MOST", 3)
    made: list[str] = []
    app.jinja_env.globals["note"] = lambda: made.append("x") or ""
    app.jinja_env.loader = DictLoader({"part.html": "{{ note() }}<b>{{ text }}</b>"})
    for place in ("US", "GB", "AU", "NZ", "US", "US", "US"):
        with app.test_request_context(), speaking(language("en", place)):
            shown = render_template_string("{{ kept_part('part.html') }}", text="a & b")
        assert shown == "<b>a &amp; b</b>"
        assert len(app.extensions[kept_parts.KEY]) <= 3
    assert len(made) == 5  # the second US was thrown away by NZ; the last two were kept
