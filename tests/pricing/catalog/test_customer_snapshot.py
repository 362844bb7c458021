"""The customers held are those that were told, as far as prices ask."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from quote_service.pricing.customers.customer_snapshot import CustomerSnapshot, Terms
from tests.pricing.laws import laws

IDS = [str(UUID(int=number)) for number in (0, 1, 2, 1 << 120, 2 << 120)]
TERMS = st.tuples(
    st.none() | st.sampled_from(["gold", "silver", ""]), st.lists(st.sampled_from(["b2b", "vip"])).map(tuple)
)


@laws(150)
@given(st.lists(st.dictionaries(st.sampled_from(IDS), st.none() | TERMS), max_size=6))
def test_customers_are_what_was_reported_last(steps: list[dict[str, Terms | None]]) -> None:
    model: dict[str, Terms] = {}
    customers = CustomerSnapshot()
    for step in steps:
        former, former_model = customers, dict(model)
        model.update((customer_id, terms) for customer_id, terms in step.items() if terms is not None)
        for customer_id in step.keys() - {each for each, terms in step.items() if terms not in (None, (None, ()))}:
            model.pop(customer_id, None)
        customers = former.with_changes(
            [(customer_id, terms) for customer_id, terms in step.items() if terms is not None],
            [customer_id for customer_id, terms in step.items() if terms is None],
        )
        for customer_id in IDS:
            assert customers.find(customer_id) == model.get(customer_id)
            assert former.find(customer_id) == former_model.get(customer_id)
        assert customers.is_empty == (not model)
