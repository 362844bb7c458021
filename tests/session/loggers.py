"""Loggers that ask how they are configured each time, so that a test hears them whatever another test has configured before.

The service keeps a logger as it was at its first use, which is quicker. In a process of tests somebody may have configured logs in
between, and `capture_logs` would listen where the kept logger does not speak.
"""

from __future__ import annotations

from typing import Any

import structlog

_configure = structlog.configure


def keep_no_loggers() -> None:
    """From now on no logger of this process is kept."""

    def configure(*given: Any, **named: Any) -> None:
        _configure(*given, **{**named, "cache_logger_on_first_use": False})

    structlog.configure = configure
