"""Start a replay, show it, cancel it.

Source: docs/spec/replay.md#in-the-api.
"""

from uuid import UUID

import msgspec

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.instants import from_micros, to_micros
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.periods import EARLIEST
from quote_service.steering.replay.model.replay_warnings import ReplayTimes
from quote_service.steering.replay.model.replays import (
    ISSUED_BEFORE,
    NotYourReplay,
    ReplayEnded,
    ReplayOrder,
    ReplayRecord,
    TooManyReplays,
)
from quote_service.steering.replay.operations.check_supposed import check_supposed
from quote_service.steering.replay.tables import replays


async def start_replay(change: Change, order: ReplayOrder, *, at_once_max: int) -> ReplayRecord:
    """Queue a replay within the caller's transaction; a background process works on it once that has committed.

    Args:
        change: Who starts it, and when.
        order: What is wanted; what it supposes has no faults of its own.
        at_once_max: How many may wait or run at once (`Settings.replays_max`).

    Raises:
        Invalid: The range is empty, begins before there were quotes, or reaches beyond the instant of the change; or something that is
            supposed to end or to cost something else never was.
        TooManyReplays: So many wait or run already.
    """
    if order.to_us > change.at_us:
        raise Invalid.at("/to", "must not be in the future")
    if order.from_us < to_micros(EARLIEST):
        raise Invalid.at("/from", f"must not be before {EARLIEST.date()}")
    if order.from_us >= order.to_us:
        raise Invalid.at("/from", "must be before `to`")
    if not 0 < order.sample <= 1:
        raise Invalid.at("/sample", "must be greater than 0 and at most 1")
    times = ReplayTimes(from_micros(order.from_us) - ISSUED_BEFORE, from_micros(order.to_us), change.at)
    warnings = await check_supposed(change.connection, order.change, times, order.places)
    if await replays.count_open(change.connection) >= at_once_max:
        raise TooManyReplays(f"{at_once_max} replays are waiting or running; cancel one, or wait until one has ended")
    replay_id = UUID(new_id(change.at_us // 1000))
    await replays.insert_replay(change.connection, replay_id, change, order, warnings)
    record = await replays.read_replay(change.connection, replay_id)
    await change.record("replay.start", None, record)
    return record


async def read_replay(connection: Connection, replay_id: UUID) -> ReplayRecord:
    """A replay, without what it supposes and its result.

    Raises:
        NotFound: There is none, or it is kept no longer.
    """
    return await replays.read_replay(connection, replay_id)


async def read_result(connection: Connection, replay_id: UUID) -> msgspec.Raw | None:
    """The JSON of a replay's result (`ReplayResult`); None until it is done.

    Raises:
        NotFound: There is none, or it is kept no longer.
    """
    return (await replays.change_and_result(connection, replay_id)).result


async def cancel_replay(change: Change, replay_id: UUID, *, may_cancel_any: bool) -> ReplayRecord:
    """Cancel a replay that waits or runs, within the caller's transaction.

    Args:
        change: Who cancels it, and when.
        replay_id: Which one.
        may_cancel_any: Whether they may cancel what others have started.

    Raises:
        NotFound: There is none, or it is kept no longer.
        NotYourReplay: Somebody else has started it.
        ReplayEnded: It has ended.
    """
    before = await replays.read_replay(change.connection, replay_id)
    if not may_cancel_any and before.created_by != change.actor:
        raise NotYourReplay("Somebody else has started this replay; they or an admin can cancel it")
    if not await replays.cancel(change.connection, replay_id):
        raise ReplayEnded(f"The replay is {(await replays.read_replay(change.connection, replay_id)).status}")
    record = await replays.read_replay(change.connection, replay_id)
    await change.record("replay.cancel", before, record)
    return record
