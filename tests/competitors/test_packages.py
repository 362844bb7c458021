"""What a worker does that cannot read pages. Source: docs/spec/competitors.md."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from quote_service.intelligence.competitors.loops.watching import PACKAGES, can_read, missing_packages


def test_what_reads_is_installed_here_and_what_is_not_is_told() -> None:
    assert missing_packages() == []
    assert missing_packages([*PACKAGES, "no_such_package"]) == ["no_such_package"]


async def test_a_worker_without_the_packages_says_so_once_and_leaves_the_sources() -> None:
    await can_read()
    with capture_logs() as told:
        waiting = asyncio.create_task(can_read(["no_such_package"]))
        await asyncio.sleep(0)
    assert not waiting.done()
    assert [(line["event"], line["missing"]) for line in told] == [("competitors_not_watched", ["no_such_package"])]
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
