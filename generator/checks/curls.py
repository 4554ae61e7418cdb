"""MB308, MB309, MB313: the sample curl that an author wrote by hand."""

from collections.abc import Iterator

from generator.checks.curl_review import CurlReview
from generator.checks.places import place_within
from generator.checks.rule import Facts, rule
from generator.findings import Finding
from generator.load.bind import LoadedCard
from generator.schema import Model
from generator.secrets.redaction import redact

_MOST_SIDE_EFFECTS = 20
"""The findings that one curl has at most."""


def _reviews(facts: Facts) -> Iterator[tuple[LoadedCard, Model, CurlReview]]:
    """Return the models with a curl, and its review."""
    for loaded, model in facts.of(Model):
        review = facts.curl_reviews.get(model.ref)
        if review is not None:
            yield loaded, model, review


@rule("MB308", "curl-unreadable")
def curl_unreadable(facts: Facts) -> Iterator[Finding]:
    """A hand-written curl is a command that a shell and curl accept.

    Why: people paste it during an outage.
    Fix: close the quote or write the option that the message names; or remove `curl:`, and one is made from
    endpoint, contract and example.
    """
    for loaded, model, review in _reviews(facts):
        if review.error is not None:
            position = place_within(facts.cards, loaded, review.error.offset, "curl")
            hint = "correct the command, or remove `curl:` to generate one"
            yield curl_unreadable.at(position, f"the curl of {model.ref}: {redact(str(review.error))}", hint, model.ref)
        elif review.unknown:
            offset = max(review.text.find(review.unknown[0].split(" ")[-1]), 0)
            position = place_within(facts.cards, loaded, offset, "curl")
            message = f"the curl of {model.ref}: curl does not accept {redact(' '.join(review.unknown))!r}"
            yield curl_unreadable.at(position, message, "write it as `curl --help all` shows", model.ref)


@rule("MB309", "curl-disagrees")
def curl_disagrees(facts: Facts) -> Iterator[Finding]:
    """A hand-written curl calls an endpoint of the model, in the way of its contract.

    Why: it is the first thing that people try; when it fails they doubt the model, or call the wrong one.
    Fix: correct the curl or the contract, whichever is wrong; or remove `curl:`, and one is made from both.
    Variables such as `$TOKEN` stand for anything, and a body from a file is not looked at.
    """
    for loaded, model, review in _reviews(facts):
        for each in review.disagreements:
            position = place_within(facts.cards, loaded, each.offset_in(review.text), "curl")
            message = f"the curl of {model.ref} {redact(each.message)}"
            yield curl_disagrees.at(position, message, redact(each.hint), model.ref)


@rule("MB313", "curl-side-effect")
def curl_side_effect(facts: Facts) -> Iterator[Finding]:
    """Checks that a hand-written curl sends the documented request and does nothing else.

    These are errors: other commands, substitutions, redirections, variables or programs in front of curl, options that
    read or write files, a second request, and another way to the host (`--proxy`, `--resolve`, `--connect-to`).
    These are warnings: certificates that are not verified (`--insecure`), files of certificates (`--cacert`), a
    `Host:` header of another host, a prompt, a comment with quotes or operators, and a filter such as `| jq .`.

    Why: people paste it during an outage, without reading it.
    Fix: write the values themselves, or variables such as `$TOKEN`; remove what the message names.
    """
    for loaded, model, review in _reviews(facts):
        for each in review.side_effects[:_MOST_SIDE_EFFECTS]:
            position = place_within(facts.cards, loaded, each.offset, "curl")
            message = f"the curl of {model.ref} {redact(each.message)}: expected only the documented request"
            yield curl_side_effect.at(position, message, redact(each.hint), model.ref, each.severity)


RULES = (curl_unreadable, curl_disagrees, curl_side_effect)
