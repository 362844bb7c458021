"""Every key this service writes to Redis: pattern, type, expiry.

    qs:q:{19 hex digits}      string   a kept quote (`KeptQuote`, MessagePack)   until the quote ends (15 minutes)
    qs:rate:{key id}          hash     an API key's token bucket                 twice the time it takes to fill

The digits of a quote are the 74 bits of its id that are not its time. They are also the fingerprint's, so that one key
answers both "which quote has this id?" and "was this basket quoted already?".
"""


def quote_key(quote_bits: int) -> bytes:
    """The key under which a quote is kept."""
    return b"qs:q:%019x" % quote_bits


def rate_key(api_key_id: str) -> str:
    """The key of an API key's token bucket."""
    return f"qs:rate:{api_key_id}"
