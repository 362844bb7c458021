"""The fields of one shape of a part of a form, once somebody has chosen it.

Source: docs/spec/web.md#forms.
"""

from litestar import Response, get
from litestar.exceptions import NotFoundException

from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of
from quote_service.web.routes.subjects.subject import schema_form

_POINTER_MAX = 500


@get("/admin/shape", opt={"page": FOR_STAFF})
async def show_shape(request: PageRequest) -> Response[str]:
    """The fields of a shape at a place of a draft; none where nothing is chosen yet."""
    page = page_of(request)
    given = request.query_params
    name, pointer, shape = given.get("draft", ""), given.get("pointer", "")[:_POINTER_MAX], given.get("shape", "")
    form = await schema_form(request, page)
    schema = form.schema_at({"$ref": f"#/components/schemas/{name}"}, pointer) if form.has(name) else None
    if schema is None:
        raise NotFoundException
    variant = form.variants(schema).get(shape)
    fields = () if variant is None else form.fields_at(variant, pointer, None, {})
    return page.show("subjects/shape.html", fields=fields, draft_name=name)
