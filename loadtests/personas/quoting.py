"""A user that asks for quotes and checks every one of them."""

import os
from typing import Any

from locust.contrib.fasthttp import FastHttpUser

from loadtests.answers import quote_faults, read_answer
from loadtests.bench.baskets import basket_format, item_total_cents, write_basket

QUOTE_PATH = "/api/v1/quote"
API_KEY_VARIABLE = "LOADTEST_API_KEY"
_FORM = basket_format()


class QuotingUser(FastHttpUser):
    """Sends the API key of the environment with each request."""

    abstract = True
    network_timeout = 10.0
    connection_timeout = 10.0

    def on_start(self) -> None:
        self.headers = {"X-API-Key": os.environ[API_KEY_VARIABLE], "Content-Type": "application/json"}

    def quote(self, name: str, number: int, lines: int = 1) -> dict[str, Any] | None:
        """Ask for a quote of the basket of a number; a failed request, or a wrong sum, counts as a failure."""
        body = write_basket(_FORM, number, lines)
        return self.quote_body(name, body, item_total_cents(number, lines))

    def quote_body(self, name: str, body: bytes, total_cents: int) -> dict[str, Any] | None:
        """Ask for a quote of these bytes, whose lines come to so many cents."""
        with self.client.post(
            QUOTE_PATH, data=body.decode(), headers=self.headers, name=name, catch_response=True
        ) as response:
            if response.status_code != 200:
                response.failure(f"answered with {response.status_code}")
                return None
            quote = read_answer(response.content)
            if faults := quote_faults(quote, total_cents):
                response.failure("; ".join(faults))
                return None
            response.success()
            return quote

    def note(self, name: str, fault: str | None) -> None:
        """Count a check that is no request of its own."""
        self.environment.events.request.fire(
            request_type="CHECK",
            name=name,
            response_time=0,
            response_length=0,
            exception=None if fault is None else AssertionError(fault),
            context={},
        )
