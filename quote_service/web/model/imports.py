"""What can be brought in from a file.

Source: docs/spec/web.md#imports.
"""

from typing import Final, NamedTuple

from quote_service.platform.callers.access import Role


class Importing(NamedTuple):
    """Rows of one subject as a file: where the API takes them and where it has them all, and what to know of a file."""

    area: str
    many: str
    method: str
    path: str
    export: str
    about: str
    readers: tuple[Role, ...] = ("pricing_manager", "analyst")
    writers: tuple[Role, ...] = ("pricing_manager",)


IMPORTS: Final = {
    each.area: each
    for each in (
        Importing(
            "rates",
            "Commission rates",
            "PUT",
            "/api/v1/commission-rates/bulk",
            "/api/v1/commission-rates/export",
            "A row with an id replaces that rate, a row without one creates a rate. Numbers have a decimal point. At most 10 000 rows.",
        ),
        Importing(
            "products",
            "Products",
            "POST",
            "/api/v1/products/import",
            "/api/v1/products/export",
            "A row replaces the product with its SKU, or creates one. It is done in the background, all of it or nothing.",
        ),
    )
}
