"""The test of a price that a decision proposes, as fields of the form that drafts it.

Source: docs/spec/web.md#price-decisions.
"""

from collections.abc import Mapping
from typing import Any


def test_fields(test: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The names and values of the fields; empty without a test."""
    if test is None:
        return []
    experiment = dict(test["experiment"])
    clusters = experiment.pop("clusters")
    fields = [(f"/{name}", str(value)) for name, value in experiment.items()]
    for place, cluster in enumerate(clusters):
        fields.append((f"/clusters/{place}/name", cluster["name"]))
        fields.append((f"/clusters/{place}/product_ids", ", ".join(cluster["product_ids"])))
    return fields
