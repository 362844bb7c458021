"""What a set would change, as something to suppose: for a simulation, a check or a replay.

Source: docs/spec/change-sets.md#check-and-simulation; docs/spec/replay.md#what-is-supposed.
"""

from typing import TypeVar

import msgspec

from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.steering.change_sets.model.contents import Contents, name_of
from quote_service.steering.replay.model.supposed_change import SupposedChange, SupposedPrice

Dated = TypeVar("Dated", RuleDraft, RateDraft)


def places_in_set(contents: Contents) -> dict[str, str]:
    """Where in the set stands what is supposed, by the pointers of `supposed_change`."""
    rules, rates = list(enumerate(contents.rules)), list(enumerate(contents.rates))
    members = {
        "draft_rules": [f"/rules/{place}/draft" for place, rule in rules if rule.draft is not None],
        "ended_rules": [f"/rules/{place}" for place, rule in rules if rule.draft is None],
        "draft_rates": [f"/rates/{place}/draft" for place, rate in rates if rate.draft is not None],
        "ended_rates": [f"/rates/{place}" for place, rate in rates if rate.rate_id is not None],
        "price_changes": [f"/prices/{place}" for place in range(len(contents.prices))],
    }
    return {f"/{member}/{index}": place for member, places in members.items() for index, place in enumerate(places)}


def supposed_change(contents: Contents, *, from_beginning: bool) -> SupposedChange:
    """A set's changes as a replay supposes them.

    Args:
        contents: The changes.
        from_beginning: Whether rules and rates count as if they had always, and not from their own starts: a replay is of quotes
            that were all issued before the set.
    """

    def dated(draft: Dated) -> Dated:
        return msgspec.structs.replace(draft, effective_from=None) if from_beginning else draft

    flags = []
    for flag in contents.flags:
        if flag.draft is not None:
            flags.append(flag.draft)
        elif flag.before is not None:
            flags.append(msgspec.structs.replace(flag.before, is_enabled=False))
    return SupposedChange(
        draft_rules=[dated(rule.draft) for rule in contents.rules if rule.draft is not None],
        ended_rules=[name_of(rule) for rule in contents.rules if rule.draft is None],
        draft_rates=[dated(rate.draft) for rate in contents.rates if rate.draft is not None],
        ended_rates=[rate.rate_id for rate in contents.rates if rate.rate_id is not None],
        draft_flags=flags,
        price_changes=[
            SupposedPrice(
                product_id=price.product_id, variant_id=price.variant_id, currency=price.currency, price=price.price
            )
            for price in contents.prices
        ],
    )
