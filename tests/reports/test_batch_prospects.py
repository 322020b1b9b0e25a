"""From columns to inputs, and from rows to what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assumptions import load_library
from calculator import parse_scenario
from calculator.errors import InputError
from reports.batch import Prospects, Row, Saved, open_prospects, read_mapping, shipped
from reports.batch.mapping import names_of_inputs
from reports.batch.prospects import declared_at

BASE = "name,setting,intakes_per_month"


def prospects(folder: Path, text: str, **how: Any) -> Prospects:
    path = folder / "PROSPECTS.csv"
    path.write_text(text)
    return open_prospects(path, load_library(), **how)


def problems(found: Prospects) -> Iterator[str]:
    for row in found.rows():
        yield from (found.told(row.row, problem) for problem in row.problems)


def refused(folder: Path, text: str, **how: Any) -> str:
    with pytest.raises(InputError) as caught:
        prospects(folder, text, **how)
    return str(caught.value)


def test_keys_short_keys_and_labels_name_a_column_in_any_case(tmp_path: Path) -> None:
    header = (
        "Clinic Name,SETTING,clinic.intakes_per_month,No-shows,Dropout Rate,payers.1.Allowed per unit,Payer 2 share"
    )
    found = prospects(tmp_path, f"{header}\nElm,iop,30,10%,28%,$120,\n")
    (row,) = found.rows()
    assert row.data == {
        "clinic": {
            "name": "Elm",
            "setting": "iop",
            "intakes_per_month": 30.0,
            "no_show_rate": 0.1,
            "dropout_rate": 0.28,
        },
        "payers": [{"allowed_per_unit": 120.0}],
        "program": {},
        "analysis": {},
    }
    assert found.columns.notes == ()


def test_every_label_and_key_leads_to_the_input_it_belongs_to() -> None:
    """Labels in each setting's words; a label that means two inputs leads to neither."""
    library, names = load_library(), names_of_inputs(load_library())
    by_label: dict[str, set[str]] = {}
    for path in set(names.paths.values()):
        if "." not in path or path.rpartition(".")[2] in ("name", "measured", "setting", "currency"):
            continue
        declared = declared_at(path)
        if declared is not None and not path.startswith(tuple(f"payers.{row}." for row in range(2, 9))):
            for setting in library.settings.values():
                by_label.setdefault(declared.named(setting.words), set()).add(path)
    assert len(by_label) > 40
    for label, paths in by_label.items():
        assert names.path(label) in (paths if len(paths) == 1 else {None}), label
    for row in (1, 2, 8):
        assert names.path(f"payers.{row}.share") == names.path(f"payer {row} share") == f"payers.{row}.share"
    assert names.path("share") == "payers.1.share"
    assert names.path("name") == "clinic.name"


def test_columns_that_are_not_used_are_named_once_and_a_slip_gets_a_suggestion(tmp_path: Path) -> None:
    found = prospects(tmp_path, f"{BASE},City,Dropuot rate\nElm,iop,30,Austin,0.3\n")
    assert found.columns.notes == (
        'not used: "City", "Dropuot rate".',
        '"Dropuot rate" looks like dropout_rate; to use it: --map "Dropuot rate=dropout_rate".',
    )


def test_a_column_that_is_needed_is_named_unless_every_row_is_given_it(tmp_path: Path) -> None:
    text = refused(tmp_path, "name,clinicians\nElm,3\n")
    assert "clinic.setting is missing: no column gives it" in text
    assert "clinic.intakes_per_month is missing" in text
    found = prospects(tmp_path, "name,clinicians\nElm,3\n", fixed={"setting": "IOP", "intakes_per_month": "40"})
    (row,) = found.rows()
    assert row.data is not None
    assert row.data["clinic"] == {"name": "Elm", "clinicians": 3.0, "setting": "iop", "intakes_per_month": 40.0}


