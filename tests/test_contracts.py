"""Each import contract of pyproject.toml fails when somebody breaks it: a contract that cannot fail holds nothing."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
# By contract: a module, and an import in it that the contract forbids.
BREAKAGES = {
    "Rooms: imports go down only": ("http/etags", "quote_service.quotes.operations.read_quote"),
    "Floors: words below tables below operations below loops and routes": (
        "quotes/words/kept_quote",
        "quote_service.quotes.operations.read_quote",
    ),
    "What prices does no input or output": ("pricing/price_quote", "time"),
    "Commission knows no rulebook, and no rule": (
        "pricing/commission/charge",
        "quote_service.pricing.rulebook.compiled_rule",
    ),
    "access: its tables and routes are its own": (
        "rulebook/operations/refresh_rulebook",
        "quote_service.access.tables.users",
    ),
    "rulebook: its tables and routes are its own": (
        "quotes/operations/explain_quote",
        "quote_service.rulebook.tables.past_rulebook",
    ),
    "catalog: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.catalog.tables.products",
    ),
    "inventory: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.inventory.tables.stock",
    ),
    "customers: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.customers.tables.customers",
    ),
    "commission_rates: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.commission_rates.tables.commission_rates",
    ),
    "pricing_rules: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.pricing_rules.tables.pricing_rules",
    ),
    "feature_flags: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.feature_flags.tables.feature_flags",
    ),
    "quotes: its tables and routes are its own": (
        "flash_sales/operations/sales/create_sale",
        "quote_service.quotes.tables.accepted_quotes",
    ),
    "ledger: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.ledger.tables.accounts",
    ),
    "flash_sales: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.flash_sales.tables.sales",
    ),
    "campaigns: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.campaigns.tables.campaigns",
    ),
    "reservations: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.reservations.tables",
    ),
    "experiments: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.experiments.tables",
    ),
    "analytics: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.analytics.tables",
    ),
    "replay: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.replay.tables",
    ),
    "change_sets: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.change_sets.tables",
    ),
    "competitors: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.competitors.tables",
    ),
    "behaviour: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.behaviour.tables",
    ),
    "event_bus: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.event_bus.tables",
    ),
    "signals: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.signals.tables.signals",
    ),
    "price_experiments: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.price_experiments.tables.experiments",
    ),
    "price_decisions: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.price_decisions.tables.decisions",
    ),
    "market_analysis: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.market_analysis.tables",
    ),
    "Pages know the API, and no subject but who signs in": (
        "web/routes/overview",
        "quote_service.quotes.operations.read_quote",
    ),
    "orders: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.orders.tables",
    ),
    "webhooks: its tables and routes are its own": (
        "quotes/operations/read_quote",
        "quote_service.webhooks.tables",
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


def test_every_contract_is_broken_by_an_import_that_it_forbids(tmp_path: Path) -> None:
    assert sorted(BREAKAGES) == sorted(contracts())
    shutil.copytree(ROOT / "quote_service", tmp_path / "quote_service", ignore=shutil.ignore_patterns("__pycache__"))
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
