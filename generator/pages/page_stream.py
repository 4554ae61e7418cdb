"""The pages of a book, of which other processes make those of cards while MkDocs works on its other parts."""

from contextlib import ExitStack

from generator.findings import Finding, sort_findings
from generator.garbage_collection import freeze_objects
from generator.names import Ref
from generator.pages.site import PageBuilder
from generator.pages.site_page import SitePage


class PageStream:
    """The pages of a book in the order of the site: those of cards are made until they are taken."""

    def __init__(self, builder: PageBuilder, processes: int) -> None:
        """Have the pages of cards made by processes that end when the stream is closed, and make the other pages."""
        self._builder = builder
        with ExitStack() as stack:
            stack.enter_context(freeze_objects())
            pages, self._receive = stack.enter_context(builder.share_pages(processes))
            self.pages = [builder.outline_card_page(page) if isinstance(page, Ref) else page for page in pages]
            self.pages += builder.build_help_pages()
            self._resources = stack.pop_all()

    def take(self, page: SitePage) -> SitePage:
        """Return the page of a card, given its outline, when it is made."""
        return self._receive(Ref.parse(page.ref))

    @property
    def mistakes(self) -> list[Finding]:
        """The mistakes in templates so far."""
        return sort_findings(self._builder.findings)

    def close(self) -> None:
        """End the processes."""
        self._resources.close()
