"""What this process uses: processor time and memory.

Source: docs/spec/operations.md#metrics.
"""

import os
import resource
import sys
import time
from pathlib import Path

from quote_service.telemetry.registry import MICRO, Registry

_STATM = Path("/proc/self/statm")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def register_process_figures(registry: Registry) -> None:
    """Register them under the names that Prometheus gives them everywhere."""
    registry.register_counter(
        "process_cpu_seconds_total", "Processor time, user and system", time.process_time, divisor=MICRO
    )
    started_at = time.time()
    registry.register_gauge(
        "process_start_time_seconds", "When the worker started, since 1970", lambda: started_at, divisor=MICRO
    )
    registry.register_gauge("process_resident_memory_bytes", "Memory resident", resident_bytes)


def resident_bytes() -> int:
    """Resident memory now; where the system does not tell it, the most that it ever was."""
    try:
        return int(_STATM.read_text().split()[1]) * _PAGE_BYTES
    except FileNotFoundError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
