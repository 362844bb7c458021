"""A second opinion on every figure of a quote, written from the specification alone.

It is slow and plain on purpose: exact fractions of a minor unit throughout, no index, no compiling, nothing shared with
the engine but Python. Rules, rates and flags are the documents that an admin sends; the request is the parsed JSON.

Source: docs/spec/wire.md; docs/spec/quotes.md; docs/spec/commission.md; docs/spec/pricing-rules.md;
docs/spec/feature-flags.md.
"""

import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import mmh3

Document = dict[str, Any]

DIGITS = {"TRY": 2, "EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4}
DIMENSIONS = ("seller", "category", "logistics")
DIMENSION_FIELDS = {"seller": "seller_id", "category": "category_id", "logistics": "logistics_provider"}
EARTH_RADIUS_KM = 6371.0088


@dataclass
class Line:
    """A line of the basket as the oracle works on it; amounts in whole minor units."""

    item: Document
    seller: str
    total: int
    discount: int = 0
    seller_discount: int = 0
    tax: int = 0
    has_tax_included: bool = False

    @property
    def left(self) -> int:
        return self.total - self.discount


@dataclass
class Opinion:
    """What the specification makes of a basket. `has_tie` says that some unit fell to a line only for coming first."""

    lines: list[Line]
    calculations: list[tuple[str, int, str | None, bool]] = field(default_factory=list)
    coupons: list[tuple[str, str | None, int]] = field(default_factory=list)
    discounts: list[tuple[str, str, int, int, int]] = field(default_factory=list)
    details: list[Document] = field(default_factory=list)
    payouts: list[Document] = field(default_factory=list)
    commission_taxes: list[tuple[str, str, Fraction, bool, int, int]] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    flags: Document = field(default_factory=dict)
    item_total: int = 0
    discount: int = 0
    platform_discount: int = 0
    delivery_fee: int = 0
    small_basket_fee: int = 0
    inclusive_tax: int = 0
    exclusive_tax: int = 0
    has_tie: bool = False

    @property
    def subtotal(self) -> int:
        return self.item_total - self.discount

    @property
    def total(self) -> int:
        return self.subtotal + self.exclusive_tax + self.delivery_fee + self.small_basket_fee

    def apply(self, name: str) -> None:
        if name not in self.applied:
            self.applied.append(name)


def rounded(amount: Fraction) -> int:
    """Half away from zero."""
    size = math.floor(abs(amount) + Fraction(1, 2))
    return size if amount >= 0 else -size


def largest_remainder(amount: int, weights: list[int], opinion: Opinion | None = None) -> list[int]:
    """Floor each share, then one unit each to the largest fractions, ties to the earliest."""
    if amount == 0 or not weights:
        return [0] * len(weights)
    given = weights if sum(weights) else [1] * len(weights)
    shares = [Fraction(amount * weight, sum(given)) for weight in given]
    parts = [math.floor(share) for share in shares]
    order = sorted(range(len(parts)), key=lambda place: (-(shares[place] - parts[place]), place))
    left = amount - sum(parts)
    for place in order[:left]:
        parts[place] += 1
    if opinion is not None and 0 < left < len(order):
        last_in, first_out = order[left - 1], order[left]
        if shares[last_in] - parts[last_in] + 1 == shares[first_out] - parts[first_out]:
            opinion.has_tie = True
    return parts


def folded(name: str) -> str:
    """The name by which places are compared."""

    def bare(text: str) -> str:
        return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))

    return bare(bare(name).replace("ı", "i").casefold()).strip()


def region_specificity(region: str | None, address: Document) -> int | None:
    """How specific a region is that contains the address; None where it does not."""
    if region is None:
        return 0
    city, district = folded(address["city"]), folded(address.get("district") or "")
    parts = [folded(part) for part in region.split("/")]
    if len(parts) == 1 and len(parts[0]) != 2:
        if parts[0] == city:
            return 2
        return 3 if district and parts[0] == district else None
    here = [folded(address["country"]), city, district][: len(parts)]
    return len(parts) if parts == here else None


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00"))


def is_effective(document: Document, at: datetime) -> bool:
    start, end = instant(document.get("effective_from")), instant(document.get("effective_to"))
    return (start is None or start <= at) and (end is None or at < end)


def distance_km(request: Document) -> Fraction | None:
    """Haversine; None where a coordinate is missing."""
    here, there = request.get("pickup_address") or {}, request["delivery_address"]
    given = [here.get("latitude"), here.get("longitude"), there.get("latitude"), there.get("longitude")]
    if any(number is None for number in given):
        return None
    lat1, lon1, lat2, lon2 = (math.radians(float(number)) for number in given)
    chord = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return Fraction(2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord))))


class _DoesNotFit(Exception):
    """A discount on delivery that its budget does not cover: the basket is priced as if it were not there."""


