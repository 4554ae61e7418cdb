"""The ways to reach a team or a person, as values of pages."""

from generator.graph.people import TeamAddresses
from generator.pages.contexts.parts import LabelledLink, Value, build_chat_link
from generator.pages.markup import is_linkable


def build_chat_values(ways: TeamAddresses) -> tuple[Value, ...]:
    """Return the channel as a link to the chat; the name of the channel alone if there is no link."""
    link = build_chat_link(ways)
    return (link,) if link else ()


def build_link_values(label: str, target: str) -> tuple[Value, ...]:
    """Return a link with a label; the target as text if it is no address."""
    if is_linkable(target):
        return (LabelledLink(label, target, is_printed=True),)
    return (target,) if target else ()


def build_mail_values(address: str | None) -> tuple[Value, ...]:
    """Return an e-mail address as a link."""
    return (LabelledLink(address, f"mailto:{address}"),) if address else ()
