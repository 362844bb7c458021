"""Issue a quote: found in this process, or priced, signed and shared, so that one basket has one quote everywhere.

Pricing is quicker than asking Redis, so Redis is not asked first. The command that keeps the new quote there answers with
the one that was there before, if another process was quicker; then that one is handed out. While it is under way, the
same basket asked for again waits for it instead of being priced twice.

What is on sale is read once for each quote, from what this process knows of it. Where nothing is, that costs a look.

Everything here runs in the event loop between two awaits, so nothing is locked.

Source: spec 2, Rules for the clock and the caches; spec 7; `docs/decisions/` on the order of the tiers.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

from quote_service.domain.errors import Unavailable
from quote_service.domain.flash_sales.sale_price import BasketSales
from quote_service.domain.identifiers import uuid7
from quote_service.domain.instants import SECOND_US
from quote_service.domain.kept_quote import KeptQuote, echoed_reference, pack_quote, unpack_quote
from quote_service.domain.quote import CheckedBasket, Quote, Warning
from quote_service.engine.answer.encode_quote import QuoteText, encode_quote
from quote_service.engine.answer.plain_flags import plain_flags
from quote_service.engine.fingerprint import fingerprint_bits
from quote_service.engine.pricing.find_sales import find_sales
from quote_service.engine.pricing.price_quote import price_quote
from quote_service.engine.rulebook.rulebook import Rulebook
from quote_service.flows.flash_sales.sale_prices import SalePrices
from quote_service.flows.local_quotes import LocalAnswer, LocalQuotes
from quote_service.flows.rulebook_holder import RulebookHolder
from quote_service.flows.sign_quote import QuoteSigner
from quote_service.redis_store.share_quotes import NotShared, Outcome, QuoteSharer
from quote_service.system.new_ids import random_bits
from quote_service.telemetry.quote_notes import QuoteNote

CacheTier = Literal["miss", "local", "redis"]
OnIssued = Callable[[LocalAnswer, CacheTier], None]
# Takes the items of flash sales whose price an answer shows, each time that it is given.
OnShown = Callable[[tuple[int, ...]], None]

_NOT_SHARED_WARNING = Warning("quote_not_shared", "Redis is away, so only this worker can show this quote again")
_BODIES_MAX = 4  # of one answer: different spellings of one request


class _Flight(msgspec.Struct, gc=False):
    """Who waits for a quote that is being shared: the reference to echo, the body, whom to tell."""

    waiting: list[tuple[str | None, bytes, OnIssued]]


class QuoteDesk:
    """Issues the quotes of one worker. Counts `local`, `found`, `priced` and `joined` quotes since the start.

    `flags_evaluated` counts the flags that the priced quotes show.
    """

    __slots__ = (
        "_flights",
        "_holder",
        "_note_shown",
        "_sales",
        "_secret",
        "_sharer",
        "_signer",
        "_ttl_us",
        "flags_evaluated",
        "found",
        "joined",
        "local",
        "priced",
        "quotes",
    )

    def __init__(
        self,
        holder: RulebookHolder,
        quotes: LocalQuotes,
        sharer: QuoteSharer,
        signer: QuoteSigner,
        *,
        fingerprint_secret: bytes,
        ttl_seconds: int,
        sales: SalePrices,
        note_shown: OnShown,
    ) -> None:
        self._holder = holder
        self._sales = sales
        self._note_shown = note_shown
        self.quotes = quotes
        self._sharer = sharer
        self._signer = signer
        self._secret = fingerprint_secret
        self._ttl_us = ttl_seconds * SECOND_US
        self._flights: dict[int, _Flight] = {}
        self.local = self.found = self.priced = self.joined = self.flags_evaluated = 0

    def find(self, body: bytes, at_us: int) -> LocalAnswer | None:
        """The answer that this process gave to the very same bytes, if it is still good."""
        answer = self.quotes.by_body(body, self._holder.version, self._sales.version, at_us)
        if answer is not None:
            self.local += 1
            if answer.shown:
                self._note_shown(answer.shown)
        return answer

    def issue(
        self,
        checked: CheckedBasket,
        body: bytes,
        at_us: int,
        on_issued: OnIssued,
        *,
        bypass: bool = False,
        note: QuoteNote | None = None,
    ) -> None:
        """Issue a quote; calls back once, at once or when Redis has answered.

        Args:
            checked: The basket.
            body: The bytes that it came in.
            at_us: The one instant of this quote.
            on_issued: Takes the answer and the tier that it came from.
            bypass: Price it anew, whatever is kept.
            note: Of a quote that is sampled: it is told when each step is over.

        Raises:
            Unavailable: No rulebook has been read yet.
        """
        rulebook = self._holder.rulebook
        if rulebook is None:
            raise Unavailable("The rules have not been read yet")
        external_ref = checked.basket.external_ref
        prices, sales_version = self._sales.by_product, self._sales.version
        sales = find_sales(prices, checked, at_us) if prices else None
        if bypass:
            bits = random_bits()
        else:
            bits = fingerprint_bits(rulebook, checked, at_us, self._secret, sales)
            held = self.quotes.by_bits(bits, at_us)
            if held is not None:
                self.local += 1
                if held.sales_version != sales_version:
                    held = self._renew(held, sales_version, self._good_until_us(rulebook, sales, at_us))
                self._hand_out(held, external_ref, body, on_issued, "local")
                return
            flight = self._flights.get(bits)
            if flight is not None:
                self.joined += 1
                flight.waiting.append((external_ref, body, on_issued))
                return
        quote = price_quote(rulebook, checked, at_us, sales)
        self.priced += 1
        if note is not None:
            note.priced()
        self.flags_evaluated += len(rulebook.era_at(at_us).exposed_flags)
        good_until_us = min(at_us + self._ttl_us, self._good_until_us(rulebook, sales, at_us))
        answer = self._write(quote, bits, rulebook.version, at_us, good_until_us, body)
        answer.sales_version = sales_version
        if sales is not None:
            answer.shown = sales.item_ids
        flight = self._flights[bits] = _Flight([])
        packed = pack_quote(
            KeptQuote(answer.quote_id, rulebook.version, at_us, answer.valid_until_us, issued_data(answer), body)
        )

        if note is not None:
            note.encoded()

        def settle(outcome: Outcome) -> None:
            if note is not None:
                note.shared()
            del self._flights[bits]
            settled, tier = self._settle(outcome, answer, quote, at_us)
            if not bypass:
                self.quotes.keep(settled)
            self._hand_out(settled, external_ref, body, on_issued, tier)
            for other_ref, other_body, other in flight.waiting:
                self._hand_out(settled, other_ref, other_body, other, "local")

        self._sharer.share(bits, packed, settle)

    def _good_until_us(self, rulebook: Rulebook, sales: BasketSales | None, at_us: int) -> int:
        """When time alone makes the price another one."""
        era_until_us = rulebook.era_at(at_us).until_us
        return era_until_us if sales is None else min(era_until_us, sales.until_us)

    def _renew(self, held: LocalAnswer, sales_version: int, good_until_us: int) -> LocalAnswer:
        """A kept answer that other sales have left as it was."""
        renewed = msgspec.structs.replace(
            held, sales_version=sales_version, good_until_us=min(held.valid_until_us, good_until_us)
        )
        self.quotes.keep(renewed)
        return renewed

    def _hand_out(
        self, answer: LocalAnswer, external_ref: str | None, body: bytes, on_issued: OnIssued, tier: CacheTier
    ) -> None:
        if answer.shown:
            self._note_shown(answer.shown)
        on_issued(self._adopt(answer, external_ref, body), tier)

    def _settle(self, outcome: Outcome, answer: LocalAnswer, quote: Quote, at_us: int) -> tuple[LocalAnswer, CacheTier]:
        if outcome is None:
            return answer, "miss"
        if not isinstance(outcome, NotShared):
            kept = unpack_quote(outcome)
            if kept.valid_until_us > at_us:
                self.found += 1
                return kept_answer(kept, answer), "redis"
        quote.warnings.append(_NOT_SHARED_WARNING)
        _, tail = self._sign(encode_quote(quote, answer.quote_id, at_us, answer.valid_until_us))
        return msgspec.structs.replace(answer, tail=tail), "miss"

    def _write(
        self, quote: Quote, bits: int, rulebook_version: int, at_us: int, good_until_us: int, body: bytes
    ) -> LocalAnswer:
        quote_id = uuid7(at_us // 1000, bits)
        valid_until_us = at_us + self._ttl_us
        text = encode_quote(quote, quote_id, at_us, valid_until_us)
        head, tail = self._sign(text)
        flags_start = len(text.head.encode()) if not text.head.isascii() else len(text.head)
        flags_length = len(text.flags.encode()) if not text.flags.isascii() else len(text.flags)
        return LocalAnswer(
            quote_id=quote_id,
            bits=bits,
            rulebook_version=rulebook_version,
            issued_at_us=at_us,
            good_until_us=good_until_us,
            valid_until_us=valid_until_us,
            external_ref=quote.basket.external_ref,
            head=head,
            tail=tail,
            flags_at=(flags_start, flags_start + flags_length),
            bodies=(body,),
        )

    def _sign(self, text: QuoteText) -> tuple[bytes, bytes]:
        """The bytes before the value of `cache`, and those after it, with the signature."""
        head = (text.head + text.flags + text.middle).encode()
        plain = plain_flags(text.flags)
        signed_head = head if plain == text.flags else (text.head + plain + text.middle).encode()
        tail = text.tail.encode()
        signature = self._signer.sign(b'%b"miss"%b}' % (signed_head, tail))
        return head, b'%b,"signature":"%b"}' % (tail, signature.encode())

    def _adopt(self, answer: LocalAnswer, external_ref: str | None, body: bytes) -> LocalAnswer:
        """The answer for a request that echoes this reference; remembered for the very same bytes."""
        if answer.external_ref != external_ref:
            return self._with_reference(answer, external_ref)
        if body not in answer.bodies and len(answer.bodies) < _BODIES_MAX:
            answer = msgspec.structs.replace(answer, bodies=(*answer.bodies, body))
            self.quotes.keep(answer)
        return answer

    def _with_reference(self, answer: LocalAnswer, external_ref: str | None) -> LocalAnswer:
        """The same quote with another reference to echo, signed again."""
        before = _reference(answer.external_ref)
        after = _reference(external_ref)
        shift = len(after) - len(before)
        head = answer.head.replace(before, after, 1)  # the reference stands before all other text from outside
        start, end = answer.flags_at[0] + shift, answer.flags_at[1] + shift
        plain = plain_flags(head[start:end].decode()).encode()
        tail = answer.tail[: answer.tail.rindex(b',"signature":')]
        signature = self._signer.sign(b'%b%b%b"miss"%b}' % (head[:start], plain, head[end:], tail))
        return msgspec.structs.replace(
            answer,
            external_ref=external_ref,
            head=head,
            tail=b'%b,"signature":"%b"}' % (tail, signature.encode()),
            flags_at=(start, end),
            bodies=(),
        )


def issued_data(answer: LocalAnswer) -> bytes:
    """The data of an answer as it was issued, byte for byte."""
    return b'%b"miss"%b' % (answer.head, answer.tail)


def kept_answer(kept: KeptQuote, ours: LocalAnswer) -> LocalAnswer:
    """A quote that another process issued, as an answer of this one, which had priced the same basket to the same end."""
    # After `cache` come only warnings and the signature, none of which holds text from outside.
    cut = kept.data.rindex(b',"cache":"miss",') + len(b',"cache":')
    head, tail = kept.data[:cut], kept.data[cut + len(b'"miss"') :]
    start = head.index(b'"feature_flags":') + len(b'"feature_flags":')
    end = head.rindex(b',"valid_from":')
    return LocalAnswer(
        quote_id=kept.quote_id,
        bits=ours.bits,
        rulebook_version=kept.rulebook_version,
        issued_at_us=kept.issued_at_us,
        good_until_us=min(kept.valid_until_us, ours.good_until_us),
        valid_until_us=kept.valid_until_us,
        external_ref=echoed_reference(kept.data),
        head=head,
        tail=tail,
        flags_at=(start, end),
        sales_version=ours.sales_version,
        shown=ours.shown,
    )


def _reference(external_ref: str | None) -> bytes:
    return b'"external_ref":' + msgspec.json.encode(external_ref) + b',"subtotal":'
