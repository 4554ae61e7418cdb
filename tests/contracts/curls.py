"""Requests of curl commands, for the tests."""

from generator.contracts.curl import Curl, build_request, read_call


def parse_curl(text: str) -> Curl:
    return build_request(read_call(text))
