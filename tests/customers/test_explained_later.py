"""What can still be said of an accepted quote once its customer is erased and no cache has it any more.

Source: docs/spec/customers.md#erasure.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import redis

from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.customers.people import CUSTOMERS
from tests.quotes.lifecycle.conftest import StartWorker, shop_at, start_worker  # noqa: F401 (fixture)


def test_it_is_shown_and_accepted_again_but_not_explained(
    start_worker: StartWorker,  # noqa: F811
    server_folder: Any,
) -> None:
    with ValkeyServer(server_folder / "valkey-of-erased", append_only=False) as valkey:
        issuer, other = start_worker(redis_url=valkey.url), start_worker(redis_url=valkey.url)
        customer = str(uuid4())
        quote = shop_at(issuer).quote(customer_id=customer, external_ref="cart 7")
        accepted = shop_at(issuer).accept(quote["quote_id"]).json()["data"]
        with redis.Redis.from_url(valkey.url) as client:
            client.flushall()
        explained = shop_at(other).explain(quote["quote_id"])
        assert (explained["is_recomputed"], explained["agrees"]) == (True, True)
        erased = other.http.delete(f"{CUSTOMERS}/{customer}", headers=other.as_role())
        assert erased.status_code == 204
        explained = shop_at(other).explain(quote["quote_id"])
        assert (explained["is_recomputed"], explained["agrees"]) == (False, None)
        assert "erased" in explained["detail"]
        assert explained["calculations"]
        again = shop_at(other).accept(quote["quote_id"]).json()["data"]
        assert again == {**accepted, "external_ref": None}
