"""The settings of the CDS service: a wrong one stops the start and says what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from calculator import InputError
from plugin.cds.codes import usual_codes
from tests.web.cds_calls import model_file
from web.settings import read_settings


def problems(**settings: str) -> list[str]:
    with pytest.raises(InputError) as refused:
        read_settings({f"RAPPORT_{name}": text for name, text in settings.items()})
    return [str(problem) for problem in refused.value.problems]


def test_without_settings_the_published_model_speaks_with_the_usual_codes() -> None:
    settings = read_settings({})
    assert (settings.model, settings.cds_fhir_servers) == ("evidence", ())
    assert settings.cds_codes == usual_codes() or settings.cds_codes is usual_codes()
    assert settings.hooks.get_plugins() == set()


def test_a_model_is_named_by_its_name_or_its_file(tmp_path: Path) -> None:
    path = model_file(tmp_path)
    assert read_settings({"RAPPORT_MODEL": path}).model == path
    assert read_settings({"RAPPORT_MODEL": "evidence"}).model == "evidence"
    (said,) = problems(MODEL="crystal-ball")
    assert said.startswith("RAPPORT_MODEL cannot be used: model crystal-ball: is neither a predictor nor a file")
    damaged = tmp_path / "damaged.json"
    damaged.write_text("{}")
    assert problems(MODEL=str(damaged))[0].startswith(f"RAPPORT_MODEL cannot be used: {damaged}: ")


def test_side_plugins_must_be_installed_and_named_once() -> None:
    said = problems(HOOKS="one, two")
    assert [each.partition(";")[0] for each in said] == [
        "RAPPORT_HOOKS cannot be used: hooks one: is not installed",
        "RAPPORT_HOOKS cannot be used: hooks two: is not installed",
    ]


def test_codes_are_read_from_a_file_and_every_fault_is_told(tmp_path: Path) -> None:
    path = tmp_path / "codes.toml"
    path.write_text('[[setting]]\nsystem = "urn:ours"\ncode = "day"\nsetting = "php"\n', encoding="utf-8")
    codes = read_settings({"RAPPORT_CDS_CODES": str(path)}).cds_codes
    assert codes.settings["urn:ours", "day"] == "php"
    path.write_text('[[setting]]\nsystem = "urn:ours"\nsetting = "spa"\n[care]\nusual_setting = 3\n', encoding="utf-8")
    said = problems(CDS_CODES=str(path))
    assert len(said) == 2
    assert all(each.startswith(f"RAPPORT_CDS_CODES cannot be used: {path}: ") for each in said)
    for content, fault in (
        (b"a = = 1", "is not valid TOML"),
        (b"\xff", "is not valid TOML"),
        (b"#" * 200_001, "larger"),
    ):
        path.write_bytes(content)
        assert fault in problems(CDS_CODES=str(path))[0]
    assert "cannot be read: No such file" in problems(CDS_CODES=str(tmp_path / "none.toml"))[0]


def test_record_systems_are_plain_addresses() -> None:
    named = "https://EHR.example/fhir/ http://localhost:8080/fhir"
    settings = read_settings({"RAPPORT_CDS_FHIR_SERVERS": named})
    assert settings.cds_fhir_servers == ("https://ehr.example/fhir", "http://localhost:8080/fhir")
    said = problems(CDS_FHIR_SERVERS="http://ehr.example/fhir, https://x@ehr.example, ehr.example/fhir")
    assert len(said) == 3
    assert "plain http is for this machine only" in said[0]
    assert "without a user" in said[1]
    assert "write an address such as https://ehr.example/fhir" in said[2]
