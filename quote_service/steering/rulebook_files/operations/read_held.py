"""What is in force, as a file would say it.

Source: docs/spec/rulebook-files.md#identity.
"""

from collections.abc import Collection
from hashlib import blake2b
from itertools import groupby

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import TooLarge
from quote_service.platform.system.instants import from_micros
from quote_service.rulebook.commission_rates.operations.list_rates import list_rates_to_count
from quote_service.rulebook.feature_flags.operations.list_flags import list_flags
from quote_service.rulebook.pricing_rules.model.rule_records import RuleRecord, draft_of
from quote_service.rulebook.pricing_rules.operations.list_active_rules import list_active_rules
from quote_service.steering.rulebook_files.model.plan import Held
from quote_service.steering.rulebook_files.model.rulebook_file import RATES_MAX, SECTIONS, Section, write_file
from quote_service.steering.rulebook_files.model.versions import still_effective


async def read_held(connection: Connection, at_us: int, sections: Collection[Section]) -> Held:
    """What counts now or will, of some sections.

    Raises:
        TooLarge: There are more rates than a file may have.
    """
    active = [] if "rules" not in sections else await list_active_rules(connection)
    flags = [] if "flags" not in sections else await list_flags(connection)
    rates = [] if "rates" not in sections else await list_rates_to_count(connection, from_micros(at_us), RATES_MAX)
    if rates is None:
        raise TooLarge(f"There are more than {RATES_MAX} commission rates; keep them as CSV, and leave them out here")
    rules, hidden = in_force(active, at_us)
    return Held(rules, flags, rates, hidden, at_us)


def state_of(held: Held) -> str:
    """A short text that changes with anything that is held."""
    return blake2b(write_file(held.file(SECTIONS)).encode(), digest_size=8).hexdigest()


def in_force(active: list[RuleRecord], at_us: int) -> tuple[list[RuleRecord], list[RuleRecord]]:
    """Of active versions of rules those that count now or will, and those that they hide."""
    active.sort(key=lambda rule: (rule.name, rule.version))
    rules = [
        record
        for _, versions in groupby(active, key=lambda rule: rule.name)
        for record, _ in still_effective([(record, draft_of(record)) for record in versions], at_us)
    ]
    shown = {rule.id for rule in rules}
    return rules, [rule for rule in active if rule.id not in shown]
