"""CSV over HTTP: what is exported is imported unchanged, and what cannot be read is refused by row and field."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.commission.rate import CommissionTier, rate_faults
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord, content_of
from quote_service.rulebook.commission_rates.routes import examples
from quote_service.rulebook.commission_rates.routes.csv_rows import COLUMNS, csv_header, read_csv, write_csv
from quote_service.rulebook.commission_rates.routes.import_rows import rows_of_csv
from tests.access.running import RunningService, code_of
from tests.commission_rates.rates import EXPORT, Rates, a_rate, details, pointers, tiered

AWKWARD = ["=1+1", "'quoted", "''", "+49", "-5", "@x", "\tx", 'a "b", c', "a\r\nb", "a\rb", "a\nb", " x ", "İ,ı", "＝1"]


def test_the_examples_of_the_description_can_be_read() -> None:
    for text in (examples.CSV_SENT, examples.CSV_EXPORTED):
        (row,) = rows_of_csv(text.encode())
        assert (row.rate, row.region, row.priority) == (ExactNumber("12.75"), "TR/Istanbul", 10)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_an_export_is_a_file_of_all_rates(rates: Rates, worker: RunningService) -> None:
    ended = rates.create(region="TR", currency="TRY", min_amount=1, split={"seller": 85})
    rates.end(ended["id"])
    steps = rates.post(tiered(priority=-3)).json()["data"]
    answer = rates.http.get(EXPORT)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    text = answer.content.decode()
    assert text.startswith(",".join(COLUMNS) + ",updated_at\r\n")
    assert text.endswith("\r\n")
    rows = {row["id"]: row for row in rows_of(text)}
    assert rows[ended["id"]]["effective_to"] == rates.get(ended["id"]).json()["data"]["effective_to"]
    assert rows[ended["id"]]["updated_at"] == rates.get(ended["id"]).json()["data"]["updated_at"]
    assert rows[ended["id"]]["min_amount"] == "1.00"
    assert rows[ended["id"]]["split"] == '{"seller":85}'
    assert rows[steps["id"]]["tiers"] == '[{"rate":10,"up_to":1000.00},{"rate":8,"up_to":null}]'
    assert (rows[steps["id"]]["rate"], rows[steps["id"]]["priority"]) == ("", "-3")
    (stored,) = worker.rows("SELECT count(*) FROM commission_rates")
    assert len(rows) == stored["count"]
    assert rates.http.get(EXPORT, params={"seller_id": ended["seller_id"]}).status_code == 422


def test_an_export_is_imported_without_a_change(rates: Rates, worker: RunningService) -> None:
    for text in AWKWARD:
        rates.create(logistics_provider=text)
        rates.create(region=text)
    for rate in (
        a_rate(rate="12.50", effective_from="2025-01-01T00:00:00.000001Z", effective_to="2030-01-01T00:00:00+03:00"),
        a_rate(commission_type="FLAT", rate="1e2", currency="JPY", scope="ORDER", max_amount="150"),
        a_rate(on_refund="keep"),
        a_rate(is_active=False, priority=1_000_000, split={"seller": "0.333333"}),
        tiered() | {"currency": "KWD", "tiers": [{"up_to": 0.125, "rate": 1.5}, {"rate": 0}]},
        a_rate(effective_from="0001-01-01T00:00:00Z", effective_to="9999-12-31T23:59:59.999999Z"),
    ):
        assert rates.post(rate).status_code == 201
    state = "SELECT sum(version) AS versions, max(changed_in) AS changed_in, count(*) FROM commission_rates"
    before, text = worker.rows(state), rates.export()
    answer = rates.bulk_csv(text)
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert (data["created"], data["changed"], data["unchanged"]) == (0, 0, before[0]["count"])
    assert worker.rows(state) == before
    assert rates.export() == text


def test_without_its_ids_an_export_makes_the_rates_again(rates: Rates) -> None:
    made = rates.create(region="=x", currency="TRY", max_amount=5)
    row = next(row for row in rows_of(rates.export()) if row["id"] == made["id"])
    refused = rates.bulk_csv(as_csv({**row, "id": ""}))
    assert (refused.status_code, code_of(refused), pointers(refused)) == (409, "rate-overlaps", ["/0"])
    rates.end(made["id"])
    answer = rates.bulk_csv(as_csv({**row, "id": "", "effective_from": ""}))
    assert answer.status_code == 200, answer.text
    copy = rates.get(answer.json()["data"]["ids"][0]).json()["data"]
    assert [copy[name] for name in ("region", "currency", "max_amount")] == ["=x", "TRY", 5.0]


def as_csv(*rows: dict[str, Any]) -> str:
    lines = io.StringIO(newline="")
    writer = csv.DictWriter(lines, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return lines.getvalue()


def test_columns_may_be_fewer_and_in_any_order(rates: Rates) -> None:
    seller = str(uuid4())
    answer = rates.bulk_csv(f"\ufeffrate,is_active,seller_id,commission_type\n5,FALSE,{seller},PERCENTAGE\n\n")
    assert answer.status_code == 200, answer.text
    (made,) = rates.found(seller_id=seller)
    assert (made["rate"], made["is_active"], made["region"]) == (5, False, None)


def test_a_file_with_semicolons_is_read(rates: Rates) -> None:
    seller = str(uuid4())
    lines = (
        "\ufeffcommission_type;seller_id;rate;currency;tiers;logistics_provider",
        f"PERCENTAGE;{seller};12.5;;;a,b",
        f'TIERED;{seller};;TRY;"[{{""rate"":10,""up_to"":1000.00}},{{""rate"":8,""up_to"":null}}]";"a;b"',
    )
    answer = rates.bulk_csv("\r\n".join(lines) + "\r\n")
    assert answer.status_code == 200, answer.text
    made = {rate["commission_type"]: rate for rate in rates.found(seller_id=seller)}
    assert (made["PERCENTAGE"]["rate"], made["PERCENTAGE"]["logistics_provider"]) == (12.5, "a,b")
    assert ([tier["rate"] for tier in made["TIERED"]["tiers"]], made["TIERED"]["logistics_provider"]) == (
        [10, 8],
        "a;b",
    )


@pytest.mark.parametrize("number", ["12,5", "1,234", "1.234,50", "1,234.50", "-0,5", "1 234,5"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_decimal_comma_is_reported_and_not_guessed(rates: Rates, number: str, separator: str) -> None:
    cells = ["PERCENTAGE", str(uuid4()), f'"{number}"']
    body = separator.join(["commission_type", "seller_id", "rate"]) + "\n" + separator.join(cells) + "\n"
    answer = rates.bulk_csv(body)
    assert (answer.status_code, pointers(answer)) == (422, ["/0/rate"])
    assert "decimal point" in details(answer)["/0/rate"]


def test_faults_name_row_field_and_line(rates: Rates) -> None:
    category = str(uuid4())
    good = {"commission_type": "PERCENTAGE", "rate": "5", "category_id": category, "seller_id": str(uuid4())}
    faulty: list[dict[str, str]] = [
        {"region": "XX", "rate": "1_0"},
        {"tiers": "[", "priority": "1.5"},
        {"is_active": "yes", "effective_from": "2026-01-01T00:00:00"},
        {"currency": "ABC"},
        {"split": '{"logistics": 1}'},
        {"rate": "1e400"},
        {"rate": "-1"},
        {"logistics_provider": 'a\r\nb"'},
        {"tiers": '[{"up_to": 5, "rate": 1}]', "commission_type": "TIERED", "rate": "", "currency": "TRY"},
    ]
    columns = dict.fromkeys(COLUMNS, "")
    answer = rates.bulk_csv(as_csv({**columns, **good}, *({**columns, **good, **fields} for fields in faulty)))
    assert (answer.status_code, code_of(answer)) == (422, "validation-error")
    assert set(pointers(answer)) == {
        "/1/rate",
        "/2/tiers",
        "/2/priority",
        "/3/is_active",
        "/3/effective_from",
        "/4/currency",
        "/5/split/logistics",
        "/6/rate",
        "/7/rate",
        "/9/tiers/0/up_to",
    }
    assert details(answer)["/1/rate"].endswith("(line 3)")
    assert details(answer)["/9/tiers/0/up_to"].endswith("(line 12)")
    assert rates.found(category_id=category) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", "/header"),
        (b"\r\n", "/header"),
        (b"commission_type|rate\r\n", "/header/commission_type|rate"),
        (b"commission_type\trate\r\nPERCENTAGE\t5\r\n", "/header"),
        (b"commission_type;rate,priority\r\n", "/header/commission_type;rate"),
        (b"commission_type;rate;rate\r\n", "/header/rate"),
        (b"commission_type;rate\r\nPERCENTAGE,5\r\n", "/0"),
        (b"commission_type;rate;seller_id\r\nPERCENTAGE;12,5;\r\n", "/0/rate"),
        (b"commission_type,rate,rate\r\n", "/header/rate"),
        (b"commission_type,rat/e\r\n", "/header/rat~1e"),
        (b"," * 100, "/header"),
        (b"commission_type,rate\r\nPERCENTAGE,\xff\r\n", ""),
        (b'commission_type,rate\r\n"PERCENTAGE,5\r\n', ""),
        (b'commission_type,rate\r\n"PERCENTAGE"x,5\r\n', ""),
        (b"commission_type,rate\r\n" + b"x" * 200_000 + b",5\r\n", ""),
        (b"commission_type,rate\r\nPERCENTAGE\r\n", "/0"),
        (b"commission_type,rate\r\nPERCENTAGE,5,6\r\n", "/0"),
        (b"commission_type,rate\r\nPERCENTAGE,\0\r\n", "/0/rate"),
    ],
)
def test_what_is_no_such_file_is_refused(rates: Rates, body: bytes, pointer: str) -> None:
    answer = rates.bulk_csv(body)
    assert (answer.status_code, code_of(answer), pointers(answer)) == (422, "validation-error", [pointer])


def test_a_header_alone_imports_nothing(rates: Rates) -> None:
    answer = rates.bulk_csv(csv_header())
    assert (answer.status_code, answer.json()["data"]["ids"]) == (200, [])


def test_more_rows_than_an_import_takes_are_refused(rates: Rates) -> None:
    answer = rates.bulk_csv("commission_type,rate\n" + "PERCENTAGE,5\n" * 10_001)
    assert (answer.status_code, pointers(answer)) == (422, [""])


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=100)
awkward_texts = st.builds(lambda sign, text: (sign + text)[:100], st.sampled_from("=+-@'\t\r\n ＝\""), texts)
percents = st.decimals(min_value=0, max_value=100, places=6).map(lambda number: ExactNumber(str(number)))
moments = st.integers(min_value=0, max_value=4_000_000_000_000_000).map(from_micros)


@given(
    provider=texts | awkward_texts,
    rate=percents,
    upper=st.integers(1, 10**9),
    weight=percents.filter(lambda number: number > 0),
    moment=moments,
    priority=st.integers(-1_000_000, 1_000_000),
    is_active=st.booleans(),
    is_tiered=st.booleans(),
)
def test_whatever_is_written_reads_back_the_same(
    provider: str,
    rate: ExactNumber,
    upper: int,
    weight: ExactNumber,
    moment: Any,
    priority: int,
    is_active: bool,
    is_tiered: bool,
) -> None:
    charge: dict[str, Any] = {"commission_type": "PERCENTAGE", "rate": rate}
    if is_tiered:
        steps = [CommissionTier(rate, ExactNumber(upper)), CommissionTier(rate)]
        charge = {"commission_type": "TIERED", "tiers": steps, "currency": "TRY"}
    record = RateRecord(
        id=uuid4(),
        version=1,
        created_by="x",
        created_at=moment,
        changed_by="x",
        changed_at=moment,
        logistics_provider=provider,
        split={"logistics": weight},
        effective_from=moment,
        is_active=is_active,
        priority=priority,
        **charge,
    )
    assert rate_faults(record) == ()
    written = csv_header() + write_csv([record])
    (row,) = rows_of_csv(written)
    assert (row.id, content_of(row)) == (record.id, content_of(record))


@given(texts | awkward_texts)
def test_no_text_looks_like_a_formula(text: str) -> None:
    record = RateRecord(
        id=uuid4(),
        version=1,
        created_by="x",
        created_at=from_micros(0),
        changed_by="x",
        changed_at=from_micros(0),
        commission_type="PERCENTAGE",
        effective_from=from_micros(0),
        logistics_provider=text,
    )
    written = (csv_header() + write_csv([record])).decode()
    ((_, cells),) = enumerate(rows_of(written))
    assert cells["logistics_provider"][0] not in "=+-@\t\r\n＝＋－＠"
    (row,) = read_csv(written.encode(), 1)
    assert row.value["logistics_provider"] == text
