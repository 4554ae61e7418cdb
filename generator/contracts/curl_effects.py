"""Side effects of a curl command, besides the documented request."""

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from generator.contracts.addresses import VARIABLE
from generator.contracts.curl import CurlCall, build_request
from generator.contracts.curl_options import OPTIONS, URL_LIKE, CurlOption, Effect, parse_options
from generator.contracts.shell import EXPANDED, Command, Redirection, ShellError, Word
from generator.findings import Severity
from generator.secrets.redaction import redact
from generator.values import FrozenValue

_PROGRAMS = frozenset({"curl", "curl.exe", "/usr/bin/curl", "/bin/curl", "/usr/local/bin/curl"})
_PROMPTS = frozenset({"$", "%"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_FORMATTERS = frozenset({"json_pp", "python -m json.tool", "python3 -m json.tool"})
_JQ_FLAGS = re.compile(r"-[rcSMCe]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_SYNTAX_IN_COMMENT = re.compile(r"[;&|<>`'\"]|\$\(|\S\(")
_NOWHERE = frozenset({"-", "/dev/null", "/dev/stdout", "/dev/stderr"})
_STREAMS = frozenset({"0", "1", "2", "-"})
_GLOB = re.compile(r"[*?\[]")
_ADDRESS_RANGE = re.compile(r"\[\w{1,20}-\w{1,20}(?::\d{1,20})?\]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):/", re.IGNORECASE)
_GUESSED_SCHEME = re.compile(r"(dict|ftp|imap|ldap|pop3|smtp)\.", re.IGNORECASE)
"""The names of hosts by which curl guesses the protocol of an address without a scheme."""
_READ_FILES = {
    **dict.fromkeys((Effect.BODY, Effect.HEADER, Effect.FORMAT, Effect.ADDRESS), r"@(.*)"),
    **dict.fromkeys((Effect.BODY_BY_NAME, Effect.READ_BY_NAME), r"[^=@]*@(.*)"),
    **dict.fromkeys((Effect.UPLOAD, Effect.READ), r"(.*)"),
    Effect.COOKIE: rf"@(.*)|(?!(?:{VARIABLE.pattern})\Z)([^=]+)\Z",
    Effect.FORM: r"(?:[^=]*=[@<]|.*?;\s*(?i:headers)=[@<])([^;]*)",
}
"""The file that an option reads, by its effect: a pattern of its value."""
_WRITTEN_FILES = {Effect.WRITE: r"(.*)", Effect.CACHE: r"(.+)", Effect.FORMAT: r".*?%output\{(?:>>)?([^}]*)"}
"""The file that an option writes; "" for one that the server names."""
_INPUTS = frozenset({Effect.BODY, Effect.BODY_BY_NAME, Effect.FORM, Effect.UPLOAD})
_HEADER_VALUES = frozenset(
    {"header", "proxy-header", "request", "user-agent", "referer", "cookie", "oauth2-bearer", "request-target"}
)
"""The options whose value curl writes into the head of the request as it is."""
_LINE_BREAK = re.compile(r"[\r\n]")
_BLANK = re.compile(r"\s")
_UNQUOTED_VALUE = re.compile(f"{EXPANDED}+")
_SPLIT = "\0"
"""Separates words; no argument can contain it."""
_HOST_LIKE = re.compile(r"[a-z][a-z0-9+.-]*://|//|[\w-]+(?:\.[\w-]+)+|\[|\d{8}|0x", re.IGNORECASE)
_MESSAGES = {
    Effect.ROUTE: "sends the request or its credentials elsewhere",
    Effect.UNVERIFIED: "does not verify the certificate",
    Effect.CONFIG: "takes options from elsewhere",
    Effect.CODE: "loads code",
    Effect.NEXT: "sends a second request",
}
_LONGEST = 60


class SideEffect(FrozenValue):
    """Something that a curl does besides the documented request."""

    message: str
    """A predicate whose subject is the curl: `writes the file '~/.profile'`."""
    hint: str
    offset: int
    severity: Severity = Severity.ERROR


def find_side_effects(text: str, call: CurlCall) -> tuple[SideEffect, ...]:
    """Return everything that a call does besides its one request, in the order of the text.

    A call without side effects runs curl once, with one address, and neither reads nor writes a file.
    """
    found = [*_find_surroundings(call), *_find_expansions(call.command)]
    if character := _CONTROL.search(text):
        message = f"contains the control character U+{ord(character.group()):04X}"
        found.append(SideEffect(message, "remove the character", character.start()))
    found += [effect for each in call.command.redirections for effect in _find_redirected_file(each)]
    for option in call.options:
        found += _find_option_effect(option, call)
        is_split = option.name in _HEADER_VALUES and _LINE_BREAK.search(option.value.strip("\r\n"))
        if is_split or (option.name == "request" and _BLANK.search(option.value)):
            # The part after the line break is another header, or another request.
            message = f"ends a line of the request within a value (--{option.name})"
            hint = "write one line, and one option for each header"
            found.append(SideEffect(message, hint, option.offset))
    found += _find_other_addresses(call)
    found += _find_split_variables(call)
    return tuple(sorted(dict.fromkeys(found), key=lambda effect: (effect.offset, effect.message)))


def _shorten(text: str) -> str:
    """Return a text in quotes, without secrets, on one line and not too long."""
    line = " ".join(redact(text).split())
    return f"'{line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'}'"


def _find_surroundings(call: CurlCall) -> Iterator[SideEffect]:
    """Find other commands, operators, comments and the words before curl."""
    script = call.script
    commands = script.commands
    for index, command in enumerate(commands):
        if command is call.command:
            yield from _find_prefix(call)
            end = command.end
            if index == len(commands) - 1 and end is not None and end.text not in {"\n", ";"}:
                yield SideEffect(f"contains the operator {_shorten(end.text)}", "remove the operator", end.offset)
        elif command.words or command.redirections:
            shown = " ".join(word.text for word in command.words)
            offset = command.words[0].offset if command.words else command.redirections[0].offset
            before = commands[index - 1] if index else None
            is_piped = before is call.command and before.end is not None and before.end.text == "|"
            severity = Severity.WARNING if is_piped and _is_formatter(command) else Severity.ERROR
            message = f"runs another command: {_shorten(shown or '>')}"
            yield SideEffect(message, "keep only the curl command", offset, severity)
    for operator in script.operators:
        yield SideEffect(f"contains the operator {_shorten(operator.text)}", "remove the operator", operator.offset)
    for comment in script.comments:
        if _SYNTAX_IN_COMMENT.search(comment.text):
            message = "contains a comment with quotes or operators, which zsh does not skip"
            hint = "remove the comment, or move it to `summary`"
            yield SideEffect(message, hint, comment.offset, Severity.WARNING)
    if script.dangling is not None:
        message = "ends in a backslash: the shell waits for another line"
        yield SideEffect(message, "remove the backslash", script.dangling, Severity.WARNING)


def _is_formatter(command: Command) -> bool:
    """Return whether a command prints its input in another form: `jq .`, `python -m json.tool`."""
    if command.redirections or command.substitutions or command.expansions or command.standard_input is not None:
        return False
    name, *arguments = (word.text for word in command.words)
    if name == "jq":
        return sum(_JQ_FLAGS.fullmatch(argument) is None for argument in arguments) <= 1
    return " ".join([name, *arguments]) in _FORMATTERS


def _find_prefix(call: CurlCall) -> Iterator[SideEffect]:
    """Find prompts, assignments and programs before curl, and a program that is not the curl of the system."""
    lead = [word for word in call.command.words if word.offset < call.name.offset]
    programs = [word for word in lead if not _ASSIGNMENT.match(word.text)]
    if lead and len(lead) == len(programs) == 1 and lead[0].text in _PROMPTS:
        message = f"begins with the prompt '{lead[0].text}'"
        yield SideEffect(message, "remove the prompt", lead[0].offset, Severity.WARNING)
    elif programs:
        yield SideEffect(f"runs curl through {_shorten(programs[0].text)}", "start with `curl`", programs[0].offset)
    for word in lead:
        if _ASSIGNMENT.match(word.text):
            yield SideEffect(f"sets the variable {_shorten(word.text)}", "start with `curl`", word.offset)
    if call.name.text not in _PROGRAMS:
        yield SideEffect(f"runs the program {_shorten(call.name.text)}", "write `curl`", call.name.offset)


def _find_expansions(command: Command) -> Iterator[SideEffect]:
    """Find the parts of a command that the shell computes, and words that become several."""
    for each in command.substitutions:
        hint = "write the value, or a variable such as `$TOKEN`"
        yield SideEffect(f"runs a command within the request: {_shorten(each.text)}", hint, each.offset)
    for each in command.expansions:
        hint = "put it in single quotes, or write a plain variable such as `${TOKEN}`"
        yield SideEffect(f"contains an expansion: {_shorten(each.text)}", hint, each.offset)
    for word in command.words:
        if _is_expanded_to_several(word):
            message = f"contains an unquoted pattern: {_shorten(word.text)}"
            yield SideEffect(message, "put it in single quotes", word.offset)


def _is_expanded_to_several(word: Word) -> bool:
    """Return whether the shell may make several words or names of files of a word.

    A pattern after a scheme or the name of a field, such as `https://host/path?x=1`, matches no file.
    """
    unquoted = _UNQUOTED_VALUE.sub("", word.unquoted)
    if _has_alternatives(unquoted):
        return True
    glob = _GLOB.search(unquoted)
    if glob is None:
        return False
    before = unquoted[: glob.start()]
    return not (":" in before or "=" in before or ("/" in before and URL_LIKE.match(word.text) is not None))


def _has_alternatives(text: str) -> bool:
    """Return whether a text may have braces that bash or curl expand: `{a,b}`, `{1..3}`."""
    braces = text[text.find("{") : text.rfind("}")] if "{" in text else ""
    return "," in braces or ".." in braces


def _find_redirected_file(redirection: Redirection) -> Iterator[SideEffect]:
    target = redirection.target
    copies_stream = redirection.operator.endswith("&") and target in _STREAMS
    if redirection.operator in {"<<", "<<<"} or copies_stream or (target in _NOWHERE and target != "-"):
        return
    verb = "reads" if redirection.operator.lstrip("0123456789") in {"<", "<&"} else "writes"
    hint = f"remove `{redirection.operator} {target}`"
    yield SideEffect(f"{verb} the file {_shorten(target)}", hint, redirection.offset)


def _find_other_addresses(call: CurlCall) -> Iterator[SideEffect]:
    """Find further addresses, protocols other than HTTP, and `Host:` headers that name another host."""
    addresses = [option for option in call.options if option.name in {"", "url"}]
    for option in addresses[1:]:
        yield SideEffect(f"sends a second request to {_shorten(option.value)}", "keep one address", option.offset)
    globbing = [option.name for option in call.options if option.name in {"globoff", "no-globoff"}]
    is_literal = globbing[-1:] == ["globoff"]  # the last one counts
    for option in addresses:
        address = VARIABLE.sub("", option.value)
        if not is_literal and (_has_alternatives(address) or _ADDRESS_RANGE.search(address)):
            message = f"sends several requests: {_shorten(option.value)}"
            yield SideEffect(message, "write one address, or add --globoff", option.offset)
        scheme = _SCHEME.match(option.value) or _GUESSED_SCHEME.match(option.value)
        if scheme is not None and scheme[1].lower() not in {"http", "https"}:
            yield SideEffect(f"uses the protocol {scheme[1].lower()}", "use https", option.offset)
    for option in call.options:
        if option.name == "proto-default" and option.value.lower() not in {"http", "https"}:
            yield SideEffect(f"uses the protocol {_shorten(option.value)}", "use https", option.offset)
    yield from _find_host_headers(call)


def _find_host_headers(call: CurlCall) -> Iterator[SideEffect]:
    host = build_request(call).url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    for option in call.options:
        name, colon, value = option.value.partition(":")
        is_host = option.name == "header" and colon and name.strip().lower() == "host"
        if is_host and value.strip().lower() != host.lower() and not VARIABLE.search(value):
            message = f"sends the name of another host: {_shorten(value)}"
            yield SideEffect(
                message, "remove the header, or write that host in the address", option.offset, Severity.WARNING
            )


def _find_split_variables(call: CurlCall) -> Iterator[SideEffect]:
    """Find options and addresses that appear if an unquoted variable is empty or contains a blank, as `$IFS` does."""
    arguments = [word for word in call.command.words if word.offset > call.name.offset]
    spots = [word for word in arguments if _UNQUOTED_VALUE.search(word.unquoted)]
    if not spots:
        return
    written = {effect.message for option in call.options for effect in _find_option_effect(option, call)}
    addresses = {option.offset for option in call.options if not option.name}
    for joint in ("", _SPLIT):
        for option in _split_words(arguments, joint):
            appears = any(effect.message not in written for effect in _find_option_effect(option, call))
            is_address = not option.name and option.offset not in addresses and _HOST_LIKE.match(option.value)
            if appears or is_address:
                offset = max((word.offset for word in spots if word.offset <= option.offset), default=option.offset)
                what = _shorten(f"--{option.name} {option.value}" if option.name else option.value)
                message = f"becomes another request if an unquoted variable is empty or has a blank: {what}"
                yield SideEffect(message, "put the variable in double quotes", offset)


def _split_words(words: Iterable[Word], joint: str) -> tuple[CurlOption, ...]:
    """Return the options if each unquoted variable is `joint`, empty or a blank; none if curl would refuse them."""
    found: list[Word] = []
    for word in words:
        parts: list[str] = []
        end = 0
        for variable in _UNQUOTED_VALUE.finditer(word.unquoted):
            parts.append(word.text[end : variable.start()])
            end = variable.end()
        pieces = joint.join([*parts, word.text[end:]]).split(_SPLIT)
        found += [replace(word, text=piece) for piece in pieces if piece or not parts]
    try:
        return parse_options(found)[0]
    except ShellError:
        return ()


def _find_option_effect(option: CurlOption, call: CurlCall) -> Iterator[SideEffect]:
    """Find the effect of one option, which may depend on its value."""
    effect = OPTIONS[option.name].effect if option.name in OPTIONS else Effect.NONE  # a negated option has none
    written = f"--{option.name}"
    read = _match_file(_READ_FILES.get(effect), option.value)
    written_to = _match_file(_WRITTEN_FILES.get(effect), option.value)
    message, hint, severity = _MESSAGES.get(effect), f"remove {written}", Severity.ERROR
    if read is not None:
        if read in {"-", "."} and effect in _INPUTS and call.command.standard_input is not None:
            return  # a here-document, which is part of the text
        message = "reads the standard input" if read == "-" else f"reads the file {_shorten(read or '~/.netrc')}"
        hint = "write the value itself" if effect is not Effect.READ else hint
    elif written_to is not None and (effect is not Effect.WRITE or written_to not in _NOWHERE):
        message = f"writes the file {_shorten(written_to)}" if written_to else "writes a file"
    elif effect in {Effect.UNVERIFIED, Effect.CERTIFICATE}:
        severity = Severity.WARNING
        if effect is Effect.CERTIFICATE and option.value.startswith("sha256//"):
            return  # hashes of `--pinnedpubkey`
        message = message or f"reads the file {_shorten(option.value.partition(':')[0])}"  # a password may follow
    elif message is not None and option.value and option.name != "proxy-user":
        written = f"{written} {_shorten(option.value)}"
    if message is not None:
        yield SideEffect(f"{message} ({written})", hint, option.offset, severity)


def _match_file(pattern: str | None, value: str) -> str | None:
    match = re.match(pattern, value, re.DOTALL) if pattern is not None else None
    return next((file for file in match.groups() if file is not None), "") if match else None
