"""Every statement of every resource, on the real schema.

Source: docs/decisions/declared-resources.md.
"""

from __future__ import annotations

import asyncpg
import pytest

from quote_service.platform.resource.resource import Resource
from quote_service.routes import ROUTERS

RESOURCES = {each.many: each for each in Resource.every if each.record.__module__.startswith("quote_service.")}


@pytest.mark.parametrize("many", RESOURCES)
async def test_every_statement_fits_the_schema(database_url: str, many: str) -> None:
    resource = RESOURCES[many]
    connection = await asyncpg.connect(database_url)
    try:
        for text in resource.statements.texts():
            await connection.prepare(text)
        written = (await connection.prepare(resource.statements.insert)).get_parameters()
        assert len(written) == len(resource.statements.written) + 3
        shown = (await connection.prepare(resource.statements.read)).get_attributes()
        assert tuple(each.name for each in shown) == resource.record.__struct_fields__
    finally:
        await connection.close()


def test_every_resource_has_routes() -> None:
    paths = {router.path for router in ROUTERS}
    assert {f"/api/v1/{many}" for many in RESOURCES} <= paths
    assert RESOURCES
