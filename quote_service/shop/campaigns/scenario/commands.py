"""The commands of a scenario, and how a line becomes one.

Source: docs/spec/campaigns.md#commands.
"""

from collections.abc import Callable
from typing import NamedTuple

from quote_service.shop.campaigns.model.terms import DURATION_HOURS_MAX, TARGET_SALES_MAX
from quote_service.shop.campaigns.scenario import arguments
from quote_service.shop.campaigns.scenario.outcomes import Outcome
from quote_service.shop.campaigns.scenario.shop import HOURS_MAX, BadCommand, Shop


class Command(NamedTuple):
    """A command: what it is called with, and what it does with as many words."""

    usage: str
    run: Callable[..., Outcome]

    @property
    def arity(self) -> int:
        """How many arguments it takes."""
        return len(self.usage.split())


_CODE = arguments.code("product code")
_NAME = arguments.code("campaign name")
_STOCK = arguments.count("stock", 0)
_QUANTITY = arguments.count("quantity", 1)
_DURATION = arguments.count("duration", 1, DURATION_HOURS_MAX)
_TARGET = arguments.count("target sales count", 1, TARGET_SALES_MAX)
_HOURS = arguments.count("hours", 1, HOURS_MAX)


def _create_product(shop: Shop, code: str, price: str, stock: str) -> Outcome:
    return shop.create_product(_CODE(code), arguments.price(price), _STOCK(stock))


def _get_product_info(shop: Shop, code: str) -> Outcome:
    return shop.get_product_info(_CODE(code))


def _create_order(shop: Shop, product: str, quantity: str) -> Outcome:
    return shop.create_order(_CODE(product), _QUANTITY(quantity))


def _create_campaign(shop: Shop, name: str, product: str, duration: str, limit: str, target: str) -> Outcome:
    return shop.create_campaign(
        _NAME(name), _CODE(product), _DURATION(duration), arguments.percent(limit), _TARGET(target)
    )


def _get_campaign_info(shop: Shop, name: str) -> Outcome:
    return shop.get_campaign_info(_NAME(name))


def _increase_time(shop: Shop, hours: str) -> Outcome:
    return shop.increase_time(_HOURS(hours))


COMMANDS: dict[str, Command] = {
    "create_product": Command("CODE PRICE STOCK", _create_product),
    "get_product_info": Command("CODE", _get_product_info),
    "create_order": Command("PRODUCT QUANTITY", _create_order),
    "create_campaign": Command("NAME PRODUCT DURATION LIMIT TARGET", _create_campaign),
    "get_campaign_info": Command("NAME", _get_campaign_info),
    "increase_time": Command("HOURS", _increase_time),
}
# By name and number of arguments, so that a line is looked up once.
_RUNS = {(name, command.arity + 1): command.run for name, command in COMMANDS.items()}


def run_line(shop: Shop, line: bytes) -> Outcome | None:
    """Do what one line says.

    Args:
        shop: Changed by the line if it can be done.
        line: The line without its end.

    Returns:
        What was done; None for a blank line and for a comment, which begins with `#`.

    Raises:
        BadCommand: It cannot be done, and nothing has changed.
    """
    words = _words(line)
    if not words:
        return None
    run = _RUNS.get((words[0], len(words)))
    if run is None:
        raise BadCommand(_why_unknown(words))
    return run(shop, *words[1:])


def _why_unknown(words: list[str]) -> str:
    command = COMMANDS.get(words[0])
    if command is None:
        return f"unknown command {arguments.quoted(words[0])}"
    wanted = f"{command.arity} argument{'s' if command.arity > 1 else ''}"
    return f"{words[0]} takes {wanted} ({command.usage}), not {len(words) - 1}"


def _words(line: bytes) -> list[str]:
    """The words between spaces and tabs; none in a blank line and in a comment.

    No other character that does not print is let through: it could not be seen in a code, and would do as it likes with
    the terminal that the code is printed on.
    """
    if line.lstrip(b" \t").startswith(b"#"):
        return []
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise BadCommand("the line is not UTF-8") from None
    if not text.isprintable():
        text = text.replace("\t", " ")
        odd = next((character for character in text if not character.isprintable()), None)
        if odd is not None:
            raise BadCommand(f"the line has a character that cannot be printed, U+{ord(odd):04X}")
    return text.split()
