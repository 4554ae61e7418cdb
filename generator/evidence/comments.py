r"""Small lexers that find the comments of a file; each is one expression for comments, and for strings that hide them.

They run only on files that have hits. An unterminated comment or string of several lines ends with the file.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import PurePosixPath

from generator.evidence.file_classes import classify_path, find_extension, read_words
from generator.evidence.records import FileClass

Span = tuple[int, int, FileClass]

_LOOK_AHEAD = 2**16
"""The number of bytes after the last hit that may close a string or a comment."""
_LONGEST_HEAD = 1_000
"""The number of bytes before a string in which its line begins."""
_LARGEST_LEXED = 2**21
_MOST_SPANS = 200_000
"""More comments are only in a file that was made to have them."""

# Strings. The repetitions are possessive, so that they need no memory on a long line.
# An open string is tried again at each quote that is escaped in it, so their number is limited.
_DOUBLE = r'"[^"\\\n]*+(?:\\[\s\S][^"\\\n]*+){0,2000}+"'
_SINGLE = r"'[^'\\\n]*+(?:\\[\s\S][^'\\\n]*+){0,2000}+'"
_BACKTICK = r"`[^`\\]*+(?:\\[\s\S][^`\\]*+)*+(?:`|\Z)"
_TRIPLE = r'"""[\s\S]*?(?:(?<!\\)"""|\Z)'
_TRIPLE_SINGLE = r"'''[\s\S]*?(?:(?<!\\)'''|\Z)"
_DOUBLE_LINES = r'"[^"\\]*+(?:\\[\s\S][^"\\]*+)*+(?:"|\Z)'
_SINGLE_LINES = r"'[^']*+(?:'|\Z)"
_PLAIN_SINGLE = r"'[^'\n]*+'"
_CHARACTER = r"(?<![0-9])'(?:\\[^\n']{1,10}|[^\\'\n])'"
_VALUES = (rf"(?<![\w.]){_DOUBLE}", r"(?<![\w.])'(?:[^'\n]|'')*+'")
_REGEX = r"(?<=[(,=:\[!&|?{};])\s*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n]){0,200}+\]|[^/\\\n\[]){1,2000}+/"
_HEREDOC = r"<<[-~]?[ \t]*(?P<quote>['\"]?)(?P<here>[A-Z_]\w*)(?P=quote)[^\n]*+\n[\s\S]{0,4000}?^[ \t]*(?P=here)$"

# Comments.
_SLASHES = r"//[^\n]*+"
_BLOCK = r"/\*[\s\S]*?(?:\*/|\Z)"
_HASH = r"#[^\n]*+"
_HASH_AT_WORD = r"(?:^|(?<=[\s;&|(){}\[\],]))#[^\n]*+"
_HASH_IN_SHELL = r"(?:^|(?<=[\s;&|()]))#[^\n]*+"  # not `${#array}`
_HASH_LINE = r"^[ \t]*+#[^\n]*+"
_DASHES = r"--[^\n]*+"
_MARKUP = r"<!--[\s\S]*?(?:-->|\Z)"
_TEMPLATE = "|".join(
    (
        r"\{\{-?[ \t]*/\*[\s\S]*?(?:\*/|\Z)",  # Go and Helm
        r"\{\{![\s\S]*?(?:\}\}|\Z)",  # Handlebars
        r"\{#[\s\S]*?(?:#\}|\Z)|\{%-?[ \t]*comment[\s\S]*?(?:endcomment[ \t]*-?%\}|\Z)",  # Jinja and Liquid
        r"<%--[\s\S]*?(?:--%>|\Z)|<%#[^\n]*+",  # JSP and ERB
    )
)

_LEXERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "basic": ((r"'[^\n]*+", r"(?i:^[ \t]*+rem\b)[^\n]*+"), (r'"[^"\n]*+"',)),
    "batch": ((r"(?i:^[ \t]*+@?(?:rem\b|::))[^\n]*+",), ()),
    "c": (
        (_SLASHES, _BLOCK),
        (_TRIPLE, r'@"(?:""|[^"])*+"', r'R"(?P<raw>[^()\s\\]{0,16})\([\s\S]*?(?:\)(?P=raw)"|\Z)', _DOUBLE, _CHARACTER),
    ),
    "cmake": ((r"#\[(?P<eq>=*)\[[\s\S]*?(?:\](?P=eq)\]|\Z)", _HASH), (_DOUBLE_LINES,)),
    "css": ((_BLOCK,), (_DOUBLE, _SINGLE)),
    "elixir": ((r'@\w*doc\s+(?:~[sS])?"""[\s\S]*?(?:"""|\Z)', _HASH), (_TRIPLE, _DOUBLE_LINES, _SINGLE)),
    "fortran": ((r"![^\n]*+", r"^[cC*][^\n]*+"), (_DOUBLE, _PLAIN_SINGLE)),
    "go": ((_SLASHES, _BLOCK), (r"`[^`]*+(?:`|\Z)", _DOUBLE, _CHARACTER)),
    "groovy": ((_SLASHES, _BLOCK), (_TRIPLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE)),
    "hash": ((_HASH,), (_TRIPLE, _DOUBLE, _SINGLE)),
    "haskell": (
        (r"\{-[\s\S]*?(?:-\}|\Z)", r"--+(?![!#$%&*+./<=>?@\\^|~:-])[^\n]*+"),
        (r"\w'++", _DOUBLE, _CHARACTER),
    ),
    "hcl": ((_HASH, _SLASHES, _BLOCK), (_HEREDOC, _DOUBLE)),
    "ini": ((r"^[ \t]*+(?:[#;]|//)[^\n]*+", r"(?<=[ \t])#[^\n]*+"), _VALUES),
    "js": ((_SLASHES, _BLOCK), (_REGEX, _BACKTICK, _DOUBLE, _SINGLE)),
    "jsonnet": ((_HASH, _SLASHES, _BLOCK), (_DOUBLE, _SINGLE)),
    "julia": ((r"#=[\s\S]*?(?:=#|\Z)", _HASH), (_TRIPLE, _DOUBLE, _CHARACTER)),
    "lisp": ((r"#\|[\s\S]*?(?:\|#|\Z)", r"(?<!\\);[^\n]*+"), (_DOUBLE_LINES,)),
    "lua": (
        (r"--\[(?P<eq>=*)\[[\s\S]*?(?:\](?P=eq)\]|\Z)", _DASHES),
        (r"\[(?P<level>=*)\[[\s\S]*?(?:\](?P=level)\]|\Z)", _DOUBLE, _SINGLE),
    ),
    "markup": ((_MARKUP, _TEMPLATE), ()),
    "ml": ((r"\(\*[\s\S]*?(?:\*\)|\Z)",), (_DOUBLE, _CHARACTER)),
    "nix": ((_HASH, _BLOCK), (r"''[\s\S]*?(?:''|\Z)", _DOUBLE_LINES)),
    "percent": ((r"(?<![$\\])%[^\n]*+",), (_DOUBLE,)),
    "perl": ((r"^=[a-z][\s\S]*?(?:^=cut|\Z)", _HASH_AT_WORD), (_HEREDOC, _DOUBLE_LINES, _SINGLE)),
    "php": ((_MARKUP, _SLASHES, _BLOCK, r"#(?!\[)[^\n]*+"), (_HEREDOC, _DOUBLE_LINES, _SINGLE)),
    "powershell": ((r"<#[\s\S]*?(?:#>|\Z)", _HASH_AT_WORD), (_DOUBLE, _PLAIN_SINGLE)),
    "properties": ((r"^[ \t]*+[#!][^\n]*+",), ()),
    "ruby": (
        (r"^=begin[\s\S]*?(?:^=end|\Z)", r"^__END__[\s\S]*", _HASH_AT_WORD),
        (_HEREDOC, _DOUBLE_LINES, _SINGLE),
    ),
    "rust": (
        (_SLASHES, _BLOCK),
        (r'\b[bc]?r(?P<raw>#*)"[\s\S]*?(?:"(?P=raw)|\Z)', _DOUBLE_LINES, _CHARACTER),
    ),
    "scss": ((_SLASHES, _BLOCK), (_DOUBLE, _SINGLE, r"url\([^)\n]{0,2000}+\)")),
    "shell": ((_HASH_IN_SHELL,), (_HEREDOC.replace("[A-Z_]", "[A-Za-z_]"), _DOUBLE_LINES, r"\\['\"#]", _SINGLE_LINES)),
    "sql": ((_DASHES, _BLOCK, _HASH_LINE), (r"'(?:[^']|'')*+(?:'|\Z)", _DOUBLE, r"`[^`\n]*+`")),
    "toml": ((_HASH,), (_TRIPLE, _TRIPLE_SINGLE, _DOUBLE, _PLAIN_SINGLE)),
    "yaml": ((_TEMPLATE, r"(?:^|(?<=\s))#[^\n]*+"), _VALUES),
}
"""The expressions for the comments and for the strings of each family of languages."""
_NESTED = frozenset({"rs", "swift", "kt", "kts", "scala", "sc", "d"})
"""The languages with comments in comments."""
_NESTED_MARK = re.compile(rb"/\*|\*/")
_PYTHON_TOKEN = re.compile(
    rb"(?P<comment>#[^\n]*+)"
    rb'|(?P<triple>"""[^"\\]*+(?:(?:\\[\s\S]|"(?!""))[^"\\]*+)*+(?:"""|\\?\Z)'
    rb"|'''[^'\\]*+(?:(?:\\[\s\S]|'(?!''))[^'\\]*+)*+(?:'''|\\?\Z))" + f"|{_DOUBLE}|{_SINGLE}".encode()
)
"""A comment or a string without its prefix: an expression that begins with optional letters is three times slower."""
_BLOCK_START = re.compile(
    rb"\s*(?:async|class|def|elif|else|except|finally|for|if|try|while|with)\b.*:\Z|.*\)\s*(?:->[^\n]*)?:\Z", re.DOTALL
)
_CONTINUED = b"([{,=+-*/%\\:\"'"
"""The ends of code that a string on the next line belongs to."""
_EMBEDDED = re.compile(rb"<(?P<tag>script|style)\b[^>]*>(?P<inner>[\s\S]*?)(?:</(?P=tag)|\Z)", re.IGNORECASE)
_NOTEBOOK = re.compile(
    rb'^(?P<indent>[ \t]*)"outputs": \[(?:\]|[\s\S]*?(?:^(?P=indent)\]|\Z))'
    rb'|^(?P<cell>[ \t]*)"cell_type": "(?:markdown|raw)"[\s\S]{0,5000}?'
    rb'^(?P=cell)"source": \[[\s\S]*?(?:^(?P=cell)\]|\Z)'
    rb'|^[ \t]*"(?P<comment>(?:[ ]|\\t)*+#(?:[^"\\\n]|\\.)*+)"',
    re.MULTILINE,
)


_PROSE = re.compile(
    rb"""^(?P<indent>[ \t]*+(?:-[ \t]+)?)(?P<mark>["']?)(?:comment|description|summary)s?(?P=mark)[ \t]*[:=][ \t]*"""
    + rf"(?:(?P<text>{_DOUBLE}|{_SINGLE}|{_HEREDOC})|(?P<line>[^\s{{\[][^\n]*+))".encode(),
    re.MULTILINE,
)
"""A key of a configuration with the text about it, in quotes or not."""
_MARGIN = re.compile(rb"[ \t]*+")


def find_spans(text: bytes, path: str, last: int) -> list[Span]:
    """Find the parts of a live file that are not code: its comments, and the outputs and the prose of a notebook.

    In configuration, the texts under `comment` and `description` are comments too. The path shows the language. What
    follows after `last` does not matter.
    """
    name = PurePosixPath(path).name.lower()
    extension = find_extension(name)
    end = min(len(text), last + _LOOK_AHEAD, _LARGEST_LEXED)
    if extension == "ipynb":
        return list(_find_in_notebook(text, end))
    families = _index_families()
    family = families.get(name) or families.get(extension) or families.get(name.lstrip(".").partition(".")[0])
    found: list[tuple[int, int]] = []
    if family == "python":
        found = [*islice(_find_in_python(text, end), _MOST_SPANS)]
    elif family is not None:
        found = [*islice(_find_comments(text, family, 0, end, is_nested=extension in _NESTED), _MOST_SPANS)]
    if family == "markup":
        for part in _EMBEDDED.finditer(text, 0, end):
            embedded = "js" if part["tag"].lower() == b"script" else "scss"
            found += _find_comments(text, embedded, *part.span("inner"))
        found.sort()
    if classify_path(path) is FileClass.CONFIG:
        found = _merge([*found, *islice(_find_prose(text, end), _MOST_SPANS)])
    return [(start, stop, FileClass.COMMENT) for start, stop in found]


def _find_prose(text: bytes, end: int) -> Iterator[tuple[int, int]]:
    """Find the texts under `description` and the like, with the deeper lines after one without quotes.

    A single word can be a name, as in `summary: bart-large`.
    """
    for part in _PROSE.finditer(text, 0, end):
        start, stop = part.span("line" if part["text"] is None else "text")
        while part["text"] is None and 0 <= stop < end:
            margin = _MARGIN.match(text, stop + 1, end)
            following = text.find(b"\n", margin.end(), end) if margin is not None else -1
            following = end if following < 0 else following
            if margin is None or (len(margin[0]) <= len(part["indent"]) and margin.end() < following):
                break
            stop = following
        if b" " in text[start:stop].strip():
            yield start, stop


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans without overlaps, sorted."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged


@cache
def _index_families() -> dict[str, str]:
    """Return the family of each extension and name of a file."""
    return {word: family for family, words in read_words("comments").items() for word in words}


@cache
def _compile_lexer(family: str) -> re.Pattern[bytes]:
    comments, strings = _LEXERS[family]
    expression = "|".join([f"(?P<comment>{'|'.join(comments)})", *strings])
    return re.compile(expression.encode(), re.MULTILINE)


def _find_comments(
    text: bytes, family: str, start: int, end: int, *, is_nested: bool = False
) -> Iterator[tuple[int, int]]:
    lexer = _compile_lexer(family)
    while (token := lexer.search(text, start, end)) is not None:
        start = max(token.end(), token.start() + 1)
        if token["comment"] is None:
            continue
        if is_nested and token["comment"].startswith(b"/*"):
            depth, start = 0, end
            for mark in _NESTED_MARK.finditer(text, token.start(), end):
                depth += 1 if mark[0] == b"/*" else -1
                if depth == 0:
                    start = mark.end()
                    break
        yield token.start(), start


def _find_in_python(text: bytes, end: int) -> Iterator[tuple[int, int]]:
    """Find comments, and the strings that are statements of their own, such as docstrings."""
    start = stop = 0  # the end of the last token, and the end of the last code that is no comment
    for token in _PYTHON_TOKEN.finditer(text, 0, end):
        begin = token.start()
        if token["comment"] is None:
            while begin > max(start, token.start() - 2) and text[begin - 1 : begin].isalpha():
                begin -= 1
        code = text[start:begin].rstrip()
        stop = start + len(code) if code else stop
        line = text.rfind(b"\n", max(0, begin - _LONGEST_HEAD), begin) + 1
        is_first = (line > 0 or begin < _LONGEST_HEAD) and not text[line:begin].strip()
        line = text.rfind(b"\n", max(0, stop - _LONGEST_HEAD), stop) + 1 or max(0, stop - _LONGEST_HEAD)
        starts_block = is_first and text[stop - 1 : stop] == b":" and _BLOCK_START.match(text[line:stop]) is not None
        is_statement = is_first and (starts_block or stop == 0 or text[stop - 1] not in _CONTINUED)
        if token["comment"] is not None or (is_statement and (starts_block or token["triple"] is not None)):
            yield begin, token.end()
        else:
            stop = token.end()
        start = token.end()


def _find_in_notebook(text: bytes, end: int) -> Iterator[Span]:
    """Find outputs, prose and comments in a notebook as it is usually saved, with line breaks and indentation."""
    for part in _NOTEBOOK.finditer(text, 0, end):
        if part["comment"] is not None:
            yield *part.span("comment"), FileClass.COMMENT
        else:
            yield *part.span(), FileClass.DATA if part["indent"] is not None else FileClass.DOCS
