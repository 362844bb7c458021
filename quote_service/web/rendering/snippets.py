"""The request of a basket as a program would send it.

Source: docs/spec/web.md#playground.
"""

from typing import Any

from quote_service.web.rendering.json_text import json_text

_PATH = "/api/v1/quote"


def snippets(basket: dict[str, Any], base_url: str) -> dict[str, str]:
    """The same request in three ways of writing it, by name; the key comes from the environment."""
    url, body = base_url.rstrip("/") + _PATH, json_text(basket)
    return {
        "curl": (
            f"curl -s {url} \\\n  -H \"X-API-Key: $QUOTE_API_KEY\" -H 'Content-Type: application/json' \\\n"
            f"  --data @- <<'BASKET'\n{body}\nBASKET\n"
        ),
        "Python": (
            "import os\n\nimport httpx\n\n"
            f'basket = """{body}"""\n'
            f'answer = httpx.post(\n    "{url}",\n    content=basket,\n'
            '    headers={"X-API-Key": os.environ["QUOTE_API_KEY"], "Content-Type": "application/json"},\n)\n'
            'answer.raise_for_status()\nprint(answer.json()["data"]["total_amount"])\n'
        ),
        "TypeScript": (
            f"const basket = {body};\n"
            f'const answer = await fetch("{url}", {{\n  method: "POST",\n'
            '  headers: { "X-API-Key": process.env.QUOTE_API_KEY!, "Content-Type": "application/json" },\n'
            "  body: JSON.stringify(basket),\n});\n"
            "if (!answer.ok) throw new Error(await answer.text());\n"
            "console.log((await answer.json()).data.total_amount);\n"
        ),
    }
