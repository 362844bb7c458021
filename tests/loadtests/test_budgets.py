"""Budgets and shapes of the load tests."""

from pathlib import Path

import msgspec
import pytest

import loadtests
from loadtests.budgets import Budget, PersonaFigures, exceeded, read_budgets
from loadtests.shapes import SHAPES, users_at

BUDGET = Budget(p99_ms=250, error_rate=0.01, min_per_second=50)
KEPT = PersonaFigures(requests=1000, failures=10, per_second=50.0, p99_ms=250.0)


def test_the_budgets_of_the_project_are_readable_and_let_no_answer_fail() -> None:
    budgets = read_budgets(Path(loadtests.__file__).with_name("budgets.toml"))
    buyers = {"flash_sale_crowd", "flash_sale_admin", "flash_sale_audit"}
    assert set(budgets) == {"checkout", "bulk_partner", "price_admin", "visibility", "sameness", *buyers}
    assert {budget.error_rate for budget in budgets.values()} == {0}
    assert budgets["visibility"].p99_ms == 1000  # docs/spec/quotes.md#snapshot-and-clock


@pytest.mark.parametrize(
    "text",
    [
        "[checkout]\np99_ms = 1\nerror_rate = 0",
        "[checkout]\np99_ms = 1\nerror_rate = 0\nmin_per_second = 1\nmax_per_second = 2",
        "[checkout]\np99_ms = -1\nerror_rate = 0\nmin_per_second = 1",
        "[checkout]\np99_ms = 1\nerror_rate = 1.5\nmin_per_second = 1",
        "[checkout\n",
    ],
    ids=["one missing", "one unknown", "below zero", "more than all", "no TOML"],
)
def test_a_budget_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "budgets.toml"
    path.write_text(text)
    with pytest.raises(msgspec.MsgspecError):
        read_budgets(path)


def test_a_budget_is_kept_up_to_its_limits() -> None:
    assert exceeded(BUDGET, KEPT) == []


@pytest.mark.parametrize(
    ("figures", "wanted"),
    [
        (msgspec.structs.replace(KEPT, p99_ms=250.1), "p99 250.1 ms, at most 250 are allowed"),
        (msgspec.structs.replace(KEPT, failures=11), "1.100% failed, at most 1.000% may"),
        (msgspec.structs.replace(KEPT, per_second=49.9), "49.9 requests a second, at least 50 are wanted"),
    ],
)
def test_each_limit_is_held(figures: PersonaFigures, wanted: str) -> None:
    assert exceeded(BUDGET, figures) == [wanted]


def test_a_persona_that_never_asked_exceeds_its_budget() -> None:
    assert exceeded(BUDGET, PersonaFigures(requests=0, failures=0, per_second=0.0, p99_ms=0.0))


@pytest.mark.parametrize(
    ("shape", "users"),
    [
        ("ramp", [4, 12, 25, 50, 75, 100, 100]),
        ("spike", [25, 25, 25, 100, 25, 25, 25]),
        ("soak", [50, 50, 50, 50, 50, 50, 50]),
    ],
)
def test_how_many_users_there_are(shape: str, users: list[int]) -> None:
    assert [users_at(shape, at, 100, 100, 4) for at in (0, 10, 20, 40, 60, 80, 99)] == users


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_ends_and_never_has_too_few_users(shape: str) -> None:
    assert users_at(shape, 60.0, 60, 40, 3) is None
    assert all((users_at(shape, at, 60, 4, 3) or 0) >= 3 for at in range(60))
