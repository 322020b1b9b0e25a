"""What RAPPORT_CDS_CLIENTS names is checked before the start, every problem at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from calculator import InputError
from tests.web.cds_keys import (
    ISSUER,
    PUBLIC_URL,
    client_file,
    jwk,
    key_set,
    trusting,
)
from tests.web.cds_trust.calls import part64
from web.app import create_app
from web.cds.clients import Client, read_clients
from web.cds.keys import NO_KEYS
from web.cds.replay import NAME
from web.cds.trust import Trust
from web.settings import read_settings


def problems(folder: Path, text: str, **more: str) -> list[str]:
    path = folder / "clients.toml"
    path.write_text(text)
    given = {"RAPPORT_CDS_CLIENTS": str(path), "RAPPORT_PUBLIC_URL": PUBLIC_URL, **more}
    with pytest.raises(InputError) as refused:
        read_settings(given)
    assert all(problem.path for problem in refused.value.problems)
    return [
        str(problem).replace(f"RAPPORT_CDS_CLIENTS names {str(path)!r}: ", "") for problem in refused.value.problems
    ]


def test_every_problem_of_the_clients_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(
        key_set(
            {**jwk("RS384"), "d": "AQAB"},
            {"kty": "oct", "k": "AQAB", "kid": "x"},
            jwk("ES384", kid=None),
            jwk("ES384", 1, kid="twice"),
            jwk("RS384", 1, kid="twice"),
            jwk("ES384", 2, x="AA"),
            {**jwk("RS384", 3), "n": part64((2**1023 + 1).to_bytes(128, "big"))},
        )
    )
    found = problems(
        tmp_path,
        """
        title = "x"
        [[client]]
        isuer = "https://a.example"
        jwks_file = "bad.json"
        [[client]]
        issuer = "https://b.example"
        [[client]]
        issuer = "https://b.example"
        jwks_file = "missing.json"
        jwks_url = "https://b.example/jwks"
        tenant = ""
        [[client]]
        issuer = 7
        jwks_file = "missing.json"
        """,
        RAPPORT_PUBLIC_URL="",
    )
    assert found[0] == "title is unknown here; write [[client]] tables only."
    assert found[1:3] == [
        "client.1.isuer is unknown; is issuer meant?",
        "client.1.issuer is missing; write what the client puts into iss of its tokens.",
    ]
    told = (
        "keys.1 is a private key",
        "keys.2 is a symmetrical key",
        "keys.3 has no kid",
        "keys.4 has a kid that 2 keys",
    )
    told += ("keys.5 has a kid that 2 keys", "keys.6 is not a whole public key", "keys.7 has 1024 bits")
    for line, words in zip(found[3:10], told, strict=True):
        assert line.startswith(f"client.1.jwks_file 'bad.json': {words}")
    assert found[10:] == [
        "client.2 has no keys; write jwks_file or jwks_url.",
        "client.3.tenant is ''; write a text of 1 to 500 characters.",
        "client.3 has jwks_file and jwks_url; write one of them.",
        "client.4.issuer is '7'; write a text of 1 to 500 characters.",
        "client.4.jwks_file 'missing.json': cannot be read: No such file or directory.",
        "client has issuer 'https://b.example' 2 times; write one table for each issuer.",
        "RAPPORT_PUBLIC_URL is missing; RAPPORT_CDS_CLIENTS needs the origin that clients call, such as https://rapport.example.",
    ]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://ehr.example/jwks.json", ""),
        ("http://localhost:9000/jwks", ""),
        ("http://127.0.0.1/jwks", ""),
        ("http://[::1]:9000/jwks", ""),
        ("http://ehr.example/jwks", "write https://"),
        ("http://localhost.example/jwks", "write https://"),
        ("file:///etc/passwd", "write an address"),
        ("ehr.example/jwks", "write an address"),
        ("https://", "write an address"),
        ("https://ehr.example:99999/", "write an address"),
        ("https://[::1", "write an address"),
        ("https://ehr.example/a b", "write an address"),
        ("https://user:secret@ehr.example/jwks", "write the plain address"),
        ("https://ehr.example/jwks#keys", "write the plain address"),
    ],
)
def test_an_address_of_keys_is_checked(tmp_path: Path, url: str, told: str) -> None:
    text = f'[[client]]\nissuer = "a"\njwks_url = "{url}"\n'
    if told:
        (problem,) = problems(tmp_path, text)
        assert told in problem
        assert "secret" not in problem
    else:
        (tmp_path / "right.toml").write_text(text)
        assert read_clients(tmp_path / "right.toml") == (Client("a", jwks_url=url),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "client is missing"),
        ("client = 3", "client must be tables"),
        ("[client]\nissuer = 'a'", "client must be tables"),
        ("[[client]\n", "is not valid TOML"),
        ("x = " + "[" * 3000, "nested too deeply"),
        ("x = 1" + "0" * 5000, "far too long"),
    ],
)
def test_a_file_that_names_no_clients_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (problem,) = problems(tmp_path, text)[-1:]
    assert told in problem


def test_a_file_of_clients_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path, Path("a\0b")):
        with pytest.raises(InputError, match="cannot be read"):
            read_settings({"RAPPORT_CDS_CLIENTS": str(path), "RAPPORT_PUBLIC_URL": PUBLIC_URL})
    (tmp_path / "latin.toml").write_bytes(b'[[client]]\nissuer = "\xe9"')
    with pytest.raises(InputError, match="text file in UTF-8"):
        read_settings({"RAPPORT_CDS_CLIENTS": str(tmp_path / "latin.toml"), "RAPPORT_PUBLIC_URL": PUBLIC_URL})


def test_clients_without_a_public_address_stop_the_start(tmp_path: Path) -> None:
    configured = {key: value for key, value in trusting(tmp_path).items() if key != "RAPPORT_PUBLIC_URL"}
    with pytest.raises(InputError) as refused:
        create_app(configured)
    assert [problem.path for problem in refused.value.problems] == ["RAPPORT_PUBLIC_URL"]


def test_a_folder_where_used_tokens_cannot_be_noted_stops_the_start(tmp_path: Path) -> None:
    clients = read_clients(client_file(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / NAME).write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(InputError, match="RAPPORT_DATA_DIR"):
        Trust(clients, PUBLIC_URL, tmp_path / "data")


def test_settings_carry_the_clients_with_their_keys(tmp_path: Path) -> None:
    (client,) = read_settings(trusting(tmp_path)).cds_clients
    assert (client.issuer, client.tenant, client.jwks_url) == (ISSUER, None, "")
    assert {kid: key.algorithm for kid, key in client.keys.keys.items()} == {"ES384-0": "ES384", "RS384-0": "RS384"}
    assert read_settings({}).cds_clients == ()
    assert NO_KEYS.find("ES384-0") is None
    assert os.path.exists(tmp_path / "clients.toml")
