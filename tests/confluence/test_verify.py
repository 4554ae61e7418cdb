"""The comparison of the wiki with the site, after changes that people made."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from generator.confluence.built import Built
from generator.confluence.rest import Wiki
from generator.confluence.verify import Difference, verify
from generator.confluence.wiki import Flavour, PageUpdate, Place, Upload
from tests.confluence.publishing import Publisher, Sheet, build_library, configure, publisher, render_link

SHEETS = build_library(9, labelled=True)
Change = Callable[[Publisher], object]


@pytest.fixture
def published(flavour: Flavour, tmp_path: Path) -> Publisher:
    made = publisher(flavour, tmp_path / "site")
    made.publish(SHEETS)
    return made


def compare(made: Publisher, sheets: list[Sheet] = SHEETS) -> tuple[Difference, ...]:
    return verify(made.wiki(), made.build(sheets), made.settings)


def test_a_published_book_has_no_differences(published: Publisher) -> None:
    assert compare(published) == ()


def test_the_requests_are_few(published: Publisher) -> None:
    published.requests()
    compare(published)
    lists = 5  # space, parent, descendants, properties with labels on Data Center, bodies
    singles = len(SHEETS) if published.demo.flavour is Flavour.CLOUD else 0
    orders = 5  # the children of the parent page, the home page and three sections
    files = sum(bool(sheet.pictures) for sheet in SHEETS)
    assert published.requests() <= lists + singles + files + orders


def test_comments_and_additions_of_people_are_no_differences(published: Publisher) -> None:
    published.add_comment("Model 2", "Ranks things")
    published.create_unmanaged_page("Somebody's page", parent_id=published.find_page("Section 1").id)
    wiki, page = published.wiki(), published.find_page("Model 2")
    wiki.add_labels(page.id, ["mine"])
    wiki.create_attachment(page.id, Upload("notes.txt", b"mine", "text/plain"))
    assert compare(published) == ()


def edit_text(made: Publisher) -> None:
    made.edit("Model 2", "Ranks things", "Sorts things")


def remove_label(made: Publisher) -> None:
    made.wiki().remove_label(made.find_page("Model 2").id, "production")


def remove_file(made: Publisher) -> None:
    wiki, page = made.wiki(), made.find_page("Model 3")
    wiki.delete_attachment(wiki.attachments(page.id)[0].id)


def replace_file(made: Publisher) -> None:
    wiki, page = made.wiki(), made.find_page("Model 3")
    upload = Upload("model-flow-3.png", b"mine", "image/png")
    wiki.update_attachment(page.id, wiki.attachments(page.id)[0].id, upload)


def move_elsewhere(made: Publisher) -> None:
    made.wiki().move_page(made.find_page("Model 2").id, Place.APPEND, made.find_page("Section 0").id)


def move_out(made: Publisher) -> None:
    mine = made.create_unmanaged_page("Mine")
    made.wiki().move_page(mine.id, Place.AFTER, made.find_page("The book").id)
    made.wiki().move_page(made.find_page("Model 2").id, Place.APPEND, mine.id)


def sort_otherwise(made: Publisher) -> None:
    made.wiki().move_page(made.find_page("Section 0").id, Place.AFTER, made.find_page("Section 2").id)


def delete_page(made: Publisher) -> None:
    made.wiki().trash_page(made.find_page("Model 2").id)


def remove_property(made: Publisher) -> None:
    wiki, page = made.wiki(), made.find_page("Model 2")
    wiki.delete_property(page.id, wiki.properties(page.id)[0])


CHANGES: dict[str, tuple[Change, str, str, str]] = {
    "text": (edit_text, "model:m2", "text", "found 'Sorts things for 2. See Model 3"),
    "label": (remove_label, "model:m2", "label", "label 'production' is missing"),
    "file that is gone": (remove_file, "model:m3", "file", "file 'model-flow-3.png' is missing"),
    "file that is another one": (replace_file, "model:m3", "file", "file 'model-flow-3.png' is another one"),
    "place": (move_elsewhere, "model:m2", "place", "below page:section-0: expected page:section-2"),
    "place outside": (move_out, "model:m2", "place", "below another page: expected page:section-2"),
    "order": (sort_otherwise, "page:home", "order", "page:section-1 is where page:section-0 is expected"),
    "deleted page": (delete_page, "model:m2", "missing", "'Model 2' is not in the wiki"),
    "property": (remove_property, "model:m2", "property", "'Model 2' has no ownership property of this book"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_person_changes_is_reported(published: Publisher, change: str) -> None:
    make, ref, kind, message = CHANGES[change]
    make(published)
    [difference] = compare(published)
    assert (difference.ref, difference.kind) == (ref, kind)
    assert message in difference.message
    assert difference.url.startswith("http://localhost")


@pytest.mark.parametrize("title", ["Taken", "long " * 100])
def test_a_page_without_a_title_is_missing_and_links_to_it_are_no_differences(
    flavour: Flavour, tmp_path: Path, title: str
) -> None:
    home = SHEETS[0]
    model = Sheet("model:m", title, home.ref)
    other = Sheet("page:other", "Taken", home.ref, f"<p>See {render_link(model)}</p>")
    made = publisher(flavour, tmp_path)
    made.publish([home, model, other])
    (difference,) = compare(made, [home, model, other])
    assert (difference.ref, difference.kind) == ("model:m", "missing")
    assert difference.message.endswith("page:other has the title" if title == "Taken" else "is not in the wiki")


@pytest.mark.parametrize(
    "edit", [lambda line: f"{line} and more", lambda line: line[:-9], lambda line: line[:-1] + "x"]
)
def test_of_a_long_line_the_part_that_differs_is_shown(
    flavour: Flavour, tmp_path: Path, edit: Callable[[str], str]
) -> None:
    long = "word " * 500 + "last words"
    sheets = [SHEETS[0], Sheet("model:long", "Long", SHEETS[0].ref, f"<p>{long}</p>")]
    made = publisher(flavour, tmp_path)
    made.publish(sheets)
    made.edit("Long", long, edit(long))
    (difference,) = compare(made, sheets)
    assert len(difference.message) < 300
    assert repr(f"…{long[-50:]}")[-30:-1] in difference.message
    assert edit(long)[-12:] in difference.message


def test_a_renamed_page_has_another_title_and_links_follow_it(published: Publisher) -> None:
    page = published.find_page("Model 2")
    published.wiki().update_page(PageUpdate(page.id, "My model", page.body or "", page.version.number + 1))
    [difference] = compare(published)
    assert (difference.kind, difference.message) == ("title", "title 'My model': expected 'Model 2'")


def test_a_page_whose_card_is_gone_is_extra(published: Publisher) -> None:
    rest = [sheet for sheet in SHEETS if sheet.ref != "page:section-2"]
    found = {difference.ref: difference for difference in compare(published, rest)}
    assert (found["page:section-2"].kind, found["page:section-2"].message) == (
        "extra",
        "the site has no such page: remove it with `modelbook publish apply --yes removals`",
    )


def test_only_the_chosen_page_is_compared(published: Publisher) -> None:
    edit_text(published)
    delete_page(published)
    built: Built = published.build(SHEETS)
    assert verify(published.wiki(), built, published.settings, lambda entry: entry.ref == "model:m3") == ()


def test_a_title_with_its_suffix_is_expected(flavour: Flavour, tmp_path: Path) -> None:
    made = configure(publisher(flavour, tmp_path / "site"), title_suffix=" ({kind})")
    made.create_unmanaged_page("Model 2")
    made.publish(SHEETS)
    assert compare(made) == ()


class StatedWiki:
    """A wiki whose pages all have a content state."""

    def __init__(self, wiki: Wiki, state: str | None) -> None:
        self._wiki = wiki
        self._state = state

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wiki, name)

    def content_state(self, _page_id: str) -> str | None:
        return self._state


def test_a_content_state_is_compared_on_cloud(tmp_path: Path) -> None:
    made = publisher(Flavour.CLOUD, tmp_path / "site")
    made.publish(SHEETS)
    built = made.build(SHEETS)
    built = replace(built, entries=(msgspec.structs.replace(built.entries[0], state="retired"), *built.entries[1:]))

    def compare_with(state: str | None) -> tuple[Difference, ...]:
        wiki: Any = StatedWiki(made.wiki(), state)
        return verify(wiki, built, made.settings)

    [difference] = compare_with(None)
    assert (difference.kind, difference.message) == ("state", "content state '': expected 'retired'")
    assert compare_with("Retired") == ()
