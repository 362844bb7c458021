"""Why a quote cannot be given, or accepted.

Source: docs/spec/quotes.md.
"""

from quote_service.platform.system.errors import Conflict, NotFound


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


class QuoteUnreadable(Conflict):
    """Another release issued it, and it lacks what every form has that this release knows."""

    is_passing = True  # a worker of the other release reads it
    code = "quote-unreadable"
    title = "Quote of another release"
