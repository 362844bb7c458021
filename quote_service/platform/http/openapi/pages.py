"""The few pages that people read in a browser: plain HTML that loads nothing and runs nothing.

Source: docs/spec/wire.md#errors; docs/spec/operations.md#api-description.
"""

import base64
import hashlib
from html import escape

from litestar import MediaType, Response

_STYLE = """
:root{color-scheme:light dark;--ink:light-dark(#1b1f24,#e3e6ea);--dim:light-dark(#59636e,#9aa4ae);
--line:light-dark(#d5dade,#363c43);--soft:light-dark(#f5f6f8,#20242a);--mark:light-dark(#0b63c5,#6cb0ff)}
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:2rem 1.25rem 6rem;font:16px/1.55 system-ui,sans-serif;color:var(--ink)}
h1{font-size:1.7rem;margin:0 0 .3rem}h2{font-size:1.15rem;margin:2.6rem 0 .6rem}h3{font-size:.95rem;margin:1.2rem 0 .3rem}
p{margin:.4rem 0}a{color:var(--mark)}small,.dim{color:var(--dim)}
code,pre{font:13.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.7rem .9rem;overflow:auto;max-height:28rem}
details{border:1px solid var(--line);border-radius:8px;margin:.5rem 0;padding:0 .9rem}
details[open]{padding-bottom:.9rem}summary{cursor:pointer;padding:.6rem 0;overflow-wrap:anywhere}
summary b{display:inline-block;min-width:4.2rem;font:600 13px ui-monospace,monospace;color:var(--mark)}
table{border-collapse:collapse;width:100%;font-size:.93rem}
td,th{border-bottom:1px solid var(--line);padding:.35rem .6rem .35rem 0;text-align:left;vertical-align:top}
""".strip()
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Only this very style sheet is let in; no script, no frame, no form.
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def page(title: str, content: str, *, status: int = 200) -> Response[str]:
    """A page; `content` is HTML whose texts have been escaped."""
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body>{content}</body></html>"
    )
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "max-age=300"}
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers)
