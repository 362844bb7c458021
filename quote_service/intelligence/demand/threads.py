"""Learning keeps to one processor: it runs beside what answers requests, and threads that spin for each other slow both.

Source: docs/spec/demand.md#cost.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """Everything inside, matrices and trees, uses one thread."""
    with threadpool_limits(1):
        yield
