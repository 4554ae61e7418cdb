"""Macros as HTML: panels, expand, code, page properties and their report, status, contents."""

from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType

from lxml import etree

from generator.confluence.standin.storage_rules import attribute, name_of, parse
from generator.confluence.standin.view.paint import Painted, Painter, anchor_of, link, parameter, text_of

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_COLOURS = ("grey", "red", "yellow", "green", "blue", "purple")


def macro(element: etree._Element, painter: Painter) -> str:
    """Return a macro by its name; one that the stand-in does not know is a box with its name and what it holds."""
    name = attribute(element, "ac:name") or ""
    return _MACROS.get(name, _unknown)(element, painter)


def _body(element: etree._Element, painter: Painter) -> str:
    return "".join(painter.inside(child) for child in element if name_of(child) == "ac:rich-text-body")


def _plain(element: etree._Element) -> str:
    return "".join(child.text or "" for child in element if name_of(child) == "ac:plain-text-body")


def _panel(element: etree._Element, painter: Painter) -> str:
    kind = attribute(element, "ac:name") or ""
    title = parameter(element, "title")
    heading = f'<p class="panel-title">{escape(title)}</p>' if title else ""
    return f'<div class="panel {escape(kind)}">{heading}{_body(element, painter)}</div>'


def _expand(element: etree._Element, painter: Painter) -> str:
    title = parameter(element, "title") or "Click here to expand..."
    return f"<details><summary>{escape(title)}</summary>{_body(element, painter)}</details>"


def _code(element: etree._Element, _: Painter) -> str:
    language, title = parameter(element, "language"), parameter(element, "title")
    caption = " · ".join(part for part in (title, language) if part)
    heading = f'<p class="code-title">{escape(caption)}</p>' if caption else ""
    return f'<div class="code">{heading}<pre><code>{escape(_plain(element))}</code></pre></div>'


def _details(element: etree._Element, painter: Painter) -> str:
    hidden = " hidden" if parameter(element, "hidden") == "true" else ""
    return f'<div class="details"{hidden}>{_body(element, painter)}</div>'


def _status(element: etree._Element, _: Painter) -> str:
    colour = parameter(element, "colour").lower()
    known = colour if colour in _COLOURS else "grey"
    return f'<span class="status {known}">{escape(parameter(element, "title"))}</span>'


def _contents(_: etree._Element, painter: Painter) -> str:
    headings = (one for one in painter.root.iter() if name_of(one) in _HEADINGS)
    items = (
        f'<li class="depth{name_of(one)[1]}">{link("#" + anchor_of(text_of(one)), escape(text_of(one)))}</li>'
        for one in headings
    )
    return f'<ul class="contents">{"".join(items)}</ul>'


def _anchor(element: etree._Element, _: Painter) -> str:
    return f'<span id="{escape(parameter(element, ""))}"></span>'


def _children(_: etree._Element, painter: Painter) -> str:
    items = (f"<li>{link(one.href, escape(one.title))}</li>" for one in painter.around.children())
    return f"<ul>{''.join(items)}</ul>"


def _report(element: etree._Element, painter: Painter) -> str:
    """Return a Page Properties Report: a row for each page with the labels, a column for each property."""
    labels = labels_of_report(element)
    rows = [(target, properties_of(body)) for target, body in painter.around.labelled(labels)]
    columns = list(dict.fromkeys(name for _, held in rows for name in held))
    head = "".join(f"<th>{escape(name)}</th>" for name in ("Title", *columns))
    lines = (
        f"<tr><td>{link(target.href, escape(target.title))}</td>"
        + "".join(f"<td>{escape(held.get(name, ''))}</td>" for name in columns)
        + "</tr>"
        for target, held in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def labels_of_report(element: etree._Element) -> Sequence[str]:
    """Return the labels that a report asks for: its parameter `label`, or `label = "x"` in its query."""
    named = [part.strip() for part in parameter(element, "label").split(",") if part.strip()]
    conditions = parameter(element, "cql").split(" and ")
    pairs = (condition.partition("=") for condition in conditions)
    return named + [value.strip().strip('"') for key, _, value in pairs if key.strip() == "label"]


def properties_of(body: str) -> Mapping[str, str]:
    """Return the rows of a page's Page Properties: the heading cell names, the next cell holds."""
    held: dict[str, str] = {}
    for element in parse(body).iterdescendants():
        if name_of(element) == "ac:structured-macro" and attribute(element, "ac:name") == "details":
            for row in element.iter("tr"):
                cells = [cell for cell in row if name_of(cell) in ("th", "td")]
                if len(cells) >= 2:
                    held.setdefault(text_of(cells[0]), text_of(cells[1]))
    return held


def _unknown(element: etree._Element, painter: Painter) -> str:
    name = escape(attribute(element, "ac:name") or "")
    plain = _plain(element)
    inside = f"<pre>{escape(plain)}</pre>" if plain else _body(element, painter)
    return f'<div class="macro"><p class="panel-title">macro {name}</p>{inside}</div>'


_MACROS: Mapping[str, Painted] = MappingProxyType(
    {
        **dict.fromkeys(("info", "note", "tip", "warning", "panel"), _panel),
        "expand": _expand,
        "code": _code,
        "noformat": _code,
        "details": _details,
        "detailssummary": _report,
        "status": _status,
        "toc": _contents,
        "anchor": _anchor,
        "children": _children,
        "excerpt": _body,
    }
)
