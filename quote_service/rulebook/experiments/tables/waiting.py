"""What processes have seen of experiments and nobody has counted yet.

Customers are given as texts in which PostgreSQL reads its arrays: a process that answers quotes makes no object of each.

Source: docs/spec/experiments.md#exposures.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.flags.watched_flag import Epoch, WatchedFlag
from quote_service.rulebook.experiments.model.observations import Exposures, Outcomes

STATEMENTS = Statements(__file__, "waiting")
#: Customers of a batch: what is counted in one transaction is bounded, and the text of a batch made within a millisecond.
_BATCH: Final = 1000


async def make_experiments(connection: Connection, began_us: Mapping[WatchedFlag, int]) -> None:
    """See to it that there is an experiment for each of these flags, which began when somebody was exposed to it."""
    await connection.execute(
        STATEMENTS["make_experiments"],
        *_columns([flag.epoch for flag in began_us]),
        [msgspec.json.encode(flag.arms).decode() for flag in began_us],
        [from_micros(at_us) for at_us in began_us.values()],
    )


async def write_waiting(connection: Connection, exposures: Sequence[Exposures], outcomes: Outcomes) -> None:
    """Write what one process has seen; its outcomes may be counted together with its exposures.

    A batch is made when the one before is on its way, so that quotes wait for the text of one and not of all.
    """
    for exposed in exposures:
        flags = _columns([flag.epoch for flag in exposed.flags])
        for batch in _batches(len(exposed.codes)):
            await connection.execute(
                STATEMENTS["write_exposures"],
                *flags,
                _array(exposed.customer_ids[batch]),
                _array(exposed.instants_us[batch]),
                _array(exposed.codes[batch]),
            )
    for metric, customers in outcomes.items():
        customer_ids, of_metric = list(customers), list(customers.values())
        for batch in _batches(len(of_metric)):
            part = of_metric[batch]
            await connection.execute(
                STATEMENTS["write_outcomes"],
                metric,
                _array(customer_ids[batch]),
                _array([outcome.observations for outcome in part]),
                _array([outcome.total for outcome in part]),
                _array([outcome.at_us for outcome in part]),
            )


def _batches(count: int) -> list[slice]:
    return [slice(start, start + _BATCH) for start in range(0, count, _BATCH)]


def _array(values: Iterable[str | int]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _columns(epochs: Sequence[Epoch]) -> tuple[list[UUID], list[int], list[int]]:
    return (
        [UUID(flag_id) for flag_id, _, _ in epochs],
        [version for _, version, _ in epochs],
        [stage for *_, stage in epochs],
    )
