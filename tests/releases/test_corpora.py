"""What each release issued is read by this one: kept, brought back, accepted, ordered, explained, replayed, erased.

Source: docs/spec/quotes.md#forms.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.postgres.migrate import migrate
from quote_service.quotes.answer.restore_quote import read_kept
from quote_service.quotes.model.kept_bytes import unpack_quote
from quote_service.quotes.operations.accept_quote import Offer, offer_of_kept
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.verify_quote import verify_quote
from quote_service.selling.orders.model.freeze_quote import freeze_quote
from quote_service.selling.orders.model.quoted import read_quoted
from tests.conftest import MakeDatabase
from tests.quotes.lifecycle.issued import LIBRARIES
from tests.releases.corpus import ORDERS, QUOTES, Corpus, IssuedQuote, read_corpora
from tests.releases.installation import CHECKOUT, KEYS, Installation, installation, until

CORPORA = {corpus.release: corpus for corpus in read_corpora()}
EVERY = {f"{name}: {quote.name}": quote for name, each in CORPORA.items() for quote in each.quotes}
KEPT = {name: quote for name, quote in EVERY.items() if quote.kept}
_KID, _, _SECRET = KEYS["signing"].partition(":")
SIGNER = QuoteSigner([(_KID, base64.b64decode(_SECRET))])


def test_there_is_a_corpus_of_the_first_release_and_of_this_one() -> None:
    assert len(CORPORA) >= 2
    assert "a8eb717" in CORPORA
    assert any(not corpus.left_out for corpus in CORPORA.values()), "`make release-corpus` issues every kind"


@pytest.mark.parametrize("quote", EVERY.values(), ids=EVERY)
def test_what_was_signed_is_what_is_read(quote: IssuedQuote) -> None:
    restored = read_kept(quote.data.encode())
    assert SIGNER.holds(restored.signed, restored.signature)
    for through in LIBRARIES:
        brought = verify_quote(SIGNER, parse_json(through(quote.data).encode()))
        assert brought[0].valid, (through.__name__, brought[0])
        assert brought[1] is not None
        assert brought[1].signed == restored.signed
    changed = quote.data.replace('"quantity":', '"quantity":1', 1)
    assert not verify_quote(SIGNER, parse_json(changed.encode()))[0].valid


@pytest.mark.parametrize("quote", KEPT.values(), ids=KEPT)
def test_what_redis_keeps_can_be_accepted_and_ordered(quote: IssuedQuote) -> None:
    kept = unpack_quote(base64.b64decode(quote.kept))
    assert kept.data == quote.data.encode()
    offer = offer_of_kept(kept, kept.issued_at_us)
    assert isinstance(offer, Offer)
    assert offer.data == kept.data
    assert offer.claim(str(uuid4())).quote_id == UUID(quote.quote_id)
    order = freeze_quote(read_quoted(kept.data))
    assert order.total_minor == offer.figures.total_minor
    assert order.discount_minor == offer.figures.discount_minor


def test_members_of_a_later_release_are_kept_and_signed() -> None:
    quote = next(iter(CORPORA.values())).quotes[0]
    document = quote.data.replace('{"quote_id"', '{"gift_wrap":{"fee":5.00,"colours":["red"]},"quote_id"', 1)
    document = document.replace(
        '"calculations":[',
        '"calculations":[{"step":"toll","description":"x","amount":0.00,"inputs":{"axles":2,"per_axle":1.50}},',
        1,
    )
    unsigned = parse_exact(document)
    del unsigned["signature"]
    head = document[: document.rindex(',"signature"')]
    data = f'{head},"signature":"{SIGNER.sign((head + "}").encode())}"}}'
    assert SIGNER.holds(read_kept(data.encode()).signed, json.loads(data)["signature"])
    verification, restored = verify_quote(SIGNER, parse_json(data.encode()))
    assert verification.valid, verification
    assert restored is not None
    assert restored.data == data.encode()
    forged = verify_quote(SIGNER, parse_json(data.replace('"axles":2', '"axles":3').encode()))[0]
    assert (forged.valid, forged.pointer) == (False, "/gift_wrap")


@pytest.fixture(scope="module", params=sorted(CORPORA))
def upgraded(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    new_empty_database_url: MakeDatabase,
    valkey_server: ValkeyServer,
) -> Iterator[tuple[Corpus, Installation]]:
    """The database of a release, migrated by this one, which serves."""
    corpus, folder, url = CORPORA[request.param], tmp_path_factory.mktemp("upgraded"), new_empty_database_url()
    migrations = folder / "migrations"
    migrations.mkdir()
    for name in corpus.migrations:
        shutil.copy(Path(CHECKOUT, "migrations", name), migrations / name)
    asyncio.run(_restore(url, migrations, corpus))
    with installation(CHECKOUT, folder, url, valkey_server.url) as running:
        yield corpus, running
        assert "Traceback" not in running.logged(), running.logged()


async def _restore(url: str, migrations: Path, corpus: Corpus) -> None:
    await migrate(url, migrations)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        for table in sorted(set(re.findall(r"^INSERT INTO (\S+)", corpus.database, re.MULTILINE))):
            # What a migration has put there is in the corpus too.
            await connection.execute(f"DELETE FROM {table}")
        await connection.execute(corpus.database)
    finally:
        await connection.close()


def test_accepted_quotes_go_on(upgraded: tuple[Corpus, Installation]) -> None:
    corpus, running = upgraded
    accepted = [quote for quote in corpus.quotes if quote.accepted_at is not None]
    assert len(accepted) > 20
    for quote in accepted:
        again = running.checkout.post(f"{QUOTES}/{quote.quote_id}/accept")
        assert again.status_code == 200, (quote.name, again.text)
        assert quote.data[:-1] in again.text
        assert again.json()["data"]["receipt"] == quote.receipt
        order = running.checkout.post(
            ORDERS, json={"quote_id": quote.quote_id}, headers={"Idempotency-Key": uuid4().hex}
        )
        if quote.order is None:
            assert order.status_code == 201, (quote.name, order.text)
            order_id = order.json()["data"]["id"]
        else:
            assert order.status_code == 409, (quote.name, order.text)
            order_id = quote.order
        assert (
            running.checkout.get(f"{ORDERS}/{order_id}").json()["data"]["total_amount"]
            == json.loads(quote.data)["total_amount"]
        )


def test_they_are_explained_without_a_difference(upgraded: tuple[Corpus, Installation]) -> None:
    corpus, running = upgraded
    for quote in corpus.quotes:
        if quote.accepted_at is not None:
            explained = running.checkout.get(f"{QUOTES}/{quote.quote_id}/explain").json()["data"]
            assert (explained["agrees"], explained["differences"]) == (True, []), (quote.name, explained)
            assert [each["step"] for each in explained["calculations"]] == [
                each["step"] for each in json.loads(quote.data)["pricing_breakdown"]["calculations"]
            ]


def test_a_replay_meets_them_all(upgraded: tuple[Corpus, Installation]) -> None:
    corpus, running = upgraded
    since = min(quote.accepted_at for quote in corpus.quotes if quote.accepted_at is not None)
    answer = running.admin.post("/api/v1/analytics/replay", json={"from": since})
    assert answer.status_code == 202, answer.text
    shown: dict[str, Any] = {}

    def is_over() -> bool:
        shown.update(running.admin.get(answer.headers["location"]).json()["data"])
        return shown["finished_at"] is not None

    until(is_over, "the replay is over")
    proof = shown["result"]["proof"]
    assert proof["not_reproduced"] == {}, proof
    assert shown["result"]["quotes"] == sum(quote.accepted_at is not None for quote in corpus.quotes)


def test_a_customer_of_then_is_erased(upgraded: tuple[Corpus, Installation]) -> None:
    corpus, running = upgraded
    quote = next(each for each in corpus.quotes if each.name == "coupon, accepted")
    customer_id = quote.request["customer_id"]
    erased = running.admin.delete(f"/api/v1/customers/{customer_id}")
    assert erased.status_code == 204, erased.text
    explained = running.admin.get(f"{QUOTES}/{quote.quote_id}/explain").json()["data"]
    assert not explained["is_recomputed"]
    assert len(explained["calculations"]) == quote.data.count('"step":')
