"""Types that openapi-typescript makes with its defaults fit the README's examples and what a checkout does with answers.

Needs node and the packages of `node/` (`make check-api` installs them from its lock file); nothing is downloaded here.

Source: docs/spec/operations.md#api-description.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.http.openapi.described import document
from tests.http.openapi.node_tools import FOLDER, needs_node, run_tool
from tests.readme import examples, text

# Bodies by the path that the README posts them to.
_SCHEMAS = {
    "/api/v1/pricing-rules": "RuleDraft",
    "/api/v1/commission-rates": "RateDraft",
    "/api/v1/feature-flags": "FlagDraft",
    "/api/v1/flash-sales": "SaleDraft",
}

pytestmark = needs_node


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "openapi.json").write_text(json.dumps(document()))
    for name in ("tsconfig.json", "sample.ts"):
        shutil.copy(FOLDER / name, folder)
    made = run_tool("openapi-typescript", str(folder / "openapi.json"), "-o", str(folder / "api.d.ts"))
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


def first_basket() -> str:
    """The body of the README's first quote, as it is written."""
    command = next(found for found in re.findall(r"```sh\n(.*?)```", text(), re.DOTALL) if "/api/v1/quote" in found)
    return next(word for word in shlex.split(command) if word.startswith("{"))


def test_what_the_readme_sends_compiles_and_what_is_wrong_does_not(project: Path) -> None:
    lines = ['import type { components } from "./api";', 'type Schemas = components["schemas"];']
    lines.append(f'export const basket: Schemas["Basket"] = {first_basket()};')
    typed = [example for example in examples() if example.path in _SCHEMAS]
    assert len(typed) > 15
    for number, example in enumerate(typed):
        lines.append(f'export const body{number}: Schemas["{_SCHEMAS[example.path]}"] = {example.body};')
    (project / "readme.ts").write_text("\n".join(lines))
    compiled = run_tool("tsc", "--project", str(project))
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
