"""How far it is from pickup to delivery: the haversine distance, unrounded, as an exact fraction of a kilometre.

The sine and cosine are binary floats, as a distance is not an amount; from there on nothing is rounded until the fee is.

Source: docs/spec/pricing-rules.md#distance-and-weight.
"""

from math import asin, cos, radians, sin, sqrt

import msgspec

from quote_service.pricing.basket import Address

EARTH_RADIUS_KM = 6371.0088


class Distance(msgspec.Struct, frozen=True, gc=False):
    """`numerator / denominator` kilometres, exactly what the float `km` holds."""

    km: float
    numerator: int
    denominator: int


NOWHERE = Distance(0.0, 0, 1)


def measure_distance(pickup: Address | None, delivery: Address) -> Distance | None:
    """The distance between two places; None where a coordinate is missing."""
    if pickup is None or pickup.latitude is None or pickup.longitude is None:
        return None
    if delivery.latitude is None or delivery.longitude is None:
        return None
    latitude, other_latitude = radians(pickup.latitude), radians(delivery.latitude)
    half_chord = (
        sin((other_latitude - latitude) / 2) ** 2
        + cos(latitude) * cos(other_latitude) * sin(radians(delivery.longitude - pickup.longitude) / 2) ** 2
    )
    # Between antipodes the sum may come out a hair above 1, where asin has no value.
    km = 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half_chord)))
    numerator, denominator = km.as_integer_ratio()
    return Distance(km, numerator, denominator)
