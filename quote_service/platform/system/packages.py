"""Packages that price intelligence needs and quoting does not: which are missing, and how they get there.

Source: docs/spec/operations.md#packages.
"""

import asyncio
import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import structlog

#: What the extra `intelligence` brings, by the names that are imported.
INTELLIGENCE: Final = (
    "duckdb",
    "extruct",
    "numpy",
    "price_parser",
    "protego",
    "rapidfuzz",
    "selectolax",
    "sklearn",
    "sqlframe",
    "threadpoolctl",
    "w3lib",
    "xgboost",
)
AGAIN_SECONDS: Final = 60.0
_NICENESS: Final = 10

_log = structlog.get_logger(__name__)


def missing_packages(names: Sequence[str] = INTELLIGENCE) -> list[str]:
    """Those of the packages that are not installed; none is imported."""
    importlib.invalidate_caches()
    return [name for name in names if find_spec(name) is None]


def install_command() -> list[str] | None:
    """What installs the extra into the environment of a checkout, as uv.lock pins it; None where that is no matter of ours."""
    environment = Path(sys.prefix)
    program = environment.parent / "deploy" / "install_packages.py"
    if not (program.is_file() and (environment / "bin" / "uv").is_file()):
        return None
    return [sys.executable, str(program), "--extra", "intelligence"]


class IntelligencePackages:
    """The packages of a development service, which installs them once they are wanted.

    Attributes:
        missing: Those that were not there at the last look.
    """

    def __init__(self, command: list[str] | None, names: Sequence[str] = INTELLIGENCE) -> None:
        self._command = command
        self._names = names
        self._wanted, self._installed = asyncio.Event(), asyncio.Event()
        self._has_failed = False
        self.missing = missing_packages(names)

    @property
    def notice(self) -> str | None:
        """What is missing and how it gets there, for whoever uses price intelligence; None where nothing is."""
        if not self.missing:
            return None
        listed = ", ".join(self.missing)
        if self._command is None:
            return (
                "Price intelligence needs packages that are not installed. "
                f"Run pip install 'quote-service[intelligence]' and restart the service. Missing: {listed}."
            )
        if self._has_failed:
            return (
                "Price intelligence could not install its packages and will try again; "
                f"the service's output says why. Missing: {listed}."
            )
        return (
            "Price intelligence is installing its packages in the background and will be ready "
            f"within a minute or two: {listed}."
        )

    def want(self) -> None:
        """Have them installed; does nothing where they are there, on their way, or not to be had."""
        self._wanted.set()

    async def install_when_wanted(self) -> None:
        """Install them at the first `want`, again later where that fails; returns when nothing is missing."""
        while self.missing and self._command is not None:
            await self._wanted.wait()
            self._has_failed = not await _run(self._command)
            self.missing = missing_packages(self._names)
            if self._has_failed:
                await asyncio.sleep(AGAIN_SECONDS)
        if not self.missing:
            self._installed.set()
            _log.info("intelligence_packages_there")

    async def until_there(self, names: Sequence[str]) -> None:
        """Return once all of `names` can be imported; for ever where nothing installs them."""
        # Not as soon as they can be found: an installer writes file after file.
        if missing_packages(names):
            await self._installed.wait()
            if missing_packages(names):
                await asyncio.Event().wait()


async def until_installed(
    packages: IntelligencePackages | None, names: Sequence[str], event: str, extra: str = "intelligence"
) -> None:
    """Return where packages are there, else log what is missing and wait: the work is left for a process that has them.

    Args:
        packages: Of a development service; None in a process that installs nothing.
        names: What is needed.
        event: The name of the log line.
        extra: What has the packages.
    """
    if missing := missing_packages(names):
        _log.info(event, reason=f"install quote-service[{extra}]", missing=missing)
        await (packages or IntelligencePackages(None)).until_there(names)


async def _run(command: list[str]) -> bool:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, preexec_fn=partial(os.nice, _NICENESS)
    )
    try:
        return await process.wait() == 0
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
