"""The countries that the store's forms offer, by their names."""

from typing import Final, Literal

StorePrices = Literal["by_country", "with_tax", "without_tax"]

COUNTRIES: Final[dict[str, str]] = {
    "AT": "Austria",
    "BE": "Belgium",
    "BG": "Bulgaria",
    "CH": "Switzerland",
    "CY": "Cyprus",
    "CZ": "Czechia",
    "DE": "Germany",
    "DK": "Denmark",
    "EE": "Estonia",
    "ES": "Spain",
    "FI": "Finland",
    "FR": "France",
    "GB": "United Kingdom",
    "GR": "Greece",
    "HR": "Croatia",
    "HU": "Hungary",
    "IE": "Ireland",
    "IT": "Italy",
    "LT": "Lithuania",
    "LU": "Luxembourg",
    "LV": "Latvia",
    "MT": "Malta",
    "NL": "Netherlands",
    "NO": "Norway",
    "PL": "Poland",
    "PT": "Portugal",
    "RO": "Romania",
    "SE": "Sweden",
    "SI": "Slovenia",
    "SK": "Slovakia",
    "TR": "Türkiye",
    "US": "United States",
}


#: Of these, those where consumers are shown prices to which sales tax is added; elsewhere a price has to contain it (in the EU:
#: directive 98/6/EC, article 2).
_TAX_IS_ADDED: Final = frozenset({"US"})


def shows_tax(prices: StorePrices, country: str) -> bool:
    """Whether prices for a country are shown with tax in them."""
    return prices == "with_tax" or (prices == "by_country" and country not in _TAX_IS_ADDED)
