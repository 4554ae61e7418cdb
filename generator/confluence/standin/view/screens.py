"""What the browser asks for: the spaces, a space, a page, a file."""

from collections.abc import Iterable, Sequence
from html import escape

from generator.confluence.standin import comments, details, files, pages
from generator.confluence.standin.messages import NOTHING, Reply
from generator.confluence.standin.records import CommentRecord, FileRecord, PageRecord, SpaceRecord
from generator.confluence.standin.view import layout
from generator.confluence.standin.view.addresses import Addresses
from generator.confluence.standin.view.paint import Target, ViewContext, link
from generator.confluence.standin.view.render import render
from generator.confluence.standin.visit import Visit, space_by_id, space_by_key, spaces
from generator.confluence.wiki import Flavour, Status

_SHOWN_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")


def index(at: Visit) -> Reply:
    """Return all spaces."""
    to = Addresses(at.flavour)
    items = "".join(f"<li>{link(to.space(one.key), escape(one.name))}</li>" for one in spaces(at))
    return layout.page("Spaces", index=to.index, navigation="", content=f"<h1>Spaces</h1><ul>{items}</ul>")


def space(at: Visit, key: str) -> Reply:
    """Return a space with all its pages as a tree."""
    to, found = Addresses(at.flavour), space_by_key(at, key)
    tree = _tree(at, pages.roots(at, found), None)
    content = f'<h1 class="title">{escape(found.name)}</h1>{tree}'
    return layout.page(found.name, index=to.index, navigation="", content=content)


def page(at: Visit, page_id: str, **_: str) -> Reply:
    """Return a page as a reader sees it."""
    to, found = Addresses(at.flavour), pages.find(at, page_id)
    home = space_by_id(at, str(found.space_id))
    above = pages.ancestors(at, found)
    content = (
        f'<p class="crumbs">{_crumbs(to, home, above)}</p>{_notice(found)}'
        f'<h1 class="title">{escape(found.title)}</h1>{_meta(at, found)}'
        f"{render(found.body, _surroundings(at, found, home))}{_footer(at, found)}"
    )
    path = frozenset(one.id for one in (*above, found))
    navigation = link(to.space(home.key), escape(home.name)) + _tree(at, pages.roots(at, home), path)
    return layout.page(found.title, index=to.index, navigation=navigation, content=content)


def no_icon(_: Visit) -> Reply:
    """Nothing, which browsers ask for unasked; it is no failure."""
    return NOTHING


def page_by_query(at: Visit) -> Reply:
    """Return a page at Data Center's address."""
    return page(at, at.request.one("pageId"))


def download(at: Visit, page_id: str, name: str) -> Reply:
    """Return a file's content, kept from acting as a page of this site."""
    found = files.on_page(at, pages.find(at, page_id), name)
    if not found:
        return problem(at.flavour, 404, "Not Found", f"No attachment {name} on content {page_id}")
    shown = found[0].media_type in _SHOWN_INLINE
    headers = {
        "Content-Type": found[0].media_type if shown else "application/octet-stream",
        "Content-Disposition": "inline" if shown else "attachment",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return Reply(200, files.content(at, found[0]), headers)


def problem(flavour: Flavour, status: int, phrase: str, words: str) -> Reply:
    """Return a page that says why there is none."""
    content = f"<h1>{escape(phrase)}</h1><p>{escape(words)}</p>"
    return layout.page(phrase, index=Addresses(flavour).index, navigation="", content=content, status=status)


def _crumbs(to: Addresses, home: SpaceRecord, above: Iterable[PageRecord]) -> str:
    steps = [link(to.space(home.key), escape(home.name))]
    steps += [link(to.page(one.id, one.space_key), escape(one.title)) for one in above]
    return " / ".join(steps)


def _notice(found: PageRecord) -> str:
    return "" if found.status is Status.CURRENT else f'<p class="notice">This page is {found.status}.</p>'


def _meta(at: Visit, found: PageRecord) -> str:
    labels = "".join(f'<span class="label">{escape(name)}</span>' for _, name in details.labels(at, found))
    message = f" · {escape(found.message)}" if found.message else ""
    saved = f"Version {found.version} by {escape(found.author_name)} on {escape(found.created_at[:10])}{message}"
    return f'<p class="meta">{saved}</p><p class="meta">{labels}</p>'


def _footer(at: Visit, found: PageRecord) -> str:
    """Return the page's files, and what people remarked."""
    attached = files.on_page(at, found)
    remarks = comments.on_page(at.tables, found.id)
    listed = "".join(f"<li>{_file(at, one)}</li>" for one in attached)
    said = "".join(
        f"<li><q>{escape(one.selection)}</q> {escape(one.state)}: {render(one.body, _nowhere())}</li>"
        for one in remarks
    )
    parts = [f"<h3>{title}</h3><ul>{items}</ul>" for title, items in (("Files", listed), ("Remarks", said)) if items]
    return f"<footer>{''.join(parts)}</footer>" if parts else ""


def _remark(one: CommentRecord) -> str:
    return f"<li><q>{escape(one.selection)}</q> {escape(one.state)}: {render(one.body, _nowhere())}</li>"


def _file(at: Visit, one: FileRecord) -> str:
    href = Addresses(at.flavour).file(one.page_id, one.name)
    return f'{link(href, escape(one.name))} <span class="meta">{one.size} bytes, version {one.version}</span>'


def _tree(at: Visit, level: Sequence[PageRecord], path: frozenset[int] | None) -> str:
    """Pages with their children: all of them without a path, else only along it."""
    to = Addresses(at.flavour)
    items: list[str] = []
    for one in level:
        below = pages.children(at, one.id) if path is None or one.id in path else []
        here = ' class="here"' if path and one.id in path else ""
        inner = _tree(at, below, path) if below else ""
        items.append(f"<li{here}>{link(to.page(one.id, one.space_key), escape(one.title))}{inner}</li>")
    return f"<ul>{''.join(items)}</ul>"


def _surroundings(at: Visit, found: PageRecord, home: SpaceRecord) -> ViewContext:
    to = Addresses(at.flavour)

    def target(one: PageRecord) -> Target:
        return Target(to.page(one.id, one.space_key), one.title)

    def titled(title: str, key: str) -> PageRecord | None:
        where = [one for one in spaces(at) if one.key == (key or home.key)]
        held = [one for area in where for one in pages.in_space(at, area, (Status.CURRENT,), title)]
        return held[0] if held else None

    def page_titled(title: str, key: str) -> Target | None:
        one = titled(title, key)
        return target(one) if one else None

    def page_with_id(number: str) -> Target | None:
        held = pages.with_ids(at, [int(number)], (Status.CURRENT,)) if number.isdigit() else []
        return target(held[0]) if held else None

    def file(name: str, title: str) -> str | None:
        owner = titled(title, "") if title else found
        held = files.on_page(at, owner, name) if owner else []
        return to.file(held[0].page_id, name) if held else None

    def labelled(wanted: Sequence[str]) -> Sequence[tuple[Target, str]]:
        every = pages.in_space(at, home, (Status.CURRENT,))
        return [(target(one), one.body) for one in every if wanted and set(wanted) <= _labels(at, one)]

    return ViewContext(
        page_titled, page_with_id, file, lambda: [target(one) for one in pages.children(at, found.id)], labelled
    )


def _nowhere() -> ViewContext:
    """Around a remark there is nothing to link to."""
    return ViewContext(lambda _, __: None, lambda _: None, lambda _, __: None, lambda: (), lambda _: ())


def _labels(at: Visit, one: PageRecord) -> set[str]:
    return {name for _, name in details.labels(at, one)}
