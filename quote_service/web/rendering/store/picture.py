"""A picture of a product that has none: drawn by the server, the same for the same product, in the colours of its name.

Source: docs/spec/store.md#pictures.
"""

import hashlib
from typing import Any

from markupsafe import Markup

_WORDS: dict[str, tuple[str, ...]] = {
    "cup": ("coffee", "tea", "cocoa", "mug", "cup", "kahve", "çay"),
    "shoe": ("shoe", "boot", "sneaker", "sandal", "runner"),
    "ears": ("ear", "headphone", "audio", "speaker", "music"),
    "lamp": ("lamp", "light", "candle"),
    "bag": ("bag", "backpack", "tote", "wallet"),
    "shirt": ("shirt", "sweater", "jacket", "coat", "dress", "scarf"),
    "bottle": ("bottle", "oil", "honey", "syrup", "water", "soap"),
    "book": ("book", "notebook", "diary", "paper"),
}
_SHAPES: dict[str, str] = {
    "cup": '<path d="M120 150h130v62a56 56 0 0 1-56 56h-18a56 56 0 0 1-56-56z" fill="{a}"/><path d="M250 168h18a30 30 0 0 1 0 60h-22" fill="none" stroke="{a}" stroke-width="16"/><path d="M160 128c-10-14 10-22 0-38M196 128c-10-14 10-22 0-38" fill="none" stroke="{b}" stroke-width="9" stroke-linecap="round"/><rect x="104" y="276" width="162" height="12" rx="6" fill="{b}"/>',
    "shoe": '<path d="M92 200c34 6 50-22 66-52l44 30c22 22 62 24 96 34 22 7 24 28 20 44H96c-10-18-12-38-4-56z" fill="{a}"/><path d="M94 256h226v10a16 16 0 0 1-16 16H112a18 18 0 0 1-18-18z" fill="{b}"/><path d="M176 176l-18 24M200 188l-18 24M224 200l-16 22" stroke="{c}" stroke-width="8" stroke-linecap="round"/>',
    "ears": '<path d="M110 236v-36a90 90 0 0 1 180 0v36" fill="none" stroke="{b}" stroke-width="18"/><rect x="92" y="208" width="48" height="82" rx="22" fill="{a}"/><rect x="260" y="208" width="48" height="82" rx="22" fill="{a}"/>',
    "lamp": '<path d="M150 110h100l40 100H110z" fill="{a}"/><path d="M200 210v70" stroke="{b}" stroke-width="14"/><rect x="146" y="276" width="108" height="14" rx="7" fill="{b}"/>',
    "bag": '<path d="M120 160h160l18 128H102z" fill="{a}"/><path d="M156 172v-26a44 44 0 0 1 88 0v26" fill="none" stroke="{b}" stroke-width="14"/>',
    "shirt": '<path d="M150 110l-62 34 24 52 28-12v106h120V184l28 12 24-52-62-34c-10 24-90 24-100 0z" fill="{a}"/><path d="M160 118c12 20 68 20 80 0" fill="none" stroke="{b}" stroke-width="10"/>',
    "bottle": '<path d="M176 100h48v44c28 14 36 36 36 60v66a20 20 0 0 1-20 20h-80a20 20 0 0 1-20-20v-66c0-24 8-46 36-60z" fill="{a}"/><rect x="170" y="84" width="60" height="22" rx="6" fill="{b}"/><rect x="152" y="206" width="96" height="50" rx="6" fill="{c}"/>',
    "book": '<path d="M112 120h78a18 18 0 0 1 18 18v150a22 22 0 0 0-18-10h-78z" fill="{a}"/><path d="M304 120h-78a18 18 0 0 0-18 18v150a22 22 0 0 1 18-10h78z" fill="{b}"/><path d="M132 152h50M132 178h50M132 204h34" stroke="{c}" stroke-width="8" stroke-linecap="round"/>',
    "vase": '<path d="M166 120h68c-2 40 40 56 40 104 0 40-28 64-74 64s-74-24-74-64c0-48 42-64 40-104z" fill="{a}"/><ellipse cx="200" cy="120" rx="34" ry="9" fill="{b}"/><path d="M148 226c30 16 74 16 104 0" fill="none" stroke="{c}" stroke-width="9" stroke-linecap="round"/>',
    "box": '<path d="M200 110l92 44v96l-92 44-92-44v-96z" fill="{a}"/><path d="M108 154l92 44 92-44M200 198v96" fill="none" stroke="{b}" stroke-width="9"/><path d="M154 132l92 44" stroke="{c}" stroke-width="9"/>',
    "stones": '<ellipse cx="200" cy="262" rx="92" ry="30" fill="{a}"/><ellipse cx="196" cy="212" rx="66" ry="26" fill="{b}"/><ellipse cx="204" cy="170" rx="44" ry="20" fill="{a}"/><circle cx="200" cy="134" r="18" fill="{c}"/>',
}
_PLAIN = ("vase", "box", "stones")


def picture(product: dict[str, Any], category: str = "") -> Markup:
    """The picture of a product, for beside its name; it says nothing to a reader of screens."""
    digest = hashlib.sha256(str(product["id"]).encode()).digest()
    hue = int.from_bytes(hashlib.sha256(str(product.get("category_id")).encode()).digest()[:2], "big") % 360
    hue = (hue + digest[0] % 40 - 20) % 360
    kind = _kind(f"{product['name']} {category} {' '.join(product.get('tags', ()))}".lower(), digest[1])
    colours = {
        "a": f"hsl({hue} 45% 46%)",
        "b": f"hsl({(hue + 28) % 360} 42% 30%)",
        "c": f"hsl({(hue + 180) % 360} 55% 78%)",
    }
    shapes = _SHAPES[kind]
    for name, colour in colours.items():
        shapes = shapes.replace("{" + name + "}", colour)
    sun_x, sun_y = 90 + digest[2] % 220, 90 + digest[3] % 70
    return Markup(  # noqa: S704 (nothing of it comes from outside but numbers that were hashed)
        f'<svg class="picture" viewBox="0 0 400 400" aria-hidden="true" focusable="false">'
        f'<rect width="400" height="400" fill="hsl({hue} 45% 92%)"/>'
        f'<circle cx="{sun_x}" cy="{sun_y}" r="{46 + digest[4] % 30}" fill="hsl({(hue + 40) % 360} 70% 84%)"/>'
        f'<path d="M0 {286 + digest[5] % 20}c110-18 270 22 400-6v140H0z" fill="hsl({hue} 36% 84%)"/>'
        f'<g transform="translate(0 18)">{shapes}</g></svg>'
    )


def _kind(text: str, chance: int) -> str:
    for kind, words in _WORDS.items():
        if any(word in text for word in words):
            return kind
    return _PLAIN[chance % len(_PLAIN)]
