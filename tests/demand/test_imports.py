"""What may decide a price while a request waits brings no numbers library with it. Source: docs/spec/demand.md#use."""

import subprocess
import sys

PLAIN = (
    "quote_service.intelligence.price_decisions.model.guardrails",
    "quote_service.intelligence.demand.anomalies.score_price",
    "quote_service.intelligence.demand.optimiser.choose_price",
    "quote_service.intelligence.demand.optimiser.families",
    "quote_service.intelligence.demand.optimiser.price_points",
    "quote_service.intelligence.demand.response.pooling",
    "quote_service.lab.commands.intelligence",
    "quote_service.intelligence.price_decisions.operations.run_decisions",
    "quote_service.intelligence.price_decisions.loops.learning",
    "quote_service.intelligence.price_decisions.routes.router",
)
HEAVY = ("numpy", "scipy", "sklearn", "xgboost", "threadpoolctl")


def imported_with(*modules: str) -> set[str]:
    """Which heavy libraries a fresh process has after importing the modules."""
    code = f"import sys, {', '.join(modules)}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_the_plain_parts_import_no_numbers_library() -> None:
    assert imported_with(*PLAIN) == set()
    assert "numpy" in imported_with("quote_service.intelligence.demand.panel"), "what is looked for can be found"
