"""A partner that prices whole orders of many lines, and many baskets in one call."""

import json
import random
from decimal import Decimal

from locust import between, task

from loadtests.answers import quote_faults
from loadtests.bench.baskets import basket_format, item_total_cents, write_basket
from loadtests.personas.quoting import QuotingUser

_BASKETS = 10**9
_BATCH_BASKETS = 20


class BulkPartner(QuotingUser):
    """Large baskets, few of them."""

    weight = 1
    wait_time = between(0.1, 0.3)

    @task(4)
    def ask_for_fifty_lines(self) -> None:
        self.quote("bulk_partner: 50 lines", random.randrange(_BASKETS), 50)

    @task(1)
    def ask_for_the_most_lines(self) -> None:
        self.quote("bulk_partner: 500 lines", random.randrange(_BASKETS), 500)

    @task(2)
    def ask_for_many_baskets_at_once(self) -> None:
        """Every basket of a batch is answered, in order, and right."""
        first = random.randrange(_BASKETS)
        numbers = range(first, first + _BATCH_BASKETS)
        baskets = ",".join(write_basket(basket_format(), number, 1).decode() for number in numbers)
        with self.client.post(
            "/api/v1/quotes/batch",
            data=f'{{"baskets":[{baskets}]}}',
            headers=self.headers,
            name=f"bulk_partner: batch of {_BATCH_BASKETS}",
            catch_response=True,
        ) as response:
            if response.status_code != 200:
                response.failure(f"answered with {response.status_code}: {response.text[:300]}")
                return
            entries = json.loads(response.content, parse_float=Decimal)["data"]
            faults = [f"{len(entries)} answers to {_BATCH_BASKETS} baskets"] if len(entries) != _BATCH_BASKETS else []
            for number, entry in zip(numbers, entries, strict=False):
                if entry["status"] == 200:
                    faults += quote_faults(entry["data"], item_total_cents(number, 1))
                else:
                    faults.append(f"a basket is answered with {entry['status']}")
            if faults:
                response.failure("; ".join(faults))
            else:
                response.success()
