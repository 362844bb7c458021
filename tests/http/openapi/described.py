"""The API's description as this code makes it, without a service, and validators of its schemas."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema_rs
import msgspec
from litestar import Litestar

from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.openapi.openapi import openapi_document
from quote_service.routes import ROUTERS


@cache
def document() -> dict[str, Any]:
    made: dict[str, Any] = as_sent(openapi_document(Litestar(route_handlers=list(ROUTERS), openapi_config=None)))
    return made


def as_sent(value: Any) -> Any:
    """What a client reads: numbers are numbers, however they were written."""
    return msgspec.json.decode(write_document(value))


class Validators:
    """Validators of schemas that refer to the components of a description, which are read once for all of them."""

    ADDRESS = "urn:description"

    def __init__(self, described: dict[str, Any]) -> None:
        self._registry = jsonschema_rs.Registry([(self.ADDRESS, {"components": described["components"]})])
        self._made: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def of(self, schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
        written = json.dumps(schema)
        if written not in self._made:
            addressed = json.loads(written.replace('"#/components/', f'"{self.ADDRESS}#/components/'))
            self._made[written] = jsonschema_rs.Draft202012Validator(addressed, registry=self._registry)
        return self._made[written]


@cache
def _validators() -> Validators:
    return Validators(document())


def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return _validators().of({"$ref": f"#/components/schemas/{name}"})
