"""What rivals ask: shops of several kinds, each of which prices by a rule of its own.

Source: docs/spec/demonstration.md#rivals.
"""

from typing import Any, Final, Literal

import msgspec

RivalKind = Literal["steady", "follower", "premium", "promoter", "noisy"]


class Rival(msgspec.Struct, frozen=True):
    """A rival shop.

    Attributes:
        name: As people see it.
        platform: Where it sells.
        kind: The rule it prices by.
        usual_percent: Of our usual price.
        website: Where its offers are; those of a marketplace have one address.
    """

    name: str
    platform: str
    kind: RivalKind
    usual_percent: int
    website: str


_MARKETPLACE: Final = "https://market-hall.example"
RIVALS: Final = (
    Rival("Harbour Roasters", "own shop", "steady", 100, "https://harbour-roasters.example"),
    Rival("Bean & Leaf", "own shop", "premium", 108, "https://bean-and-leaf.example"),
    Rival("Copycat Coffee", "marketplace", "follower", 97, _MARKETPLACE),
    Rival("Weekend Market", "marketplace", "promoter", 101, _MARKETPLACE),
    Rival("Corner Deals", "marketplace", "noisy", 98, _MARKETPLACE),
)

#: Whose part in a story it is, by the place among RIVALS.
STEADY, FOLLOWER = 0, 2

_FOLLOWS_CHANCE = 0.3
_FOLLOWS_PERCENT = 99
_CHANGES_EVERY_DAYS = 45
_PROMOTES_EVERY_DAYS, _PROMOTES_DAYS, _PROMOTION_PERCENT = 24, 4, 86
_LEAST_PERCENT_OF_COST = 104


def next_price(
    rival: Rival, at: int, day: int, before_minor: int, ours_minor: int, usual_minor: int, cost_minor: int, draw: Any
) -> int:
    """What a rival asks on a day.

    Args:
        rival: Who.
        at: The number of the product, so that not everything moves on one day.
        day: From 0.
        before_minor: What it asked the day before.
        ours_minor: What we asked the day before.
        usual_minor: The product's usual price.
        cost_minor: What a unit costs about everybody.
        draw: numpy's generator; each call takes two draws, whatever comes of it.
    """
    chance, strength = draw.random(), draw.normal()
    usual = usual_minor * rival.usual_percent // 100
    wanted = before_minor
    match rival.kind:
        case "steady":
            if (day + 7 * at) % _CHANGES_EVERY_DAYS == 0:
                wanted = round(usual * (1 + 0.04 * strength))
        case "premium":
            if chance < 0.05:
                wanted = round(usual * (1 + 0.03 * strength))
        case "follower":
            if chance < _FOLLOWS_CHANCE:
                wanted = ours_minor * _FOLLOWS_PERCENT // 100
        case "promoter":
            is_on = (day + 5 * at) % _PROMOTES_EVERY_DAYS < _PROMOTES_DAYS
            wanted = usual * _PROMOTION_PERCENT // 100 if is_on else usual
        case "noisy":
            if chance < 0.5:
                wanted = round(usual * (1 + 0.035 * strength))
    return max(wanted, cost_minor * _LEAST_PERCENT_OF_COST // 100)
