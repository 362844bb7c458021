"""What is raised while a level is past its threshold: stock that is low, sales above the usual, a source that fell silent.

Source: docs/spec/signals.md#hysteresis.
"""

import msgspec

from quote_service.intelligence.signals.model.detection.found import MEASURED_MICRO_MAX, Found, micro_of
from quote_service.intelligence.signals.model.thresholds import Rule
from quote_service.platform.money.amounts import MICRO, PERCENT_MICRO
from quote_service.platform.system.instants import SECOND_US


class LevelState(msgspec.Struct, frozen=True):
    """Until when what was raised counts; None when armed."""

    until_us: int | None = None


def look_at_stock(state: LevelState, available: int, at_us: int, rule: Rule) -> tuple[LevelState, Found | None]:
    """Hold the units that are available against the threshold."""
    threshold, rearm = micro_of(rule.threshold), micro_of(rule.rearm_percent)
    is_past = rule.is_enabled and available * MICRO < threshold
    is_over = available * MICRO * PERCENT_MICRO >= threshold * (PERCENT_MICRO + rearm)
    return _step(state, rule, at_us, available * MICRO, is_past=is_past, is_over=is_over)


def look_at_sales(
    state: LevelState, units: int, usual_units: int, weeks: int, at_us: int, rule: Rule
) -> tuple[LevelState, Found | None]:
    """Hold the units sold against the usual ones.

    Args:
        state: Of the product.
        units: Sold within the window.
        usual_units: Sold within the same stretch of `weeks` earlier weeks together.
        weeks: How many of them; 0 without any.
        at_us: The end of the window.
        rule: Whose threshold is a factor, and whose `count` the fewest units.
    """
    threshold, rearm = micro_of(rule.threshold), micro_of(rule.rearm_percent)
    sold, usual = units * weeks, usual_units
    is_past = rule.is_enabled and usual > 0 and units >= (rule.count or 0) and sold * MICRO >= usual * threshold
    # 1.5 times for a threshold of 2 and half of the excess.
    calm = MICRO * PERCENT_MICRO + (threshold - MICRO) * (PERCENT_MICRO - rearm)
    is_over = not usual or sold * MICRO * PERCENT_MICRO < usual * calm
    measured = min(sold * MICRO // usual, MEASURED_MICRO_MAX) if usual else None
    return _step(state, rule, at_us, measured, is_past=is_past, is_over=is_over)


def look_at_source(state: LevelState, at_us: int, rule: Rule, *, is_stale: bool) -> tuple[LevelState, Found | None]:
    """Hold a source against its own time."""
    return _step(state, rule, at_us, None, is_past=rule.is_enabled and is_stale, is_over=not is_stale)


def _step(
    state: LevelState, rule: Rule, at_us: int, measured_micro: int | None, *, is_past: bool, is_over: bool
) -> tuple[LevelState, Found | None]:
    if state.until_us is not None and is_over and not is_past:
        return LevelState(), Found(action="resolve", kind=rule.kind, at_us=at_us)
    if is_past and (state.until_us is None or at_us >= state.until_us):
        raised = Found(action="raise", kind=rule.kind, at_us=at_us, measured_micro=measured_micro)
        return LevelState(at_us + rule.expires_seconds * SECOND_US), raised
    return state, None
