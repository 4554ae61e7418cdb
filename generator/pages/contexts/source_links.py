"""Lines of code as links to the commit in which they were found."""

from generator.evidence.records import CodeUse, Place
from generator.evidence.source_links import build_source_link
from generator.pages.book import Book
from generator.pages.contexts.parts import LabelledLink


def link_place(book: Book, use: CodeUse, place: Place) -> LabelledLink:
    """Return a place as `owner/name:path:line`, with the address of its line if the repository has one."""
    address = book.repository_addresses.get(use.repo.casefold(), "")
    target = build_source_link(address, use.commit, place, book.settings.source_url)
    return LabelledLink(f"{use.repo}:{place.file}:{place.line}", target, is_path=True)
