"""Rules that were stored before a release that would refuse them are loaded, and price as they did.

Source: docs/decisions/rules-of-older-releases.md.
"""

from typing import Any

import msgspec
import pytest

from quote_service.platform.documents.exact_documents import convert_exact
from quote_service.pricing.calculation_inputs import FeeDiscountInputs
from quote_service.pricing.quote import Quote
from quote_service.pricing.rulebook.rule import RuleDraft, read_configuration, rule_faults
from quote_service.pricing.rulebook.rulebook import apply_changes, empty_rulebook
from quote_service.pricing.rulebook.stored import RulebookChanges, StoredRule
from tests.pricing.books import priced, read_setup, stored_rules
from tests.pricing.rulebooks import AT

REQUEST: dict[str, Any] = {
    "customer_id": "d0000000-0000-4000-8000-000000000000",
    "seller_id": "a0000000-0000-4000-8000-000000000000",
    "items": [{"product_id": "b0000000-0000-4000-8000-000000000000", "quantity": 2, "unit_price": 100}],
    "delivery_address": {"city": "Istanbul", "country": "TR"},
    "currency": "TRY",
}
DELIVERY = {"id": "fee", "name": "fee", "type": "DELIVERY_FEE", "currency": "TRY", "configuration": {"base_fee": 20}}


def stored_unchecked(configuration: dict[str, Any]) -> StoredRule:
    """A promotion as an older release stored it, which today's write refuses."""
    document = {"name": "old", "type": "PROMOTION", "currency": "TRY", "configuration": configuration}
    draft = convert_exact(read_setup(document), RuleDraft)
    assert list(rule_faults(draft, read_configuration(draft)))
    (template,) = stored_rules([{**DELIVERY, "id": "old"}])
    return msgspec.structs.replace(template, draft=draft)


def quote_by(configuration: dict[str, Any]) -> Quote:
    rules = [*stored_rules([DELIVERY]), stored_unchecked(configuration)]
    changes = RulebookChanges(
        version=1, is_complete=True, rates=[], ended_rate_ids=[], rules=rules, flags=[], exhaustions=[]
    )
    return priced(apply_changes(empty_rulebook(), changes), REQUEST, AT)


@pytest.mark.parametrize("funding", [{"funded_by": "seller"}, {"funded_by": "shared", "platform_percent": 50}])
def test_a_discount_on_delivery_that_names_another_is_the_platforms(funding: dict[str, Any]) -> None:
    quote = quote_by({"kind": "percent", "value": 50, "applies_to": "delivery", **funding})
    assert quote.delivery_fee_minor == 1000
    assert quote.calculations[-1].step == "delivery_discount"
    assert quote.calculations[-1].inputs == FeeDiscountInputs(base_amount=2000, platform_funded=1000)
    assert (quote.platform_discount_minor, quote.seller_discount_minor) == (0, 0)


@pytest.mark.parametrize(
    ("applies_to", "subtotal", "fee"), [({}, 99_00, 20_00), ({"applies_to": "delivery"}, 200_00, 20_00)]
)
def test_a_fixed_price_for_the_lot_goes_on_as_it_was(applies_to: dict[str, Any], subtotal: int, fee: int) -> None:
    quote = quote_by({"kind": "fixed_price", "value": 99, **applies_to})
    assert (quote.subtotal_minor, quote.delivery_fee_minor) == (subtotal, fee)
