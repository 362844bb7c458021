"""The form of a product with variants: saving it changes what was typed, and nothing else.

Source: docs/spec/web.md#forms; docs/spec/catalog.md#prices.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_json import parse_json
from quote_service.web.rendering.form_documents import read_form_document
from quote_service.web.rendering.schema_fields import SchemaForm
from tests.access.running import RunningService
from tests.catalog.shop import PRODUCTS, a_product
from tests.web.test_forms import filled

SCHEMA = {"$ref": "#/components/schemas/ProductDraft"}


def test_variants_that_follow_their_product_still_do_once_it_is_saved(
    service: RunningService,
) -> None:
    admin = service.as_role("admin")
    own = {"sku": f"V-{uuid4().hex}", "name": "own", "prices": [{"currency": "TRY", "current_price": 120}]}
    variants = [own, {"sku": f"V-{uuid4().hex}", "name": "follows"}]
    made = service.http.post(PRODUCTS, json=a_product(variants=variants), headers=admin).json()["data"]
    description: Any = parse_json(service.http.get("/docs/openapi.json").content, values_max=None)
    form = SchemaForm(description["components"]["schemas"])
    # As the pages read it, with its numbers as they were written.
    shown: Any = parse_json(service.http.get(f"{PRODUCTS}/{made['id']}", headers=admin).content)["data"]
    sent: dict[str, list[str]] = {}
    for pointer, text in filled(form.fields(SCHEMA, shown, {})):
        sent.setdefault(pointer, []).append(text)
    sent["/name"] = ["another name"]
    body = write_document(read_form_document(form, SCHEMA, sent))
    answer = service.http.put(
        f"{PRODUCTS}/{made['id']}", content=body, headers={**admin, "Content-Type": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    saved = answer.json()["data"]
    assert saved["name"] == "another name"
    assert [each["prices"][0]["own"] for each in saved["variants"]] == [["current_price"], []]
