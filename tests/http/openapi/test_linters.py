"""Redocly and Spectral find nothing in the description, by their recommended rules.

Needs node and the packages of `node/` (`make check-api` installs them from its lock file); nothing is downloaded here.
What is left out of the rules is explained in `node/redocly.yaml` and `node/spectral.yaml`.

Source: docs/spec/operations.md#api-description.
"""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import httpx
import pytest

from tests.fixtures.serve import Served
from tests.http.openapi.described import document
from tests.http.openapi.node_tools import FOLDER, needs_node, run_tool

# Paths that a reader could take for one another. They are issued, and stay.
AMBIGUOUS = {
    ("/api/v1/feature-flags/key/{key}", "/api/v1/feature-flags/{flag_id}/history"),
    ("/api/v1/feature-flags/key/{key}", "/api/v1/feature-flags/{flag_id}/kill"),
    ("/api/v1/feature-flags/key/{key}", "/api/v1/feature-flags/{flag_id}/preview"),
    ("/api/v1/feature-flags/key/{key}", "/api/v1/feature-flags/{flag_id}/rearm"),
    ("/api/v1/feature-flags/key/{key}", "/api/v1/feature-flags/{key}/evaluate"),
    ("/api/v1/feature-flags/key/{key}", "/api/v1/feature-flags/{key}/experiment"),
    ("/api/v1/purchases/by-key/{key}", "/api/v1/purchases/{purchase_id}/confirm"),
}


@pytest.fixture(scope="module")
def described(running: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The description that the running service gives, in a file."""
    place = tmp_path_factory.mktemp("description") / "openapi.json"
    place.write_bytes(httpx.get(f"{running.url}/docs/openapi.json").content)
    return place


@needs_node
def test_redocly_finds_nothing(described: Path) -> None:
    config = str(FOLDER / "redocly.yaml")
    linted = run_tool("redocly", "lint", str(described), "--config", config, "--format", "json")
    assert linted.returncode == 0, linted.stdout + linted.stderr
    found = json.loads(linted.stdout)
    assert found["problems"] == []
    assert found["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}


@needs_node
def test_spectral_finds_nothing(described: Path) -> None:
    rules = str(FOLDER / "spectral.yaml")
    linted = run_tool("spectral", "lint", str(described), "--ruleset", rules, "--format", "json", "--quiet")
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert json.loads(linted.stdout) == []


def test_no_other_paths_are_ambiguous() -> None:
    """What Redocly would say, were the rule not off for the sake of paths that are issued."""
    paths = [path for path in document()["paths"] if "{" in path]
    found = {pair for pair in combinations(sorted(paths), 2) if might_be_one(*pair)}
    assert found == AMBIGUOUS


def might_be_one(one: str, other: str) -> bool:
    """Whether some address could be of both, each with a fixed part where the other has a parameter."""
    parts = list(zip(one.split("/"), other.split("/"), strict=False))
    if one.count("/") != other.count("/"):
        return False
    fits = all(a == b or a.startswith("{") or b.startswith("{") for a, b in parts)
    more_precise = {a.startswith("{") for a, b in parts if a.startswith("{") is not b.startswith("{")}
    return fits and more_precise == {True, False}
