"""Conditions of other systems as the parts of a rollout: tiers, segments and regions.

Source: docs/spec/feature-flags.md#import.
"""

from typing import Any, Final

from quote_service.pricing.regions import RegionUnreadable, region_key
from quote_service.rulebook.feature_flags.model.imports.translated import Findings

# What such a field is usually called elsewhere, in lower case and without underscores.
_PARTS: Final = {
    "tier": "customer_tiers",
    "customertier": "customer_tiers",
    "segment": "customer_segments",
    "segments": "customer_segments",
    "customersegment": "customer_segments",
    "customersegments": "customer_segments",
    "country": "regions",
    "city": "regions",
    "district": "regions",
    "region": "regions",
}


def place_condition(field: str, values: list[Any], rollout: dict[str, Any], found: Findings) -> None:
    """Add to a rollout that a field has one of some values, or say that it cannot be added."""
    part = _PARTS.get(field.lower().replace("_", ""))
    if part is None:
        found.lose(f"a condition on {field}; rollouts look at tiers, segments and regions")
    elif part in rollout:
        found.lose(f"a second condition on {part.replace('_', ' ')}")
    elif not values or not all(isinstance(value, str) and value for value in values):
        found.lose(f"a condition on {field} that names no text")
    elif part == "regions" and (unreadable := _unreadable(values)):
        found.lose(f"a condition on {field}: {unreadable}")
    else:
        rollout[part] = values
        compared = "the delivery address" if part == "regions" else f"the customer's {part.split('_')[1]}"
        found.note(f"the condition on {field} is compared with {compared}")


def _unreadable(regions: list[str]) -> str | None:
    for region in regions:
        try:
            region_key(region)
        except RegionUnreadable as unreadable:
            return f"{region}: {unreadable}"
    return None
