"""HTML as a small tree, read by Python's own parser: the site's side shares no parser with the conversion."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_CLOSES = {
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "tr": frozenset({"tr", "td", "th"}),
    "td": frozenset({"td", "th"}),
    "th": frozenset({"td", "th"}),
    "p": frozenset({"p"}),
    "a": frozenset({"a"}),
}
"""What an opening tag ends where its author did not: looked for up to the nearest container."""
_CONTAINERS = frozenset({"ul", "ol", "dl", "table", "div", "blockquote", "details", "article", "figure", "section"})
_DEEPEST = 200


@dataclass(slots=True)
class Tag:
    """An element with its attributes and what lies in it, in order."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    content: list["Tag | str"] = field(default_factory=list)

    @property
    def classes(self) -> frozenset[str]:
        """The element's classes."""
        return frozenset(self.attributes.get("class", "").split())

    @property
    def tags(self) -> list["Tag"]:
        """The elements directly within."""
        return [child for child in self.content if isinstance(child, Tag)]

    def all(self) -> Iterator["Tag"]:
        """Yield the element itself and all within, in order."""
        yield self
        for child in self.tags:
            yield from child.all()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Tag("root")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._close_implied(tag)
        made = Tag(tag, {name: value or "" for name, value in attrs})
        self._open[-1].content.append(made)
        if tag not in _VOID and len(self._open) < _DEEPEST:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].content.append(Tag(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].name == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].content.append(data)

    def _close_implied(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            name = self._open[depth].name
            if name in _CLOSES.get(tag, frozenset()):
                del self._open[depth:]
            elif name in _CONTAINERS:
                return


def article_tree(html: str) -> Tag:
    """Return the article of a built page; an empty element where there is none."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    articles = (tag for tag in builder.root.all() if tag.name == "article")
    return next((tag for tag in articles if "md-content__inner" in tag.classes), Tag("article"))