def test_what_every_row_is_given_goes_before_its_cell(tmp_path: Path) -> None:
    found = prospects(tmp_path, f"{BASE}\nElm,iop,30\n", fixed={"intakes_per_month": "7"})
    (row,) = found.rows()
    assert row.data is not None
    assert row.data["clinic"]["intakes_per_month"] == 7.0
    assert "Did you mean dropout_rate" in refused(tmp_path, f"{BASE}\nElm,iop,30\n", fixed={"dropuot_rate": "7"})


def test_two_columns_for_one_input_are_refused(tmp_path: Path) -> None:
    text = refused(tmp_path, f"{BASE},dropout_rate,clinic.dropout_rate\nElm,iop,30,0.3,0.4\n")
    assert 'columns "dropout_rate" and "clinic.dropout_rate" give the same, clinic.dropout_rate' in text


def test_a_mapping_said_on_the_way_goes_before_everything(tmp_path: Path) -> None:
    said = [Saved("--map", {"No. of therapists": "clinicians", "City": "ignore"}, inline=True)]
    found = prospects(tmp_path, f"{BASE},No. of therapists,City\nElm,iop,30,4,Austin\n", said=said)
    (row,) = found.rows()
    assert row.data is not None
    assert row.data["clinic"]["clinicians"] == 4.0
    assert found.columns.notes == ()
    text = refused(tmp_path, f"{BASE}\nElm,iop,30\n", said=[Saved("--map", {"Towm": "nonsense_key"}, inline=True)])
    assert "gives nonsense_key, which is no input" in text
    text = refused(
        tmp_path, f"{BASE},Therapists\nElm,iop,30,3\n", said=[Saved("--map", {"Terapists": "clinicians"}, inline=True)]
    )
    assert 'is not a column of the file. Did you mean "Therapists"?' in text


def test_a_mapping_file_and_what_is_wrong_with_one(tmp_path: Path) -> None:
    path = tmp_path / "MAP.toml"
    path.write_text('"Client volume" = "intakes_per_month"\n"Care" = "setting"\n')
    found = prospects(tmp_path, "Care,Client volume\nIOP,30\n", said=[read_mapping(path)])
    (row,) = found.rows()
    assert row.data is not None
    assert row.data["clinic"] == {"setting": "iop", "intakes_per_month": 30.0}
    path.write_text("nmae = 'x'\nfooter = 3\n[columns]\na = 4\n")
    with pytest.raises(InputError) as caught:
        read_mapping(path)
    assert len(caught.value.problems) == 3
    path.write_text("a = ")
    with pytest.raises(InputError, match="not valid TOML"):
        read_mapping(path)


def test_a_hubspot_export_is_known_by_its_columns(tmp_path: Path) -> None:
    header = "Record ID,Company name,Company owner,Number of Employees"
    header += ",Rapport setting,Rapport intakes per month,Rapport no-show rate"
    found = prospects(tmp_path, f"{header}\n9001,Elm,Ann,50,IOP,30,12%\n")
    (row,) = found.rows()
    assert (row.id, row.name) == ("9001", "Elm")
    assert row.data is not None
    assert row.data["clinic"] == {"name": "Elm", "setting": "iop", "intakes_per_month": 30.0, "no_show_rate": 0.12}
    assert '"Number of Employees"' in found.columns.notes[0]


def test_a_salesforce_report_is_known_and_its_footer_is_no_prospect(tmp_path: Path) -> None:
    text = (
        '"Account Name","Account ID","Employees","Rapport_Setting__c","Rapport_Intakes_Per_Month__c"\n'
        '"Elm","0015g00000A1","50","outpatient","30"\n"Oak","0015g00000A2","5","iop","20"\n\n\n\n'
        '"Prospects Q3"\n"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."\n'
        '"Confidential Information - Do Not Distribute"\n"Generated By:  Ann  3/5/2026 9:00 AM"\n'
    )
    found = prospects(tmp_path, text)
    assert [(row.id, row.name, row.problems) for row in found.rows()] == [
        ("0015g00000A1", "Elm", ()),
        ("0015g00000A2", "Oak", ()),
    ]
    assert found.total == 2


