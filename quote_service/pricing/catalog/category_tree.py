"""The categories below a category, whatever becomes of the tree.

Source: docs/spec/catalog.md#categories; docs/spec/pricing-rules.md#conditions.
"""

from collections.abc import Iterable, Mapping


class CategoryTree:
    """Made of the category above each category (`CatalogSnapshot.parents`); turned over once somebody asks."""

    def __init__(self, parents: Mapping[str, str | None]) -> None:
        self._parents = parents
        self._children: dict[str, list[str]] | None = None

    def with_those_below(self, categories: Iterable[str]) -> frozenset[str]:
        """Categories with everything below them, at whatever depth; one that is not in the tree has nothing below it."""
        if self._children is None:
            self._children = {}
            for category, parent in self._parents.items():
                if parent is not None:
                    self._children.setdefault(parent, []).append(category)
        reached: set[str] = set()
        left = list(categories)
        while left:
            category = left.pop()
            if category not in reached:
                reached.add(category)
                left += self._children.get(category, ())
        return frozenset(reached)
