"""Quotes that Redis did not get: read out of metrics, and told by a service whose Redis is unavailable."""

from pathlib import Path

import pytest

from loadtests.bench.servers import NoAnswer, Target
from loadtests.bench.unshared import read_unshared, unshared_quotes
from tests.fixtures.serve import QUOTE, Served, a_basket

pytestmark = pytest.mark.second_try("kills services under load")


def test_the_count_is_that_of_every_worker_and_of_no_other_metric() -> None:
    text = """# HELP quote_redis_unshared_total Quotes that Redis could not be given
# TYPE quote_redis_unshared_total counter
quote_redis_unshared_total 3
quote_redis_shared_total 9
quote_redis_unshared_total_of_another 8
"""
    assert read_unshared(text) == 3
    assert read_unshared('quotes_unshared_total{worker="1"} 4\nquotes_unshared_total{worker="2"} 2.0\n') == 6


def test_metrics_without_the_count_are_no_answer() -> None:
    with pytest.raises(NoAnswer, match="quote_redis_unshared_total"):
        read_unshared("quote_redis_shared_total 9\n")


def test_a_service_whose_redis_is_away_says_so(tmp_path: Path, database_url: str) -> None:
    # Nobody listens on port 1.
    service = Served(tmp_path, database_url, "redis://127.0.0.1:1/0")
    try:
        service.wait_until_ready("degraded")
        service.let_callers_in()
        target = Target("service", service.url, "", service.pid, f"{service.figures_url}/metrics")
        before = unshared_quotes(target)
        with service.checkout() as client:
            assert client.post(QUOTE, json=a_basket()).status_code == 200
        assert unshared_quotes(target) == before + 1
        assert unshared_quotes(target._replace(figures_url="")) == 0
    finally:
        service.started.kill()
