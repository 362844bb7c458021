"""Check the rulebook: as it is, with drafts, or around rows that are being written.

The check is pure arithmetic, so it runs on a thread beside the event loop. Its work is bounded by processor time, which is
the same on a busy machine, and it steps aside every few milliseconds: quotes go on meanwhile, each a little later.

Source: docs/spec/pricing-rules.md#rule-check.
"""

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.check.book import Pace
from quote_service.pricing.check.check_rulebook import Report, check_rulebook
from quote_service.pricing.check.finding import Finding
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes
from quote_service.pricing.rulebook.stored import StoredRule
from quote_service.pricing.rulebook.supposed_rows import stored_rate, stored_rule, with_rows
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.rulebook.snapshot.tables.rulebook_rows import read_changes

# Of processor time. A rulebook of thousands of rates takes a tenth of a second; hundreds of promotions that all act on one
# basket take long, since each basket that is tried costs all of them.
WHOLE_SECONDS = 3.0
AROUND_SECONDS = 0.5  # a writer waits for it
_UNTIL_PAUSE_SECONDS = 0.002
_PAUSE_SECONDS = 0.0001


async def newest_rulebook(database: Database, holder: RulebookHolder) -> Rulebook:
    """The rulebook that is committed now; the held one stays as it is, and catches up by itself.

    Raises:
        Unavailable: The database cannot be reached, or no rulebook has been loaded yet.
    """
    held = holder.rulebook
    if held is None:
        raise Unavailable("The rulebook has not been loaded yet", retry_after_seconds=1)
    changes = await read_changes(database, held.version)
    return held if changes.version == held.version else apply_changes(held, changes)


async def check_whole(rulebook: Rulebook, at_us: int) -> Report:
    """Every finding about a rulebook as it counts from an instant on."""
    return await asyncio.to_thread(lambda: check_rulebook(rulebook, at_us, pace=_pace(), seconds_max=WHOLE_SECONDS))


async def check_drafts(
    rulebook: Rulebook, at_us: int, draft_rules: Sequence[RuleDraft], draft_rates: Sequence[RateDraft]
) -> Report:
    """What would be found about some drafts, were they written now; those of a known name as its next version."""
    newest: dict[str, int] = {}
    for known in rulebook.rules.values():
        newest[known.compiled.name] = max(newest.get(known.compiled.name, 0), known.compiled.version)
    rules = []
    for draft in draft_rules:
        newest[draft.name] = newest.get(draft.name, 0) + 1
        rules.append(stored_rule(draft, new_id(), newest[draft.name], at_us))
    rates = [stored_rate(draft, new_id(), at_us) for draft in draft_rates if draft.is_active]
    return await _check_around(rulebook, at_us, rules, rates)


async def check_after_write(
    rulebook: Rulebook,
    at_us: int,
    *,
    rules: Sequence[tuple[UUID, int, RuleDraft]] = (),
    rates: Sequence[tuple[UUID, RateDraft]] = (),
) -> list[Finding]:
    """What is found about rows that are being written, and about rows beside them that they change the fate of.

    Args:
        rulebook: As it is committed, with or without the rows.
        at_us: The instant of the change.
        rules: Id, version and content of each; inactive ones are passed over.
        rates: Id and content of each; the same.
    """
    stored_rules = [
        stored_rule(draft, str(rule_id), version, at_us) for rule_id, version, draft in rules if draft.is_active
    ]
    stored_rates = [stored_rate(draft, str(rate_id), at_us) for rate_id, draft in rates if draft.is_active]
    return (await _check_around(rulebook, at_us, stored_rules, stored_rates)).findings


async def _check_around(rulebook: Rulebook, at_us: int, rules: list[StoredRule], rates: list[StoredRate]) -> Report:
    touched = frozenset([*(rule.id for rule in rules), *(rate.id for rate in rates)])
    return await asyncio.to_thread(
        lambda: check_rulebook(
            with_rows(rulebook, rules, rates), at_us, touched, pace=_pace(), seconds_max=AROUND_SECONDS
        )
    )


def _pace() -> Pace:
    """Made and called on the thread of the check: its processor time since now, with a pause where one is due."""
    began = paused = time.thread_time()

    def spent() -> float:
        nonlocal paused
        now = time.thread_time()
        if now - paused > _UNTIL_PAUSE_SECONDS:
            paused = now
            time.sleep(_PAUSE_SECONDS)  # without it the event loop waits for its turn until the interpreter makes one
        return now - began

    return spent
