"""What a page says of itself: whose it is."""

from generator.confluence.manifest.marks import owned_ref, page_key
from generator.confluence.wiki import Wiki


def claim_of(wiki: Wiki, page_id: str, book: str, host: str) -> str | None:
    """Return the reference that a page carries for this book under this host; None if it carries none."""
    values = (each.value for each in wiki.properties(page_id) if each.key == page_key(book))
    return next((ref for value in values if (ref := owned_ref(value, book, host, page_id)) is not None), None)
