"""How many users there are at each moment of a load test.

ramp    up in a straight line for most of the time, then as many as there will be
spike   a quarter, then all at once, then a quarter again
soak    half, from beginning to end
crowd   all of them from the beginning; they buy in flash sales and do nothing else
"""

from collections.abc import Callable

CROWD = "crowd"
RAMP_UP = 0.8
SPIKE_FROM, SPIKE_UNTIL = 0.4, 0.6

# From the share of the time that is over to the share of the users.
SHAPES: dict[str, Callable[[float], float]] = {
    "ramp": lambda over: min(over / RAMP_UP, 1.0),
    "spike": lambda over: 1.0 if SPIKE_FROM <= over < SPIKE_UNTIL else 0.25,
    "soak": lambda over: 0.5,
    CROWD: lambda over: 1.0,
}


def users_at(shape: str, elapsed_seconds: float, seconds: float, users_max: int, users_min: int) -> int | None:
    """How many users there should be; None when the time is over.

    Args:
        shape: One of SHAPES.
        elapsed_seconds: Since the start.
        seconds: How long the test takes.
        users_max: The most there will be.
        users_min: The least, so that there is one of each persona all the time.
    """
    if elapsed_seconds >= seconds:
        return None
    return max(users_min, round(users_max * SHAPES[shape](elapsed_seconds / seconds)))
