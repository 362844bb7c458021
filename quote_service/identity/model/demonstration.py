"""The customers whom `quote-service dev` makes, for whoever tries the store out.

Their accounts are on no other service, where the password opens nothing.

Source: docs/spec/operations.md#demonstration; docs/spec/store.md#visitors.
"""

from typing import Final, NamedTuple


class DemonstrationShopper(NamedTuple):
    """An account with the role `user`, and the tier of its customer's record."""

    email: str
    name: str
    tier: str | None


DEMONSTRATION_PASSWORD: Final = "demonstration shopper"  # noqa: S105 (of accounts that only a development service has)
DEMONSTRATION_SHOPPERS: Final = (
    DemonstrationShopper("ada@shoppers.localhost", "Ada", "gold"),
    DemonstrationShopper("bora@shoppers.localhost", "Bora", "silver"),
    DemonstrationShopper("cem@shoppers.localhost", "Cem", None),
)
