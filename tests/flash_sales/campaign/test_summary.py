"""What `make faults` ends with: a verdict, and its words explained where they occur."""

from pathlib import Path

from tests.flash_sales.campaign.summary import Campaign, summary

HISTORIES = Path("build/faults")


def test_a_campaign_without_a_failure_has_passed() -> None:
    messages = summary(Campaign(rounds=12, failed=[], lost=0, refused_late=0), HISTORIES)
    assert messages.startswith("PASSED: 12 rounds; ")
    assert messages.endswith("0 reservations lost, 0 refused late.")


def test_what_was_lost_or_refused_late_is_explained_where_there_is_any() -> None:
    lost = summary(Campaign(rounds=1, failed=[], lost=1, refused_late=0), HISTORIES)
    assert "1 reservation lost, 0 refused late." in lost
    assert "Lost: answered `reserved`" in lost
    assert "Refused late:" not in lost
    late = summary(Campaign(rounds=2, failed=[], lost=0, refused_late=2), HISTORIES)
    assert "Refused late: answered `reserved`" in late
    assert "Lost:" not in late


def test_a_failure_says_how_to_see_it_again() -> None:
    messages = summary(Campaign(rounds=3, failed=[7, 9], lost=0, refused_late=0), HISTORIES)
    assert messages.startswith("FAILED: 2 of 3 rounds broke an invariant")
    assert 'make faults ARGS="--seed 7 --rounds 1"; its history: build/faults/round-7.jsonl' in messages
    assert "--seed 9" in messages


def test_no_round_is_no_success() -> None:
    assert summary(Campaign(rounds=0, failed=[], lost=0, refused_late=0), HISTORIES).startswith("NOTHING PLAYED")
