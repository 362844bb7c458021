"""What ended between two readings is exactly what the second sees and the first did not."""

from hypothesis import given
from hypothesis import strategies as st

from quote_service.rulebook.snapshot.model.transaction_snapshot import TransactionSnapshot
from tests.pricing.laws import laws

NUMBERS = range(1, 24)


def shown(next_id: int, ended: set[int]) -> str:
    """As `pg_current_snapshot()` writes it."""
    running = [number for number in NUMBERS if number < next_id and number not in ended]
    return f"{min([*running, next_id])}:{next_id}:{','.join(map(str, running))}"


@laws(300)
@given(st.integers(1, 23), st.integers(1, 23), st.sets(st.sampled_from(NUMBERS)), st.sets(st.sampled_from(NUMBERS)))
def test_what_ended_since_is_what_only_the_later_reading_sees(
    one: int, other: int, ended_first: set[int], ended_later: set[int]
) -> None:
    first, last = sorted((one, other))
    earlier = TransactionSnapshot.read(shown(first, ended_first))
    later = TransactionSnapshot.read(shown(last, ended_first | ended_later))
    seen_first = {number for number in ended_first if number < first}
    # A number from before that nobody holds any more has ended.
    seen_last = {number for number in ended_first | ended_later if number < last}
    ranges = later.ended_since(earlier)
    assert {number for began, after in ranges for number in range(began, after)} == seen_last - seen_first
    assert ranges == sorted(ranges)
    assert all(began < after for began, after in ranges)
    assert later.ended_since(later) == []
