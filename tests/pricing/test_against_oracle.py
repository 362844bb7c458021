"""The engine and an independent calculation from the specification agree on every figure."""

import pytest
from hypothesis import given

from tests.pricing import oracle
from tests.pricing.books import answer_text, book_of, priced, read_answer
from tests.pricing.figures import figures_of_answer, figures_of_opinion
from tests.pricing.laws import laws
from tests.pricing.rulebooks import AT, WORLDS, World


@pytest.mark.long("hundreds of drawn worlds, each worked out by the specification")
@laws(600)
@given(WORLDS)
def test_every_figure_is_what_the_specification_says(world: World) -> None:
    setup, request = world.setup(), world.request()
    figures = figures_of_answer(read_answer(answer_text(priced(book_of(setup), request, AT), AT)))
    expected = figures_of_opinion(oracle.price(setup, request, AT))
    for part, value in expected.items():
        assert figures[part] == value, part
