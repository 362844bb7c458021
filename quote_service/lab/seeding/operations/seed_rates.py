"""The rates of the seeded sellers and categories; and, where a database has no rule at all, rules to price orders by.

Source: docs/spec/seeding.md#what-is-there.
"""

from contextlib import suppress
from uuid import UUID

from quote_service.lab.seeding.model.draws import Draws
from quote_service.lab.seeding.model.plan import SeedPlan
from quote_service.lab.seeding.model.products import CURRENCY
from quote_service.lab.seeding.model.shop import LOGISTICS_PROVIDER, SeedSeller, leaf_id
from quote_service.lab.seeding.model.taxonomy import LEAVES
from quote_service.lab.seeding.tables.seeded_rows import AUTHOR, holds_rules
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.errors import RateOverlaps
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.rulebook.commission_rates.operations.create_rate import create_rate
from quote_service.rulebook.pricing_rules.operations.create_rule import create_rule

_CATEGORY_PERCENT = "1.5"
_LOGISTICS_PERCENT = "0.75"
_RULES = (
    ("seed-delivery", "DELIVERY_FEE", b'{"base_fee": 49.90, "provider": "swift"}', CURRENCY),
    ("seed-express", "EXPRESS_FEE", b'{"base_fee": 89.90, "provider": "swift"}', CURRENCY),
    ("seed-free-delivery", "FREE_DELIVERY", b'{"min_subtotal": 750.00, "includes_express": false}', CURRENCY),
    ("seed-small-basket", "SMALL_BASKET_FEE", b'{"threshold": 100.00, "fee": 14.90, "mode": "fixed"}', CURRENCY),
    ("seed-vat", "TAX", b'{"rate": 20, "inclusive": true, "applies_to_delivery": true}', None),
)


async def seed_rates(connection: Connection, plan: SeedPlan, sellers: list[SeedSeller]) -> None:
    """Write rates and rules as an admin would, effective since the shop was opened."""
    change = change_by_system(AUTHOR, plan.opened_us)
    drafts = [
        RateDraft(commission_type="PERCENTAGE", seller_id=UUID(seller.id), rate=ExactNumber(seller.rate_percent))
        for seller in sellers
    ]
    drafts += [
        RateDraft(
            commission_type="PERCENTAGE", category_id=UUID(leaf_id(plan, place)), rate=ExactNumber(_CATEGORY_PERCENT)
        )
        for place in range(len(LEAVES))
    ]
    drafts.append(
        RateDraft(
            commission_type="PERCENTAGE", logistics_provider=LOGISTICS_PROVIDER, rate=ExactNumber(_LOGISTICS_PERCENT)
        )
    )
    for number, draft in enumerate(drafts):
        with suppress(RateOverlaps):  # the provider may have a rate of its own
            await create_rate(Change.within(connection, change), _id(plan, "rate", number), draft)
    if await holds_rules(connection):
        return
    for number, (name, rule_type, configuration, currency) in enumerate(_RULES):
        rule = RuleDraft(
            name=name,
            type=rule_type,
            configuration=parse_exact(configuration),
            currency=currency,
            effective_from=plan.opened,
        )
        await create_rule(Change.within(connection, change), _id(plan, "rule", number), rule)


def _id(plan: SeedPlan, kind: str, number: int) -> UUID:
    return UUID(Draws(plan.seed, kind, number).identifier(plan.opened_us))
