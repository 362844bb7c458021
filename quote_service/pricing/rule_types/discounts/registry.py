"""The kinds of discount, by the name that they have on the wire: every module of this folder that has a `KIND`.

A module is enough: nothing lists the kinds by hand.
"""

from typing import TYPE_CHECKING, Literal

from quote_service.pricing.declared import declared_in
from quote_service.pricing.rule_types import discounts
from quote_service.pricing.rule_types.discounts.kind import DiscountKind

KINDS: dict[str, DiscountKind] = {kind.name: kind for kind in declared_in(discounts, "KIND", DiscountKind)}

if TYPE_CHECKING:
    KindName = str
else:
    KindName = Literal[tuple(KINDS)]
