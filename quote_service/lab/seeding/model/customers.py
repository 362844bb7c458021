"""The customers of the seeded shop.

Source: docs/spec/seeding.md#what-is-there.
"""

from typing import Final, NamedTuple
from unicodedata import normalize

from quote_service.lab.seeding.model.draws import Draws, Weighted
from quote_service.lab.seeding.model.plan import SeedPlan
from quote_service.lab.seeding.model.vocabulary import Vocabulary

_TIERS: Final = (None, "silver", "gold", "platinum")
_TIER: Final = Weighted((64, 22, 11, 3))
_SEGMENTS: Final = ("newsletter", "student", "parent", "business", "early-adopter")


class SeedCustomer(NamedTuple):
    """What prices ask of a customer."""

    id: str
    tier: str | None
    segments: tuple[str, ...]


def seed_customer(plan: SeedPlan, number: int) -> SeedCustomer:
    """The customer of a number."""
    draws = Draws(plan.seed, "customer", number)
    tier = _TIERS[_TIER.draw(draws)]
    segments = tuple(sorted({draws.one_of(_SEGMENTS) for _ in range(draws.below(3))}))
    return SeedCustomer(draws.identifier(plan.opened_us + number), tier, segments)


def customer_email(plan: SeedPlan, number: int, vocabulary: Vocabulary) -> str:
    """The address of a customer: nobody's, for the domain is kept for examples (RFC 2606)."""
    draws = Draws(plan.seed, "email", number)
    name = f"{draws.one_of(vocabulary.first_names)}.{draws.one_of(vocabulary.last_names)}"
    plain = normalize("NFKD", name.lower().replace("ı", "i")).encode("ascii", "ignore").decode()
    return (
        f"{''.join(letter for letter in plain if letter.isalnum() or letter == '.')}.{plan.seed}.{number}@example.com"
    )
