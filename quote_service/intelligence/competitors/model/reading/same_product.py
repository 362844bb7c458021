"""Whether a page that a URL leads to is about the product that the URL was about.

Source: docs/spec/competitors.md#pages-that-move.
"""

import msgspec

from quote_service.intelligence.competitors.model.reading.found_product import PageOffer, PageProduct
from quote_service.intelligence.competitors.model.reading.score_titles import likeness, words_of

# A name of ours with so much around it is another product.
_ALIKE = 0.7


class KnownProduct(msgspec.Struct, frozen=True, kw_only=True):
    """What a page was called when it was last read, and what the product of ours is called that it is matched to.

    Nothing is set where it was never read, or is matched to none.
    """

    title: str | None = None
    gtin: str | None = None
    sku: str | None = None
    our_name: str | None = None
    our_gtins: list[str] = []


def is_same_product(known: KnownProduct, product: PageProduct, offer: PageOffer) -> bool:
    """Whether what was found is what is known: by its number, else by its SKU, else by its name.

    Where nothing is known, what was found is what will be known.
    """
    found_gtin, found_sku = offer.gtin or product.gtin, offer.sku or product.sku
    numbers = {known.gtin, *known.our_gtins} - {None}
    if found_gtin is not None and numbers:
        return found_gtin in numbers
    if found_sku is not None and known.sku is not None:
        return found_sku == known.sku
    if known.title is not None:
        # One word makes another size or colour of it.
        return product.title is not None and words_of(known.title) == words_of(product.title)
    if known.our_name is not None:
        theirs = product.title or ""
        return words_of(known.our_name) <= words_of(theirs) and likeness(theirs, known.our_name) >= _ALIKE
    return True
