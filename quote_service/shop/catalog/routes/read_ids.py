"""Ids in a query, separated by commas.

Source: docs/spec/catalog.md#lists-and-search.
"""

from uuid import UUID


def read_ids(text: str, at_most: int) -> list[UUID]:
    """The ids of a text, in its order.

    Raises:
        ValueError: One of them is no UUID, or there are more than `at_most`; it says which.
    """
    named = [each.strip() for each in text.split(",") if each.strip()]
    if not 1 <= len(named) <= at_most:
        raise ValueError(f"must name 1 to {at_most}")
    ids = []
    for each in named:
        try:
            ids.append(UUID(each))
        except ValueError:
            raise ValueError("must hold UUIDs, separated by commas") from None
    return ids
