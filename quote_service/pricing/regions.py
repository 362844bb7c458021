"""Regions: paths from country to district, or bare place names, and how they match a delivery address.

A region is compiled once to a key; an address is turned into the few keys that contain it. Matching is then a look-up.

    TR                      -> "tr"                     specificity 1
    TR/Istanbul             -> "tr/istanbul"            specificity 2
    TR/Istanbul/Kadıköy     -> "tr/istanbul/kadikoy"    specificity 3
    Istanbul                -> "*istanbul"              2 as a city, 3 as a district
    null                    -> ""                       specificity 0

Source: docs/spec/wire.md#regions.
"""

import unicodedata
from functools import lru_cache

from quote_service.pricing.countries import COUNTRIES

GLOBAL = ""
_BARE = "*"
_NAME_LENGTH_MAX = 100
# The dotless i has no decomposition; Turkish writes one place with either.
_DOTLESS = str.maketrans("ı", "i")


class RegionUnreadable(ValueError):
    """The text is no region; its message is fit for a client."""


@lru_cache(maxsize=65_536)
def fold_name(name: str) -> str:
    """The form in which two names of one place are equal: `İstanbul`, `ISTANBUL`, `istanbul` -> `istanbul`."""
    decomposed = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    # Case folding may decompose further (U+0130 leaves a dot above), hence the second pass.
    folded = unicodedata.normalize("NFKD", bare.translate(_DOTLESS).casefold())
    return "".join(letter for letter in folded if not unicodedata.combining(letter)).strip()


def region_key(region: str | None) -> str:
    """The key of a region as an admin wrote it; None is global.

    Raises:
        RegionUnreadable: An empty or overlong part, more than three parts, an unknown country code, or a path that
            does not start with a country.
    """
    if region is None:
        return GLOBAL
    parts = [fold_name(part) for part in region.split("/")]
    if len(parts) > 3:
        raise RegionUnreadable("a region has at most three parts: country/city/district")
    if any(not part or len(part) > _NAME_LENGTH_MAX for part in parts):
        raise RegionUnreadable(f"each part of a region has 1 to {_NAME_LENGTH_MAX} characters")
    first = parts[0]
    if len(first) == 2 and first.isascii() and first.isalpha():
        if first.upper() not in COUNTRIES:
            raise RegionUnreadable(f"{first.upper()} is not an ISO 3166-1 country code")
        return "/".join(parts)
    if len(parts) > 1:
        raise RegionUnreadable("a path starts with an ISO 3166-1 country code; a place name stands alone")
    return _BARE + first


def _one_part(name: str) -> str:
    # A name with a slash in it must not be taken for a path: no part of a region has one.
    return fold_name(name).replace("/", " ")


def address_regions(country: str, city: str, district: str | None) -> dict[str, int]:
    """The keys of every region that contains an address, with their specificity, most specific first.

    A bare name counts as the city's where the city bears it, and as the district's only otherwise.
    """
    land, town = fold_name(country), _one_part(city)
    keys: dict[str, int] = {}
    if district:
        quarter = _one_part(district)
        keys[f"{land}/{town}/{quarter}"] = 3
        if quarter != town:
            keys[_BARE + quarter] = 3
    keys[f"{land}/{town}"] = 2
    keys[_BARE + town] = 2
    keys[land] = 1
    keys[GLOBAL] = 0
    return keys


def regions_around(region: str) -> dict[str, int]:
    """As `address_regions`, for a region that stands for an address of which no more is known.

    Raises:
        RegionUnreadable: See `region_key`.
    """
    key = region_key(region)
    if key.startswith(_BARE):
        return {key: 2, GLOBAL: 0}
    country, *names = key.split("/")
    if not names:
        return {country: 1, GLOBAL: 0}
    return address_regions(country, names[0], names[1] if len(names) > 1 else None)


@lru_cache(maxsize=65_536)
def region_name(country: str, city: str) -> str:
    """The one name that all spellings of a city have in reports: `tr`, `İSTANBUL` -> `TR/Istanbul`."""
    return f"{fold_name(country).upper()}/{_one_part(city).title()}"
