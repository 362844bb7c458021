"""What the simulated shop sells: what each product costs, and how its shoppers answer to prices.

Source: docs/spec/demonstration.md#the-market.
"""

from typing import Final, Literal

import msgspec

from quote_service.intelligence.demand.optimiser.price_points import PricePoints

CURRENCY: Final = "EUR"
#: Prices of this shop are whole tenths: 12.80, 12.90, 13.00.
POINTS: Final = PricePoints(every_minor=10)

Story = Literal[
    "steady", "never_moved", "price_war", "wrong_decimal", "surge", "running_out", "sold_out_rival", "new_rival",
    "rival_drops", "rival_rises",
]  # fmt: skip


class Good(msgspec.Struct, frozen=True):
    """A product of the market; amounts in minor units.

    Attributes:
        sku: What it is found by.
        name: As shoppers see it.
        category: By whose name elasticities are pooled.
        usual_minor: The price that its shoppers are used to; market shares and the elasticity are told at it.
        cost_minor: Of one unit, at the beginning.
        elasticity: The true one, at the usual prices of everybody.
        visits: Shoppers who look for such a thing on an ordinary day.
        story: What happens to it in the last days.
    """

    sku: str
    name: str
    category: str
    usual_minor: int
    cost_minor: int
    elasticity: float
    visits: float
    story: Story = "steady"


# How far the usual price is from the one that would earn most, by the elasticity alone: too expensive above 1.
_OFF: Final = (1.24, 0.8, 1.22, 0.78, 0.82, 1.25, 0.79, 0.74, 1.23, 0.8, 0.78, 1.22)
_NAMED: Final[tuple[tuple[str, str, int, float, float, Story], ...]] = (
    ("Espresso beans 1 kg", "Coffee", 24_90, -4.2, 300, "price_war"),
    ("Filter coffee 500 g", "Coffee", 12_90, -2.9, 340, "steady"),
    ("Decaf beans 500 g", "Coffee", 15_90, -3.6, 190, "wrong_decimal"),
    ("Cold brew concentrate 1 l", "Coffee", 17_40, -2.7, 210, "surge"),
    ("Hand grinder", "Coffee gear", 44_90, -2.4, 110, "steady"),
    ("Gooseneck kettle", "Coffee gear", 59_90, -2.9, 90, "running_out"),
    ("French press", "Coffee gear", 34_90, -2.8, 150, "sold_out_rival"),
    ("Paper filters 100", "Coffee gear", 6_90, -2.5, 260, "never_moved"),
    ("Earl Grey 250 g", "Tea", 14_90, -3.9, 200, "rival_drops"),
    ("Sencha 100 g", "Tea", 11_90, -2.9, 240, "new_rival"),
    ("Rooibos 250 g", "Tea", 9_90, -2.7, 260, "rival_rises"),
    ("Matcha 30 g", "Tea", 22_90, -3.4, 170, "steady"),
)
GOODS: Final[tuple[Good, ...]] = tuple(
    Good(
        sku=f"DEMO-{at + 1:02d}",
        name=name,
        category=category,
        usual_minor=usual,
        # The price that earns most is cost x e / (e + 1).
        cost_minor=round(usual / off * (elasticity + 1) / elasticity),
        elasticity=elasticity,
        visits=visits * 10,
        story=story,
    )
    for at, ((name, category, usual, elasticity, visits, story), off) in enumerate(zip(_NAMED, _OFF, strict=True))
)


def legal(price_minor: int) -> int:
    """The price of this shop that is nearest to one."""
    return POINTS.nearest_within(price_minor, 1, 10**9) or POINTS.at_or_above(price_minor)
