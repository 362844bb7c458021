"""A partner that prices whole orders of many lines."""

import random

from locust import between, task

from loadtests.personas.quoting import QuotingUser

_BASKETS = 10**9


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
