"""What the rule check says of commission rates that are about to be written, told in the answer to the write.

Source: docs/spec/pricing-rules.md#rule-check.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.parts import Parts
from quote_service.pricing.check.finding import Finding
from quote_service.pricing.commission.rate import RateDraft
from quote_service.rulebook.commission_rates.model.rate_records import ImportedRates, RateRecord, period_faults, started
from quote_service.rulebook.commission_rates.tables.commission_rates import read_rates
from quote_service.rulebook.snapshot.operations.check_rulebook import check_after_write, newest_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder

# An import of more is not checked row by row: that would take longer than the import, and nobody reads so much.
ROWS_CHECKED_MAX = 200


class RateWritten(RateRecord, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rate just written, with what the rule check says of it."""

    warnings: list[Finding]
    """What the rule check finds about the rate."""


class RatesImported(ImportedRates, frozen=True, kw_only=True):
    """What an import did, with what the rule check says of its rates.

    `is_checked` is false, and `warnings` empty, where an import has more than 200 rows: `POST /api/v1/rulebook/check`
    checks them all.
    """

    warnings: list[Finding]
    """What the rule check finds about the imported rates."""
    is_checked: bool
    """Whether the rule check ran; `false` for more than 200 rows."""


def rate_written(record: RateRecord, warnings: list[Finding]) -> RateWritten:
    """The rate with its warnings."""
    return RateWritten(**_fields(record), warnings=warnings)


def rates_imported(imported: ImportedRates, warnings: list[Finding] | None) -> RatesImported:
    """What was done, with its warnings; None where nothing was checked."""
    return RatesImported(**_fields(imported), warnings=warnings or [], is_checked=warnings is not None)


async def warnings_of(parts: Parts, change: Author, rates: Sequence[tuple[UUID, RateDraft]]) -> list[Finding]:
    """What the check finds; nothing while no rulebook is loaded. Called before the transaction of the write, which
    holds up every other writer of the rulebook until it ends.

    Args:
        parts: Of this worker.
        change: Its instant is where the check begins.
        rates: The id and the content of each; one without a start keeps that of the stored rate, or begins now.

    Raises:
        Unavailable: PostgreSQL cannot be reached, so nothing could be written either.
    """
    if parts[RulebookHolder].rulebook is None or not rates:
        return []
    async with parts[Database].read() as connection:
        held = await read_rates(connection, [rate_id for rate_id, draft in rates if draft.effective_from is None])
    begun = []
    for rate_id, draft in rates:
        known = held.get(rate_id)
        start = known.effective_from if known is not None else None
        whole = started(draft, start or change.at)
        if not period_faults(whole):  # the write refuses what has one
            begun.append((rate_id, whole))
    rulebook = await newest_rulebook(parts[Database], parts[RulebookHolder])
    return await check_after_write(rulebook, change.at_us, rates=begun)


def _fields(record: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}
