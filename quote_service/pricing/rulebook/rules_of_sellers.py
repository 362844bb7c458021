"""The rules whose region is compared with where a seller is, each type in order of precedence.

A seller is where the catalog says; one of whom it says nothing is where the basket is picked up, or else delivered.

Source: docs/spec/pricing-rules.md#commission_tax.
"""

from collections.abc import Mapping

from quote_service.pricing.basket import Basket
from quote_service.pricing.regions import address_regions, regions_around
from quote_service.pricing.rulebook.compiled_rule import CompiledRule

# A region, or an address by country, city and district.
Place = str | tuple[str, str, str | None]
_FOUND_MAX = 20_000


class RulesOfSellers:
    """The rules in force of these types; what was found for a place is kept."""

    __slots__ = ("_found", "_regions", "_rules")

    def __init__(self, rules: list[CompiledRule]) -> None:
        self._rules = rules
        self._regions: dict[Place, dict[str, int]] = {}
        self._found: dict[tuple[str, Place, str], tuple[CompiledRule, ...]] = {}

    def regions(self, place: Place) -> dict[str, int]:
        """The regions that contain a place, with their specificity."""
        found = self._regions.get(place)
        if found is None:
            if len(self._regions) >= _FOUND_MAX:
                self._regions.clear()  # addresses come from outside, so what is kept of them is bounded
            found = self._regions[place] = regions_around(place) if isinstance(place, str) else address_regions(*place)
        return found

    def find(self, kind: str, place: Place, currency: str) -> tuple[CompiledRule, ...]:
        """The rules of a type that can count for a seller there, in order of precedence."""
        key = (kind, place, currency)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _FOUND_MAX:
                self._found.clear()
            found = self._found[key] = self._ordered(kind, self.regions(place), currency)
        return found

    def _ordered(self, kind: str, regions: dict[str, int], currency: str) -> tuple[CompiledRule, ...]:
        here = [
            rule
            for rule in self._rules
            if rule.type == kind and rule.region_key in regions and rule.currency in (None, currency)
        ]
        here.sort(
            key=lambda rule: (-regions[rule.region_key], -rule.priority, -rule.effective_from_us, rule.name),
        )
        return tuple(here)

    def types(self) -> list[str]:
        """The types of which there are rules."""
        return sorted({rule.type for rule in self._rules})


def place_of(seller_regions: Mapping[str, str], basket: Basket, seller_id: str) -> Place:
    """Where a seller is; `seller_regions` are those that the catalog knows."""
    region = seller_regions.get(seller_id)
    if region is not None:
        return region
    address = basket.pickup_address or basket.delivery_address
    return address.country, address.city, address.district
