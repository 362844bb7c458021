"""The categories and sellers of the seeded shop, and what it keeps of what they sell.

Source: docs/spec/seeding.md#what-is-there.
"""

from typing import Final, NamedTuple

from quote_service.lab.seeding.model.draws import Draws
from quote_service.lab.seeding.model.plan import SeedPlan
from quote_service.lab.seeding.model.taxonomy import LEAVES, ROOTS
from quote_service.lab.seeding.model.vocabulary import Vocabulary

LOGISTICS_PROVIDER: Final = "swift"


class SeedCategory(NamedTuple):
    """A category; roots have no parent."""

    id: str
    parent_id: str | None
    name: str


class SeedSeller(NamedTuple):
    """A seller; `rate_percent` is what the shop keeps of the seller's lines."""

    id: str
    name: str
    external_ref: str
    rate_percent: str


def root_id(plan: SeedPlan, root: str) -> str:
    """The id of a root of the tree."""
    return Draws(plan.seed, "root", ROOTS.index(root)).identifier(plan.opened_us)


def leaf_id(plan: SeedPlan, place: int) -> str:
    """The id of a leaf, by its place in `LEAVES`."""
    return Draws(plan.seed, "leaf", place).identifier(plan.opened_us)


def categories(plan: SeedPlan) -> list[SeedCategory]:
    """Parents before their children. Names carry the seed, since a database may have several seeds' trees."""
    if not plan.products:
        return []
    roots = [SeedCategory(root_id(plan, root), None, f"{root} {plan.seed}") for root in ROOTS]
    return [
        *roots,
        *(SeedCategory(leaf_id(plan, place), root_id(plan, leaf.root), leaf.name) for place, leaf in enumerate(LEAVES)),
    ]


def seller_id(plan: SeedPlan, number: int) -> str:
    """The id of a seller."""
    return Draws(plan.seed, "seller", number).identifier(plan.opened_us)


def sellers(plan: SeedPlan, vocabulary: Vocabulary) -> list[SeedSeller]:
    """Every seller."""
    made = []
    for number in range(plan.sellers):
        draws = Draws(plan.seed, "seller", number)
        name, quarters = draws.one_of(vocabulary.companies), draws.between(32, 72)
        rate = f"{quarters // 4}.{quarters % 4 * 25:02d}"
        made.append(SeedSeller(draws.identifier(plan.opened_us), name, f"seed-{plan.seed}-{number}", rate))
    return made
