"""Write down what a process has seen of experiments, for whoever counts it.

Source: docs/spec/experiments.md#exposures.
"""

from typing import Final

from quote_service.platform.postgres.pool import Database
from quote_service.pricing.flags.watched_flag import Epoch
from quote_service.rulebook.experiments.model.observations import first_exposures
from quote_service.rulebook.experiments.operations.exposure_log import ExposureLog
from quote_service.rulebook.experiments.tables.waiting import make_experiments, write_waiting

_MADE_MAX: Final = 1000


class ExposureReport:
    """Writes what one log has, in one transaction at a time; what could not be written is kept for the next."""

    def __init__(self, database: Database, log: ExposureLog) -> None:
        self._database = database
        self._log = log
        self._made: set[Epoch] = set()

    async def write(self) -> None:
        """Write what there is.

        Raises:
            Unavailable: PostgreSQL cannot be reached.
        """
        exposures, outcomes = self._log.take()
        if not exposures and not outcomes:
            return
        began = {
            flag.epoch: (flag, at_us)
            for exposed in reversed(exposures)
            if not self._made.issuperset([flag.epoch for flag in exposed.flags])
            for flag, at_us in first_exposures(exposed)
        }
        new = [each for epoch, each in began.items() if epoch not in self._made]
        try:
            async with self._database.transaction() as connection:
                if new:
                    await make_experiments(connection, dict(new))
                await write_waiting(connection, exposures, outcomes)
        except BaseException:
            self._log.put_back(exposures, outcomes)
            raise
        # Of the flags that are watched, not of all that ever were.
        if len(self._made) >= _MADE_MAX:
            self._made.clear()
        self._made.update(began)