@pytest.mark.parametrize("name", ["hubspot", "salesforce"])
def test_what_the_shipped_mappings_name_exists(name: str) -> None:
    names = names_of_inputs(load_library())
    saved = shipped(name)
    assert saved.columns
    assert all(names.path(target) for target in saved.columns.values())
    assert all(saved.fits(part) for part in saved.signature)


def test_the_custom_properties_that_the_mappings_recommend_are_understood() -> None:
    """Each line of the comments that lists one: ``Rapport …`` and, for Salesforce, ``Rapport_…__c``."""
    from importlib.resources import files

    names, seen = names_of_inputs(load_library()), 0
    for name in ("hubspot", "salesforce"):
        saved = shipped(name)
        text = (files("reports") / "batch" / "mappings" / f"{name}.toml").read_text()
        for line in text.splitlines():
            if line.startswith("#   Rapport"):
                parts = [part for part in line[1:].split("  ") if part.strip()]
                for column in (part.strip() for part in parts[: 1 if name == "hubspot" else 2]):
                    bare = saved.bare(column)
                    assert bare is not None
                    assert names.path(bare), column
                    seen += 1
    assert seen == 27


def test_problems_of_rows_are_told_by_row(tmp_path: Path) -> None:
    text = f'id,{BASE}\na,Elm,iop,30\nb,Oak,iop,30,5\na,Fir,iop,30\n,Ash,iop,30\nc,Yew\n\nd,"Bay\nSt",iop,30\n'
    found = prospects(tmp_path, text)
    assert list(problems(found)) == [
        "PROSPECTS.csv: row 3: has 5 cells; the header has 4. A cell that holds the sign between cells stands in "
        "quotation marks.",
        'PROSPECTS.csv: row 4, "id": is a, as in row 2; each row needs an id of its own.',
        'PROSPECTS.csv: row 5, "id": is empty; each row needs an id of its own.',
        "PROSPECTS.csv: row 6: has 2 cells; the header has 4.",
    ]
    assert [row.row for row in found.rows()] == [2, 3, 4, 5, 6, 8]
    assert found.total == 6


def test_problems_of_the_scenario_lead_to_the_column(tmp_path: Path) -> None:
    found = prospects(
        tmp_path,
        f"{BASE},No-show rate,dropout_rate\nElm,iop,30,35,a third\n",
        said=[Saved("m", {"No-show rate": "no_show_rate"})],
    )
    (row,) = found.rows()
    with pytest.raises(InputError) as caught:
        parse_scenario(row.data)
    told = [found.told(row.row, problem) for problem in caught.value.problems]
    assert told[0].startswith("PROSPECTS.csv: row 2, \"dropout_rate\": is 'a third'; it is a share of episodes")
    assert told[1].startswith(
        'PROSPECTS.csv: row 2, "No-show rate": is 35; it is a share of scheduled units from 0 to 0.95.'
    )


def test_a_title_above_the_header_and_blank_columns_do_no_harm(tmp_path: Path) -> None:
    found = prospects(tmp_path, f"Our prospects,,\n,,\n{BASE}\nElm,iop,30\n")
    assert [(row.row, row.name) for row in found.rows()] == [(4, "Elm")]


@pytest.mark.parametrize(
    ("text", "words"), [("", "is empty"), ("\n\n", "is empty"), ("a,b\n1,2\n", "no column is known")]
)
def test_a_file_without_a_header_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in refused(tmp_path, text)


def test_rows_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    """A bounded part of a long file is read for its first row: the file is a stream."""
    found = prospects(tmp_path, f"{BASE}\n" + "Elm,iop,30\n" * 100_000)
    rows = found.rows()
    first = next(rows)
    assert isinstance(first, Row)
    found.source.path.write_text("gone")  # what is not read yet is not there any more
    assert sum(1 for _ in rows) < 2_000
