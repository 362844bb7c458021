"""What pages load: styles, scripts, pictures.

Source: docs/spec/web.md#assets.
"""

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.web.rendering.assets import Asset
from quote_service.web.routes.gate import FOR_EVERYBODY
from quote_service.web.routes.page import PageRequest

ASSETS = "assets"


@get("/assets/{digest:str}/{name:path}", opt={"page": FOR_EVERYBODY, "is_asset": True})
async def show_asset(request: PageRequest, digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A file; it never changes under its path."""
    assets: dict[str, Asset] = request.app.state[ASSETS]
    asset = assets.get(name.lstrip("/"))
    if asset is None:
        raise NotFoundException
    # One of another release: what is here now, to be asked for again.
    is_current = asset.path == request.url.path
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if is_current else "no-cache",
        "Vary": "Accept-Encoding",
    }
    # Files hold no secret that their packed length could tell; pages are never packed.
    is_packed = "gzip" in request.headers.get("accept-encoding", "")
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    return Response(asset.packed if is_packed else asset.body, media_type=asset.media_type, headers=headers)
