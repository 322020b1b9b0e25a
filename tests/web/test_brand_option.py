"""The brand from the command line and from the settings: read once, and refused with every problem."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from calculator import InputError
from reports.brand import Brand
from web.cli import main
from web.cli.brand_option import brand_option, load_brand
from web.cli.group import LazyGroup
from web.settings import read_settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "brand" / "BRAND.toml"


def run(*arguments: str) -> Result:
    """Run a command that does nothing but read the brand, in a group that handles problems as ours does."""

    @click.command("brand")
    @brand_option
    def command(brand_file: Path | None) -> None:
        click.echo(load_brand(brand_file).seller or "plain")

    class Group(LazyGroup):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return command

    return CliRunner().invoke(Group("rapport"), ["brand", *arguments])


def test_a_command_reads_the_brand_or_has_the_plain_one() -> None:
    assert run().output == "plain\n"
    given = run("--brand", str(EXAMPLE))
    assert (given.exit_code, given.stdout, given.stderr) == (0, "Alliance Analytics\n", "")


def test_each_problem_is_a_line_with_the_file_and_the_exit_code_is_2(tmp_path: Path) -> None:
    file = tmp_path / "BRAND.toml"
    file.write_text('[seller]\nemial = "x"\n[logos]\nseller = "no.svg"\n[colours]\naccent = "#ffd400"\n')
    given = run("--brand", str(file))
    assert given.exit_code == 2
    assert given.stdout == ""
    lines = given.stderr.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{file}: ") for line in lines)
    nothing = run("--brand", str(tmp_path / "none.toml"))
    assert nothing.exit_code == 2
    assert nothing.stderr.startswith(f"{tmp_path / 'none.toml'}: cannot be read: No such file")


def test_a_note_is_no_problem(tmp_path: Path) -> None:
    file = tmp_path / "BRAND.toml"
    file.write_text('[seller]\nname = "Harbor"\n[colours]\naccent = "#b0512f"\n')
    given = run("--brand", str(file))
    assert (given.exit_code, given.stdout) == (0, "Harbor\n")
    assert given.stderr.startswith(f"{file}: note: colours.accent #b0512f is close to the clay")
    assert len(given.stderr.splitlines()) == 1


def test_the_web_application_reads_it_at_the_start() -> None:
    assert read_settings({}).brand == Brand()
    assert read_settings({"RAPPORT_BRAND": EXAMPLE}).brand.seller == "Alliance Analytics"


def test_a_wrong_one_stops_the_start_with_every_problem_of_it_and_of_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "BRAND.toml"
    file.write_text('[seller]\nemail = "x"\nwebsite = "example.com"\n')
    with pytest.raises(InputError) as refused:
        read_settings({"RAPPORT_BRAND": file, "RAPPORT_EMBED_COLOR": "teal"})
    found = [str(problem) for problem in refused.value.problems]
    assert len(found) == 3
    assert f"RAPPORT_BRAND names '{file}': seller.email is 'x'; write it such as dana@example.com." in found
    monkeypatch.setenv("RAPPORT_BRAND", str(tmp_path / "none.toml"))
    start = CliRunner().invoke(main, ["serve", "--port", "0"])
    assert start.exit_code == 2
    assert re.match(r"RAPPORT_BRAND names '.*none\.toml': cannot be read: No such file", start.stderr)
    assert "ready" not in start.output


def test_the_documentation_shows_what_is_read(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "brand.md").read_text("utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    for logo in ("alliance_analytics.svg", "riverbend.png"):
        (tmp_path / logo).write_bytes((EXAMPLE.parent / logo).read_bytes())
    file = tmp_path / "BRAND.toml"
    file.write_text(example, encoding="utf-8")
    brand = load_brand(file)
    assert all(getattr(brand, key) for key in Brand.__dataclass_fields__)  # every key is shown
    for key in re.findall(r"^(\w+) =", example, re.M):
        assert re.search(rf"`\w+\.{key}`", text), key
