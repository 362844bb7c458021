"""The API's description with the bounds of what many operations take left in one of them.

A rule's or rate's draft is the same component, read by the same struct, wherever it is sent: on its own, as a next
version, within a simulation or a check; and an issued quote is sent back bare or under `data`. Tried whole at each of
those, their bounds are thousands of requests that say the same.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

RULES_ADDED, RATES_ADDED = "add_pricing_rule", "create_commission_rate"
# Where a quote is sent back, and the form that it has there.
QUOTE_FORMS = {"accept_issued_quote": "QuoteToAccept", "verify_issued_quote": "QuoteDocument"}
# Enough of a rate to suppose it.
RATE_IN_BRIEF = {"commission_type", "rate", "seller_id"}


def with_each_bound_once(document: dict[str, Any], operation: str) -> dict[str, Any]:
    """The description for the test of one operation.

    Where a rule is added every type keeps all its fields, and one of them the conditions, which are the same component
    in each; any other operation has one type without them. Rates are whole where one is added and brief elsewhere.
    Quotes are bare where they are verified, and under `data` where they are accepted.
    """
    schemas: dict[str, Any] = document["components"]["schemas"]
    types = [entry["$ref"].rpartition("/")[2] for entry in schemas["RuleDraft"]["oneOf"]]
    reported = types if operation == RULES_ADDED else types[-1:]
    narrowed = {name: _only(schemas[name], set(schemas[name]["properties"]) - {"conditions"}) for name in reported}
    if operation == RULES_ADDED:
        narrowed[reported[0]] = schemas[reported[0]]
    narrowed["RuleDraft"] = {
        **schemas["RuleDraft"],
        "oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in reported],
    }
    del narrowed["RuleDraft"]["discriminator"]  # it names every type
    if operation != RATES_ADDED:
        narrowed["RateDraft"] = _only(schemas["RateDraft"], RATE_IN_BRIEF)
    components = {**document["components"], "schemas": {**schemas, **narrowed}}
    return {**document, "paths": _with_one_form(document["paths"], operation), "components": components}


def _with_one_form(paths: dict[str, Any], operation: str) -> dict[str, Any]:
    if operation not in QUOTE_FORMS:
        return paths
    form = {"$ref": f"#/components/schemas/{QUOTE_FORMS[operation]}"}
    changed: dict[str, Any] = copy.deepcopy(paths)
    taken = next(reported for reported in _operations(changed) if reported["operationId"] == operation)["requestBody"][
        "content"
    ]
    assert form in taken["application/json"]["schema"]["anyOf"]
    taken["application/json"]["schema"] = form
    return changed


def _operations(paths: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in paths.values():
        yield from methods.values()


def _only(schema: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    assert set(schema["required"]) <= fields <= set(schema["properties"])
    return {
        **schema,
        "properties": {name: schema["properties"][name] for name in schema["properties"] if name in fields},
    }
