"""Files and databases of the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from click.testing import CliRunner, Result

from quote_service.platform.postgres.pool import Database
from quote_service.serving.cli import main

Answer = TypeVar("Answer")

FILE = """\
# Pricing rules, feature flags and commission rates, as `quote-service rulebook export` writes them.
format: 2
rules:
  - name: Delivery in Istanbul
    type: SMALL_BASKET_FEE
    configuration:
      fee: 29.90
      threshold: 200.00
    currency: TRY
    region: TR/Istanbul
  - name: 'No'
    type: PROMOTION
    configuration:
      kind: percent
      value: 12.50
      respects_min_price: true
    priority: 7
    conditions:
      customer_tiers: [gold, 'on']
      time_of_day:
        from: '20:00'
        to: '02:00'
  - name: 'No'
    type: PROMOTION
    configuration:
      kind: percent
      value: 20
      respects_min_price: false
    effective_from: '2126-01-01T00:00:00Z'
flags:
  - key: express_delivery_multiplier
    type: NUMBER
    value: 2.0
    name: Express
    description: |
      Multiplies the express fee.
      Ask the logistics team before it goes above 3.
    is_enabled: true
    rollout:
      percentage: 12.5
      regions: [TR/Istanbul]
    default_value: 1.50
  - key: layout
    type: JSON
    value:
      columns: 3
      header: null
    rollout:
      variants:
        - key: wide
          value: null
          weight: 1
        - key: narrow
          value:
            columns: 2
          weight: 3
rates:
  - commission_type: PERCENTAGE
    rate: 10
  - commission_type: TIERED
    tiers:
      - rate: 8
        up_to: 100.00
      - rate: 5
    currency: TRY
    on_refund: keep
"""


class Shop(NamedTuple):
    """A database, and the command line on it."""

    url: str
    folder: Path

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["rulebook", *arguments], env={"DATABASE_URL": self.url})

    def write(self, text: str) -> Path:
        file = self.folder / "rulebook.yaml"
        file.write_text(text, "utf-8")
        return file

    def bring(self, text: str, *options: str) -> Result:
        return self.run("import", str(self.write(text)), *options)

    def brought(self, text: str, *options: str) -> str:
        """What an import says that goes through."""
        result = self.bring(text, *options)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, text: str, *options: str) -> str:
        """What an import says that does not."""
        result = self.bring(text, *options)
        assert result.exit_code == 1, result.output
        return result.stderr

    def exported(self, *options: str) -> str:
        result = self.run("export", *options)
        assert result.exit_code == 0, result.output
        return result.stdout

    def do(self, work: Callable[[Database], Awaitable[Answer]]) -> Answer:
        async def run() -> Answer:
            database = await Database.open(self.url)
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(run())

    def rows(self, statement: str) -> list[dict[str, Any]]:
        async def work(database: Database) -> list[dict[str, Any]]:
            async with database.read() as connection:
                return [dict(row) for row in await connection.fetch(statement)]

        return self.do(work)
