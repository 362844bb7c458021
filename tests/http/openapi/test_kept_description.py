"""The description is made by another process, once for a state of the code. Source: docs/spec/operations.md#api-description."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import msgspec
import pytest

from quote_service.platform.http.openapi import api_description
from quote_service.platform.http.openapi.api_description import ApiDescription, Description, Written, kept_or_made
from tests.http.openapi.described import document

_MADE = Description(Written(b"{}", b"packed"), Written(b"[]", b"packed"))


def not_made() -> Description:
    raise AssertionError("it is kept, and made again")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, of this test alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


async def test_another_process_makes_what_the_routes_say_and_it_is_kept(folder: Path) -> None:
    made = await ApiDescription().keep()
    assert msgspec.json.decode(made.in_31.plain) == document()
    assert gzip.decompress(made.in_30.packed) == made.in_30.plain
    assert msgspec.json.decode(made.in_30.plain)["openapi"] == "3.0.3"
    assert kept_or_made(not_made) == made


def test_other_code_is_described_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept_or_made(lambda: _MADE) == _MADE
    assert kept_or_made(not_made) == _MADE
    code = folder / "package"
    code.mkdir()
    monkeypatch.setattr(api_description, "_PACKAGE", code)
    other = Description(Written(b'{"other": 1}', b""), Written(b"", b""))
    assert kept_or_made(lambda: other) == other
    (code / "routes.py").write_text("# one more")
    assert kept_or_made(lambda: _MADE) == _MADE


def test_a_folder_that_others_can_write_to_is_not_believed(folder: Path) -> None:
    kept_or_made(lambda: _MADE)
    [own] = folder.iterdir()
    own.chmod(0o777)
    other = Description(Written(b'{"other": 1}', b""), Written(b"", b""))
    assert kept_or_made(lambda: other) == other
    own.chmod(0o700)
    assert kept_or_made(not_made) == _MADE


def test_what_is_half_written_is_made_again(folder: Path) -> None:
    kept_or_made(lambda: _MADE)
    [kept] = folder.rglob("*.msgpack")
    kept.write_bytes(kept.read_bytes()[:-3])
    assert kept_or_made(lambda: _MADE) == _MADE
    assert kept_or_made(not_made) == _MADE


def test_states_of_long_ago_are_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = folder / "package"
    code.mkdir()
    monkeypatch.setattr(api_description, "_PACKAGE", code)
    for number in range(7):
        (code / f"routes_{number}.py").touch()
        kept_or_made(lambda: _MADE)
    assert len([*folder.rglob("*.msgpack")]) == 4
