"""The API's description as this code makes it, without a service, and validators of its schemas."""

from __future__ import annotations

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


@cache
def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    return jsonschema_rs.Draft202012Validator(schema)
