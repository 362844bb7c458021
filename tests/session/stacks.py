"""What a process is doing: the stack of every thread, and of every asyncio task down to what it awaits."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import Any

# Where a suspended coroutine, generator or asynchronous generator keeps its frame, and what it waits for in turn.
_FRAMES = ("cr_frame", "gi_frame", "ag_frame")
_AWAITED = ("cr_await", "gi_yieldfrom", "ag_await")


def all_stacks() -> str:
    """Every thread and every task that is not done, of whichever loop, for a person to read."""
    return "\n".join([*_threads(), *_tasks()])


def _threads() -> Iterator[str]:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in sys._current_frames().items():
        yield f"--- thread {names.get(ident, ident)}"
        yield "".join(traceback.format_stack(frame)).rstrip()


def _tasks() -> Iterator[str]:
    # From the garbage collector, since asyncio.all_tasks() knows one loop only, and tests have loops in other threads.
    tasks = [found for found in gc.get_objects() if issubclass(type(found), asyncio.Task) and not found.done()]
    for task in sorted(tasks, key=lambda task: task.get_name()):
        yield f"--- task {task.get_name()}, asked {task.cancelling()} times to end: {task!r}"
        for frame in _frames_of(task.get_coro()):
            yield "".join(traceback.format_stack(frame, limit=1)).rstrip()


def _frames_of(awaited: Any) -> Iterator[FrameType]:
    """Outermost first. `Task.get_stack` answers the outermost one only for a task that waits."""
    while awaited is not None:
        frame = _first(awaited, _FRAMES)
        if frame is not None:
            yield frame
        awaited = _first(awaited, _AWAITED)


def _first(holder: Any, names: tuple[str, ...]) -> Any:
    return next((value for name in names if (value := getattr(holder, name, None)) is not None), None)
