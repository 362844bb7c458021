"""What campaigns and scenarios should do, once more: slow, in fractions, and sharing nothing with the code.

A shop keeps the list of everything that was ordered, and works each figure out of it again.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

HOURS_IN_ALL = 87_600
BILLION = 10**9


def model_price(
    duration: int, limit: Fraction, target: int, start: int, least: int, most: int | None, t: int, sold: int
) -> int:
    """The price in minor units; `limit` in percent."""
    price = start
    if 1 <= t < duration:
        expected_rate = Fraction(target, duration)
        current_rate = Fraction(sold, t)
        remaining_time = Fraction(duration, t)
        coefficient = current_rate / expected_rate
        percent = limit / remaining_time
        if coefficient > 1:
            price = min(floor(start * (1 + percent / 100) + Fraction(1, 2)), floor(start * (1 + limit / 100)))
        if coefficient < 1:
            price = max(floor(start * (1 - percent / 100) + Fraction(1, 2)), ceil(start * (1 - limit / 100)))
    return max(least, price if most is None else min(most, price))


@dataclass
class _Order:
    hour: int
    product: str
    quantity: int
    price: int
    campaign: str | None


@dataclass
class _Campaign:
    product: str
    start: int
    duration: int
    limit: Fraction
    target: int


@dataclass
class ModelShop:
    """Runs lines; each answers what it prints, or None where it is a bad line."""

    hour: int = 0
    prices: dict[str, int] = field(default_factory=dict)
    stocks: dict[str, int] = field(default_factory=dict)
    campaigns: dict[str, _Campaign] = field(default_factory=dict)
    orders: list[_Order] = field(default_factory=list)

    def run(self, line: str) -> str | None:
        """Do a line that is neither blank nor a comment."""
        command, *given = line.split()
        match command, given:
            case "create_product", [code, price, stock]:
                return self._create_product(code, price, stock)
            case "get_product_info", [code] if code in self.prices:
                return f"Product {code} info; price {plain(self.price(code), 100)}, stock {self.stocks[code]}"
            case "create_order", [code, quantity]:
                return self._create_order(code, quantity)
            case "create_campaign", [name, code, duration, limit, target]:
                return self._create_campaign(name, code, duration, limit, target)
            case "get_campaign_info", [name] if name in self.campaigns:
                return self._campaign_info(name)
            case "increase_time", [hours] if whole(hours, 1, HOURS_IN_ALL - self.hour):
                self.hour += int(hours)
                day = self.hour // 24
                return f"Time is {f'{day}d ' if day else ''}{self.hour % 24:02}:00"
        return None

    def running(self, code: str) -> str | None:
        """The name of the campaign that runs on a product."""
        names = [
            name
            for name, campaign in self.campaigns.items()
            if campaign.product == code and self.hour < campaign.start + campaign.duration
        ]
        assert len(names) <= 1
        return names[0] if names else None

    def price(self, code: str) -> int:
        """The price now, from the orders of the hours before."""
        name = self.running(code)
        if name is None:
            return self.prices[code]
        campaign = self.campaigns[name]
        sold = sum(order.quantity for order in self.orders if order.campaign == name and order.hour < self.hour)
        t = self.hour - campaign.start
        return model_price(campaign.duration, campaign.limit, campaign.target, self.prices[code], 0, None, t, sold)

    def _create_product(self, code: str, price: str, stock: str) -> str | None:
        minor = decimal(price, 100)
        if code in self.prices or len(code) > 64 or minor is None or not whole(stock, 0):
            return None
        if not 0 < minor < 10**15:
            return None
        self.prices[code], self.stocks[code] = int(minor), int(stock)
        return f"Product created; code {code}, price {plain(int(minor), 100)}, stock {stock}"

    def _create_order(self, code: str, quantity: str) -> str | None:
        if code not in self.prices or not whole(quantity, 1, min(self.stocks[code], BILLION)):
            return None
        self.orders.append(_Order(self.hour, code, int(quantity), self.price(code), self.running(code)))
        self.stocks[code] -= int(quantity)
        return f"Order created; product {code}, quantity {quantity}"

    def _create_campaign(self, name: str, code: str, duration: str, limit: str, target: str) -> str | None:
        percent = decimal(limit, 10**6)
        if name in self.campaigns or len(name) > 64 or code not in self.prices or self.running(code):
            return None
        if not whole(duration, 1, HOURS_IN_ALL - self.hour) or not whole(target, 1):
            return None
        if percent is None or percent > 100 * 10**6:
            return None
        self.campaigns[name] = _Campaign(code, self.hour, int(duration), percent / 10**6, int(target))
        shown = plain(int(percent), 10**6)
        return (
            f"Campaign created; name {name}, product {code}, duration {duration}, limit {shown}, "
            f"target sales count {target}"
        )

    def _campaign_info(self, name: str) -> str:
        campaign = self.campaigns[name]
        orders = [order for order in self.orders if order.campaign == name]
        units = sum(order.quantity for order in orders)
        turnover = sum(order.quantity * order.price for order in orders)
        average = plain(floor(Fraction(turnover, units) + Fraction(1, 2)), 100) if units else "-"
        status = "Active" if self.hour < campaign.start + campaign.duration else "Ended"
        return (
            f"Campaign {name} info; Status {status}, Target Sales {campaign.target}, Total Sales {units}, "
            f"Turnover {plain(turnover, 100)}, Average Item Price {average}"
        )


def plain(scaled: int, scale: int) -> str:
    """A decimal without needless zeros, the other way: by Decimal."""
    text = format(Decimal(scaled) / scale, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def whole(word: str, least: int, most: int = BILLION) -> bool:
    """Whether a word is a whole number between bounds, in ASCII digits without needless ones."""
    return bool(word) and set(word) <= set("0123456789") and word == str(int(word)) and least <= int(word) <= most


def decimal(word: str, scale: int) -> Fraction | None:
    """A decimal as a whole number of its smallest unit; None where it is none."""
    before, point, after = word.partition(".")
    if not set(before + after) <= set("0123456789") or not before or (point and not after):
        return None
    if len(before) > 1 and before.startswith("0"):
        return None
    value = Fraction(int(before + after), 10 ** len(after)) * scale
    return value if value.denominator == 1 else None
