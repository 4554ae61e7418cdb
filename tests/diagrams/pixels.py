"""The size and the colours of a PNG, read by an independent library."""

import io
from collections import Counter

from PIL import Image


def get_png_size(png: bytes) -> tuple[int, int]:
    """Return width and height."""
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        return image.size


def count_colours(png: bytes) -> Counter[str]:
    """Count the pixels of each colour, by #rrggbb."""
    with Image.open(io.BytesIO(png)) as image:
        data = image.convert("RGB").tobytes()
    counts = Counter(zip(data[::3], data[1::3], data[2::3], strict=True))
    return Counter({f"#{red:02x}{green:02x}{blue:02x}": number for (red, green, blue), number in counts.items()})
