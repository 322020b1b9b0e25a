"""The settings: what is taken, what is refused, and that every problem is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from calculator import InputError
from tests.reports.test_brand_logo import JPEG, PNG, SVG, WEBP
from web.app import create_app
from web.cli import main
from web.settings import environment, read_settings


def problems(**settings: str) -> list[str]:
    with pytest.raises(InputError) as refused:
        read_settings({f"RAPPORT_{name}": text for name, text in settings.items()})
    return [str(problem) for problem in refused.value.problems]


def test_without_settings_nobody_else_may_frame_and_the_look_is_ours() -> None:
    for nothing in ({}, {"RAPPORT_EMBED_PARENTS": " ", "RAPPORT_EMBED_COLOR": ""}, {"TESTING": True}):
        settings = read_settings(nothing)
        assert settings.embed_parents == ()
        assert settings.public_url is settings.embed_color is settings.embed_logo is None
        assert settings.embed_name == ""


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("https://vendor.example", ("https://vendor.example",)),
        ("https://Vendor.Example/", ("https://vendor.example",)),
        ("https://a.example:443, https://b.example:8443", ("https://a.example", "https://b.example:8443")),
        ("https://a.example\nhttps://a.example ,", ("https://a.example",)),
        ("https://*.vendor.example", ("https://*.vendor.example",)),
        ("http://localhost:3000 http://127.0.0.1:80", ("http://localhost:3000", "http://127.0.0.1")),
        ("https://xn--mller-kva.example", ("https://xn--mller-kva.example",)),
    ],
)
def test_parents_are_origins(given: str, meant: tuple[str, ...]) -> None:
    assert read_settings({"RAPPORT_EMBED_PARENTS": given}).embed_parents == meant


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("*", "lets everybody in"),
        ("https://*", "lets everybody in"),
        ("https:", "lets everybody in"),
        ("'self'", "always allowed"),
        ("vendor.example", "scheme and host alone"),
        ("https://vendor.example/page", "without a path"),
        ("https://vendor.example?x", "without a path"),
        ("https://user@vendor.example", "scheme and host alone"),
        ("ftp://vendor.example", "scheme and host alone"),
        ("http://vendor.example", "write https://vendor.example"),
        ("https://*.example", "lets too many in"),
        ("http://*.vendor.example", "for this machine only"),
        ("https://a.*.example", "no name"),
        ("https://*.*.example", "no name"),
        ("https://-a.example", "no name"),
        ("https://a..example", "no name"),
        ("https://10.0.0.7", "by its number"),
        ("https://[::1]", "by its number"),
        ("http://[::1]:3000", "by its number"),
        ("https://vendor.example:70000", "from 1 to 65535"),
        ("https://müller.example", "ASCII"),
        ("https://vendor.example;script-src", "scheme and host alone"),
    ],
)
def test_what_is_no_origin_is_refused_with_what_to_write(given: str, told: str) -> None:
    (problem,) = problems(EMBED_PARENTS=given)
    assert problem.startswith("RAPPORT_EMBED_PARENTS has ")
    assert given[:10].strip("'") in problem
    assert told in problem


@given(text=st.text(max_size=60))
def test_no_parent_can_change_another_directive(text: str) -> None:
    try:
        parents = read_settings({"RAPPORT_EMBED_PARENTS": text}).embed_parents
    except InputError:
        return
    assert all(set(parent) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.:/*") for parent in parents)


def test_the_public_address_is_an_origin() -> None:
    for text, meant in (
        ("https://calc.example/", "https://calc.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://10.0.0.7", "https://10.0.0.7"),
    ):
        assert read_settings({"RAPPORT_PUBLIC_URL": text}).public_url == meant
    for wrong in ("calc.example", "http://calc.example", "https://calc.example/rapport", "https://*.calc.example"):
        assert len(problems(PUBLIC_URL=wrong)) == 1


def test_every_problem_is_told_at_once_one_a_line() -> None:
    found = problems(
        PUBLIC_URL="calc.example",
        EMBED_PARENTS="http://a.example https://fine.example *",
        EMBED_COLOR="teal",
        EMBED_COLOUR="#0b5f5a",
        EMBED_LOGO="/nowhere/logo.png",
        EMBED_NAME="two\nlines",
    )
    names = sorted(problem.split()[0].removeprefix("RAPPORT_") for problem in found)
    assert names == [
        "EMBED_COLOR", "EMBED_COLOUR", "EMBED_LOGO", "EMBED_NAME", "EMBED_PARENTS", "EMBED_PARENTS", "PUBLIC_URL",
    ]  # fmt: skip
    assert all("\n" not in problem for problem in found)
    text = "\n".join(found)
    assert "is RAPPORT_EMBED_COLOR meant?" in text
    assert "'teal'; write a colour in six hex digits, such as #0b5f5a." in text
    assert "'/nowhere/logo.png': No such file or directory" in text


def test_a_wrong_setting_stops_the_start_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_EMBED_COLOR", "teal")
    monkeypatch.setenv("RAPPORT_EMBED_PARENTS", "*")
    run = CliRunner().invoke(main, ["serve", "--port", "0"])
    assert run.exit_code == 2
    assert [line.split()[0] for line in run.stderr.splitlines()] == ["RAPPORT_EMBED_PARENTS", "RAPPORT_EMBED_COLOR"]
    assert "ready" not in run.output


def test_the_environment_counts_only_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_EMBED_NAME", "Harbor Notes")
    monkeypatch.setenv("UNRELATED", "x")
    assert environment()["RAPPORT_EMBED_NAME"] == "Harbor Notes"
    assert "UNRELATED" not in environment()
    assert "Harbor Notes" not in create_app().test_client().get("/embed/demo").text
    assert "Harbor Notes" in create_app(environment()).test_client().get("/embed/demo").text


@pytest.mark.parametrize(
    ("data", "kind"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp"), (SVG, "image/svg+xml")],
)
def test_a_logo_is_known_by_its_content_not_by_its_name(tmp_path: Path, data: bytes, kind: str) -> None:
    file = tmp_path / "logo.txt"
    file.write_bytes(data)
    logo = read_settings({"RAPPORT_EMBED_LOGO": file}).embed_logo
    assert logo is not None
    assert (logo.data, logo.mimetype) == (data, kind)


@pytest.mark.parametrize(("given", "meant"), [("#0B5F5A", "#0b5f5a"), ("0b5f5a", "#0b5f5a"), ("#fA0", "#ffaa00")])
def test_a_colour_is_hex_digits(given: str, meant: str) -> None:
    assert read_settings({"RAPPORT_EMBED_COLOR": given}).embed_color == meant


@pytest.mark.parametrize("wrong", ["teal", "#12345", "#1234567", "rgb(0,0,0)", "#0b5f5a;}", "##123"])
def test_anything_else_is_no_colour(wrong: str) -> None:
    assert len(problems(EMBED_COLOR=wrong)) == 1


@pytest.mark.parametrize(
    ("name", "right", "meant", "wrong", "told"),
    [
        ("WORKERS", "4", 4, ["0", "-1", "4.0", "many", "1000", "٤"], "write a whole number from 1 to 256"),
        ("TRUSTED_PROXIES", "2", 2, ["-1", "9", "yes"], "write a whole number from 0 to 8"),
        ("LOG", "JSON", "json", ["xml", "json,text"], "write text or json"),
        ("LOG_LEVEL", "warning", "warning", ["loud", "10"], "write debug, info, warning or error"),
    ],
)
def test_how_the_server_runs_is_checked(name: str, right: str, meant: object, wrong: list[str], told: str) -> None:
    assert getattr(read_settings({f"RAPPORT_{name}": right}), name.lower()) == meant
    for text in wrong:
        (problem,) = problems(**{name: text})
        assert problem.startswith(f"RAPPORT_{name} is {text!r}")
        assert told in problem


def test_a_token_is_long_and_never_told() -> None:
    secret = "s3cret-token-of-a-test"
    settings = read_settings({"RAPPORT_METRICS_TOKEN": secret})
    assert settings.metrics_token is not None
    assert settings.metrics_token.get_secret_value() == secret
    assert secret not in repr(settings)
    for wrong in ("s3cret-token", "s3cret-tokén-of-a-test", "s3cret token of a test"):
        (problem,) = problems(METRICS_TOKEN=wrong)
        assert wrong not in problem
        assert "at least 16 random letters and digits" in problem


@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [
        ("DATABASE_URI", "DATABASE_URL"),
        ("DATADIR", "DATA_DIR"),
        ("SECRETKEY", "SECRET_KEY"),
        ("PUBLIC_URLS", "PUBLIC_URL"),
        ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
        ("WORKER", "WORKERS"),
        ("LOGLEVEL", "LOG_LEVEL"),
        ("CDS_CLIENT", "CDS_CLIENTS"),
        ("data_dir", "DATA_DIR"),
    ],
)
def test_a_name_that_is_nearly_ours_is_told(mistyped: str, meant: str) -> None:
    (problem,) = problems(**{mistyped: "x"})
    assert problem == f"RAPPORT_{mistyped} is no setting; is RAPPORT_{meant} meant?"


def test_names_of_others_are_left_alone() -> None:
    for name in ("RAPPORT_REQUIRE_ALL", "RAPPORT_CHROMIUM", "RAPPORT_HOME", "RAPPORTS", "DATABASE_URI"):
        assert read_settings({name: "x"}).log == "text"
