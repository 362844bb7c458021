"""A flag is rolled back where a guardrail shows harm, once, with what showed it.

Source: docs/spec/experiments.md#rolling-back.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.rulebook.experiments.operations.decide_experiments import decide_experiments
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord
from quote_service.rulebook.feature_flags.operations.find_flag import find_flag
from quote_service.rulebook.feature_flags.operations.replace_flag import replace_flag
from quote_service.rulebook.feature_flags.operations.roll_back_flag import rearm_flag
from quote_service.steering.rulebook_files.model.plan import flag_draft
from tests.experiments.lab import ERRORS, Lab, a_lab


async def run(lab: Lab, customers: int, *, failing: dict[str, int], version: int = 1) -> None:
    """So many customers of each arm ask for a quote; so many of them get none."""
    process = lab.process()
    process.follow(version)
    for arm in ("off", "on"):
        for number in range(customers):
            process.quote(lab.somebody(arm), *(["error"] if number < failing.get(arm, 0) else []))
    await process.report.write()
    await lab.count()


async def flag_of(lab: Lab) -> FlagRecord:
    async with lab.database.read() as connection:
        return await find_flag(connection, lab.flag.key)


async def decided(lab: Lab) -> list[FlagRecord]:
    return [flag for flag in await decide_experiments(lab.database, now_us()) if flag.id == lab.flag.id]


async def test_harm_rolls_back_once_and_says_why(database: Database) -> None:
    lab = await a_lab(database, guardrails=[ERRORS])
    await run(lab, 60, failing={"on": 30, "off": 1})
    found = await asyncio.gather(*(decided(lab) for _ in range(3)))
    assert sorted(len(flags) for flags in found) == [0, 0, 1]
    flag = await flag_of(lab)
    harm = flag.rollback
    assert harm is not None
    assert (flag.state, flag.version, harm.version, harm.arm, harm.control) == ("ROLLED_BACK", 2, 1, "on", "off")
    assert (harm.exposures, harm.control_exposures, harm.events, harm.control_events) == (60, 60, 30, 1)
    assert (harm.value, harm.control_value, harm.level) == (0.5, 1 / 60, 0.05)
    assert harm.log_e_value is not None
    assert harm.log_e_value > 2.996
    assert await decided(lab) == []
    report = await lab.report()
    assert (report.state, report.version, report.rollback) == ("ROLLED_BACK", 1, harm)
    assert [(reported.arm, reported.reason) for reported in report.guardrails] == [("on", "harm_shown")]


@pytest.mark.parametrize(
    ("customers", "failing", "guardrail", "reason"),
    [
        (60, {"on": 4, "off": 3}, {}, "no_harm_shown"),
        (60, {"on": 1, "off": 40}, {}, "no_harm_shown"),  # nobody rolls back because things got better
        (15, {"on": 15}, {}, "too_few_exposures"),
        (60, {"on": 4}, {}, "too_few_events"),
        (60, {"on": 30}, {"metric": "conversion", "direction": "higher_is_better"}, "too_few_events"),
        (60, {"on": 30}, {"metric": "latency_ms", "min_exposures": 100}, "too_few_exposures"),
    ],
)
async def test_nothing_else_rolls_back(
    database: Database, customers: int, failing: dict[str, int], guardrail: dict[str, Any], reason: str
) -> None:
    lab = await a_lab(database, guardrails=[{**ERRORS, **guardrail}])
    await run(lab, customers, failing=failing)
    assert await decided(lab) == []
    assert [reported.reason for reported in (await lab.report()).guardrails] == [reason]
    assert (await flag_of(lab)).state == "ACTIVE"


async def test_lost_exposures_hold_the_guardrail(database: Database) -> None:
    lab = await a_lab(database, guardrails=[ERRORS])
    await run(lab, 60, failing={"on": 30, "off": 1})
    process = lab.process()
    for _ in range(140):
        process.quote(lab.somebody("off"))
    await process.report.write()
    await lab.count()
    assert await decided(lab) == []
    report = await lab.report()
    assert [reported.reason for reported in report.guardrails] == ["sample_ratio_mismatch"]
    assert report.sample_ratio is not None
    assert report.sample_ratio.mismatch


async def test_harm_of_a_former_version_is_of_no_consequence(database: Database) -> None:
    lab = await a_lab(database, guardrails=[ERRORS])
    await run(lab, 60, failing={"on": 30})
    async with database.transaction() as connection:
        change = change_by_system("test", now_us())
        await replace_flag(Change.within(connection, change), lab.flag.id, flag_draft(lab.flag), UNCONDITIONAL)
    assert await decided(lab) == []
    await run(lab, 60, failing={"on": 2, "off": 2}, version=2)
    assert await decided(lab) == []
    assert (await flag_of(lab)).state == "ACTIVE"


async def test_an_armed_flag_is_judged_by_what_comes_after(database: Database) -> None:
    lab = await a_lab(database, guardrails=[ERRORS])
    await run(lab, 60, failing={"on": 30})
    assert len(await decided(lab)) == 1
    async with database.transaction() as connection:
        armed = await rearm_flag(Change.within(connection, change_by_system("test", now_us())), lab.flag.id)
    assert (armed.state, armed.rollback, armed.version) == ("ACTIVE", None, 3)
    assert await decided(lab) == []
    await run(lab, 60, failing={"on": 30}, version=3)
    assert len(await decided(lab)) == 1
    flag = await flag_of(lab)
    assert flag.rollback is not None
    assert flag.rollback.version == 3
