"""A flag in a database, and processes that see its customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.pricing.flags.watched_flag import WatchedFlag
from quote_service.rulebook.experiments.model.report import ExperimentReport
from quote_service.rulebook.experiments.operations.count_waiting import count_waiting
from quote_service.rulebook.experiments.operations.exposure_log import ExposureLog
from quote_service.rulebook.experiments.operations.show_experiment import show_experiment
from quote_service.rulebook.experiments.operations.write_exposures import ExposureReport
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord
from quote_service.rulebook.feature_flags.operations.create_flag import create_flag

ARMS = (("off", 1), ("on", 1))
ERRORS = {"metric": "error", "direction": "lower_is_better", "min_exposures": 20, "min_events": 5}


_ROWS_OF = """
SELECT
    (SELECT count(*) FROM experiment_exposures_waiting WHERE customer_id = $1)
        + (SELECT count(*) FROM experiment_exposure_batches WHERE customer_ids @> ARRAY[$1::uuid]),
    (SELECT count(*) FROM experiment_outcomes_waiting WHERE customer_id = $1)
        + (SELECT count(*) FROM experiment_outcome_batches WHERE customer_ids @> ARRAY[$1::uuid]),
    (SELECT count(*) FROM experiment_exposures WHERE customer_id = $1),
    (SELECT count(*) FROM experiment_outcomes WHERE customer_id = $1)
"""


class Lab:
    """One flag whose customers tests put into arms by name."""

    def __init__(self, database: Database, flag: FlagRecord) -> None:
        self.database = database
        self.flag = flag
        self.arms: dict[str, str] = {}

    def process(self) -> Process:
        """A process that has seen nobody yet."""
        return Process(self)

    def somebody(self, arm: str) -> str:
        """A customer whom the flag puts into an arm."""
        customer = str(uuid4())
        self.arms[customer] = arm
        return customer

    async def count(self) -> None:
        """Count all that waits, whenever it would be due."""
        async with self.database.transaction() as connection:
            await connection.execute("UPDATE experiment_outcomes_waiting SET due_at = now()")
        while await count_waiting(self.database):
            pass

    async def report(self, version: int | None = None) -> ExperimentReport:
        """What is told of the flag."""
        async with self.database.read() as connection:
            return await show_experiment(connection, self.flag.key, version)

    async def exposures(self) -> dict[str, int]:
        """Customers by arm."""
        return {arm.arm: arm.exposures for arm in (await self.report()).arms}

    async def events(self, metric: str) -> dict[str, int]:
        """Customers with an outcome, by arm; of a metric that is compared in one way."""
        reported = next(reported for reported in (await self.report()).metrics if reported.metric == metric)
        return {arm.arm: arm.events for arm in reported.arms}


class Process:
    """What one worker notes of the lab's flag."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.log = ExposureLog()
        self.report = ExposureReport(lab.database, self.log)
        self.watched: tuple[WatchedFlag, ...] = ()
        self.follow(lab.flag.version)

    def follow(self, version: int, stage: int = 0) -> None:
        """Hear of a version of the flag."""
        epoch = (str(self.lab.flag.id), version, stage)
        self.watched = (WatchedFlag(epoch, ARMS, lambda subject: self.lab.arms[str(subject.customer_id)]),)

    def quote(self, customer: str, *failures: str, at_us: int | None = None) -> None:
        """The customer asks for a quote, and this comes of it."""
        at_us = now_us() if at_us is None else at_us
        assert self.log.expose(self.watched, Subject(customer, None, [], {}), at_us) == customer
        for metric in failures:
            self.log.observe(customer, metric, 1_000_000, at_us)


async def a_lab(database: Database, **fields: Any) -> Lab:
    """A flag that splits its customers in two."""
    members = {
        "key": f"lab-{uuid4().hex[:12]}",
        "type": "BOOLEAN",
        "value": True,
        "is_enabled": True,
        "rollout": {"percentage": 50},
        **fields,
    }
    draft = convert_exact(parse_exact(json_literal(members)), FlagDraft)
    async with database.transaction() as connection:
        flag = await create_flag(Change.within(connection, change_by_system("test", now_us())), draft)
    return Lab(database, flag)


async def rows_of(database: Database, customer: str) -> list[int]:
    """How many exposures and outcomes of a customer wait, and how many rows there are of those that were counted."""
    async with database.read() as connection:
        row = await connection.fetchrow(_ROWS_OF, UUID(customer))
    assert row is not None
    return list(row)
