"""Which subject a path is about, and what the person may do with it.

Source: docs/spec/web.md#roles.
"""

from typing import Any

from litestar.exceptions import NotFoundException

from quote_service.platform.system.errors import Forbidden
from quote_service.web.model.subjects.registry import SUBJECTS
from quote_service.web.model.subjects.subject import Subject
from quote_service.web.rendering.schema_fields import Schema, SchemaForm
from quote_service.web.routes.page import Page, PageRequest

_FORM = "schema_form"
_LISTS = "list_parameters"
_DESCRIPTION = "/docs/openapi.json"


def subject_for(page: Page, area: str) -> Subject:
    """The subject of an area.

    Raises:
        NotFoundException: There is none.
        Forbidden: It is not for people of this role.
    """
    subject = SUBJECTS.get(area)
    if subject is None:
        raise NotFoundException
    if page.person is None or not page.person.is_one_of(*subject.readers):
        raise Forbidden(f"{subject.many} are not shown to your role")
    return subject


def may_write(page: Page, subject: Subject) -> bool:
    """Whether the person may create and change; the API decides all the same."""
    return page.person is not None and page.person.is_one_of(*subject.writers)


async def schema_form(request: PageRequest, page: Page) -> SchemaForm:
    """Forms from the API's description, which is read at the first need."""
    form: SchemaForm | None = request.app.state.get(_FORM)
    if form is None:
        description: dict[str, Any] = await page.api.get(_DESCRIPTION)
        request.app.state[_LISTS] = {
            path: {
                each["name"]: each["schema"] for each in methods["get"].get("parameters", ()) if each["in"] == "query"
            }
            for path, methods in description["paths"].items()
            if "get" in methods
        }
        form = request.app.state[_FORM] = SchemaForm(description["components"]["schemas"])
    return form


async def list_parameters(request: PageRequest, page: Page, path: str) -> dict[str, Any]:
    """The schemas of what the list at a path of the API can be asked for, by name."""
    await schema_form(request, page)
    parameters: dict[str, Any] = request.app.state[_LISTS].get(path, {})
    return parameters


def draft_schema(form: SchemaForm, name: str, variant: str) -> Schema:
    """The schema of a draft, in one of its shapes where it has several.

    Raises:
        NotFoundException: It has no such shape.
    """
    schema: Schema = {"$ref": f"#/components/schemas/{name}"}
    variants = form.variants(schema)
    if not variants:
        return schema
    if variant not in variants:
        raise NotFoundException
    return variants[variant]
