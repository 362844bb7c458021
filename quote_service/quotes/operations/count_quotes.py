"""Count what this process quotes, by currency, region, tier and flags, and by product: additions alone, no I/O.

Whoever writes the counts down (`steering/analytics/operations/flush_counts.py`) drains them. Lines and amounts are those of quotes that
were issued; handing one out again is an answer more, and no further quote.

Source: docs/spec/analytics.md#quotes.
"""

from typing import Final

from quote_service.pricing.flags.decision import Decision
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import CommissionDetail, DiscountDetail, Quote, QuoteLine
from quote_service.pricing.regions import region_name
from quote_service.pricing.rulebook.applicable_rules import ApplicableRules
from quote_service.quotes.model.quote_cells import OTHER, LineCell, LineSums, PricedQuote, QuoteCell, Row

# Of one drain: a flush each second takes a process a quarter of a percent of its time at most.
ROWS_MAX: Final = 250
# Kept between drains; what is beyond is counted under OTHER.
CELLS_MAX: Final = 5_000
LINE_CELLS_MAX: Final = 20_000
# Texts that come from outside, of one hour.
REGIONS_MAX: Final = 500
TIERS_MAX: Final = 50
FLAG_LENGTH_MAX: Final = 200
# Addresses are remembered with the kinds of quotes that they had: so many each, and so many together.
KINDS_HERE_MAX: Final = 1000
KINDS_MAX: Final = 50_000


class CellsHere:
    """The cells of one address and currency, by tier and flags; kept with the rules of that address.

    Flags are distinguished by the text that a quote shows of them, which is at hand; `shows_variants`: and by their variants, two of
    which may have one value.
    """

    __slots__ = ("by_kind", "count", "epoch", "shows_variants")

    def __init__(self, epoch: int, shows_variants: bool) -> None:
        self.epoch = epoch
        self.shows_variants = shows_variants
        self.by_kind: dict[str | None, dict[object, QuoteCell]] = {}
        self.count = 0


