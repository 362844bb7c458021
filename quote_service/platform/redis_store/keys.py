"""Every key this service writes to Redis: pattern, type, expiry.

    qs:q:{19 hex digits}      string   a kept quote (`KeptQuote`, MessagePack)   until the quote ends (15 minutes)
    qs:rate:{caller id}       hash     an API key's or a person's token bucket   twice the time it takes to fill

Of each item of a flash sale, in the Redis that holds stock; none expires before its sale is over and settled. The braces
are part of the key: they put all keys of one item into one slot of a cluster.

    {si:<item id>}:m          hash     stock, allocated, limit, price_minor, start_ms, end_ms, hold_ms, state, epoch,
                                       revision, number (reservations of this epoch)
    {si:<item id>}:u          hash     customer -> units held or bought
    {si:<item id>}:r          hash     reservation id -> the reservation, until it is settled or released
    {si:<item id>}:x          zset     reservation id -> when it expires (ms; +inf: never)
    {si:<item id>}:i          hash     customer|idempotency key -> the reservation
    {si:<item id>}:q          stream   reservations on their way to PostgreSQL, read by the group `recorders`
    {si:<item id>}:k          hash     customer|idempotency key -> the verdict that was final for it; a day after the last
    {si:<item id>}:f          hash     reason -> how many purchases were refused for it (a figure; may be lost)

The digits of a quote are the 74 bits of its id that are not its time. They are also the fingerprint's, so that one key
answers both "which quote has this id?" and "was this basket quoted already?".
"""


def quote_key(quote_bits: int) -> bytes:
    """The key under which a quote is kept."""
    return b"qs:q:%019x" % quote_bits


def rate_key(caller_id: str) -> str:
    """The key of the token bucket of an API key or a person."""
    return f"qs:rate:{caller_id}"


def item_keys(item_id: int) -> tuple[str, str, str, str, str, str]:
    """The keys of an item of a flash sale, in the order in which its functions take them."""
    tag = f"{{si:{item_id}}}:"
    return (tag + "m", tag + "u", tag + "r", tag + "x", tag + "i", tag + "q")


def verdicts_key(item_id: int) -> str:
    """The key of an item's refusals that are final for their idempotency keys; it stands behind `item_keys`."""
    return f"{{si:{item_id}}}:k"


def refusals_key(item_id: int) -> str:
    """The key of an item's count of refused purchases."""
    return f"{{si:{item_id}}}:f"
