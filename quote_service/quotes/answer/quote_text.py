"""The answer of a quote as text, in the pieces that may differ between two answers.

Source: docs/spec/quotes.md#answer.
"""

import msgspec


class QuoteText(msgspec.Struct, frozen=True, gc=False):
    """The data of an answer in pieces, so that what may differ between two answers can be put in without another pass.

    In order: `head`, the value of `feature_flags`, `middle`, the value of `cache`, `tail`, then the signature.
    """

    head: str
    flags: str
    middle: str
    tail: str
