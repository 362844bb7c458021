"""A client that a generator makes from the description works: the original example, quoted through it, to the cent.

Source: docs/spec/operations.md#api-description; docs/spec/quotes.md.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.serve import Served, until

NAME = "generated_quote_client"
GOLDEN = Path(__file__).parents[2] / "pricing" / "golden" / "original-three-rates.json"


class Generated:
    """The generated package: modules by their place in it."""

    def module(self, place: str) -> Any:
        return importlib.import_module(f"{NAME}.{place}")

    def model(self, place: str, name: str) -> Any:
        return getattr(self.module(f"models.{place}"), name)

    def call(self, place: str, client: Any, status: int, **arguments: Any) -> Any:
        """Call an operation; its whole answer."""
        answer = self.module(f"api.{place}").sync_detailed(client=client, **arguments)
        assert answer.status_code == status, answer.content
        assert answer.parsed is not None
        return answer


@pytest.fixture(scope="module")
def generated(running: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    folder = tmp_path_factory.mktemp("generated")
    config = folder / "config.json"
    config.write_text(json.dumps({"post_hooks": []}))  # nothing is formatted, so nothing else has to be there
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate"),
            *("--url", f"{running.url}/docs/openapi.json", "--meta", "none"),
            *("--output-path", str(folder / NAME), "--config", str(config)),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    output = made.stdout + made.stderr
    assert made.returncode == 0, output
    reported = [line for line in output.splitlines() if line.startswith(("WARNING", "ERROR", "Unable", "Cannot"))]
    # It makes no functions for bodies of lines of text; the JSON form of the same operation, where it has one, it does make.
    assert reported == [
        "WARNING parsing PUT /api/v1/commission-rates/bulk within commission_rates.",
        "WARNING parsing POST /api/v1/products/import within products. Endpoint will not be generated.",
        "WARNING parsing POST /api/v1/sources/{source_id}/feed within sources. Endpoint will not be generated.",
    ], output
    sys.path.insert(0, str(folder))
    try:
        yield Generated()
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
            del sys.modules[name]


@pytest.fixture(scope="module")
def admin(generated: Generated, running: Served) -> Any:
    return generated.module("client").AuthenticatedClient(base_url=running.url, token=running.admin_token)


@pytest.fixture(scope="module")
def checkout(generated: Generated, running: Served) -> Any:
    return generated.module("client").AuthenticatedClient(
        base_url=running.url, token=running.api_key, prefix="", auth_header_name="X-API-Key"
    )


def test_an_operation_is_there_for_each_that_is_described(generated: Generated, document: dict[str, Any]) -> None:
    of_lines_alone = []
    for operations in document["paths"].values():
        for operation in operations.values():
            bodies = operation.get("requestBody", {}).get("content", {"application/json": None})
            if "application/json" not in bodies:
                of_lines_alone.append(operation["operationId"])
                continue
            place = f"{operation['tags'][0].lower().replace(' ', '_')}.{operation['operationId']}"
            assert generated.module(f"api.{place}").sync_detailed
    assert of_lines_alone == ["import_catalog_products", "upload_feed"]


def test_the_original_example_through_a_generated_client(generated: Generated, admin: Any, checkout: Any) -> None:
    golden = json.loads(GOLDEN.read_text())
    rate = generated.model("rate_draft", "RateDraft")
    flag = generated.model("flag_draft", "FlagDraft")
    for entry in golden["setup"]["commission_rates"]:
        answer = generated.call("commission_rates.create_commission_rate", admin, 201, body=rate.from_dict(bare(entry)))
        assert (answer.parsed.data.rate, answer.parsed.data.version) == (entry["rate"], 1)
        assert answer.headers["location"] == f"/api/v1/commission-rates/{answer.parsed.data.id}"
    for entry in golden["setup"]["pricing_rules"]:
        kind = entry["type"].lower()
        rule = generated.model(f"{kind}_rule_draft", f"{kind.title().replace('_', '')}RuleDraft").from_dict(bare(entry))
        made = generated.call("pricing_rules.add_pricing_rule", admin, 201, body=rule).parsed.data
        # Typed by the type of the rule: both are read as structures with fields, not as plain objects.
        assert type(made).__name__ == type(rule).__name__.replace("Draft", "Written")
        assert made.configuration == rule.configuration
    for entry in golden["setup"]["feature_flags"]:
        generated.call("feature_flags.add_feature_flag", admin, 201, body=flag.from_dict(bare(entry)))

    basket = generated.model("basket", "Basket").from_dict(golden["request"])
    answers: list[Any] = []

    def is_quoted() -> bool:
        """Whether what was written last has come round; what was written before it has then, too."""
        answers.append(generated.call("quotes.issue_quote", checkout, 200, body=basket))
        return bool(answers[-1].parsed.data.delivery_fee == 20)  # doubled by the flag

    until(is_quoted, "the quote knows the rules and flags")
    quote = answers[-1].parsed.data
    breakdown = quote.commission_breakdown
    assert exact(quote, "subtotal", "discount_amount", "tax_amount", "delivery_fee", "small_basket_fee") == [
        Decimal(text) for text in ("51.0", "0.0", "9.18", "20.0", "0.0")
    ]
    assert exact(quote, "total_amount") == [Decimal("80.18")]
    assert exact(breakdown, "total_commission", "seller_commission", "category_commission", "logistics_commission") == [
        Decimal(text) for text in ("7.65", "6.5", "0.77", "0.38")
    ]
    assert [Decimal(str(payout.payout)) for payout in quote.payouts] == [Decimal("43.35")]
    # The digits of the currency, as they were written.
    assert b'"total_amount":80.18,' in answers[-1].content
    assert b'"subtotal":51.00,' in answers[-1].content

    found = generated.call("quotes.read_issued_quote", checkout, 200, quote_id=quote.quote_id)
    assert found.parsed.data.to_dict() == quote.to_dict()


def test_problems_are_read_too(generated: Generated, admin: Any, checkout: Any) -> None:
    draft = generated.model("rate_draft", "RateDraft")
    wrong = draft.from_dict({"commission_type": "PERCENTAGE", "rate": 101, "seller_id": str(uuid4())})
    refused = generated.call("commission_rates.create_commission_rate", admin, 422, body=wrong).parsed
    assert (refused.type_, [fault.pointer for fault in refused.errors]) == ("/problems/validation-error", ["/rate"])
    missing = generated.call("quotes.read_issued_quote", checkout, 404, quote_id=uuid4()).parsed
    assert missing.status == 404
    closed = generated.call("users.list_users", checkout, 403).parsed
    assert closed.type_ == "/problems/forbidden"


def test_the_client_was_made_from_what_the_service_says(running: Served, document: dict[str, Any]) -> None:
    assert httpx.get(f"{running.url}/docs/openapi.json").json() == document


def bare(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of the setup as it is sent: ids are the service's to give."""
    return {name: value for name, value in entry.items() if name != "id"}


def exact(holder: Any, *names: str) -> list[Decimal]:
    return [Decimal(str(getattr(holder, name))) for name in names]
