"""Orders in a flash sale for load: each number is another customer with another Idempotency-Key, buying one unit.

Generators in Python and Lua fill in the same format, whose one place is the customer's number.
"""

from collections.abc import Iterator

PATH = "/api/v1/flash-sales/%s/purchases"
PRICE = "19.99"
_CUSTOMER = "00000000-0000-4000-8000-%012x"


def order_format(product_id: str) -> str:
    """An order's body with a place for the customer's number."""
    return f'{{"product_id":"{product_id}","customer_id":"{_CUSTOMER}","quantity":1,"expected_price":{PRICE}}}'


def order_requests(path: str, host: str, key: str, form: str, first: int, wait_seconds: int) -> Iterator[bytes]:
    """The bytes of one order after the other; with `wait_seconds` each asks to wait until it is confirmed."""
    prefer = f"Prefer: wait={wait_seconds}\r\n" if wait_seconds else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nX-API-Key: {key}\r\n{prefer}"
        "Idempotency-Key: order-%d\r\nContent-Length: %d\r\n\r\n"
    )
    number = first
    while True:
        body = form % number
        yield (head % (number, len(body)) + body).encode()
        number += 1
