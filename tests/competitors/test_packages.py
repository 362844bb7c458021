"""What a worker does that lacks the packages of price intelligence. Source: docs/spec/operations.md#packages."""

from __future__ import annotations

import asyncio
import sys

import pytest
from structlog.testing import capture_logs

from quote_service.intelligence.competitors.loops.watching import PACKAGES
from quote_service.platform.system.packages import (
    INTELLIGENCE,
    IntelligencePackages,
    install_command,
    missing_packages,
    until_installed,
)

NOWHERE = "no_such_package"


def test_what_reads_is_installed_here_and_what_is_not_is_reported() -> None:
    assert set(PACKAGES) <= set(INTELLIGENCE)
    assert missing_packages() == []
    assert missing_packages([*PACKAGES, NOWHERE]) == [NOWHERE]


async def test_a_worker_without_the_packages_says_so_once_and_leaves_the_sources() -> None:
    await until_installed(None, PACKAGES, "competitors_not_watched")
    with capture_logs() as reported:
        waiting = asyncio.create_task(until_installed(None, [NOWHERE], "competitors_not_watched"))
        await asyncio.sleep(0)
    assert not waiting.done()
    assert [(line["event"], line["missing"]) for line in reported] == [("competitors_not_watched", [NOWHERE])]
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_nothing_is_installed_outside_of_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", "/usr")
    assert install_command() is None
    notice = IntelligencePackages(None, [NOWHERE]).notice
    assert notice is not None
    assert "pip install 'quote-service[intelligence]'" in notice
    assert NOWHERE in notice


async def test_what_could_not_be_installed_is_said() -> None:
    packages = IntelligencePackages([sys.executable, "-c", "raise SystemExit(1)"], [NOWHERE])
    packages.want()
    installing = asyncio.create_task(packages.install_when_wanted())
    async with asyncio.timeout(30):
        while "could not install" not in (packages.notice or ""):  # noqa: ASYNC110 (it notifies nobody)
            await asyncio.sleep(0)
    installing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await installing
