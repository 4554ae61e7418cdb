"""The files of a site for agents, made from the pages: what llms.txt lists."""

from collections.abc import Iterable, Iterator

from generator.exports.llms import LlmsEntry, LlmsSection
from generator.exports.site_markdown import get_markdown_path
from generator.pages.assets import OwnPage
from generator.pages.paths import SECTIONS, get_html_file
from generator.pages.site_page import SitePage


def list_llms_sections(
    pages: Iterable[SitePage], own_pages: Iterable[OwnPage], *, directory_urls: bool
) -> Iterator[LlmsSection]:
    """List the pages for llms.txt by kind."""
    entries: dict[str, list[LlmsEntry]] = {}
    for page in pages:
        file = get_markdown_path(get_html_file(page.path, directory_urls=directory_urls))
        section = page.section if page.ref else "overviews"
        entries.setdefault(section, []).append(LlmsEntry(page.title, file, page.description, page.dependents))
    titles: dict[str, str] = {"overviews": "Answers"}
    titles |= {section.folder: section.title for section in SECTIONS}
    yield from (LlmsSection(title, name, entries.get(name, ())) for name, title in titles.items())
    yield LlmsSection("Guide", "guide", [LlmsEntry(own.title, get_markdown_path(own.path)) for own in own_pages])
