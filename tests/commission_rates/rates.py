"""Calls of the resource, and rates to call it with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

PATH = "/api/v1/commission-rates"
BULK = f"{PATH}/bulk"
EXPORT = f"{PATH}/export"


def a_rate(**fields: Any) -> dict[str, Any]:
    """A percentage for a seller of its own, from long ago on."""
    return {
        "commission_type": "PERCENTAGE",
        "seller_id": str(uuid4()),
        "rate": 12.5,
        "effective_from": "2026-01-01T00:00:00Z",
        **fields,
    }


def tiered(**fields: Any) -> dict[str, Any]:
    """Two brackets in TRY for a seller of its own."""
    rate = a_rate(
        commission_type="TIERED",
        currency="TRY",
        tiers=[{"up_to": 1000, "rate": 10}, {"up_to": None, "rate": 8}],
        **fields,
    )
    return {name: value for name, value in rate.items() if name != "rate" or "rate" in fields}


@dataclass
class Rates:
    """The resource over HTTP."""

    http: httpx.Client

    def post(self, rate: Any, **headers: str) -> httpx.Response:
        return self.http.post(PATH, json=rate, headers=headers)

    def create(self, **fields: Any) -> dict[str, Any]:
        """A rate that is there now, as it is shown."""
        answer = self.post(a_rate(**fields))
        assert answer.status_code == 201, answer.text
        return record_of(answer)

    def get(self, rate_id: str) -> httpx.Response:
        return self.http.get(f"{PATH}/{rate_id}")

    def put(self, rate_id: str, rate: Any, **headers: str) -> httpx.Response:
        return self.http.put(f"{PATH}/{rate_id}", json=rate, headers=headers)

    def end(self, rate_id: str, **headers: str) -> httpx.Response:
        return self.http.delete(f"{PATH}/{rate_id}", headers=headers)

    def listed(self, **query: Any) -> httpx.Response:
        return self.http.get(PATH, params=query)

    def found(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.listed(**query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])

    def history(self, rate_id: str, **query: Any) -> httpx.Response:
        return self.http.get(f"{PATH}/{rate_id}/history", params=query)

    def bulk(self, rows: Any, **headers: str) -> httpx.Response:
        return self.http.put(BULK, content=json.dumps(rows), headers={"Content-Type": "application/json", **headers})

    def bulk_csv(self, lines: str | bytes, **headers: str) -> httpx.Response:
        content = lines.encode() if isinstance(lines, str) else lines
        return self.http.put(BULK, content=content, headers={"Content-Type": "text/csv; charset=utf-8", **headers})

    def export(self) -> str:
        answer = self.http.get(EXPORT)
        assert answer.status_code == 200, answer.text
        return answer.content.decode()


def record_of(answer: httpx.Response) -> dict[str, Any]:
    """What was written, as it is shown from now on: without the warnings of that one answer."""
    assert answer.is_success, answer.text
    return {name: value for name, value in answer.json()["data"].items() if name != "warnings"}


def pointers(answer: httpx.Response) -> list[str]:
    """Where the faults of a refusal are."""
    return [fault["pointer"] for fault in answer.json()["errors"]]


def details(answer: httpx.Response) -> dict[str, str]:
    """The faults of a refusal by where they are."""
    return {fault["pointer"]: fault["detail"] for fault in answer.json()["errors"]}
