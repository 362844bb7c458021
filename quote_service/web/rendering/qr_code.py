"""QR codes, drawn by the server: the secret of a second factor is sent to nobody who draws.

Source: docs/spec/web.md#own-account.
"""


def qr_picture(text: str) -> str:
    """A QR code as a `data:` URI of an SVG, dark on light with its quiet zone, whatever the page's colours."""
    import segno  # at first use: few accounts set up a second factor

    return segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
