"""Look at what was sold within the last full hours, beside the same hours of the weeks before.

Source: docs/spec/signals.md#looking.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from quote_service.intelligence.signals.model.detection.levels import LevelState, look_at_sales
from quote_service.intelligence.signals.model.signals import Evidence
from quote_service.intelligence.signals.model.thresholds import DEFAULTS, Rule
from quote_service.intelligence.signals.operations.looking.record_found import Finding, record_found
from quote_service.intelligence.signals.operations.looking.rules import Rules
from quote_service.intelligence.signals.tables.notes import begin_looking, read_states, subjects_of, write_states
from quote_service.intelligence.signals.tables.raised import Matter
from quote_service.intelligence.signals.tables.thresholds import longest_window
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros, to_micros
from quote_service.steering.analytics.operations.read_units_sold import units_sold

_WEEKS = 4
_HOUR, _WEEK = timedelta(hours=1), timedelta(weeks=1)
# The fewest units that a rule may ask for.
_FEWEST = 2


async def look_at_all_sales(database: Database, at: datetime | None = None) -> int:
    """Raise and resolve surges; how many products were looked at.

    Args:
        database: With rollups of orders.
        at: Now, unless said otherwise.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    at_us = now_us() if at is None else to_micros(at)
    until = from_micros(at_us).replace(minute=0, second=0, microsecond=0)
    async with database.transaction() as connection:
        if not await begin_looking(connection):
            return 0
        latched = {UUID(subject) for subject in await subjects_of(connection, "sales")}
        longest = timedelta(seconds=await longest_window(connection, DEFAULTS["demand_surge"].window_seconds or 0))
        recent = await units_sold(connection, until - longest, until, at_least=_FEWEST)
        products = latched | recent.keys()
        if not products:
            return 0
        rules = await Rules.read(connection, products)
        windows: dict[int, list[UUID]] = {}
        for product_id in products:
            windows.setdefault(_hours(rules.of("demand_surge", product_id)), []).append(product_id)
        known = await read_states(connection, "sales", map(str, products), LevelState)
        findings: list[Finding] = []
        after: dict[str, LevelState | None] = {}
        for hours, ids in sorted(windows.items()):
            sold = await _sold(connection, until, hours * _HOUR, ids)
            for product_id in sorted(ids):
                state, finding = _look(
                    known.get(str(product_id)), product_id, [week.get(product_id, 0) for week in sold], at_us, rules
                )
                if str(product_id) in known or state.until_us is not None:
                    after[str(product_id)] = None if state.until_us is None else state
                findings += finding
        await write_states(connection, "sales", after, from_micros(at_us))
        await record_found(connection, findings, at_us)
    return len(products)


async def _sold(
    connection: Connection, until: datetime, window: timedelta, ids: list[UUID]
) -> list[Mapping[UUID, int]]:
    """Units by product within the window, and within the same stretch of four weeks before."""
    return [
        await units_sold(connection, end - window, end, product_ids=ids)
        for end in (until - week * _step(window) for week in range(_WEEKS + 1))
    ]


def _step(window: timedelta) -> timedelta:
    """A week, or as many as a longer window touches."""
    return max(1, -(-window // _WEEK)) * _WEEK


def _look(
    known: LevelState | None, product_id: UUID, units: list[int], at_us: int, rules: Rules
) -> tuple[LevelState, list[Finding]]:
    rule = rules.of("demand_surge", product_id)
    earlier = [each for each in units[1:] if each]
    state, found = look_at_sales(known or LevelState(), units[0], sum(earlier), len(earlier), at_us, rule)
    if found is None:
        return state, []
    evidence = [Evidence(role="now", subject="sales", at=from_micros(at_us), value=ExactNumber(units[0]))]
    evidence += [
        Evidence(
            role="compared",
            subject="sales",
            at=from_micros(at_us) - week * _step(_hours(rule) * _HOUR),
            value=ExactNumber(each),
        )
        for week, each in enumerate(units[1:], 1)
        if each
    ]
    matter = Matter(subject=f"sales:{product_id}", product_id=product_id)
    return state, [Finding(found, matter, rule, evidence)]


def _hours(rule: Rule) -> int:
    return max(1, -(-(rule.window_seconds or 0) // 3600))
