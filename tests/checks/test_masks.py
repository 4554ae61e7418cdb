"""What an excerpt may show of a card that holds secrets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.checks.masks import MaskedTexts, mask

SECRET = "Hibiscus88nest"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"x-d: {{secret: {{password: {SECRET}}}}}\n", "x-d: {secret: {password: ████}}\n"),
        (f"credentials: {{api_key: {SECRET}, city: mysuru}}\n", "credentials: {api_key: ████, city: mysuru}\n"),
        (f"x-d:\n  password:\n    - {SECRET}\nname: RYL\n", "x-d:\n  password:\n    - ████\nname: RYL\n"),
        (f"x-d:\n  password: >-\n    {SECRET}\nname: RYL\n", "x-d:\n  password: >-\n    ████\nname: RYL\n"),
        ('notes: "the password: Hibis\\x63us88nest"\nname: RYL\n', "notes: ████\nname: RYL\n"),
        ('password: "Hibiscus\\\n  88nest"\nname: RYL\n', "password: ████\n████\nname: RYL\n"),
        ('{password: "Hibiscus\\\n  88nest", name: RYL}\n', "{password: ████\n████ name: RYL}\n"),
        (f"x-a: &shared {SECRET}\npassword: *shared\n", "x-a: &shared ████\npassword: *shared\n"),
        ("name: RYL\nnotes: 'the token is short'\n", "name: RYL\nnotes: 'the token is short'\n"),
    ],
)
def test_what_reading_the_yaml_shows_is_blacked_out_where_it_stands(text, expected):
    assert mask(text, "ryl.yml") == expected
    assert mask(f"---\n{text}---\nProse.\n", "ryl.md") == f"---\n{expected}---\nProse.\n"


def test_each_document_of_a_file_is_read_and_broken_ones_as_far_as_they_go():
    text = f"x: {{password:\n  [{SECRET}]}}\n---\ny: {{password:\n  [{SECRET}]}}\n---\nz: [\n"
    assert mask(text, "ryl.yml") == text.replace(SECRET, "████")


def test_a_value_of_very_many_secrets_is_redacted_as_a_whole():
    text = "notes: '{}'\nname: RYL\n".format("".join(f"password:\n {SECRET}{n}\n " for n in range(101)))
    masked = mask(text, "ryl.yml")
    assert SECRET not in masked
    assert masked.endswith("████\nname: RYL\n")
    assert masked.count("\n") == text.count("\n")


def test_texts_are_masked_one_by_one():
    texts = MaskedTexts({"a.yml": f"password: {SECRET}\n", "b.yml": "name: B\n"})
    assert dict(texts) == {"a.yml": "password: ████\n", "b.yml": "name: B\n"}
    assert len(texts) == 2
    assert texts.get("c.yml", "") == ""


PARTS = st.sampled_from(
    ["password", "x-a", ":", ": ", "\n", "\n  ", "- ", "{", "}", "[", "]", "'", '"', "\\x63", SECRET, ">\n", "|\n",
     "&a ", "*a", ", ", "---\n", "é"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=14).map("".join))
def test_lines_stay_where_they_were_whatever_the_text(text):
    masked = mask(text, "ryl.yml")
    assert masked.count("\n") == text.count("\n")
    assert mask(masked, "ryl.yml").count("\n") == text.count("\n")
