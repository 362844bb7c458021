"""A quote that is shown and not given: without an id, an end or a signature, so that nobody can accept it.

Source: docs/spec/quotes.md#simulate-a-quote.
"""

from quote_service.platform.system.instants import instant_text
from quote_service.pricing.quote import Quote
from quote_service.quotes.answer.write_quote import write_quote

_NO_ID = "00000000-0000-0000-0000-000000000000"
_ID_MEMBER = f'{{"quote_id":"{_NO_ID}",'


def unissued_quote(quote: Quote, at_us: int) -> str:
    """The JSON of a quote's figures, with the instant that they are for."""
    text = write_quote(quote, _NO_ID, at_us, at_us)
    return f'{{"at":"{instant_text(at_us)}",{text.head.removeprefix(_ID_MEMBER)}{text.flags}{text.tail}}}'
