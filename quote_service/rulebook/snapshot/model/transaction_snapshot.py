"""Which transactions a reading of the database saw, as PostgreSQL's `pg_snapshot` says it.

Transactions do not end in the order of their numbers. So what was changed since a reading is not what has a higher number: it is
what was changed by transactions that have ended since, an old one that took long among them.

Source: docs/decisions/followed-catalog.md.
"""

from typing import NamedTuple, Self

Range = tuple[int, int]


class TransactionSnapshot(NamedTuple):
    """Seen is who ended: every number below `next_id` that is not in `running`, which ascends."""

    next_id: int
    running: tuple[int, ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """Out of `xmin:xmax:xip,xip`, all in-progress numbers in ascending order."""
        _, next_id, running = text.split(":")
        return cls(int(next_id), tuple(int(number) for number in running.split(",") if number))

    def ended_since(self, earlier: Self) -> list[Range]:
        """The numbers of transactions that this reading sees and an earlier one of the same database did not.

        Returns:
            Ascending ranges (first, after last); none where nothing ended. Who still runs lies in none of them, so that rows
            that a long transaction has written are not looked at again and again before it ends.
        """
        still = set(self.running)
        ranges = [(number, number + 1) for number in earlier.running if number not in still]
        begin = earlier.next_id
        for number in self.running:
            if number >= begin:
                if number > begin:
                    ranges.append((begin, number))
                begin = number + 1
        if begin < self.next_id:
            ranges.append((begin, self.next_id))
        return ranges