class Oracle:
    """One basket under one setup at one instant."""

    def __init__(
        self,
        setup: Document,
        request: Document,
        at: str,
        with_promotions: bool = True,
        left_out: tuple[str, ...] = (),
    ) -> None:
        self.with_promotions = with_promotions
        self.left_out = left_out
        self.kept_out: list[str] = []
        self.taken: dict[int, Document] = {}
        self.stopper: Document | None = None
        self.setup = setup
        self.request = request
        at_instant = instant(at)
        assert at_instant is not None
        self.at: datetime = at_instant
        self.address = request["delivery_address"]
        self.currency: str = request["currency"]
        self.scale: int = 10 ** DIGITS[self.currency]
        self.customer = request["customer_id"]
        self.is_express = bool(request.get("is_express_delivery"))
        self.km = distance_km(request)
        self.kg = sum((Fraction(i.get("weight") or 0) * i["quantity"] for i in request["items"]), Fraction(0))
        self.rules = self._counting_rules()
        self.provider = request.get("logistics_provider")

    # Amounts of documents are major units.
    def minor(self, amount: Any) -> Fraction:
        return Fraction(amount) * self.scale

    def price(self) -> Opinion:
        lines = [
            Line(
                item,
                item.get("seller_id") or self.request["seller_id"],
                rounded(self.minor(item["unit_price"]) * item["quantity"]),
            )
            for item in self.request["items"]
        ]
        opinion = self.opinion = Opinion(lines)
        opinion.item_total = sum(line.total for line in lines)
        opinion.calculations.append(("items", opinion.item_total, None, False))
        self.delivery_discounts: list[tuple[Document, int | None]] = []
        self._discounts()
        self._delivery()
        self._small_basket()
        self._tax()
        self._commission()
        self._payouts()
        self._commission_tax()
        for flag in sorted(self.setup.get("feature_flags", ()), key=lambda flag: flag["key"]):
            if flag.get("is_enabled") and flag.get("expose_in_quote", True):
                _, value = self.flag(flag)
                if value is not NO_VALUE:
                    opinion.flags[flag["key"]] = value
        return opinion

    # Rules: versions, precedence, conditions.
    def _counting_rules(self) -> list[Document]:
        by_name: dict[str, Document] = {}
        for rule in self.setup.get("pricing_rules", ()):
            if rule.get("is_active", True) and is_effective(rule, self.at):
                held = by_name.get(rule["name"])
                if held is None or rule.get("version", 1) > held.get("version", 1):
                    by_name[rule["name"]] = rule
        self.shut = [rule for rule in by_name.values() if not self._is_window_open(rule)]
        return [rule for rule in by_name.values() if rule not in self.shut]

    def _is_window_open(self, rule: Document) -> bool:
        conditions = rule.get("conditions") or {}
        window = conditions.get("time_of_day")
        zone = ZoneInfo((window or {}).get("timezone") or conditions.get("timezone") or "UTC")
        local = self.at.astimezone(zone)
        weekdays = conditions.get("weekdays") or range(1, 8)
        if window is None:
            return local.isoweekday() in weekdays
        start, end, now = time.fromisoformat(window["from"]), time.fromisoformat(window["to"]), local.time()
        if start < end:
            return local.isoweekday() in weekdays and start <= now < end
        # A night belongs to the weekday on which it began.
        evening = (local.date() - timedelta(days=1)).isoweekday()
        return (now >= start and local.isoweekday() in weekdays) or (now < end and evening in weekdays)

    def _is_here(self, rule: Document, place: Document | None = None) -> bool:
        in_currency = rule.get("currency") in (None, self.currency)
        return in_currency and region_specificity(rule.get("region"), place or self.address) is not None

    def _ordered(self, kind: str, elsewhere: Document | None = None) -> list[Document]:
        place = elsewhere or self.address

        def precedence(rule: Document) -> tuple[Any, ...]:
            start = instant(rule.get("effective_from")) or datetime.min.replace(tzinfo=UTC)
            specificity = region_specificity(rule.get("region"), place) or 0
            return -specificity, -rule.get("priority", 0), -start.timestamp(), rule["name"]

        return sorted(
            (rule for rule in self.rules if rule["type"] == kind and self._is_here(rule, place)), key=precedence
        )

    def _chosen(self, kind: str, line: Line | None = None, *, general: bool = False) -> Document | None:
        """The one rule of a single type: for one line, or for a fee, where any line may satisfy it.

        General ones have no conditions about lines.
        """
        about_lines = {"category_ids", "product_ids", "seller_ids", "tags_any"}
        for rule in self._ordered(kind):
            if general and about_lines & (rule.get("conditions") or {}).keys():
                continue
            lines = [line] if line else self.opinion.lines
            if (
                self._holds(rule)
                and self._is_within_bounds(rule, self.opinion.subtotal)
                and any(self._covers(rule, each) for each in lines)
            ):
                return rule
        return None

    def _holds(self, rule: Document) -> bool:
        conditions, request = rule.get("conditions") or {}, self.request
        context = request.get("context") or {}
        checks: list[tuple[str, Callable[[Any], object]]] = [
            ("customer_tiers", lambda wanted: request.get("customer_tier") in wanted),
            ("customer_segments", lambda wanted: set(wanted) & set(request.get("customer_segments") or ())),
            ("ab_test_groups", lambda wanted: context.get("ab_test_group") in wanted),
            ("express", lambda wanted: self.is_express == wanted),
            ("flag", self._is_flag_true),
        ]
        return all(conditions.get(name) is None or check(conditions[name]) for name, check in checks)

    def _covers(self, rule: Document, line: Line) -> bool:
        conditions = rule.get("conditions") or {}
        checks: list[tuple[str, Callable[[Any], object]]] = [
            ("category_ids", lambda wanted: line.item.get("category_id") in wanted),
            ("product_ids", lambda wanted: line.item["product_id"] in wanted),
            ("seller_ids", lambda wanted: line.seller in wanted),
            ("tags_any", lambda wanted: set(wanted) & set(line.item.get("tags") or ())),
        ]
        return all(conditions.get(name) is None or check(conditions[name]) for name, check in checks)

    def _is_within_bounds(self, rule: Document, amount: int) -> bool:
        conditions = rule.get("conditions") or {}
        low, high = conditions.get("min_subtotal"), conditions.get("max_subtotal")
        return (low is None or amount >= self.minor(low)) and (high is None or amount <= self.minor(high))

    # Flags.
    def flag(self, flag: Document) -> tuple[bool, Any]:
        """Whether the customer is inside, and the value."""
        kind, rollout = flag["type"], flag.get("rollout") or {}
        outside = False if kind in ("BOOLEAN", "PERCENTAGE") else NO_VALUE
        if "default_value" in flag:
            outside = flag["default_value"]
        start, end = instant(rollout.get("starts_at")), instant(rollout.get("ends_at"))
        is_inside = (
            bool(flag.get("is_enabled")) and (start is None or start <= self.at) and (end is None or self.at < end)
        )
        if rollout.get("customer_tiers"):
            is_inside &= self.request.get("customer_tier") in rollout["customer_tiers"]
        if rollout.get("user_segments"):
            is_inside &= bool(set(rollout["user_segments"]) & set(self.request.get("customer_segments") or ()))
        if rollout.get("regions"):
            is_inside &= any(region_specificity(region, self.address) is not None for region in rollout["regions"])
        shares = [rollout.get("percentage"), flag["value"] if kind == "PERCENTAGE" else None]
        for share in shares:
            if share is not None:
                hashed = mmh3.hash(f"{flag.get('salt') or flag['key']}:{self.customer}", 0, signed=False)
                is_inside &= (hashed * 100_000) >> 32 < round(Fraction(share) * 1000)
        return is_inside, (True if kind == "PERCENTAGE" else flag["value"]) if is_inside else outside

    def _is_flag_true(self, key: str) -> bool:
        return any(
            self.flag(flag) == (True, True) for flag in self.setup.get("feature_flags", ()) if flag["key"] == key
        )

    def _express_flag(self) -> Fraction | None:
        for flag in self.setup.get("feature_flags", ()):
            if flag["key"] == "express_delivery_multiplier" and flag["type"] == "NUMBER":
                is_inside, value = self.flag(flag)
                if is_inside and Fraction(value) >= 0:
                    return Fraction(value)
        return None

    # Discounts.
    def _discounts(self) -> None:
        promotions = [rule for rule in self.rules if rule["type"] == "PROMOTION" and self._is_here(rule)]
        self.promotions_acted = False
        for rule in sorted(promotions, key=lambda rule: (-rule.get("priority", 0), rule["name"])):
            if self.with_promotions and self._act(rule, None) is None:
                self.promotions_acted = True
                if rule["configuration"].get("exclusive") == "all":
                    self.stopper = rule
                if rule["configuration"].get("exclusive"):
                    break
        seen: set[str] = set()
        for place, code in enumerate(self.request.get("coupon_codes") or ()):
            reason = "duplicate" if fold_code(code) in seen else self._redeem(code, place)
            seen.add(fold_code(code))
            amount = 0
            if reason is None and self._last_amount is not None:
                amount = self._last_amount
            self.opinion.coupons.append((code, reason, amount))

    def _redeem(self, code: str, place: int) -> str | None:
        everything = [
            rule
            for rule in self.setup.get("pricing_rules", ())
            if rule["type"] == "COUPON"
            and rule.get("is_active", True)
            and fold_code(rule["configuration"]["code"]) == fold_code(code)
        ]
        rules = [rule for rule in self.rules if rule in everything]
        if not rules:
            if any((start := instant(rule.get("effective_from"))) and start > self.at for rule in everything):
                return "not_started"
            if any(rule in self.shut for rule in everything):
                return "conditions_not_met"
            is_over = any((end := instant(rule.get("effective_to"))) and end <= self.at for rule in everything)
            return "expired" if is_over else "unknown"
        reason: str | None = None
        for rule in sorted(rules, key=lambda rule: (-rule.get("priority", 0), rule["name"])):
            reason = self._redeem_rule(rule, place)
            if reason is None:
                break
        return reason

    def _redeem_rule(self, rule: Document, place: int) -> str | None:
        configuration = rule["configuration"]
        if region_specificity(rule.get("region"), self.address) is None:
            return "other_region"
        if rule.get("currency") not in (None, self.currency):
            return "other_currency"
        for use in self.setup.get("coupon_uses", ()):
            limit = configuration.get("usage_limit" if use["customer_id"] is None else "usage_limit_per_customer")
            if use["rule_name"] == rule["name"] and use["customer_id"] in (None, self.customer):
                if limit is not None and use["uses"] >= limit:
                    return "exhausted"
        if not self._is_within_budget(rule, 1):
            return "budget_used_up"
        is_kept_out = self.promotions_acted and not configuration.get("with_promotions", True)
        if self.stopper is not None:
            if is_kept_out:
                self.kept_out.append(rule["name"])
            return "excluded"
        others = [held for held in self._redeemed if held is not None]
        is_closed = any(
            not o["configuration"].get("combinable", True) or o["configuration"].get("exclusive") for o in others
        )
        if is_closed or (others and not configuration.get("combinable", True)):
            return "not_combinable"
        if not self._holds(rule) or not self._covered(rule):
            return "conditions_not_met"
        if is_kept_out:
            self.kept_out.append(rule["name"])
            return "not_with_promotions"
        reason = self._act(rule, place)
        if reason is not None:
            return reason
        self._redeemed.append(rule)
        self.taken[place] = rule
        if configuration.get("exclusive") == "all":
            self.stopper = rule
        return None

    _last_amount: int | None = None

    @property
    def _redeemed(self) -> list[Document]:
        redeemed: list[Document] = self.__dict__.setdefault("_redeemed_rules", [])
        return redeemed

    def _covered(self, rule: Document) -> list[Line]:
        lines = [line for line in self.opinion.lines if self._covers(rule, line)]
        return lines if self._is_within_bounds(rule, sum(line.total for line in lines)) else []

    def _is_within_budget(self, rule: Document, amount: int) -> bool:
        for customer, name in ((None, "budget"), (self.customer, "budget_per_customer")):
            budget = rule["configuration"].get(name)
            spent = sum(
                each["spent_minor"]
                for each in self.setup.get("budget_spends", ())
                if (each["rule_name"], each["currency"], each["customer_id"]) == (rule["name"], self.currency, customer)
            )
            if budget is not None and spent + amount > self.minor(budget):
                return False
        return True

    def _act(self, rule: Document, coupon_place: int | None) -> str | None:
        """Why a discount does not act; None where it does."""
        lines = self._covered(rule) if self._holds(rule) else []
        if not lines:
            return "conditions_not_met"
        configuration = rule["configuration"]
        if configuration.get("applies_to") == "delivery":
            if rule["name"] in self.left_out or not self._is_within_budget(rule, 1):
                return "budget_used_up"
            self.delivery_discounts.append((rule, coupon_place))
            self._last_amount = None
            return None
        parts = self._parts(configuration, lines)
        amount = sum(parts)
        if amount == 0:
            return "nothing_to_discount"
        if not self._is_within_budget(rule, amount):
            return "budget_used_up"
        share = {"seller": 0, "platform": 100, "shared": configuration.get("platform_percent", 0)}
        platform = rounded(Fraction(amount) * Fraction(share[configuration.get("funded_by", "seller")]) / 100)
        for line, part, by_platform in zip(lines, parts, largest_remainder(platform, parts, self.opinion), strict=True):
            line.discount += part
            line.seller_discount += part - by_platform
            if part:
                of_rule = (line.item["product_id"], rule["name"], part, part - by_platform, by_platform)
                self.opinion.discounts.append(of_rule)
        self.opinion.discount += amount
        self.opinion.platform_discount += platform
        self.opinion.apply(rule["name"])
        step = "promotion" if coupon_place is None else "coupon"
        self.opinion.calculations.append((step, -amount, rule["name"], False))
        self._last_amount = amount
        return None

    def _parts(self, configuration: Document, lines: list[Line]) -> list[int]:
        kind = configuration["kind"]
        left = [line.left for line in lines]
        whole = sum(left)
        quantities = [line.item["quantity"] for line in lines]
        is_by_line = configuration.get("applies_to", "basket") == "lines"
        value = Fraction(configuration.get("value") or 0)
        if kind == "buy_x_get_y":
            parts = self._cheapest(configuration, left, quantities)
        elif kind == "bundle":
            parts = self._sets(configuration, lines)
        elif kind in ("percent", "tiered_percent"):
            percent = value if kind == "percent" else self._tier(configuration, whole)
            if is_by_line:
                parts = [rounded(rest * percent / 100) for rest in left]
            else:
                parts = largest_remainder(rounded(whole * percent / 100), left, self.opinion)
        elif is_by_line:
            amount = self.minor(value)
            each = [amount * q if kind == "amount" else r - amount * q for q, r in zip(quantities, left, strict=True)]
            parts = [int(min(max(wish, Fraction(0)), Fraction(rest))) for wish, rest in zip(each, left, strict=True)]
        else:
            wish = self.minor(value) if kind == "amount" else whole - self.minor(value)
            parts = largest_remainder(int(min(max(wish, Fraction(0)), Fraction(whole))), left, self.opinion)
        cap = configuration.get("max_discount")
        if cap is not None and sum(parts) > self.minor(cap):
            parts = largest_remainder(int(self.minor(cap)), parts, self.opinion)
        return parts

    def _tier(self, configuration: Document, whole: int) -> Fraction:
        reached = [tier["percent"] for tier in configuration["tiers"] if whole >= self.minor(tier["from"])]
        return Fraction(reached[-1]) if reached else Fraction(0)

    def _cheapest(self, configuration: Document, left: list[int], quantities: list[int]) -> list[int]:
        groups = sum(quantities) // (configuration["buy"] + configuration["get"])
        units = groups * configuration["get"]
        prices = [Fraction(rest, quantity) for rest, quantity in zip(left, quantities, strict=True)]
        taken = [0] * len(left)
        order = sorted(range(len(left)), key=lambda place: (prices[place], place))
        for position, place in enumerate(order):
            taken[place] = min(units, quantities[place])
            units -= taken[place]
            is_cut_here = units == 0 and position + 1 < len(order)
            if is_cut_here and any(prices[place] == prices[other] for other in order if other != place):
                self.opinion.has_tie = True
            if units == 0:
                break
        percent = Fraction(configuration.get("percent", 100))
        return [rounded(price * count * percent / 100) for price, count in zip(prices, taken, strict=True)]

    def _sets(self, configuration: Document, lines: list[Line]) -> list[int]:
        """Units one by one: a set takes the most expensive with which it, and all sets after it, can still be made whole."""
        places = [item for item in configuration["items"] for _ in range(item.get("quantity", 1))]
        prices = [Fraction(line.left, line.item["quantity"]) for line in lines]
        units = [place for place, line in enumerate(lines) for _ in range(line.item["quantity"])]
        units = [place for place in units if any(fits(item, lines[place]) for item in places)]
        units.sort(key=lambda place: (-prices[place], place))
        if len({prices[place] for place in units}) < len(set(units)):
            self.opinion.has_tie = True
        count = configuration.get("max_sets") or len(units)
        while count and not can_be_made([], units, places, count, lines):
            count -= 1
        value, sets = self.minor(configuration["value"]), 0
        taken = [0] * len(lines)
        for still in range(count, 0, -1):
            chosen: list[int] = []
            rest = list(units)
            for unit in units:
                others = list(rest)
                others.remove(unit)
                if len(chosen) < len(places) and can_be_made([*chosen, unit], others, places, still, lines):
                    chosen.append(unit)
                    rest = others
            units = rest
            if sum(prices[place] for place in chosen) > value:
                sets += 1
                for place in chosen:
                    taken[place] += 1
        worth = [rounded(price * count) for price, count in zip(prices, taken, strict=True)]
        return largest_remainder(max(0, sum(worth) - sets * int(value)), worth, self.opinion)

    # Fees.
    def _delivery(self) -> None:
        opinion = self.opinion
        if self.km is None:
            opinion.warnings.append("distance_unknown")
        km = self.km or Fraction(0)
        express = self._chosen("EXPRESS_FEE") if self.is_express else None
        rule = express or self._chosen("DELIVERY_FEE")
        if rule is None:
            opinion.warnings.append("no_delivery_rule")
            self._settle_delivery_discounts()
            return
        configuration = rule["configuration"]
        base = self.minor(configuration["base_fee"])
        multiplier = self._express_flag()
        if express:
            if multiplier is None:
                multiplier = Fraction(configuration.get("multiplier", 1))
            fee = rounded((base + self.minor(configuration.get("distance_factor", 0)) * km) * multiplier)
            fee = self._clamp(fee, None, configuration.get("max_fee"))
            if self.provider is None:
                self.provider = configuration.get("provider")
            step = "express_delivery"
        else:
            beyond_km = max(Fraction(0), km - Fraction(configuration.get("free_km", 0)))
            beyond_kg = max(Fraction(0), self.kg - Fraction(configuration.get("free_kg", 0)))
            fee = rounded(
                base
                + self.minor(configuration.get("per_km", 0)) * beyond_km
                + self.minor(configuration.get("per_kg", 0)) * beyond_kg
            )
            fee = self._clamp(fee, configuration.get("min_fee"), configuration.get("max_fee"))
            if self.is_express:
                fee = rounded(fee * (Fraction(1) if multiplier is None else multiplier))
            if self.provider is None:
                self.provider = configuration.get("provider")
            step = "delivery"
        opinion.delivery_fee = fee
        opinion.apply(rule["name"])
        opinion.calculations.append((step, fee, rule["name"], False))
        self._free_delivery(km)
        self._settle_delivery_discounts()

    def _clamp(self, fee: int, low: Any, high: Any) -> int:
        if low is not None:
            fee = max(fee, int(self.minor(low)))
        return fee if high is None else min(fee, int(self.minor(high)))

    def _free_delivery(self, km: Fraction) -> None:
        opinion = self.opinion
        rule = self._chosen("FREE_DELIVERY")
        if rule is None or opinion.delivery_fee == 0:
            return
        configuration = rule["configuration"]
        reach = configuration.get("max_distance_km")
        if (
            opinion.subtotal >= self.minor(configuration.get("min_subtotal", 0))
            and (not self.is_express or configuration.get("includes_express"))
            and (reach is None or km <= Fraction(reach))
        ):
            self._take_off_delivery(rule, "free_delivery", opinion.delivery_fee)

    def _settle_delivery_discounts(self) -> None:
        opinion = self.opinion
        for rule, coupon_place in self.delivery_discounts:
            configuration, fee = rule["configuration"], opinion.delivery_fee
            value = Fraction(configuration["value"])
            wish = {
                "percent": Fraction(rounded(fee * value / 100)),
                "amount": self.minor(value),
                "fixed_price": fee - self.minor(value),
            }[configuration["kind"]]
            amount = int(min(max(wish, Fraction(0)), Fraction(fee)))
            if configuration.get("max_discount") is not None:
                amount = min(amount, int(self.minor(configuration["max_discount"])))
            if amount and not self._is_within_budget(rule, amount):
                raise _DoesNotFit(rule["name"])
            if amount:
                self._take_off_delivery(rule, "delivery_discount", amount)
            if coupon_place is not None:
                code = opinion.coupons[coupon_place][0]
                opinion.coupons[coupon_place] = (code, None if amount else "nothing_to_discount", amount)

    def _take_off_delivery(self, rule: Document, step: str, amount: int) -> None:
        self.opinion.delivery_fee -= amount
        self.opinion.apply(rule["name"])
        self.opinion.calculations.append((step, -amount, rule["name"], False))

    def _small_basket(self) -> None:
        rule = self._chosen("SMALL_BASKET_FEE")
        if rule is None:
            return
        configuration = rule["configuration"]
        missing = int(self.minor(configuration["threshold"])) - self.opinion.subtotal
        if missing > 0:
            fee = int(self.minor(configuration["fee"]))
            fee = min(fee, missing) if configuration.get("mode", "fixed") == "top_up" else fee
            self.opinion.small_basket_fee = fee
            self.opinion.apply(rule["name"])
            self.opinion.calculations.append(("small_basket", fee, rule["name"], False))

    # Tax.
    def _tax(self) -> None:
        opinion = self.opinion
        by_rate: dict[tuple[str, Fraction], tuple[Document, int]] = {}
        untaxed = 0
        for line in opinion.lines:
            rule = self._chosen("TAX", line)
            if rule is None:
                untaxed += 1
                continue
            configuration = rule["configuration"]
            rates = configuration.get("category_rates") or {}
            rate = Fraction(rates.get(line.item.get("category_id"), configuration["rate"]))
            line.tax = self._tax_on(configuration, rate, line.left)
            line.has_tax_included = bool(configuration.get("inclusive"))
            _, before = by_rate.get((rule["name"], rate), (rule, 0))
            by_rate[rule["name"], rate] = (rule, before + line.tax)
        for rule, amount in by_rate.values():
            self._enter_tax(rule, amount)
        if untaxed:
            opinion.warnings.append("no_tax_rule")
        # A fee is no line: a rule for certain goods taxes it only where there is no general one.
        rule = self._chosen("TAX", general=True) or self._chosen("TAX")
        if rule is not None:
            configuration = rule["configuration"]
            for fee, name in (
                (opinion.delivery_fee, "applies_to_delivery"),
                (opinion.small_basket_fee, "applies_to_small_basket"),
            ):
                if fee and configuration.get(name):
                    self._enter_tax(rule, self._tax_on(configuration, Fraction(configuration["rate"]), fee))

    def _tax_on(self, configuration: Document, rate: Fraction, amount: int) -> int:
        if configuration.get("inclusive"):
            return rounded(amount * rate / (100 + rate))
        return rounded(amount * rate / 100)

    def _enter_tax(self, rule: Document, amount: int) -> None:
        is_inclusive = bool(rule["configuration"].get("inclusive"))
        if is_inclusive:
            self.opinion.inclusive_tax += amount
        else:
            self.opinion.exclusive_tax += amount
        self.opinion.apply(rule["name"])
        self.opinion.calculations.append(("tax", amount, rule["name"], is_inclusive))

    # Commission.
    def _commission(self) -> None:
        together: dict[tuple[str, str], list[Document]] = {}
        for line in self.opinion.lines:
            for rate in self._rates_of(line):
                base = line.total - line.seller_discount
                detail: Document = {"line": line, "rate": rate, "base": base, "scope": scope_of(rate)}
                self.opinion.details.append(detail)
                if detail["scope"] in ("ORDER", "QUOTE"):
                    payer = line.seller if detail["scope"] == "ORDER" else ""
                    together.setdefault((rate["id"], payer), []).append(detail)
                    continue
                quantity = line.item["quantity"] if detail["scope"] == "UNIT" else 1
                amount, detail["clamped"] = self._charge(rate, Fraction(base, quantity))
                detail["amount"] = amount * quantity
        for details in together.values():
            bases = [detail["base"] for detail in details]
            amount, clamped = self._charge(details[0]["rate"], Fraction(sum(bases)))
            for detail, part in zip(details, largest_remainder(amount, bases, self.opinion), strict=True):
                detail["amount"], detail["clamped"] = part, clamped
        for detail in self.opinion.details:
            detail["parts"] = self._divided(detail["rate"], detail["amount"])

    def _rates_of(self, line: Line) -> list[Document]:
        values = {"seller": line.seller, "category": line.item.get("category_id"), "logistics": self.provider}

        def named(rate: Document) -> list[str]:
            return [name for name in DIMENSIONS if rate.get(DIMENSION_FIELDS[name]) is not None]

        def precedence(rate: Document) -> tuple[Any, ...]:
            start = instant(rate.get("effective_from")) or datetime.min.replace(tzinfo=UTC)
            specificity = region_specificity(rate.get("region"), self.address) or 0
            return rate.get("priority", 0), len(named(rate)), specificity, start.timestamp(), rate["id"]

        matching = [
            rate
            for rate in self.setup.get("commission_rates", ())
            if rate.get("is_active", True)
            and is_effective(rate, self.at)
            and all(rate[DIMENSION_FIELDS[name]] == values[name] for name in named(rate))
            and region_specificity(rate.get("region"), self.address) is not None
            and rate.get("currency") in (None, self.currency)
        ]
        matching.sort(key=precedence, reverse=True)
        free = set(DIMENSIONS)
        taken = []
        for rate in matching:
            if named(rate) and free.issuperset(named(rate)):
                taken.append(rate)
                free -= set(named(rate))
        if not taken:
            taken = [rate for rate in matching if not named(rate)][:1]
        return taken

    def _charge(self, rate: Document, base: Fraction) -> tuple[int, str | None]:
        if rate["commission_type"] == "FLAT":
            amount = int(self.minor(rate["rate"]))
        elif rate["commission_type"] == "PERCENTAGE":
            amount = rounded(base * Fraction(rate["rate"]) / 100)
        else:
            charged, floor = Fraction(0), Fraction(0)
            for tier in rate["tiers"]:
                ceiling = base if tier["up_to"] is None else min(base, self.minor(tier["up_to"]))
                charged += max(Fraction(0), ceiling - floor) * Fraction(tier["rate"]) / 100
                floor = max(floor, ceiling)
            amount = rounded(charged)
        low, high = rate.get("min_amount"), rate.get("max_amount")
        if low is not None and amount < self.minor(low):
            return int(self.minor(low)), "min"
        if high is not None and amount > self.minor(high):
            return int(self.minor(high)), "max"
        return amount, None

    def _divided(self, rate: Document, amount: int) -> dict[str, int]:
        covered = [name for name in DIMENSIONS if rate.get(DIMENSION_FIELDS[name]) is not None] or list(DIMENSIONS)
        split = rate.get("split") or {covered[0]: 1}
        weights = [int(Fraction(split.get(name, 0)) * 10**6) for name in DIMENSIONS]
        return dict(zip(DIMENSIONS, largest_remainder(amount, weights), strict=True))

    def _payouts(self) -> None:
        for seller in dict.fromkeys(line.seller for line in self.opinion.lines):
            lines = [line for line in self.opinion.lines if line.seller == seller]
            commission = sum(each["amount"] for each in self.opinion.details if each["line"].seller == seller)
            total, discount = sum(line.total for line in lines), sum(line.seller_discount for line in lines)
            self.opinion.payouts.append(
                {
                    "seller_id": seller,
                    "item_total": total,
                    "seller_discount": discount,
                    "commission": commission,
                    "commission_tax": None,
                    "payout": total - discount - commission,
                }
            )

    def _commission_tax(self) -> None:
        known = {each["seller_id"]: address_in(each["region"]) for each in self.setup.get("seller_regions", ())}
        elsewhere = self.request.get("pickup_address") or self.request["delivery_address"]
        for payout in self.opinion.payouts:
            seller = payout["seller_id"]
            place = known.get(seller, elsewhere)
            lines = [line for line in self.opinion.lines if line.seller == seller]
            rule = next(
                (
                    rule
                    for rule in self._ordered("COMMISSION_TAX", place)
                    if self._holds(rule)
                    and self._is_within_bounds(rule, self.opinion.subtotal)
                    and any(self._covers(rule, line) for line in lines)
                ),
                None,
            )
            if rule is None or not payout["commission"]:
                continue
            rate = Fraction(rule["configuration"]["rate"])
            is_inclusive = bool(rule["configuration"].get("inclusive"))
            amount = self._tax_on(rule["configuration"], rate, payout["commission"])
            self.opinion.apply(rule["name"])
            entry = (seller, rule["name"], rate, is_inclusive, payout["commission"], amount)
            self.opinion.commission_taxes.append(entry)
            payout["commission_tax"] = amount
            payout["payout"] -= 0 if is_inclusive else amount


