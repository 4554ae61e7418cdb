"""MB3xx, second half: the examples of a contract and the curl that somebody wrote by hand."""

from collections.abc import Iterator

from generator.checks.places import place_within
from generator.checks.rule import Facts, rule
from generator.contracts.curl import CurlError, parse
from generator.findings import Finding
from generator.scan.secrets import redact
from generator.schema import Model


@rule("MB308", "curl-unreadable")
def curl_unreadable(facts: Facts) -> Iterator[Finding]:
    """A hand-written curl is a command that a shell and curl accept.

    Why: people paste it during an outage.
    Fix: close the quote or write the option that the message names; or remove `curl:`, and one is made from
    endpoint, contract and example.
    """
    for loaded, model in facts.of(Model):
        if model.curl is None:
            continue
        written = str(loaded.document.root.find(("curl",))[0].content)
        try:
            unknown = parse(written).options_unknown
        except CurlError as error:
            position = place_within(facts.cards, loaded, error.offset, "curl")
            hint = "mend it, or remove `curl:` to have one made"
            yield curl_unreadable.at(position, f"the curl of {model.ref}: {error}", hint, model.ref)
            continue
        if unknown:
            position = place_within(facts.cards, loaded, max(written.find(unknown[0].split(" ")[-1]), 0), "curl")
            message = f"the curl of {model.ref}: curl does not accept {redact(' '.join(unknown))!r}"
            yield curl_unreadable.at(position, message, "write it as `curl --help all` shows", model.ref)


RULES = (curl_unreadable,)
