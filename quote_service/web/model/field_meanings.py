"""Which fields have a meaning only with some values of another field of the same group.

Source: docs/spec/web.md#forms.
"""

from typing import Final

Meaning = tuple[str, tuple[str, ...]]

_TIERED: Meaning = ("commission_type", ("TIERED",))
_CHARGED: Meaning = ("commission_type", ("PERCENTAGE", "FLAT"))
#: By the members that a group has beside the one that decides; what is not named always stands there.
SHOWN_WHEN: Final[dict[str, dict[str, Meaning]]] = {
    "kind": {
        "value": ("kind", ("percent", "amount", "fixed_price", "bundle")),
        "buy": ("kind", ("buy_x_get_y",)),
        "get": ("kind", ("buy_x_get_y",)),
        "percent": ("kind", ("buy_x_get_y",)),
        "tiers": ("kind", ("tiered_percent",)),
        "items": ("kind", ("bundle",)),
        "max_sets": ("kind", ("bundle",)),
        "page": ("kind", ("page",)),
        "feed": ("kind", ("feed",)),
        "api": ("kind", ("api",)),
        "credentials": ("kind", ("api",)),
    },
    "funded_by": {"platform_percent": ("funded_by", ("shared",))},
    "commission_type": {"rate": _CHARGED, "tiers": _TIERED},
    "action": {
        "draft": ("action", ("create", "replace")),
        "name": ("action", ("end",)),
        "key": ("action", ("end",)),
        "rate_id": ("action", ("replace", "end")),
    },
}
