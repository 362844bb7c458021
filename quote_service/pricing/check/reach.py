"""Whether one rule or region reaches everywhere that another does: what a proof of "never" rests on.

Each answer errs towards no: yes means that it holds for every basket.

Source: docs/spec/wire.md#regions; docs/spec/pricing-rules.md#which-rule-counts.
"""

from quote_service.pricing.check.book import CheckedRule
from quote_service.pricing.conditions.line_tests import LINE_CONDITIONS
from quote_service.pricing.conditions.shopper_tests import SHOPPER_CONDITIONS

_BARE = "*"


def region_contains(wide: str, narrow: str) -> bool:
    """Whether every address in the narrow region lies in the wide one; both are region keys."""
    if wide in ("", narrow):
        return True
    if wide.startswith(_BARE):
        # A city of that name, or a district of a city that is not.
        return not narrow.startswith(_BARE) and wide[1:] in narrow.split("/")[1:]
    return narrow.startswith(wide + "/")


def is_as_specific(key: str, other: str) -> bool:
    """Whether a region contains the other and is as specific at every address there."""
    if key == other:
        return True
    parts = other.split("/")
    if not key.startswith(_BARE) or other.startswith(_BARE) or len(parts) == 1:
        return False
    # A district that bears its city's name is matched as the city, one step less specific.
    return key[1:] == parts[-1] and parts[-1] not in parts[1:-1]


def regions_meet(one: str, other: str) -> bool:
    """Whether some address lies in both regions, as far as their keys tell."""
    if one.startswith(_BARE) and other.startswith(_BARE):
        return one == other
    for bare, path in ((one, other), (other, one)):
        if bare.startswith(_BARE):
            parts = path.split("/")
            return len(parts) < 3 or bare[1:] in parts[1:]
    return region_contains(one, other) or region_contains(other, one)


def currencies_meet(one: str | None, other: str | None) -> bool:
    """Whether a quote can be in the currency of both; None is any."""
    return one is None or other is None or one == other


def holds_wherever(wide: CheckedRule, narrow: CheckedRule) -> bool:
    """Whether the conditions of one rule hold in every quote, and for every line, in which the other's hold.

    Regions and periods are not looked at.
    """
    one, other = wide.compiled, narrow.compiled
    if one.currency is not None and one.currency != other.currency:
        return False
    if one.window is not None and one.window != other.window:
        return False
    conditions, implied = wide.conditions, narrow.conditions
    if implied.includes_children and conditions.category_ids is not None and not conditions.includes_children:
        return False
    for name in (*LINE_CONDITIONS, *SHOPPER_CONDITIONS):
        wanted, given = getattr(conditions, name), getattr(implied, name)
        if isinstance(wanted, list):
            if given is None or not set(given) <= set(wanted):
                return False
        elif wanted is not None and wanted != given:
            return False
    return _bounds_hold(wide, narrow)


def _bounds_hold(wide: CheckedRule, narrow: CheckedRule) -> bool:
    one, other = wide.compiled, narrow.compiled
    lowest, highest = one.min_subtotal_minor, one.max_subtotal_minor
    if lowest is not None and (other.min_subtotal_minor is None or other.min_subtotal_minor < lowest):
        return False
    if highest is None:
        return True
    if other.max_subtotal_minor is None or other.max_subtotal_minor > highest:
        return False
    # A discount's bounds are of the lines that it covers: one that covers more may be past its own.
    return narrow.discount is None or all(
        getattr(wide.conditions, name) == getattr(narrow.conditions, name)
        for name in (*LINE_CONDITIONS, "includes_children")
    )
