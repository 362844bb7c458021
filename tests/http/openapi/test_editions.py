"""The description as generators of clients read it; source: docs/spec/operations.md#api-description."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_30_VALIDATOR

EDITIONS = {"3.1.0": "/docs/openapi.json", "3.0.3": "/docs/openapi-3.0.json"}
# Words of JSON Schema that OpenAPI 3.0 does not have.
NOT_IN_30 = {"const", "prefixItems", "propertyNames", "$defs", "if", "patternProperties", "contentEncoding"}


@pytest.fixture(scope="module")
def editions(anonymous: httpx.Client) -> dict[str, dict[str, Any]]:
    return {version: anonymous.get(path).raise_for_status().json() for version, path in EDITIONS.items()}


def schemas(value: Any) -> Iterator[dict[str, Any]]:
    """Every schema of a document, the outer ones first."""
    if isinstance(value, list):
        for each in value:
            yield from schemas(each)
    elif isinstance(value, dict):
        yield value
        for name, each in value.items():
            if name not in ("example", "enum", "x-codeSamples"):
                yield from schemas(each)


def test_no_edition_has_a_list_of_types(editions: dict[str, dict[str, Any]]) -> None:
    for version, document in editions.items():
        assert document["openapi"] == version
        assert [each for each in schemas(document) if isinstance(each.get("type"), list)] == []
        assert [each for each in schemas(document) if any("anyOf" in branch for branch in each.get("anyOf", ()))] == []


def test_the_edition_in_30_is_one(editions: dict[str, dict[str, Any]]) -> None:
    document = editions["3.0.3"]
    assert list(OPENAPI_30_VALIDATOR.iter_errors(document)) == []
    for each in schemas(document["components"]["schemas"]):
        if "type" in each and isinstance(each["type"], str):
            assert not NOT_IN_30 & each.keys(), each
            assert each["type"] != "null", each
        assert "$ref" not in each or len(each) == 1, each


def test_the_editions_describe_the_same(editions: dict[str, dict[str, Any]]) -> None:
    newer, older = editions["3.1.0"], editions["3.0.3"]
    assert [(path, list(operations)) for path, operations in older["paths"].items()] == [
        (path, list(operations)) for path, operations in newer["paths"].items()
    ]
    assert older["components"]["schemas"].keys() == newer["components"]["schemas"].keys()
    ours = newer["components"]["schemas"]["RateDraft"]["properties"]
    theirs = older["components"]["schemas"]["RateDraft"]["properties"]
    assert [branch["type"] for branch in ours["min_amount"]["anyOf"]] == ["number", "string", "null"]
    assert [branch["type"] for branch in theirs["min_amount"]["anyOf"]] == ["number", "string"]
    assert theirs["min_amount"]["nullable"] is True
    assert theirs["min_amount"]["description"] == ours["min_amount"]["description"]


def go_name(name: str) -> str:
    """The identifier that oapi-codegen makes of a name."""
    words = re.split(r"[^0-9A-Za-z]+", name)
    return "".join(word[:1].upper() + word[1:] for word in words)


def test_no_two_names_become_one_identifier(editions: dict[str, dict[str, Any]]) -> None:
    """Generators drop what is no letter or digit, some the case as well."""
    for document in editions.values():
        components = document["components"]["schemas"]
        operations = [each["operationId"] for paths in document["paths"].values() for each in paths.values()]
        fields = [list(each["properties"]) for each in schemas(components) if isinstance(each.get("properties"), dict)]
        for names in ([*map(str.lower, components)], [*map(str.lower, operations)], *fields):
            assert [name for name, times in Counter(map(go_name, names)).items() if times > 1] == []
        # One for what is sent and what is answered with would be declared twice.
        made = {
            f"{go_name(each)}{end}"
            for each in operations
            for end in ("Params", "Response", "JSONRequestBody", "JSONBody")
        }
        assert made & set(map(go_name, components)) == set()


def test_every_parameter_and_choice_is_what_go_has_a_type_for(editions: dict[str, dict[str, Any]]) -> None:
    for document in editions.values():
        for each in schemas(document):
            assert "prefixItems" not in each
            assert not isinstance(each.get("items"), list)
            assert not ({"oneOf", "anyOf", "allOf"} & each.keys() and "enum" in each)
            if "enum" in each and isinstance(each["enum"], list):
                assert len({type(value) for value in each["enum"] if value is not None}) <= 1, each
            if isinstance(each.get("discriminator"), dict):
                assert all("$ref" in branch for branch in each.get("oneOf", each.get("anyOf", ()))), each


def test_tools_find_it_at_the_root(anonymous: httpx.Client, editions: dict[str, dict[str, Any]]) -> None:
    answer = anonymous.get("/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == editions["3.1.0"]


@pytest.mark.long("code of 160 000 lines, twice")
@pytest.mark.skipif(shutil.which("oapi-codegen") is None, reason="oapi-codegen is not installed")
def test_oapi_codegen_reads_both(editions: dict[str, dict[str, Any]], anonymous: httpx.Client, tmp_path: Path) -> None:
    for path in EDITIONS.values():
        description = tmp_path / "openapi.json"
        description.write_bytes(anonymous.get(path).content)
        done = subprocess.run(
            ["oapi-codegen", "-generate", "types,client", "-package", "quotes", str(description)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "type RateDraft struct" in done.stdout
