"""The parser of shell commands, compared with bash."""

import shutil
import subprocess
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generator.contracts.shell import Command, ShellError, parse_script

BASH = shutil.which("bash")


def commands(text: str) -> list[Command]:
    return parse_script(text).commands


def words(text: str) -> list[str]:
    return [word.text for command in commands(text) for word in command.words]


def split_with_bash(text: str) -> list[str]:
    """Return the arguments that bash passes to a command."""
    script = f"show() {{ printf '%s\\0' \"$@\"; }}\nset -f\nshow {text}"
    assert BASH is not None
    result = subprocess.run([BASH, "--norc", "-c", script], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    return result.stdout.decode().split("\0")[:-1]


@pytest.mark.skipif(BASH is None, reason="bash is the judge here")
@pytest.mark.parametrize(
    "text",
    [
        "plain 'single $X' \"double\"",
        '"a \\" b \\\\ c \\n d"',
        "'it'\\''s'",
        r"$'a\'b\n\t\x41\101\u00e9'",
        "one\\ word two",
        "a\\\n  b c\\\nd",
        "a '' \"\" b",
        "a#b # comment",
        '"line\nbreak" next',
        "joined'with'\"other\"$'s'",
        "a 2>/dev/null b",
        "'unicode ü 東京'",
        '"back\\slash" "e\\`scaped"',
        "{a,b}c [x] =y ~z",
        "'a\nb'\\",
        "'a\nb' \\",
        "'a\nb' c\\",
        "$'a\nb' c 'd'\\",
        '"a\nb" c\\',
        "'a\nb' \\\n c\\",
        "\"'a\nb'\" c\\",
        "\"a\nb\" 'c\nd'\\",
        "a\\",
        "a\\\n",
        "'a\\\nb'",
        '"a\\\nb"',
        '"a\\\\\nb"',
        "a\\\r b",
        '"a\\\r" b\r',
        "'a\r' \r",
        r"$'a\cAb\0c' $'-k\x00x'd",
    ],
)
def test_words_are_split_like_in_bash(text):
    expected = split_with_bash(text.replace("{a,b}", "{a\\,b}"))
    assert words(text) == expected


@pytest.mark.skipif(BASH is None, reason="bash is the judge here")
@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["'", '"', "\\", " ", "a", "b c", "\n", "\r", "$'", "\\'", "é", "#"]), max_size=8))
def test_any_mixture_of_quotes_is_split_like_in_bash(pieces):
    text = "x " + "".join(pieces)
    assume(not text.endswith("\\\n\\"))  # then bash keeps or drops the backslash by the number of such lines
    try:
        first = commands(text)[0]
    except ShellError:
        return
    if len(commands(text)) == 1:
        assert [word.text for word in first.words] == split_with_bash(text)


def test_variables_and_substitutions_stay_as_written():
    text = """a$TOKEN "${X:-y z}" $(cmd "a)b" (c)) `date +%s` "p $(q 'r)') s" """
    assert words(text) == ["a$TOKEN", "${X:-y z}", '$(cmd "a)b" (c))', "`date +%s`", "p $(q 'r)') s"]


def test_a_substitution_is_a_separate_command():
    text = """R=$(cmd "a)b") "x `date` y" <(sort 'f g'); next"""
    first, second = commands(text)
    assert [each.text for each in first.substitutions] == ['cmd "a)b"', "date", "sort 'f g'"]
    assert all(text[each.offset :].startswith(each.text) for each in first.substitutions)
    assert second.substitutions == []


def test_operators_separate_commands():
    found = commands("export A=1; curl x | jq . && (echo done)\nnext")
    assert [[word.text for word in command.words] for command in found] == [
        ["export", "A=1"],
        ["curl", "x"],
        ["jq", "."],
        ["echo", "done"],
        ["next"],
    ]


def test_a_here_document_is_the_input_of_its_command():
    command = commands("curl -d @- <<-'END' x\n\tone\n\ttwo\n\tEND\nafter")
    assert command[0].standard_input == "one\ntwo\n"
    assert [word.text for word in command[0].words] == ["curl", "-d", "@-", "x"]
    assert command[1].words[0].text == "after"
    assert commands("cat <<< 'a b'")[0].standard_input == "a b\n"


@pytest.mark.parametrize(
    ("text", "offset"), [("ab 'c", 3), ('ab "c', 3), ("a $(b", 2), ("a `b", 2), ("a $'b", 2), ('a "$(b"', 3)]
)
def test_an_unclosed_quote_is_reported_with_its_offset(text, offset):
    with pytest.raises(ShellError) as caught:
        commands(text)
    assert caught.value.offset == offset


def parse_or_error(text: str) -> list[Command] | ShellError:
    try:
        return commands(text)
    except ShellError as error:
        return error


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("'\"\\$`(){}<>|&;# \n\r\tabc-=@E\f\x00é")), max_size=40) | st.text())
def test_any_text_gives_words_or_a_shell_error(text):
    outcome = parse_or_error(text)
    if isinstance(outcome, ShellError):
        assert 0 <= outcome.offset <= len(text)
    else:
        offsets = [word.offset for command in outcome for word in command.words]
        assert offsets == sorted(set(offsets))


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    "unit", ["'a' ", '"a', "\\", "<<E\n", "`", "$'\\", "a=$(b 'c' \"d\") ", "((", "'\"", "$(", "${", '"${']
)
def test_time_grows_linearly(unit):
    def cost(size: int) -> float:
        text = unit * (size // len(unit))
        start = time.process_time()
        parse_or_error(text)
        return time.process_time() - start

    small = min(cost(20_000) for _ in range(3))
    assert min(cost(80_000) for _ in range(3)) < 12 * small + 0.02
