"""Backup and restore as docs/production.md says, with the real pg_dump and pg_restore: prices, accounts and accepts come back."""

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from quote_service.lab.embedded.binaries import postgres_install
from quote_service.lab.embedded.postgres_server import PostgresServer
from tests.conftest import MakeDatabase
from tests.fixtures.serve import QUOTE, a_basket, served

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "production.md").read_text()


def guided(command: str, **replaced: str) -> list[str]:
    """The arguments of a command as the guide has it, its example's words replaced."""
    (line,) = re.findall(rf"^{command} .*$", GUIDE, re.MULTILINE)
    return [replaced.get(word, word).strip('"') for word in line.split()]


def run(arguments: list[str], url: str) -> None:
    parts = urlsplit(url)
    binaries = postgres_install() / "bin"
    environment = {**os.environ, "PGPASSWORD": parts.password or "", "LD_LIBRARY_PATH": str(postgres_install() / "lib")}
    done = subprocess.run(
        [str(binaries / arguments[0]), *arguments[1:]], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.long("two services, one on what the other's database was dumped to")
def test_what_was_dumped_prices_and_honours_as_before(
    tmp_path: Path,
    postgres_server: PostgresServer,
    new_database_url: MakeDatabase,
    new_empty_database_url: MakeDatabase,
    redis_url: str,
) -> None:
    before, after = new_database_url(), new_empty_database_url()
    dump = str(tmp_path / "quotes.dump")
    basket = a_basket()
    with served(tmp_path, before, redis_url) as service:
        with service.admin() as admin:
            rule = {"name": "vat", "type": "TAX", "configuration": {"rate": 20}}
            assert admin.post("/api/v1/pricing-rules", json=rule).status_code == 201
        with service.checkout() as checkout:
            while (issued := checkout.post(QUOTE, json=basket).json()["data"])["tax_amount"] == 0:
                basket = a_basket()
            accepted = checkout.post(f"/api/v1/quotes/{issued['quote_id']}/accept", headers={"Idempotency-Key": "one"})
            assert accepted.status_code == 200
        key = service.api_key
        run(guided("pg_dump", **{'"$DATABASE_URL"': before, "quotes.dump": dump}), before)
    run(guided("pg_restore", **{'"$DATABASE_URL"': after, "quotes.dump": dump}), after)

    with served(tmp_path, after, redis_url) as restored, restored.checkout() as checkout:
        checkout.headers["X-API-Key"] = key
        again = checkout.post(f"/api/v1/quotes/{issued['quote_id']}/accept", headers={"Idempotency-Key": "two"})
        assert (again.status_code, again.json()["data"]) == (200, accepted.json()["data"])
        repeated = checkout.post(QUOTE, json=a_basket(items=basket["items"])).json()["data"]
        assert repeated["total_amount"] == issued["total_amount"]
        assert repeated["tax_amount"] > 0
