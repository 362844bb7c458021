"""Which member of a group reads which partition of a stream: rows, so that any number of processes share them.

Redis gives an entry to whichever member asks. With one reader to a partition the events of a product stay in order.

Source: docs/spec/event-bus.md#redis-streams.
"""

from quote_service.platform.event_bus.model.events import Topic
from quote_service.platform.postgres.pool import Database
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "leases")


class Leases:
    """The partitions of one member of a group."""

    def __init__(self, database: Database, group: str, topic: Topic, name: str, partitions: int) -> None:
        self._database = database
        self._of = (group, topic)
        self._name = name
        self._partitions = partitions

    async def share(self, seconds: float, held: frozenset[int] | None = None) -> frozenset[int]:
        """Take or keep an even share of the partitions for so long, and give back what is more than that.

        Args:
            seconds: How long they stay with a member that does not ask again.
            held: The answer to the last call; None at first.

        Raises:
            Unavailable: PostgreSQL gave no answer.
        """
        if held is not None:
            async with self._database.read() as connection:
                row = await connection.fetchrow(
                    STATEMENTS["renew"], *self._of, self._name, seconds, self._partitions, sorted(held)
                )
            if row is not None and frozenset(row["mine"]) == held:
                return held
        async with self._database.transaction() as connection:
            await connection.execute(STATEMENTS["lock_group"], *self._of)
            await connection.execute(STATEMENTS["forget_consumers"], *self._of, "")
            await connection.execute(STATEMENTS["note_consumer"], *self._of, self._name, seconds)
            await connection.execute(STATEMENTS["note_partitions"], *self._of, self._partitions)
            rows = await connection.fetch(
                STATEMENTS["share_partitions"], *self._of, self._name, seconds, self._partitions
            )
        return frozenset(row["partition"] for row in rows)

    async def leave(self) -> None:
        """Give all of them back.

        Raises:
            Unavailable: As above; they are the others' when their time is over.
        """
        async with self._database.transaction() as connection:
            await connection.execute(STATEMENTS["lock_group"], *self._of)
            await connection.execute(STATEMENTS["forget_consumers"], *self._of, self._name)
            await connection.execute(STATEMENTS["release_partitions"], *self._of, self._name)