class QuoteCounts:
    """The counts of one process, kept for at most so many kinds of quotes, and products in these."""

    __slots__ = (
        "_cells",
        "_cells_max",
        "_dirty",
        "_dirty_lines",
        "_epoch",
        "_hour",
        "_kinds",
        "_line_cells",
        "_line_cells_max",
        "_regions",
        "_tiers",
    )

    def __init__(self, cells_max: int = CELLS_MAX, line_cells_max: int = LINE_CELLS_MAX) -> None:
        self._cells_max = cells_max
        self._line_cells_max = line_cells_max
        self._cells: dict[tuple[str, str, str, tuple[str, ...]], QuoteCell] = {}
        self._dirty: list[QuoteCell] = []
        self._dirty_lines: list[LineCell] = []
        # A cell that was found before it rose is not found again: what is kept of addresses goes with it.
        self._epoch = 0
        self._line_cells = 0
        self._regions: set[str] = set()
        self._tiers: set[str] = set()
        self._hour = 0
        self._kinds = 0

    def cell_of(self, quote: Quote, flags_text: str) -> QuoteCell:
        """Where a quote that was just worked out is counted; `flags_text` is what it shows of flags."""
        assert isinstance(quote, PricingContext)
        applicable: ApplicableRules = quote.applicable
        here: CellsHere | None = applicable.counted
        if here is None or here.epoch != self._epoch:
            here = applicable.counted = CellsHere(self._epoch, quote.period.shows_variants)
        tier: str | None = quote.basket.customer_tier
        kind: object = flags_text
        if here.shows_variants:
            kind = (flags_text, tuple([decision.variant for decision in quote.feature_flags]))
        of_tier = here.by_kind.get(tier)
        cell = None if of_tier is None else of_tier.get(kind)
        return self._find_cell(here, kind, quote) if cell is None else cell

    def answered(self, cell: QuoteCell, tier: str, seconds: float) -> None:
        """Count an answer, whether its quote is new or handed out again."""
        if not cell.is_dirty:
            cell.is_dirty = True
            self._dirty.append(cell)
        cell.quotes += 1
        if tier == "local":
            cell.local += 1
        elif tier == "redis":
            cell.redis += 1
        cell.latency_us += int(seconds * 1_000_000.0)
        if seconds <= 0.0001:
            cell.latency_100us += 1
        elif seconds <= 0.001:
            cell.latency_1ms += 1
        elif seconds <= 0.01:
            cell.latency_10ms += 1
        elif seconds <= 0.1:
            cell.latency_100ms += 1
        elif seconds <= 1.0:
            cell.latency_1s += 1

    def sum_up(self, quote: Quote, cell: QuoteCell) -> PricedQuote:
        """What a quote adds to its cell and to the places of its lines, if it is issued."""
        priced = PricedQuote(quote, cell)
        of_lines = priced.of_lines
        details: list[CommissionDetail] = quote.commission.details
        discounts: list[DiscountDetail] = quote.discount_details
        by_number: list[LineSums] = []
        detail_count = len(details)
        at = 0
        sums: LineSums | None = None
        for line in quote.lines:
            place = self._place_of(cell, line)
            if sums is None or sums.place is not place:
                sums = LineSums(place)
                of_lines.append(sums)
            if discounts:
                by_number.append(sums)
            sums.add_line(line)
            while at < detail_count:  # they stand line by line
                detail = details[at]
                if detail.line is not line:
                    break
                sums.commission_minor += detail.amount_minor
                at += 1
        for each in of_lines:
            priced.add_lines(each)
        for discount in discounts:
            _add_discount(discount, by_number[discount.number - 1], priced)
        return priced

    def issued(self, priced: PricedQuote) -> None:
        """Count a quote that was issued, and its lines."""
        cell = priced.cell
        if not cell.is_dirty:
            cell.is_dirty = True
            self._dirty.append(cell)
        cell.add(priced)
        cell.priced += 1
        if priced.is_express:
            cell.express += 1
        cell.delivery_fee_minor += priced.delivery_fee_minor
        cell.small_basket_fee_minor += priced.small_basket_fee_minor
        for sums in priced.of_lines:
            place = sums.place
            if not place.is_dirty:
                place.is_dirty = True
                self._dirty_lines.append(place)
            place.add(sums)

    @property
    def is_drained(self) -> bool:
        """Whether nothing is counted that has not been drained."""
        return not self._dirty and not self._dirty_lines

    def drain(self, hour: int, rows_max: int = ROWS_MAX) -> list[Row]:
        """What was counted since last time, as rows of the columns `COLUMNS`; it is counted here no more.

        Args:
            hour: The number of the hour that it is: so many regions and tiers are distinguished in one.
            rows_max: What is beyond goes on being counted, and comes next time.
        """
        dirty, lines = self._dirty, self._dirty_lines
        rows = [cell.take() for cell in dirty[:rows_max]]
        lines_max = rows_max - len(rows)
        rows += [line.take() for line in lines[:lines_max]]
        self._dirty, self._dirty_lines = dirty[rows_max:], lines[lines_max:]
        if hour != self._hour:
            self._hour = hour
            self._regions.clear()
            self._tiers.clear()
            self._epoch += 1
        is_full = len(self._cells) >= self._cells_max or self._line_cells >= self._line_cells_max
        if is_full and len(self._dirty) < self._cells_max // 2 and len(self._dirty_lines) < self._line_cells_max // 2:
            self._cells.clear()
            self._line_cells = 0
            self._epoch += 1
        return rows

    def _find_cell(self, here: CellsHere, kind: object, quote: Quote) -> QuoteCell:
        basket = quote.basket
        address, tier = basket.delivery_address, basket.customer_tier
        region = _bounded(self._regions, region_name(address.country, address.city), REGIONS_MAX)
        shown_tier = _bounded(self._tiers, tier or "", TIERS_MAX)
        flags: list[Decision] = quote.feature_flags
        cell = self._cell(basket.currency, region, shown_tier, tuple([flag_text(decision) for decision in flags]))
        # Tiers come from outside, so what is kept by them is bounded, at one address and at all of them.
        if here.count < KINDS_HERE_MAX:
            here.count += 1
            here.by_kind.setdefault(tier, {})[kind] = cell
            self._kinds += 1
            if self._kinds >= KINDS_MAX:
                self._kinds = 0
                self._epoch += 1
        return cell

    def _cell(self, currency: str, region: str, tier: str, flags: tuple[str, ...]) -> QuoteCell:
        key = (currency, region, tier, flags)
        cell = self._cells.get(key)
        if cell is None:
            if len(self._cells) >= self._cells_max and region != OTHER:
                return self._cell(currency, OTHER, OTHER, ())
            cell = self._cells[key] = QuoteCell(currency, region, tier, list(flags))
        return cell

    def _place_of(self, cell: QuoteCell, line: QuoteLine) -> LineCell:
        if line.price_source == "request":
            unknown = cell.unknown_lines
            if unknown is None:
                unknown = cell.unknown_lines = LineCell(cell, "", "", "")
            return unknown
        product_id = line.product_id
        place = cell.lines_by_product.get(product_id)
        category: str | None = line.item.category_id
        if place is not None and place.seller == line.seller_id and place.category == (category or ""):
            return place
        return self._find_place(cell, line.seller_id, category or "", product_id, product_id)

    def _find_place(self, cell: QuoteCell, seller: str, category: str, product: str, key: str) -> LineCell:
        """Of a product that has not been met, or not with this seller and category."""
        places = cell.lines_by_product
        if key in places:
            key = f"{product} {seller} {category}"
        place = places.get(key)
        if place is None:
            if self._line_cells >= self._line_cells_max:
                seller = category = product = key = OTHER
                place = places.get(key)
            if place is None:
                place = places[key] = LineCell(cell, seller, category, product)
                self._line_cells += 1
        return place


def _add_discount(discount: DiscountDetail, of_lines: LineSums, of_quote: PricedQuote) -> None:
    line, by_seller_minor, by_platform_minor = discount.line, discount.seller_minor, discount.platform_minor
    sums = of_lines.rule(discount.rule)
    sums.count += 1
    sums.gross_minor += line.total_minor
    sums.total_minor += line.total_minor - line.discount_minor
    sums.seller_minor += by_seller_minor
    sums.platform_minor += by_platform_minor
    of_quote_sums = of_quote.rule(discount.rule)
    of_quote_sums.seller_minor += by_seller_minor
    of_quote_sums.platform_minor += by_platform_minor


def flag_text(decision: Decision) -> str:
    """A flag and what it decided, as reports name it: `new_fee=b` of a variant, otherwise `new_fee=true`."""
    outcome = decision.value if decision.variant is None else decision.variant
    return f"{decision.key}={outcome}"[:FLAG_LENGTH_MAX]


def _bounded(known: set[str], text: str, count_max: int) -> str:
    if text not in known:
        if len(known) >= count_max:
            return OTHER
        known.add(text)
    return text
