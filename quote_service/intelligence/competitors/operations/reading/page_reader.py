"""The way to the process that reads: one job at a time, each within a time, in a process that is replaced now and then.

Source: docs/spec/competitors.md#the-process-that-reads.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process

import msgspec

from quote_service.intelligence.competitors.model.reading.read_feed import FeedJob, ItemsJob
from quote_service.intelligence.competitors.operations.reading.messages import (
    LENGTH_BYTES,
    MESSAGE_BYTES_MAX,
    Answer,
    Job,
    frame,
)
from quote_service.platform.system.arithmetic_process import end_process

_PROGRAM = "quote_service.intelligence.competitors.operations.reading.reading_process"
JOBS_OF_A_PROCESS = 500
JOB_SECONDS = 20.0
_START_SECONDS = 30.0
# Of a feed, which may have a hundred thousand rows.
_BYTES_A_SECOND = 256 * 1024
_END_SECONDS = 2.0


class PageReader:
    """Holds the process while it is in use; to be closed. It is started by the first job."""

    def __init__(self, *, jobs_of_a_process: int = JOBS_OF_A_PROCESS, job_seconds: float = JOB_SECONDS) -> None:
        self._jobs_of_a_process = jobs_of_a_process
        self.job_seconds = job_seconds
        self._process: Process | None = None
        self._jobs = 0
        self._turn = asyncio.Lock()
        self._decoder = msgspec.msgpack.Decoder(Answer)
        self.started = 0

    @property
    def pid(self) -> int | None:
        """The process that there is now."""
        return None if self._process is None else self._process.pid

    async def read(self, job: Job) -> Answer:
        """What came of a job; one that takes too long, or ends the process, is one that cannot be read."""
        async with self._turn:
            process = await self._running()
            self._jobs += 1
            try:
                # A process that is new imports its libraries first.
                seconds = self.job_seconds + (_START_SECONDS if self._jobs == 1 else 0.0)
                if isinstance(job, FeedJob | ItemsJob):
                    seconds += len(job.body) / _BYTES_A_SECOND
                async with asyncio.timeout(seconds):
                    return await self._ask(process, job)
            except TimeoutError:
                await self._kill()
                return Answer(outcome="parse_error", detail=f"it could not be read within {self.job_seconds:g} s")
            except (asyncio.IncompleteReadError, ConnectionError, msgspec.DecodeError):
                await self._kill()
                return Answer(outcome="parse_error", detail="it could not be read: the process that did has ended")
            except BaseException:
                # Asked to stop in the middle of a job: its answer must not be taken for that of the next one.
                self._forget()
                raise

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        await end_process(process, _END_SECONDS)

    async def _running(self) -> Process:
        if self._process is not None and self._jobs >= self._jobs_of_a_process:
            await self.close()
        if self._process is None or self._process.returncode is not None:
            environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.environ.get("PATH", "")}
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", _PROGRAM, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment
            )
            self._jobs = 0
            self.started += 1
        return self._process

    async def _ask(self, process: Process, job: Job) -> Answer:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(frame(job))
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(LENGTH_BYTES), "big")
        if length > MESSAGE_BYTES_MAX:
            raise ConnectionError("the answer is too long")
        return self._decoder.decode(await process.stdout.readexactly(length))

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    def _forget(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
