"""What is in the basket of a seeded order, for whom, and where it goes.

A product is looked at as often as it is popular, and bought the less often the more expensive it is against its base price: by the
elasticity below, exactly what an analysis of the orders should find again.

Source: docs/spec/seeding.md#orders.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from quote_service.lab.seeding.model.draws import Draws, Weighted
from quote_service.lab.seeding.model.plan import SeedPlan
from quote_service.lab.seeding.model.price_paths import HIGHEST_PERCENT, LOWEST_PERCENT, percent_at, priced
from quote_service.lab.seeding.model.products import SeedProduct, SeedVariant
from quote_service.platform.system.instants import SECOND_US

ELASTICITY: Final = 1.6
_CHANCES: Final = 1_000_000
# Whole numbers, so that no machine rounds otherwise: the chance of a purchase at a percentage of the base price.
_BUYS: Final = {
    percent: round(_CHANCES * (LOWEST_PERCENT / percent) ** ELASTICITY)
    for percent in range(LOWEST_PERCENT, HIGHEST_PERCENT + 1)
}
_LOOKS_MAX: Final = 40  # past that whatever was seen last is bought
_LINES: Final = Weighted((62, 23, 10, 5))
_QUANTITIES: Final = Weighted((78, 14, 5, 3))
_EXPRESS_PERCENT: Final = 15
_DECIDES_FROM_S: Final = 20
_DECIDES_TO_S: Final = 600
_POINTS: Final = 1 << 32


class City(NamedTuple):
    """A city that orders go to; `spread` is how far from its middle, in ten-thousandths of a degree."""

    name: str
    districts: tuple[str, ...]
    latitude: int
    longitude: int
    spread: int
    weight: int


_CITIES: Final = (
    City("Istanbul", ("Kadıköy", "Beşiktaş", "Üsküdar", "Şişli", "Bakırköy"), 410082, 289784, 900, 44),
    City("Ankara", ("Çankaya", "Keçiören", "Yenimahalle"), 399334, 328597, 700, 18),
    City("Izmir", ("Konak", "Bornova", "Karşıyaka"), 384237, 271428, 600, 14),
    City("Bursa", ("Nilüfer", "Osmangazi"), 401885, 290610, 500, 9),
    City("Antalya", ("Muratpaşa", "Kepez"), 368969, 307133, 500, 8),
    City("Adana", ("Seyhan", "Çukurova"), 370000, 353213, 400, 7),
)
_WHERE: Final = Weighted([city.weight for city in _CITIES])


class SeedLine(NamedTuple):
    """A line of an order; the price of a unit is minor units."""

    product: SeedProduct
    variant: SeedVariant | None
    quantity: int
    unit_minor: int


class SeedBasket(NamedTuple):
    """An order before it is priced; coordinates are degrees with four decimals."""

    customer: int
    lines: tuple[SeedLine, ...]
    city: str
    district: str
    latitude: float
    longitude: float
    is_express: bool
    decides_us: int


def seed_basket(plan: SeedPlan, draws: Draws, at_us: int, product_of: Callable[[int], SeedProduct]) -> SeedBasket:
    """The basket of an order.

    Args:
        plan: With at least one product and one customer.
        draws: The order's, some of which may have been drawn.
        at_us: When its quote is issued.
        product_of: The product of a number.
    """
    customer = _popular(draws, plan.customers)
    lines: dict[tuple[int, str | None], SeedLine] = {}
    for _ in range(1 + _LINES.draw(draws)):
        line = _line(plan, draws, at_us, product_of)
        lines[line.product.number, line.variant.id if line.variant else None] = line
    city = _CITIES[_WHERE.draw(draws)]
    return SeedBasket(
        customer=customer,
        lines=tuple(lines.values()),
        city=city.name,
        district=draws.one_of(city.districts),
        latitude=(city.latitude + draws.between(-city.spread, city.spread)) / 10_000,
        longitude=(city.longitude + draws.between(-city.spread, city.spread)) / 10_000,
        is_express=draws.percent(_EXPRESS_PERCENT),
        decides_us=draws.between(_DECIDES_FROM_S * SECOND_US, _DECIDES_TO_S * SECOND_US),
    )


def _line(plan: SeedPlan, draws: Draws, at_us: int, product_of: Callable[[int], SeedProduct]) -> SeedLine:
    for _ in range(_LOOKS_MAX):
        product = product_of(_popular(draws, plan.products))
        percent = percent_at(product.moves, at_us, plan)
        variant = draws.one_of(product.variants) if product.variants else None
        if variant is not None and variant.base_minor is not None:
            unit_minor, percent = variant.base_minor, 100
        else:
            unit_minor = priced(product.base_minor, percent)
        if product.is_active and draws.below(_CHANCES) < _BUYS[percent]:
            break
    return SeedLine(product, variant, 1 + _QUANTITIES.draw(draws), unit_minor)


def _popular(draws: Draws, count: int) -> int:
    """One of so many, of which the first are the most popular: half of all draws fall on an eighth."""
    point = draws.below(_POINTS)
    return point**3 * count // _POINTS**3
