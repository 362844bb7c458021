"""Each import contract of pyproject.toml fails when somebody breaks it: a contract that cannot fail holds nothing."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# By contract: a module, and an import in it that the contract forbids.
BREAKAGES = {
    "Wings: imports go down only": (
        "shop/catalog/operations/show_prices",
        "quote_service.quotes.operations.read_quote",
    ),
    "Rooms: imports go down only": (
        "shop/inventory/operations/write_stock",
        "quote_service.shop.reservations.operations.reserve",
    ),
    "Floors: model below tables below operations below loops and routes": (
        "quotes/model/kept_quote",
        "quote_service.quotes.operations.read_quote",
    ),
    "Tables and routes are their room's own": (
        "selling/orders/operations/read_orders",
        "quote_service.quotes.tables.accepted_quotes",
    ),
    "What prices does no input or output": ("pricing/price_quote", "time"),
    "Commission knows no rulebook, and no rule": (
        "pricing/commission/charge",
        "quote_service.pricing.rulebook.compiled_rule",
    ),
    "Pages know the API, and no subject but who signs in": (
        "web/routes/overview",
        "quote_service.quotes.operations.read_quote",
    ),
    "Only tables speak SQL or Redis": ("quotes/operations/read_quote", "asyncpg"),
    "Only routes, http and what puts them together know the web framework": (
        "quotes/operations/read_quote",
        "litestar",
    ),
}


def contracts() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [contract["name"] for contract in project["tool"]["importlinter"]["contracts"]]


@pytest.mark.long("checks the whole package once for each contract")
def test_every_contract_is_broken_by_an_import_that_it_forbids(tmp_path: Path) -> None:
    assert sorted(BREAKAGES) == sorted(contracts())
    shutil.copytree(ROOT / "quote_service", tmp_path / "quote_service", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, forbidden in BREAKAGES.values():
        broken = tmp_path / "quote_service" / f"{module}.py"
        broken.write_text(f"{broken.read_text()}\nimport {forbidden}  # noqa\n")
    linted = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert linted.returncode != 0, linted.stdout
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", linted.stdout, re.MULTILINE))
    assert {name: verdicts.get(name) for name in BREAKAGES} == dict.fromkeys(BREAKAGES, "BROKEN"), linted.stdout
