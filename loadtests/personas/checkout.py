"""A checkout: new baskets, the same basket again while a shopper hesitates, quotes read back and accepted."""

import random
import uuid
from typing import Any

from locust import between, task

from loadtests.answers import read_answer
from loadtests.personas.quoting import QuotingUser

_BASKETS = 10**9


class Checkout(QuotingUser):
    """Small baskets, many of them."""

    weight = 8
    wait_time = between(0.02, 0.1)

    @task(6)
    def ask_for_a_new_basket(self) -> None:
        self.quote("checkout: new basket", random.randrange(_BASKETS))

    @task(3)
    def ask_again(self) -> None:
        """The same basket is the same quote, as long as no admin changes the rules.

        One change may fall between three requests, but not two: of each three in a row, two neighbours are the same.
        """
        number = random.randrange(_BASKETS)
        found = [self.quote("checkout: same basket again", number) for _ in range(3)]
        first, second, third = [quote and (quote["quote_id"], quote["valid_until"]) for quote in found]
        if None not in (first, second, third) and second not in (first, third):
            self.note("sameness: three in a row", "three answers to one basket are three quotes")
        else:
            self.note("sameness: three in a row", None)

    @task(1)
    def read_it_back(self) -> None:
        quote = self.quote("checkout: new basket", random.randrange(_BASKETS))
        if quote is None:
            return
        path = f"/api/v1/quotes/{quote['quote_id']}"
        with self.client.get(
            path, headers=self.headers, name="checkout: quote by its id", catch_response=True
        ) as response:
            if response.status_code != 200:
                response.failure(f"answered with {response.status_code}")
            elif _as_issued(read_answer(response.content)) != _as_issued(quote):
                response.failure("it is not the quote that was issued")
            else:
                response.success()

    @task(1)
    def accept_it_twice(self) -> None:
        """A second accept is answered with the first one's receipt."""
        quote = self.quote("checkout: new basket", random.randrange(_BASKETS))
        if quote is None:
            return
        first, second = (self._accept(quote) for _ in range(2))
        if first is not None and second is not None:
            self.note("sameness: two accepts", None if first == second else "two accepts have two answers")

    def _accept(self, quote: dict[str, Any]) -> dict[str, Any] | None:
        path = f"/api/v1/quotes/{quote['quote_id']}/accept"
        headers = {**self.headers, "Idempotency-Key": str(uuid.uuid4())}
        with self.client.post(path, headers=headers, name="checkout: accept", catch_response=True) as response:
            if response.status_code != 200:
                response.failure(f"answered with {response.status_code}: {response.text[:300]}")
                return None
            response.success()
            return read_answer(response.content)


def _as_issued(quote: dict[str, Any]) -> dict[str, Any]:
    """How an answer was found is no part of the quote."""
    return {name: value for name, value in quote.items() if name != "cache"}
