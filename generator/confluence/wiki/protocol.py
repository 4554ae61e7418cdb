"""The port: the calls that a publisher makes, whatever stands behind them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from generator.confluence.wiki.values import (
    Account,
    Attachment,
    Child,
    Flavour,
    InlineComment,
    Json,
    NewPage,
    Operation,
    Page,
    PageUpdate,
    Place,
    Property,
    Space,
    Task,
    Upload,
)


class Wiki(Protocol):
    """One Confluence as one account sees it; safe to use from several threads.

    Every call is one request unless its text says otherwise. Every call raises WikiProblem's kin:
    any may be Unauthorized, NotFound, RateLimited or Unavailable; any that writes may be
    NoPermission or LostAnswer. Nothing here retries a write that may have happened.
    """

    @property
    def flavour(self) -> Flavour:
        """Cloud or Data Center."""
        ...

    def account(self) -> Account:
        """Whose credentials these are."""
        ...

    def account_name(self, account_id: str) -> str:
        """What people call an account; the id where the wiki keeps the name to itself."""
        ...

    def space(self, key: str) -> Space:
        """Return the space with this key; NotFound when there is none or it is hidden from this account."""
        ...

    def operations(self, space: Space) -> frozenset[Operation]:
        """What this account may do in the space; on Data Center, what it may do at the space's home page."""
        ...

    def page(self, page_id: str, *, body: bool = False, version: int | None = None) -> Page:
        """Return one page in whatever status it is, as it stands or as it was in a version."""
        ...

    def pages(self, page_ids: Iterable[str], *, body: bool = False) -> Mapping[str, Page]:
        """Return the pages with these ids, by id; one that is gone for good, or hidden, is absent.

        Costs one request for each `flavour.bulk` ids (50 with bodies). Data Center reads them over its search, whose
        index lags: an id that it misses is asked for singly, one request more each.
        """
        ...

    def pages_in_space(self, space: Space) -> Iterator[Page]:
        """Return every current page of the space, and every archived one: all that hold a title.

        Costs one request for each `flavour.bulk` pages.
        """
        ...

    def pages_with_property(self, space: Space, key: str) -> Iterator[tuple[Page, Property]]:
        """Return the pages of a space that carry a property: how a lost manifest is found again.

        Data Center tells in the listing; Cloud is asked once more for every page, so it is for recovery only.
        """
        ...

    def page_titled(self, space: Space, title: str) -> Page | None:
        """The page that holds a title in the space, current or archived."""
        ...

    def children(self, page_id: str) -> tuple[Child, ...]:
        """What stands directly below a page, whoever it belongs to; one request for each `flavour.bulk`."""
        ...

    def create_page(self, new: NewPage) -> Page:
        """Return a new page, last among its siblings; TitleTaken, BadStorage or TooLarge when it cannot be."""
        ...

    def update_page(self, update: PageUpdate) -> Page:
        """Return the next version of a page; VersionConflict, TitleTaken, BadStorage or TooLarge when it cannot be."""
        ...

    def move_page(self, page_id: str, place: Place, target_id: str) -> None:
        """Puts a page beside or below another, with its children; makes no version."""
        ...

    def trash_page(self, page_id: str) -> None:
        """Moves a page to the trash, from where people can bring it back; its children move up to its parent."""
        ...

    def purge_page(self, page_id: str) -> None:
        """Removes a trashed page for good."""
        ...

    def archive_pages(self, page_ids: Iterable[str]) -> Task:
        """Starts to archive pages; NotOffered where the flavour does not archive."""
        ...

    def task(self, task_id: str) -> Task:
        """Return how far a task is."""
        ...

    def properties(self, page_id: str) -> tuple[Property, ...]:
        """Return all properties of a page, with their values; one request for each `flavour.bulk`."""
        ...

    def create_property(self, page_id: str, key: str, value: Json) -> Property:
        """Return a new property; AlreadyExists when the page has the key, TooLarge when the value does not fit."""
        ...

    def update_property(self, page_id: str, current: Property, value: Json) -> Property:
        """Return another value in the place of the current one; VersionConflict when that is not current any more."""
        ...

    def delete_property(self, page_id: str, current: Property) -> None:
        """Removes a property."""
        ...

    def labels(self, page_id: str) -> frozenset[str]:
        """Return the page's global labels."""
        ...

    def add_labels(self, page_id: str, labels: Iterable[str]) -> frozenset[str]:
        """Adds labels, leaving the others; gives all that the page has then."""
        ...

    def remove_label(self, page_id: str, label: str) -> None:
        """Takes one label away."""
        ...

    def attachments(self, page_id: str) -> tuple[Attachment, ...]:
        """Return the page's files, without their content; one request for each `flavour.bulk`."""
        ...

    def create_attachment(self, page_id: str, upload: Upload) -> Attachment:
        """Return a new file on a page; AlreadyExists when its name is in use."""
        ...

    def update_attachment(self, page_id: str, attachment_id: str, upload: Upload) -> Attachment:
        """Return the next version of a file."""
        ...

    def delete_attachment(self, attachment_id: str) -> None:
        """Moves a file to the trash."""
        ...

    def inline_comments(self, page_id: str) -> tuple[InlineComment, ...]:
        """Return the remarks on stretches of the page's text, resolved and dangling ones too."""
        ...
