"""Loops that must not die: each runs as a task, and is started again when it fails.

The one place of the workers with `except Exception`: what a loop expects, it handles itself; what reaches this is
logged with its trace, and the loop gets another chance, later each time.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from quote_service.platform.system.cancellation import end_if_cancelled, end_tasks

Loop = Callable[[], Awaitable[None]]

BACKOFF_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)
# A loop that ran this long before it failed starts with the shortest pause again.
SETTLED_SECONDS = 30.0

_log = structlog.get_logger(__name__)


class Supervisor:
    """The running loops of one process; `failures` counts all that ever ended in one."""

    def __init__(self, backoff_seconds: tuple[float, ...] = BACKOFF_SECONDS) -> None:
        self._backoff_seconds = backoff_seconds
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failed_again: dict[str, float] = {}
        self.failures = 0

    def start(self, name: str, loop: Loop) -> None:
        """Run a loop until it returns or `stop` is called; it is called afresh after each failure."""
        if name in self._tasks and not self._tasks[name].done():
            raise ValueError(f"{name} runs already")
        self._tasks[name] = asyncio.create_task(self._keep_running(name, loop), name=name)

    def running(self) -> frozenset[str]:
        """The names of the loops that have not returned; one that waits for its next chance counts."""
        return frozenset(name for name, task in self._tasks.items() if not task.done())

    def failing(self) -> frozenset[str]:
        """The names of the loops that failed twice in a row or more often, and have not run for SETTLED_SECONDS since."""
        settled_before = asyncio.get_running_loop().time() - SETTLED_SECONDS
        return frozenset(name for name, restart_at in self._failed_again.items() if restart_at > settled_before)

    async def stop(self) -> None:
        """Cancel every loop and return when all have ended."""
        tasks, self._tasks = list(self._tasks.values()), {}
        await end_tasks(tasks)

    async def _keep_running(self, name: str, loop: Loop) -> None:
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            end_if_cancelled()  # also where a loop has made another failure of it
            started = clock()
            try:
                await loop()
            except Exception:  # noqa: BLE001 (the supervisor's whole purpose; cancellation passes through)
                failures = 0 if clock() - started >= SETTLED_SECONDS else failures
                end_if_cancelled()
                pause = self._backoff_seconds[min(failures, len(self._backoff_seconds) - 1)]
                failures += 1
                self.failures += 1
                if failures > 1:
                    self._failed_again[name] = clock() + pause
                _log.exception("worker_failed", worker=name, restart_in_seconds=pause)
            else:
                _log.info("worker_ended", worker=name)
                return
            await asyncio.sleep(pause)
