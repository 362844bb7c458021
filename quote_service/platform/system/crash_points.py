"""Places at which a process may be told to die, to find out what a death there leaves behind.

`QUOTE_CRASH_AT=point` or `point:n` names the place and which passing of it is the last. Only a service in development
listens to it; elsewhere the variable is refused like any that is no setting, and no point is ever armed.

Source: docs/spec/flash-sales.md#faults.
"""

import os
import signal
from typing import Literal, get_args

VARIABLE = "QUOTE_CRASH_AT"

CrashPoint = Literal[
    # who answers requests
    "before_script",
    "after_script",
    "before_direct_commit",
    "after_direct_commit",
    "before_decision",
    "after_decision",
    "after_notifying_redis",
    # who works in the background
    "after_read",
    "before_commit",
    "after_commit",
    "after_ack",
    "before_expiry",
    "after_expiry",
    "after_fence",
    "after_drain",
    "before_opening",
    "after_opening",
    "before_campaign_commit",
    "after_campaign_commit",
    "before_price_decision_commit",
    "after_price_decision_commit",
    "after_price_roll_back",
    "after_price_of_experiment",
    "after_price_put_back",
    "after_webhook_sent",
    "after_event_published",
    "before_events_commit",
    "after_events_commit",
    # who reserves, orders and refunds
    "before_reserving_commit",
    "after_reserving_commit",
    "before_order_commit",
    "after_order_commit",
    "before_order_change_commit",
    "after_order_change_commit",
    "before_refund_commit",
    "after_refund_commit",
    "before_reservations_end",
    "after_reservations_end",
]

_armed = ""
_passings_left = 0


def arm(text: str) -> None:
    """Die at a point, at its n-th passing from now on; an empty text disarms.

    Raises:
        ValueError: There is no such point, or n is no number from 1 on.
    """
    global _armed, _passings_left
    point, _, passings = text.partition(":")
    if point and point not in get_args(CrashPoint):
        raise ValueError(f"{VARIABLE}: there is no point {point}; there are {', '.join(get_args(CrashPoint))}")
    if passings and (not passings.isdecimal() or int(passings) < 1):
        raise ValueError(f"{VARIABLE}: {passings} is no count of passings")
    _armed, _passings_left = point, int(passings or 1)


def arm_in_development(*, is_development: bool) -> None:
    """Arm what the environment names, in a service in development; anywhere else nothing.

    Raises:
        ValueError: As `arm`.
    """
    if is_development:
        arm(os.environ.get(VARIABLE, ""))


def crash_point(name: CrashPoint) -> None:
    """Die here, as by SIGKILL, if this point is armed and this is the passing that was meant."""
    global _passings_left
    if _armed != name:
        return
    _passings_left -= 1
    if _passings_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
