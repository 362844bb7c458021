"""How far a load test is: one line, written again each second on a terminal, or every few seconds elsewhere."""

import sys
import time

import gevent
from locust.env import Environment

_BAR_WIDTH = 30
_EVERY_SECONDS, _EVERY_SECONDS_IN_A_FILE = 1.0, 3.0


def show_progress(environment: Environment, seconds: float) -> None:
    """Write progress to standard error until the test is over."""
    gevent.spawn(_show, environment, seconds)


def progress_line(elapsed: float, seconds: float, users: int, per_second: float, p99_ms: float, failures: int) -> str:
    """`[#####-----]  20/60 s  25 users  950 requests/s  p99 12.3 ms  0 failed`"""
    done = min(elapsed / seconds, 1.0)
    bar = ("#" * round(done * _BAR_WIDTH)).ljust(_BAR_WIDTH, "-")
    return (
        f"[{bar}] {min(elapsed, seconds):3.0f}/{seconds:.0f} s  {users} users  {per_second:.0f} requests/s  "
        f"p99 {p99_ms:.1f} ms  {failures} failed"
    )


def _show(environment: Environment, seconds: float) -> None:
    runner, is_terminal = environment.runner, sys.stderr.isatty()
    assert runner is not None
    started = time.monotonic()
    elapsed = 0.0
    while elapsed < seconds:
        gevent.sleep(min(_EVERY_SECONDS if is_terminal else _EVERY_SECONDS_IN_A_FILE, seconds - elapsed))
        elapsed = time.monotonic() - started
        total = environment.stats.total
        p99_ms = total.get_response_time_percentile(0.99)
        line = progress_line(elapsed, seconds, runner.user_count, total.current_rps, p99_ms, total.num_failures)
        sys.stderr.write(f"\r\x1b[K{line}" if is_terminal else f"{line}\n")
        sys.stderr.flush()
    if is_terminal:
        sys.stderr.write("\n")
