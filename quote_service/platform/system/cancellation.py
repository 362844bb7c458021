"""Ending what has been cancelled, whatever a library makes of it.

A cancellation is an exception that is thrown once into whatever the task waits for. A library may swallow it: Redis's and
PostgreSQL's clients and, before Python 3.12, `asyncio.wait_for` do when the answer comes at that very moment. The task
then goes on as if nothing had been said. But it is still counted, and so every loop asks for the count, each turn.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

CANCEL_AGAIN_SECONDS = 0.5


def end_if_cancelled() -> None:
    """To be called at the beginning of each turn of a loop that a task runs for good.

    Raises:
        asyncio.CancelledError: The task has been cancelled, and something has swallowed that.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and return when all have ended; what they raised is theirs.

    Raises:
        asyncio.CancelledError: The caller was cancelled meanwhile; that is told when all tasks have ended, no sooner.
    """
    all_of_them = list(tasks)
    is_cancelled = False
    while running := [task for task in all_of_them if not task.done()]:
        for task in running:
            task.cancel()
        try:
            # Said again and again: a task that waits once more for the library that swallowed it is not woken by the count.
            await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)
        except asyncio.CancelledError:
            is_cancelled = True
    for task in all_of_them:
        if not task.cancelled():
            task.exception()  # seen, so that nobody complains that it was not
    if is_cancelled:
        raise asyncio.CancelledError
