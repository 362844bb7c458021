"""What this process uses: processor time and memory.

Source: docs/spec/operations.md#metrics.
"""

import os
import resource
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from quote_service.platform.telemetry.registry import MICRO, Registry

_UNKNOWN = "unknown"
_STATM = Path("/proc/self/statm")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def register_process_figures(registry: Registry, role: str) -> None:
    """Register them under the names that Prometheus gives them everywhere; `role` is `serve` or `worker`."""
    registry.register_gauge(
        "quote_process_info",
        "1 for each process, by what it is for and the release that it runs",
        lambda: 1,
        {"role": role, "version": service_version()},
    )
    registry.register_counter(
        "process_cpu_seconds_total", "Processor time, user and system", time.process_time, divisor=MICRO
    )
    started_at = time.time()
    registry.register_gauge(
        "process_start_time_seconds", "When the worker started, since 1970", lambda: started_at, divisor=MICRO
    )
    registry.register_gauge("process_resident_memory_bytes", "Memory resident", resident_bytes)


def service_version() -> str:
    """The release that is installed; `unknown` where the service runs from a folder that nobody has installed."""
    try:
        return version("quote-service")
    except PackageNotFoundError:
        return _UNKNOWN


def resident_bytes() -> int:
    """Resident memory now; where the system does not tell it, the most that it ever was."""
    try:
        return int(_STATM.read_text().split()[1]) * _PAGE_BYTES
    except FileNotFoundError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
