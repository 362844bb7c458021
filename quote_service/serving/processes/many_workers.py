"""Several workers: a process that starts them, starts those again that die, and stops them all.

Each is spawned and not forked: it shares no connection, no random state and no thread with any other.

Source: docs/spec/operations.md#production; docs/spec/quotes.md#snapshot-and-clock.
"""

import multiprocessing
import signal
import socket
import time
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType

import structlog

from quote_service.platform.settings import Settings
from quote_service.platform.telemetry.logs import configure_logs
from quote_service.platform.telemetry.slots import Slots
from quote_service.serving.processes.one_worker import STOP_SIGNALS, run_worker

_log = structlog.get_logger(__name__)
_SPAWN = multiprocessing.get_context("spawn")

# A worker that ends sooner than this after its start did not start at all, as a rule.
STARTED_SECONDS = 5.0
FAILED_STARTS_MAX = 5
# Beyond the time that workers give themselves to finish what runs.
MARGIN_SECONDS = 5.0


class WorkersKeepDying(Exception):
    """Workers end at once, again and again; their logs say why."""


class Workers:
    """The worker processes of one service, one for each socket."""

    def __init__(self, settings: Settings, sockets: list[socket.socket], figures: socket.socket | None = None) -> None:
        self._settings = settings
        self._sockets = sockets
        self._figures = figures
        # Here and not in a worker: what a worker has counted is still there when it has died.
        self._slots = Slots(len(sockets))
        self._processes: dict[int, BaseProcess] = {}
        self._started_at: dict[int, float] = {}
        self._failed_starts = 0
        self._is_stopping = False

    def run(self) -> None:
        """Keep one worker alive for each socket until SIGTERM or SIGINT, then stop them.

        Raises:
            WorkersKeepDying: They end right after their start, FAILED_STARTS_MAX times in a row.
        """
        for each in STOP_SIGNALS:
            signal.signal(each, self._stop)
        try:
            for index in range(len(self._sockets)):
                self._start(index)
            while not self._is_stopping:
                # The time-out bounds how late a signal that arrives just before the wait is seen.
                wait([process.sentinel for process in self._processes.values()], timeout=0.5)
                self._replace_dead()
        finally:
            self._end_all()

    def _start(self, index: int) -> None:
        process = _SPAWN.Process(
            target=_work,
            args=(self._settings, self._sockets[index], self._figures, self._slots, index),
            name=f"quote-service-worker-{index}",
        )
        # A worker started again has a queue of connections from the beginning: a signal must find it able to serve them, so
        # it waits, blocked, until the worker listens to it.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        _log.info("worker_process_started", worker=index, pid=process.pid)
        self._processes[index] = process
        self._started_at[index] = time.monotonic()

    def _replace_dead(self) -> None:
        for index, process in list(self._processes.items()):
            if process.is_alive() or self._is_stopping:
                continue
            _log.error("worker_process_ended", worker=index, exit_code=process.exitcode)
            lived = time.monotonic() - self._started_at[index]
            self._failed_starts = 0 if lived > STARTED_SECONDS else self._failed_starts + 1
            if self._failed_starts >= FAILED_STARTS_MAX:
                raise WorkersKeepDying("workers end as soon as they are started; their log lines say why")
            self._start(index)

    def _stop(self, sig: int, frame: FrameType | None) -> None:
        self._is_stopping = True

    def _end_all(self) -> None:
        # Ours must not keep the queues of new connections open after the workers have closed theirs.
        for listening in (*self._sockets, *([] if self._figures is None else [self._figures])):
            listening.close()
        for process in self._processes.values():
            process.terminate()
        allowed = self._settings.drain_seconds + self._settings.shutdown_seconds + MARGIN_SECONDS
        deadline = time.monotonic() + allowed
        for process in self._processes.values():
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                _log.error("worker_process_killed", worker=process.name)
                process.kill()
                process.join()


def _work(
    settings: Settings, listening: socket.socket, figures: socket.socket | None, slots: Slots, index: int
) -> None:
    configure_logs(settings.log_level)
    run_worker(settings, listening, figures=figures, slots=slots, index=index)
