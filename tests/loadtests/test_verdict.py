"""What a load test ends with."""

from loadtests.verdict import verdict


def test_a_load_that_kept_everything_has_passed() -> None:
    reported = verdict("ramp", {"checkout": [], "visibility": []}, [])
    assert reported == "PASSED (ramp): every answer was right, and every budget was kept."


def test_a_budget_that_was_not_kept_is_named() -> None:
    reported = verdict("ramp", {"checkout": ["p99 300.0 ms, at most 250 are allowed"], "visibility": []}, [])
    assert reported.splitlines() == ["FAILED (ramp):", "  checkout: p99 300.0 ms, at most 250 are allowed"]


def test_what_was_wrong_is_reported_once_and_its_words_are_explained() -> None:
    messages = verdict("crowd", {}, ["2 purchases were refused late", "2 purchases were refused late"])
    assert messages.count("2 purchases were refused late") == 1
    assert "Refused late: a purchase answered `reserved` (202)" in messages
    assert "Got no answer" not in messages
    assert "Got no answer:" in verdict("crowd", {}, ["buyers know of 3 units, 4 are recorded (1 got no answer)"])
