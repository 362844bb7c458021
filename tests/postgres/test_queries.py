"""Queries by name, and the mistakes that are found when the code is imported."""

import importlib
import pkgutil
from pathlib import Path

import pytest

import quote_service
from quote_service.platform.postgres.queries import QueryMissing, load_queries


def load(folder: Path, text: str) -> dict[str, str]:
    (folder / "sql").mkdir(exist_ok=True)
    (folder / "sql" / "things.sql").write_text(text)
    return dict(load_queries(str(folder / "module.py"), "things"))


def test_each_query_is_found_by_its_name(tmp_path: Path) -> None:
    text = "-- About things.\n\n-- name: one\nSELECT 1;\n\n-- name: two\n-- Why two.\nSELECT ';'\nFROM two;\n"
    assert load(tmp_path, text) == {"one": "SELECT 1", "two": "-- Why two.\nSELECT ';'\nFROM two"}


def test_an_unknown_query_or_file_is_named(tmp_path: Path) -> None:
    load(tmp_path, "-- name: one\nSELECT 1")
    with pytest.raises(QueryMissing, match=r"things\.sql has no query two; it has one"):
        load_queries(str(tmp_path / "module.py"), "things")["two"]
    with pytest.raises(QueryMissing, match="no others"):
        load_queries(str(tmp_path / "module.py"), "others")


@pytest.mark.parametrize("text", ["", "SELECT 1", "SELECT 0;\n-- name: one\nSELECT 1", "-- name: a\n1\n-- name: a\n2"])
def test_a_file_that_is_not_made_of_named_queries_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(QueryMissing):
        load(tmp_path, text)


def test_a_text_that_queries_have_in_common_stands_once(tmp_path: Path) -> None:
    text = """-- name: names
id::text, name;

-- name: some
SELECT :names, '{"a":1}'::json FROM things WHERE at < '10:30' AND id IN (:ids);
"""
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "things.sql").write_text(text)
    queries = load_queries(str(tmp_path / "module.py"), "things", {"ids": "SELECT 1"})
    assert queries["some"] == (
        """SELECT id::text, name, '{"a":1}'::json FROM things WHERE at < '10:30' AND id IN (SELECT 1)"""
    )
    assert "ids" not in queries


@pytest.mark.parametrize("text", ["-- name: one\nSELECT :two", "-- name: one\nSELECT :two;\n-- name: two\nid"])
def test_a_text_that_does_not_stand_before_the_query_that_names_it_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(QueryMissing, match="two"):
        load(tmp_path, text)


def test_every_module_that_names_queries_finds_them() -> None:
    """Processes of their own import some that nothing else does."""
    for module in pkgutil.walk_packages(quote_service.__path__, "quote_service."):
        if ".tables." in module.name:
            importlib.import_module(module.name)
