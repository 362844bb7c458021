"""Forms and pages speak to people. Source: docs/spec/web.md#forms; docs/spec/web.md#figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from quote_service.web.model.subjects.registry import SUBJECTS
from quote_service.web.rendering.cells import facts
from quote_service.web.rendering.field import Field
from quote_service.web.rendering.help_texts import choice_text, for_people
from quote_service.web.rendering.schema_fields import SchemaForm
from quote_service.web.rendering.texts import place_of, shown_title, words_of
from quote_service.web.routes.people_names import with_names
from tests.access.running import RunningService
from tests.web.conftest import SignIn
from tests.web.signing_in import text_of

NAMES = {"min_fee", "fee", "fixed_price", "percent", "FLAT", "rate_limit", "top_up", "mode", "fixed"}
ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"


@pytest.mark.parametrize(
    ("reported", "shown"),
    [
        ("Must not be below `min_fee`.", "Must not be below “Min fee”."),
        ("A path such as `TR/Istanbul`; null for everywhere.", "A path such as `TR/Istanbul`; empty for everywhere."),
        ("It is free. Null for never.", "It is free. Empty for never."),
        ("Whether it counts. Default: `true`.", "Whether it counts. Default: yes."),
        ('How it charges. Default: `"top_up"`.', "How it charges. Default: Top up."),
        ('What it is, in words. Default: `""`.', "What it is, in words."),
        ("What the key is for; left out to keep it.", "What the key is for; empty to keep it."),
        ("A new one; left out to keep the password.", "A new one; empty to keep the password."),
        ("How many; null for no limit, left out for 100 a second.", "How many; empty for 100 a second."),
        ("When it stops. Null for never, left out to keep it.", "When it stops; empty to keep it."),
        ("For `FLAT` an amount; `fixed_price` sets it.", "For “Flat” an amount; “Fixed price” sets it."),
        ("min_fee + per_km x km, at most `9.90`.", "“Min fee” + per_km × km, at most `9.90`."),
        ("A limit of null is none; `true` shows it.", "A limit that is empty is none; yes shows it."),
        ("One that is left out is removed.", "One that is left out is removed."),
    ],
    ids=range(14),
)
def test_what_the_reference_says_is_said_to_people(reported: str, shown: str) -> None:
    assert for_people(reported, NAMES) == shown


@pytest.mark.parametrize(
    ("choice", "shown"),
    [("pricing_manager", "Pricing manager"), ("PERCENTAGE", "Percentage"), ("TRY", "TRY"), ("false", "no")]
    + [(each, each) for each in ("quote:write", "mm3-v1", "order.placed", "*")],
)
def test_a_choice_is_shown_as_words_where_it_is_one(choice: str, shown: str) -> None:
    assert choice_text(choice) == shown


def test_names_places_and_titles_are_words() -> None:
    assert [words_of(name) for name in ("sku", "is_active", "revenue.TRY", "ab_test_group", "api_version")] == [
        "SKU",
        "Active",
        "Revenue, TRY",
        "A/B test group",
        "Api version",
    ]
    assert place_of("/configuration/tiers/0/up_to") == "Tiers › 1 › Up to"
    assert (shown_title("order", ID, ID), shown_title("rule", "fee", ID)) == ("Order …2e3f4a5b", "fee")


def test_what_is_empty_in_every_row_has_no_column() -> None:
    (fact,) = facts({"lines": [{"line_id": "1", "note": None, "parts": []}, {"line_id": "2", "note": "", "parts": []}]})
    assert "Line id" in fact.shown
    assert "Note" not in fact.shown
    assert "Parts" not in fact.shown


def test_ids_in_a_list_are_shortened() -> None:
    (fact,) = facts({"signals": [ID, "words"]})
    assert f'title="{ID}"' in fact.shown
    assert "…2e3f4a5b" in fact.shown
    assert "<span class='tag'>words</span>" in fact.shown


def test_people_are_named_where_something_says_who() -> None:
    names = {ID: "ada@example.com"}
    document: dict[str, Any] = {"id": ID, "created_by": ID, "authors": [ID, "x"], "lines": [{"actor": ID}], "by": None}
    assert with_names(document, names) == {
        "id": ID,
        "created_by": "ada@example.com",
        "authors": ["ada@example.com", "x"],
        "lines": [{"actor": "ada@example.com"}],
        "by": None,
    }
    assert with_names(document, {}) is document


def test_no_form_speaks_of_null(service: RunningService) -> None:
    answer = service.http.get("/docs/openapi.json", headers=service.as_role("admin"))
    form = SchemaForm(answer.json()["components"]["schemas"])

    def helps(fields: tuple[Field, ...]) -> Iterator[str]:
        for field in fields:
            yield field.help
            yield from helps(field.children)
            yield from helps((field.blank,) if field.blank is not None else ())

    reported = []
    for subject in SUBJECTS.values():
        for name in (subject.draft, subject.change, *(action.draft for action in subject.actions)):
            schema = {"$ref": f"#/components/schemas/{name}"}
            for shape in (form.variants(schema) or {"": schema}).values() if name else ():
                reported += [form.about(shape), *helps(form.fields(shape, {}, {}))]
    assert len(reported) > 300
    assert [text for text in reported if re.search(r"\bnull\b|Default: `|\b[a-z]+_[a-z]+\b(?![^`]*`)", text)] == []


def test_who_did_something_is_notified_by_name(service: RunningService, signed_in: SignIn) -> None:
    admin, manager = signed_in("admin"), signed_in("pricing_manager")
    fields = {"variant": "TAX", "/name": "vat-of-somebody", "/configuration/rate": "20"}
    made = manager.send("/admin/rules/new", **fields, key="vat-of-somebody")
    assert made.status_code == 303, made.text
    for visitor in (admin, manager):  # who sees people, and who sees themselves
        assert service.people["pricing_manager"].email in text_of(visitor.see(made.headers["location"]))
    assert service.people["pricing_manager"].email in text_of(admin.see("/admin/audit"))
    assert service.people["pricing_manager"].email in text_of(admin.see("/admin"))
