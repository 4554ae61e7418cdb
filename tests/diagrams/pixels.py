"""A PNG read back by an independent reader."""

import io
from collections import Counter

from PIL import Image


def size(png: bytes) -> tuple[int, int]:
    """Width and height."""
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        return image.size


def colours(png: bytes) -> Counter[str]:
    """How many pixels have each colour, by #rrggbb."""
    with Image.open(io.BytesIO(png)) as image:
        data = image.convert("RGB").tobytes()
    counts = Counter(zip(data[::3], data[1::3], data[2::3], strict=True))
    return Counter({f"#{red:02x}{green:02x}{blue:02x}": number for (red, green, blue), number in counts.items()})
