"""Where the browser finds things, in the flavour's own paths."""

from dataclasses import dataclass
from urllib.parse import quote

from generator.confluence.wiki import Flavour


@dataclass(frozen=True, slots=True)
class Addresses:
    """The paths of one flavour."""

    flavour: Flavour

    @property
    def index(self) -> str:
        """All spaces."""
        return "/wiki/spaces" if self.flavour is Flavour.CLOUD else "/"

    def space(self, key: str) -> str:
        """Return a space's index."""
        return f"/wiki/spaces/{quote(key)}" if self.flavour is Flavour.CLOUD else f"/display/{quote(key)}"

    def page(self, page_id: int, space_key: str) -> str:
        """Return a page."""
        if self.flavour is Flavour.CLOUD:
            return f"/wiki/spaces/{quote(space_key)}/pages/{page_id}"
        return f"/pages/viewpage.action?pageId={page_id}"

    def file(self, page_id: int, name: str) -> str:
        """Return an attachment's content."""
        context = "/wiki" if self.flavour is Flavour.CLOUD else ""
        return f"{context}/download/attachments/{page_id}/{quote(name, safe='')}"