def address_in(region: str) -> Document:
    """What a region reports an address."""
    parts = [*region.split("/"), "", ""]
    return {"country": parts[0], "city": parts[1], "district": parts[2]}


def fits(item: Document, line: Line) -> bool:
    return (
        line.item["product_id"] in (item.get("product_ids") or ())
        or line.item.get("category_id") in (item.get("category_ids") or ())
        or bool(set(item.get("tags_any") or ()) & set(line.item.get("tags") or ()))
    )


def can_be_made(chosen: list[int], others: list[int], places: list[Document], sets: int, lines: list[Line]) -> bool:
    """Whether so many sets can be made of these units, the chosen ones standing in the first (augmenting paths)."""
    wanted = [(number, item) for number in range(sets) for item in places]
    holder: dict[int, int] = {}
    units = [*chosen, *others]

    def seat(unit: int, tried: set[int]) -> bool:
        for seat_number, (number, item) in enumerate(wanted):
            if seat_number in tried or (unit < len(chosen) and number) or not fits(item, lines[units[unit]]):
                continue
            tried.add(seat_number)
            if seat_number not in holder or seat(holder[seat_number], tried):
                holder[seat_number] = unit
                return True
        return False

    for unit in range(len(units)):
        if len(holder) == len(wanted):
            return True
        if not seat(unit, set()) and unit < len(chosen):
            return False
    return len(holder) == len(wanted)


