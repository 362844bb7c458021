"""How far it is from pickup to delivery: the haversine distance, unrounded.

The sine and cosine are binary floats, as a distance is not an amount; from there on nothing is rounded until the fee is,
which takes the float as the exact fraction that it holds (`as_integer_ratio`).

Source: docs/spec/pricing-rules.md#distance-and-weight.
"""

from math import asin, cos, pi, sin, sqrt
from typing import Final

from quote_service.pricing.basket import Address

EARTH_RADIUS_KM: Final = 6371.0088
NOWHERE_KM: Final = 0.0
_RADIANS: Final = pi / 180  # in a degree, as `math.radians` has it, whose call costs more than the product


def measure_distance(pickup: Address | None, delivery: Address) -> float | None:
    """The kilometres between two places; None where a coordinate is missing."""
    if pickup is None:
        return None
    from_latitude, from_longitude = pickup.latitude, pickup.longitude
    to_latitude, to_longitude = delivery.latitude, delivery.longitude
    if from_latitude is None or from_longitude is None or to_latitude is None or to_longitude is None:
        return None
    latitude, other_latitude = from_latitude * _RADIANS, to_latitude * _RADIANS
    half_chord = (
        sin((other_latitude - latitude) / 2) ** 2
        + cos(latitude) * cos(other_latitude) * sin((to_longitude - from_longitude) * _RADIANS / 2) ** 2
    )
    # Between antipodes the sum may come out a hair above 1, where asin has no value.
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half_chord)))
