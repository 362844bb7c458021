"""Every time that a list or report is asked for by: the first and last instants that there are get an answer, or a 422.

Source: docs/spec/wire.md#time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any
from uuid import uuid4

import httpx

from tests.catalog.shop import a_product

FARTHEST = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
)
BOUNDS = (("from", "to"), ("since", "until"))


def of_time(parameter: dict[str, Any]) -> bool:
    schema = str(parameter.get("schema", {}))
    return parameter["in"] == "query" and ("date-time" in schema or parameter["name"] in {"from", "to"})


def asked(path: str, parameters: list[dict[str, Any]], known: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    place = re.sub(r"\{(\w+)\}", lambda name: known.get(name[1], str(uuid4())), path)
    times = [each["name"] for each in parameters if of_time(each)]
    needed = {each["name"]: known.get(each["name"], FARTHEST[2]) for each in parameters if each.get("required")}
    for name, text in product(times, FARTHEST):
        yield place, {**needed, name: text}
    for begin, end in BOUNDS:
        if begin in times and end in times:
            yield from (
                (place, {**needed, begin: one, end: other}) for one, other in product(FARTHEST[1:4:2], FARTHEST)
            )


def test_no_instant_is_too_far_away_for_an_answer(admin: httpx.Client) -> None:
    paths: dict[str, Any] = admin.get("/docs/openapi.json").json()["paths"]
    made = admin.post("/api/v1/products", json=a_product()).json()["data"]
    known = {"product_id": str(made["id"])}
    seen, failed = set(), []
    for path, methods in paths.items():
        parameters = [each for each in methods.get("get", {}).get("parameters", []) if "in" in each]
        for place, query in asked(path, parameters, known):
            answer = admin.get(place, params=query)
            seen.add(path)
            if answer.status_code >= 500:
                failed.append((place, query))
    assert not failed
    assert len(seen) > 10
