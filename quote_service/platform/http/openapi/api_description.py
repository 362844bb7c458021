"""The API's description of one process as bytes, made when the process starts and by another one: making it takes seconds of CPU.

What describes the API is its code alone. So it is made once for each state of the code, and kept in a file that all processes
of a user read: workers of one service, and every later start.

Source: docs/spec/operations.md#api-description.
"""

import asyncio
import fcntl
import gzip
import hashlib
import os
import stat
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec
import structlog
from litestar import Litestar

from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.openapi.editions import in_openapi_30
from quote_service.platform.http.openapi.openapi import openapi_document
from quote_service.platform.system.cancellation import end_if_cancelled

_PROGRAM: Final = "quote_service.serving.processes.description_process"
_PACKAGE: Final = Path(__file__).parents[2]
#: Of one user, from so many states of the code.
_KEPT_MAX: Final = 4

_log = structlog.get_logger(__name__)


class Written(msgspec.Struct, frozen=True):
    """A document as bytes, and the same by gzip."""

    plain: bytes
    packed: bytes


class Description(msgspec.Struct, frozen=True):
    """The document in each version of OpenAPI."""

    in_31: Written
    in_30: Written


class ApiDescription:
    """What this process answers; whoever asks before it is made waits for it, and nobody else does."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: asyncio.Task[Description] | None = None

    async def keep(self, app: Litestar | None = None) -> Description:
        """Make it unless it is made or being made; `app` makes it here, where the other process fails."""
        if self._made is None or (self._made.done() and not self._made.cancelled() and self._made.exception()):
            self._made = asyncio.create_task(_make(app), name="make the API's description")
        return await asyncio.shield(self._made)

    async def make_ahead(self) -> None:
        """Make it before anybody asks; a loop of the process, which returns."""
        try:
            await self.keep()
        except OSError as failure:
            _log.warning("api_description_not_made", reason=str(failure))


async def _make(app: Litestar | None) -> Description:
    found = await asyncio.to_thread(_kept)
    if found is not None:
        return found
    # Of the code that this process runs, plain or compiled.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", _PROGRAM, stdin=DEVNULL, stdout=PIPE, env=environment
    )
    try:
        written, _ = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    end_if_cancelled()
    if process.returncode == 0:
        return await asyncio.to_thread(msgspec.msgpack.decode, written, type=Description)
    if app is None:
        raise OSError(f"the process that makes it ended with status {process.returncode}")
    return await asyncio.to_thread(describe, app)


def describe(app: Litestar) -> Description:
    """The description of what an application answers; takes a second or two."""
    document = openapi_document(app)
    return Description(*(_written(write_document(each)) for each in (document, in_openapi_30(document))))


def _written(plain: bytes) -> Written:
    return Written(plain, gzip.compress(plain, mtime=0))


def kept_or_made(make: Callable[[], Description]) -> Description:
    """The description of this state of the code: made by one process at a time, where it can be kept."""
    file = _file()
    if file is None:
        return make()
    with _locked(file.with_suffix(".lock")):
        found = _kept()
        if found is None:
            found = make()
            with suppress(OSError):
                _keep(file, found)
    return found


def _kept() -> Description | None:
    file = _file()
    try:
        return None if file is None else msgspec.msgpack.decode(file.read_bytes(), type=Description)
    except (OSError, msgspec.MsgspecError):
        return None


def _keep(file: Path, description: Description) -> None:
    part = file.with_suffix(f".{os.getpid()}")
    part.write_bytes(msgspec.msgpack.encode(description))
    part.replace(file)
    kept = sorted(file.parent.glob("openapi-*.msgpack"), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in kept[_KEPT_MAX:]:
        old.unlink(missing_ok=True)
        old.with_suffix(".lock").unlink(missing_ok=True)


def _file() -> Path | None:
    """Where the description of this state of the code is kept; None where no folder belongs to this user alone."""
    folder = Path(tempfile.gettempdir()) / f"quote-service-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    # Whoever else could write there would say what this service answers.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        return None
    return folder / f"openapi-{_state_of_code()}.msgpack"


def _state_of_code() -> str:
    """A name for what stands in the package and which Python runs it, by sizes and instants of change."""
    state = hashlib.sha256(f"{sys.version} {_PACKAGE}".encode())
    for path in sorted(_PACKAGE.rglob("*.[ps][yo]")):
        found = path.stat()
        state.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return state.hexdigest()[:32]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
