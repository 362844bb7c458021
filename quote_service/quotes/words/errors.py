"""Why a quote cannot be given, or accepted.

Source: docs/spec/quotes.md.
"""

from quote_service.system.errors import Conflict, NotFound


class QuoteUnknown(NotFound):
    code = "quote-unknown"
    title = "Quote unknown"


class QuoteExpired(NotFound):
    code = "quote-expired"
    title = "Quote expired"


class QuoteEnded(QuoteExpired):
    """An expired quote that was to be accepted: the same problem, but a clash and not a missing thing."""

    kind = "conflict"


class QuoteDiffers(Conflict):
    code = "quote-differs"
    title = "Quote differs from the issued one"
