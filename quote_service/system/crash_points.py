"""Places at which a process may be told to die, to find out what a death there leaves behind.

Only a service in development listens to `QUOTE_CRASH_AT`; elsewhere no point is ever armed.

Source: spec 7, "SIGKILL of the API worker and of the background worker at every step".
"""

import os
import signal

_armed = ""


def arm(point: str) -> None:
    """Die at the next call of `crash_point` with this name."""
    global _armed
    _armed = point


def crash_point(name: str) -> None:
    """Die here, as by SIGKILL, if this point is armed."""
    if _armed == name:
        os.kill(os.getpid(), signal.SIGKILL)
