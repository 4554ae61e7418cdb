"""Pages of the book that the manifest does not list."""

from pathlib import Path

import pytest

from generator.confluence.sync.manifest import ManifestEntry
from generator.confluence.sync.recovery import published_as
from generator.confluence.wiki import Flavour
from tests.confluence.publishing import Publisher, build_library, publisher


@pytest.fixture(params=list(Flavour))
def published(request: pytest.FixtureRequest, tmp_path: Path) -> Publisher:
    made = publisher(request.param, tmp_path)
    made.publish(build_library(6, sections=1))
    return made


def recover(made: Publisher, title: str) -> ManifestEntry:
    """Return the entry that is recovered for a page from the page alone."""
    wiki = made.wiki()
    page = wiki.page(made.find_page(title).id)
    recovered, _ = published_as([page], {page.id: "model:m0"}, wiki, made.settings.book)["model:m0"]
    assert not recovered.recorded
    return recovered.entry


def test_a_signed_version_is_recovered_with_its_number_and_digest(published: Publisher):
    entry = recover(published, "Model 0")
    assert entry.version == published.find_page("Model 0").version.number > 0
    assert entry.digest


def test_a_version_that_a_user_saved_is_recovered_as_version_0(published: Publisher):
    # With any other number, an older version of the page would be taken for the one that was published.
    published.edit("Model 0", "Ranks things", "Ranks all things")
    entry = recover(published, "Model 0")
    assert (entry.version, entry.digest) == (0, "")


def test_a_kept_message_does_not_sign_the_version_of_a_user(published: Publisher):
    message = published.find_page("Model 0").version.message
    published.edit("Model 0", "Ranks things", "Ranks all things", message=message)
    assert recover(published, "Model 0").version == 0