class _NoValue:
    """A flag that has no value for a customer."""


NO_VALUE = _NoValue()


def scope_of(rate: Document) -> str:
    """What the charge is worked out on."""
    default = {"PERCENTAGE": "LINE", "FLAT": "UNIT", "TIERED": "ORDER"}[rate["commission_type"]]
    return str(rate.get("scope") or default)


def fold_code(code: str) -> str:
    """Coupon codes compare trimmed and case-folded."""
    return code.strip().casefold()


def _priced(setup: Document, request: Document, at: str, with_promotions: bool) -> tuple[Oracle, Opinion]:
    left_out: tuple[str, ...] = ()
    while True:
        oracle = Oracle(setup, request, at, with_promotions, left_out)
        try:
            return oracle, oracle.price()
        except _DoesNotFit as found:
            left_out += (str(found),)


def price(setup: Document, request: Document, at: str) -> Opinion:
    """The specification's opinion; numbers of the documents are ints, Decimals or strings."""
    opinion = _better_way(setup, request, at)
    opinion.warnings += ["payout_negative" for payout in opinion.payouts if payout["payout"] < 0]
    return opinion


def _better_way(setup: Document, request: Document, at: str) -> Opinion:
    usual, opinion = _priced(setup, request, at, with_promotions=True)
    if not usual.kept_out:
        return opinion
    alone, other = _priced(setup, request, at, with_promotions=False)
    types = {rule["name"]: rule["type"] for rule in setup["pricing_rules"]}
    acted = any(types[name] == "PROMOTION" for name in opinion.applied)
    lone = [
        place
        for place, (code, reason, _) in enumerate(other.coupons)
        if reason is None and not alone.taken[place]["configuration"].get("with_promotions", True)
    ]
    opinion.has_tie = other.has_tie = opinion.has_tie or other.has_tie
    if lone and not (acted and opinion.total <= other.total):
        if acted:
            other.warnings.append("promotions_excluded")
        return other
    opinion.coupons = [
        theirs if mine[1] == "not_with_promotions" and theirs[1] is not None else mine
        for mine, theirs in zip(opinion.coupons, other.coupons, strict=True)
    ]
    return opinion
