"""The pages and files for operators say what is so: settings, commands, options, and how the server is started."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from web import settings_table
from web.cli import main
from web.cli.group import COMMANDS
from web.operations import metrics
from web.settings import Settings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "deploy.md").read_text("utf-8")
UNBROKEN = PAGE.replace("\\\n", " ")  # commands over several lines on one
START = "-c python:web.gunicorn_conf"


def test_the_table_of_settings_is_that_of_the_program() -> None:
    assert settings_table.written(PAGE) == PAGE, "run python -m web.settings_table"
    assert set(re.findall(r"^\| `RAPPORT_(\w+)` \|", PAGE, re.MULTILINE)) == {
        field.upper() for field in Settings.model_fields
    }


def test_every_setting_that_is_named_is_one() -> None:
    files = [PAGE, *(path.read_text("utf-8") for path in (ROOT / "docs" / "deploy").iterdir())]
    files.append((ROOT / "Containerfile").read_text("utf-8"))
    for text in files:
        for name in re.findall(r"RAPPORT_([A-Z_]+)", text):
            assert name.lower() in Settings.model_fields, name


def test_every_file_that_is_linked_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target


def test_every_command_and_option_that_is_shown_is_there() -> None:
    command = r"(?:/opt/rapport/bin/|^|[ `])rapport ((?:account|backup|restore|db)\b[^`\n]*)"
    shown = re.findall(command, UNBROKEN, re.MULTILINE)
    assert {line.split()[0] for line in shown} == {"account", "backup", "restore", "db"} <= set(COMMANDS)
    for line in shown:
        words = [word for word in shlex.split(line, comments=True) if word.isascii()]
        called = words[: 2 if words[0] in ("account", "db") else 1]
        told = CliRunner().invoke(main, [*called, "--help"])
        assert told.exit_code == 0, line
        for option in (word for word in words if word.startswith("--")):
            assert option in told.output, line


def test_the_first_account_is_made_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_DATA_DIR", str(tmp_path))
    shown = re.findall(r"rapport (account add .*)", UNBROKEN)
    assert len(set(map(" ".join, map(str.split, shown)))) == 1
    done = CliRunner().invoke(main, shlex.split(shown[0]), input="correct horse battery staple\n")
    assert done.exit_code == 0, done.output


def test_unit_and_container_start_the_server_as_the_page_does() -> None:
    unit = (ROOT / "docs" / "deploy" / "rapport.service").read_text("utf-8")
    container = (ROOT / "Containerfile").read_text("utf-8")
    assert f"{START} web.wsgi:app" in unit
    assert START in container.replace('", "', " ")
    assert START in " ".join(PAGE.split())


def test_every_metric_that_is_named_is_counted() -> None:
    exposed = {family.name for family in metrics.REQUESTS.collect()} | {
        family.name
        for each in (metrics.REQUEST_SECONDS, metrics.MODEL_SECONDS, metrics.BATCH_STEPS, metrics.DATABASE_ERRORS)
        for family in each.collect()
    }
    named = {re.sub(r"_(total|bucket)$", "", name) for name in re.findall(r"rapport_[a-z_]+", PAGE)}
    assert named == exposed


def test_nginx_logs_neither_path_nor_query_and_replaces_what_a_visitor_says_of_itself() -> None:
    text = (ROOT / "docs" / "deploy" / "nginx.conf").read_text("utf-8")
    written = re.search(r"log_format rapport '([^']+)'", text)
    assert written
    assert not re.search(r"\$(request|request_uri|uri|args|remote_addr|http_referer|query_string)\b", written[1])
    assert "X-Forwarded-For $remote_addr" in text
    assert "proxy_add_x_forwarded_for" not in text
