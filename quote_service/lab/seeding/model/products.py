"""The seeded products: what an order needs of one, and everything that its page shows.

Source: docs/spec/seeding.md#what-is-there.
"""

from typing import Final, NamedTuple

from quote_service.lab.seeding.model.draws import Draws
from quote_service.lab.seeding.model.plan import SeedPlan
from quote_service.lab.seeding.model.price_paths import PriceMove, price_moves
from quote_service.lab.seeding.model.shop import leaf_id, seller_id
from quote_service.lab.seeding.model.taxonomy import ADJECTIVES, LEAVES, TAGS, Leaf
from quote_service.lab.seeding.model.vocabulary import Vocabulary

CURRENCY: Final = "TRY"
ABROAD: Final = "EUR"
_LIRA_OF_A_EURO: Final = 50
_ABROAD_PERCENT: Final = 20
_VARIANTS_PERCENT: Final = 30
_DEARER_PERCENT: Final = 110  # a variant with a price of its own, of its product's
MIN_PERCENT: Final = 70
MAX_PERCENT: Final = 130
COST_PERCENT: Final = 55
_SOLD_PERCENT: Final = 98  # the others are switched off


class SeedVariant(NamedTuple):
    """A variant; `base_minor` only where its price is its own."""

    id: str
    option: str
    base_minor: int | None


class SeedProduct(NamedTuple):
    """What an order needs of a product; prices are minor units of `CURRENCY`."""

    number: int
    id: str
    leaf: int
    category_id: str
    seller_id: str
    base_minor: int
    grams: int
    tags: tuple[str, ...]
    is_active: bool
    variants: tuple[SeedVariant, ...]
    euro_minor: int | None
    moves: list[PriceMove]


class ProductPage(NamedTuple):
    """What the page of a product shows beyond that."""

    sku: str
    name: str
    description: str
    attributes: dict[str, str]


def seed_product(plan: SeedPlan, number: int) -> SeedProduct:
    """The product of a number."""
    draws = Draws(plan.seed, "product", number)
    place = draws.below(len(LEAVES))
    leaf = LEAVES[place]
    # Cheap ones are many: of two draws the lower.
    span = leaf.price_to - leaf.price_from
    lira = leaf.price_from + min(draws.below(span), draws.below(span))
    base_minor = lira * 100 + 90
    tags = tuple(sorted({draws.one_of(TAGS) for _ in range(draws.below(3))}))
    euro_minor = max(90, base_minor // _LIRA_OF_A_EURO // 100 * 100 + 90) if draws.percent(_ABROAD_PERCENT) else None
    is_active = draws.percent(_SOLD_PERCENT)
    return SeedProduct(
        number=number,
        id=draws.identifier(plan.opened_us + number),
        leaf=place,
        category_id=leaf_id(plan, place),
        seller_id=seller_id(plan, draws.below(plan.sellers)),
        base_minor=base_minor,
        grams=draws.between(leaf.grams_from, leaf.grams_to),
        tags=tags,
        is_active=is_active,
        variants=_variants(plan, number, leaf, base_minor),
        euro_minor=euro_minor,
        moves=price_moves(plan, number),
    )


def sku_of(plan: SeedPlan, number: int) -> str:
    """The SKU of a product; it names the seed, since a database may hold several."""
    return f"S{plan.seed}-{number:07d}"


def _variants(plan: SeedPlan, number: int, leaf: Leaf, base_minor: int) -> tuple[SeedVariant, ...]:
    draws = Draws(plan.seed, "variants", number)
    if not leaf.options or not draws.percent(_VARIANTS_PERCENT):
        return ()
    made = []
    for place in range(draws.between(2, len(leaf.options))):
        own = base_minor * _DEARER_PERCENT // 100 if place and draws.percent(25) else None
        identifier = Draws(plan.seed, f"variant{place}", number).identifier(plan.opened_us + number)
        made.append(SeedVariant(identifier, leaf.options[place], own))
    return tuple(made)


def product_page(plan: SeedPlan, product: SeedProduct, vocabulary: Vocabulary) -> ProductPage:
    """What the page of a product shows."""
    draws = Draws(plan.seed, "page", product.number)
    leaf = LEAVES[product.leaf]
    brand = draws.one_of(vocabulary.brands)
    name = f"{brand} {draws.one_of(ADJECTIVES)} {draws.one_of(leaf.nouns)}"
    description = " ".join(draws.one_of(vocabulary.sentences) for _ in range(draws.between(2, 4)))
    return ProductPage(sku_of(plan, product.number), name, description, {"brand": brand})
