"""What a page says of itself: whose it is."""

from generator.confluence.manifest.marks import owned_ref, page_key
from generator.confluence.plan.values import Plan
from generator.confluence.wiki import Wiki


def claimed(wiki: Wiki, plan: Plan, page_id: str) -> str | None:
    """The reference of this book that the page's property names; None where it names none."""
    book = plan.settings.book
    values = [each.value for each in wiki.properties(page_id) if each.key == page_key(book)]
    return next((ref for value in values if (ref := owned_ref(value, book, plan.host, page_id)) is not None), None)
