"""A logger is heard in a test although logs were configured before it was used, and once more after."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import structlog
from structlog.testing import capture_logs
from tests.session.loggers import keep_no_loggers
from quote_service.platform.telemetry.logs import configure_logs

keep_no_loggers()
log = structlog.get_logger("a module")
configure_logs("warning")
log.warning("kept")
configure_logs("warning")
with capture_logs() as heard:
    log.info("something")
print([line["event"] for line in heard])
"""


def test_a_logger_is_heard_whatever_was_configured_before() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "['something']\n"
