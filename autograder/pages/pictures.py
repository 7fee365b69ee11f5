"""Pictures of students, made small enough for a page."""

from __future__ import annotations

import base64
import binascii
import io

from PIL import Image

PIXELS = 16_000_000  # of the largest picture that is opened
TRIES = ((900, 60), (700, 50), (560, 40), (420, 30))  # greatest width and quality, one after another
FORMATS = ("PNG", "JPEG")


def fitted(coded: str, most: int) -> str | None:
    """A picture (base64 of PNG or JPEG) as a data address of at most `most` characters, smaller if need be.

    None where that cannot be done: a damaged picture, a huge one, or one that stays too large.
    """
    try:
        content = base64.b64decode(coded.replace("\n", ""), validate=True)
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            kind = str(opened.format).lower()
            if opened.width * opened.height > PIXELS or not opened.width or not opened.height:
                return None
            address = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
            if len(address) <= most:
                opened.verify()
                return address
            picture = opened.convert("RGBA" if opened.mode in ("RGBA", "LA", "P", "PA") else "RGB")
    except (OSError, ValueError, SyntaxError, binascii.Error, Image.DecompressionBombError):
        return None
    for width, quality in TRIES:
        smaller = picture.copy()
        smaller.thumbnail((width, 4 * width))
        stream = io.BytesIO()
        smaller.save(stream, "WEBP", quality=quality, method=3)
        address = f"data:image/webp;base64,{base64.b64encode(stream.getvalue()).decode()}"
        if len(address) <= most:
            return address
    return None
