"""The comments of files; Pygments says which they are, apart from known differences."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, String

from generator.evidence.comments import find_spans
from generator.evidence.matching import Matcher
from generator.evidence.names import SearchName
from generator.evidence.records import FileClass, NameKind

# For each file: the lexer of Pygments, and pieces of code that stand on lines of their own.
C = [
    "// NAME it's",
    "/* NAME\n NAME */",
    'call("NAME // NAME");',
    'call("NAME \\" /* NAME");',
    "x = '\"'; // NAME",
    '/* " */ NAME',
]
HASH = ["# NAME it's", 'x = "NAME # NAME"', "x = 'NAME # NAME'", 'y = "\\" # NAME" # NAME', 'x = NAME # "NAME']
FILES: dict[str, tuple[str, list[str]]] = {
    "a.c": ("c", [*C, 'int x = 1; // NAME "', "char c = '/'; NAME();"]),
    "a.cpp": ("cpp", [*C, 'auto x = R"(NAME // " NAME)"; // NAME']),
    "a.java": ("java", [*C, 'String x = "NAME";']),
    "a.cs": ("csharp", [*C, 'var x = @"NAME\\"; // NAME']),
    "a.go": ("go", [*C, "x := `NAME // NAME\n NAME`", "r := 'a' // NAME"]),
    "a.js": (
        "javascript",
        [*C, "x = 'NAME // NAME';", "x = `NAME // NAME\n NAME`;", "x = y.replace(/\"NAME/g, '') // NAME"],
    ),
    "a.ts": ("typescript", [*C, "const x: string = 'NAME'; /* NAME */"]),
    "a.rs": (
        "rust",
        [
            "// NAME",
            "/* NAME /* NAME */ NAME */",
            'let x = "NAME // NAME";',
            "f::<'a>(NAME); // NAME",
            'let x = r#"NAME " // NAME"#; // NAME',
            "let x = b'\"'; // NAME",
            'let x = "NAME\n // NAME";',
        ],
    ),
    "a.kt": ("kotlin", ["// NAME", "/* NAME */", 'val x = "NAME // NAME"', 'val x = """NAME " // NAME"""']),
    "a.swift": ("swift", ["// NAME", "/* NAME */", 'let x = "NAME // NAME"']),
    "a.scala": ("scala", ["// NAME", "/* NAME */", 'val x = "NAME // NAME"', 'val x = """NAME " // NAME"""']),
    "a.css": ("css", ["/* NAME */", 'a { content: "/* NAME */"; }', "a { b: url(//NAME) }"]),
    "a.py": (
        "python",
        [
            *HASH,
            'def f():\n    """NAME\n    NAME"""\n    x = NAME',
            'x = """NAME # NAME\n"""',
            "x = {\n    'NAME': 'NAME',\n}",
            'f(\n    "NAME"\n    "NAME # NAME"\n)',
            "class A:\n    '''NAME'''\n    y = 1",
            "x = f'NAME # NAME'  # NAME",
        ],
    ),
    "a.sh": (
        "bash",
        [
            "# NAME it's",
            'x="NAME # NAME"',
            "x='NAME # NAME'",
            "x=${#NAME}",
            "echo NAME#NAME",
            "echo \\' # NAME",
            'x="NAME\n# NAME"',
            "cat <<EOF\nNAME # it's NAME\nEOF",
            "cat <<'end'\nNAME # it's NAME\nend",
            "echo NAME # NAME",
        ],
    ),
    "a.rb": (
        "ruby",
        ["# NAME it's", 'x = "NAME # NAME"', "x = 'NAME # NAME'", 'x = "#{NAME}" # NAME', "=begin\nNAME\n=end"],
    ),
    "a.pl": (
        "perl",
        [
            "# NAME it's",
            'my $x = "NAME # NAME";',
            "my $x = 'NAME # NAME';",
            "my $n = $#NAME;",
            "=pod\n\nNAME\n\n=cut\n",
        ],
    ),
    "a.r": ("r", ["# NAME it's", 'x <- "NAME # NAME"', "x <- 'NAME # NAME'"]),
    "a.ps1": ("powershell", ["# NAME it's", "<# NAME\n NAME #>", '$x = "NAME # NAME"']),
    "a.lua": (
        "lua",
        ["-- NAME it's", "--[[ NAME\n NAME ]]", 'x = "NAME -- NAME"', "x = 'NAME' -- NAME", "x = [[NAME -- NAME]]"],
    ),
    "a.sql": (
        "sql",
        ["-- NAME it's", "/* NAME */", "SELECT 'NAME -- NAME' FROM NAME; -- NAME", "SELECT 'it''s -- NAME';"],
    ),
    "a.hs": ("haskell", ["-- NAME it's", "{- NAME\n NAME -}", 'x = "NAME -- NAME"', "x' = NAME -- NAME", "x --> NAME"]),
    "a.ml": ("ocaml", ["(* NAME\n NAME *)", 'let x = "NAME (* NAME"']),
    "a.clj": ("clojure", ["; NAME it's", '(def x "NAME ; NAME") ; NAME']),
    "a.erl": ("erlang", ["% NAME it's", 'x() -> "NAME % NAME". % NAME']),
    "a.f90": ("fortran", ["! NAME it's", 'x = "NAME ! NAME" ! NAME']),
    "a.ex": ("elixir", ["# NAME it's", 'x = "NAME # NAME" # NAME', "x = 'NAME # NAME'"]),
    "a.jl": ("julia", ["# NAME it's", "#= NAME\n NAME =#", 'x = "NAME # NAME" # NAME']),
    "a.tf": ("terraform", ["# NAME it's", "// NAME", "/* NAME */", 'x = "NAME # NAME"']),
    "a.yml": (
        "yaml",
        [
            "# NAME it's",
            "x: NAME # NAME",
            'x: "NAME # NAME"',
            "x: 'it''s # NAME'",
            "x: it's NAME # NAME",
            "x: NAME#NAME",
            "- [NAME, 'NAME # NAME'] # NAME",
        ],
    ),
    "a.toml": ("toml", ["# NAME it's", 'x = "NAME # NAME" # NAME', "x = 'NAME # NAME'", 'x = """NAME\n# NAME"""']),
    "a.ini": ("ini", ["# NAME it's", "; NAME", "x = NAME"]),
    "a.properties": ("properties", ["# NAME it's", "! NAME", "x = NAME # NAME"]),
    "Dockerfile": ("docker", ["# NAME it's", "ENV X=NAME", "RUN NAME"]),
    "Makefile": ("make", ["# NAME it's", "X = NAME"]),
    "CMakeLists.txt": ("cmake", ["# NAME it's", 'set(X "NAME # NAME") # NAME']),
    "a.html": (
        "html",
        [
            "<!-- NAME\n NAME -->",
            '<a href="//NAME">NAME</a>',
            "<script>\n// NAME\nx = 'NAME // NAME';\n</script>",
            "it's NAME",
        ],
    ),
    "a.xml": ("xml", ["<!-- NAME -->", '<a b="NAME">NAME // NAME</a>']),
    "a.php": ("php", ["// NAME it's", "# NAME", "/* NAME */", '$x = "NAME // NAME";', "$x = 'NAME # NAME';"]),
    "Jenkinsfile": ("groovy", ["// NAME it's", "/* NAME */", "url 'https://NAME' // NAME", 'x = "NAME // NAME"']),
    "a.dart": ("dart", ["// NAME it's", "/* NAME */", "var x = 'https://NAME'; // NAME"]),
    "a.nix": ("nix", ["# NAME it's", "/* NAME */", "x = a // NAME;", 'y = "NAME # NAME";', "z = ''NAME # NAME'';"]),
    "a.jsonnet": ("jsonnet", ["# NAME", "// NAME", "x: 'https://NAME',", 'y: "NAME # NAME", // NAME']),
    "a.proto": ("protobuf", ["// NAME", "/* NAME */", 'string x = 1 [y = "NAME // NAME"];']),
    "a.vb": ("vb.net", ["' NAME", "x = \"NAME ' NAME\" ' NAME"]),
    "a.bat": ("batch", ["rem NAME", ":: NAME", "echo NAME"]),
}


def find_with_pygments(text: str, lexer: Lexer) -> list[bool]:
    """Return for each NAME whether it is in a comment."""
    flags = [False] * len(text)
    for start, token, value in lexer.get_tokens_unprocessed(text):
        is_comment = (token in Comment and token is not Comment.Preproc) or token in String.Doc
        flags[start : start + len(value)] = [is_comment] * len(value)
    return [flags[position] for position in list_positions(text)]


def list_positions(text: str) -> list[int]:
    return [position for position in range(len(text)) if text.startswith("NAME", position)]


def find_own(text: str, path: str) -> list[bool]:
    spans = find_spans(text.encode(), path, len(text))
    return [any(start <= position < end for start, end, _ in spans) for position in list_positions(text)]


@pytest.mark.parametrize("path", FILES)
@given(data=st.data())
def test_comments_are_those_of_pygments(path: str, data: st.DataObject):
    name, pieces = FILES[path]
    lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    opening = "<?php\n" if name == "php" else ""
    chosen = data.draw(st.lists(st.sampled_from(pieces), min_size=1, max_size=6))
    text = opening + "\n".join(chosen) + "\n"
    assert find_own(text, path) == find_with_pygments(text, lexer), text


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("deploy.yml", "run: |\n  # NAME\n  curl NAME\n", [True, False]),  # a comment of the script in it
        ("helm/deployment.yaml", "{{- /* NAME */ -}}\nimage: NAME\n", [True, False]),
        ("page.html.j2", "{# NAME #}{{ NAME }}", [True, False]),
        ("page.hbs", "{{!-- NAME --}}{{ NAME }}", [True, False]),
        ("requirements.txt", "# NAME\nryl==1  # NAME\nNAME==2\n", [True, True, False]),
        ("CODEOWNERS", "# NAME\n* NAME # NAME\n", [True, False, True]),
        ("models.lst", "# NAME\nNAME\n", [True, False]),
        (".env.production", "# NAME\nX=NAME\n", [True, False]),
        ("nginx.conf", "# NAME\nproxy_pass http://NAME; # NAME\n", [True, False, True]),
        ("go.mod", "require NAME // NAME\n", [False, True]),
        ("a.py", "def f(\n    a: int,\n) -> 'A':\n    'NAME'\n    return 'NAME'\n", [True, False]),
        ("a.py", "x = 1\n'''NAME'''\n", [True]),
        ("a.py", 'x = (\n    """NAME"""\n)\n', [False]),
        ("a.unknown", "# NAME", [False]),
    ],
)
def test_comments_that_pygments_does_not_know(path: str, text: str, expected: list[bool]):
    assert find_own(text, path) == expected


NOTEBOOK = """{
 "cells": [
  {
   "cell_type": "markdown",
   "metadata": {},
   "source": [
    "We call ryl-v3"
   ]
  },
  {
   "cell_type": "code",
   "outputs": [
    {
     "text": [
      "ryl-v3 has answered"
     ]
    }
   ],
   "source": [
    "# ryl-v3 is the old one\\n",
    "model = 'ryl-v3'\\n"
   ]
  }
 ]
}
"""


def test_the_code_of_a_notebook_is_code_and_the_rest_is_not():
    hits = Matcher([SearchName("ryl-v3", "model:ryl-v3", NameKind.ID)]).find(NOTEBOOK.encode(), "train.ipynb")
    assert [(hit.line, hit.cls) for hit in hits] == [
        (7, FileClass.DOCS),
        (15, FileClass.DATA),
        (20, FileClass.COMMENT),
        (21, FileClass.CODE),
    ]


BUILDERS: list[Callable[[int], str]] = [
    lambda size: '"' * size,
    lambda size: "/*" * size,
    lambda size: "<<A\n" * size,
    lambda size: '"\\"' * size,
    lambda size: "'''" * size,
    lambda size: "<!--<script>" * size,
    lambda size: "`" * size + "${",
    lambda size: "x = 1 # " * size,
    lambda size: "{{/*" * size,
    lambda size: "=a\n" * size,
]


@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.parametrize("path", ["a.py", "a.js", "a.rb", "a.yml", "a.html", "a.rs", "a.php", "a.lua"])
def test_no_text_makes_a_lexer_slow(build: Callable[[int], str], path: str):
    text = build(10_000).encode()
    assert all(start <= end for start, end, _ in find_spans(text, path, len(text)))


def test_addresses_in_styles_that_never_end_are_read_in_bounded_time():
    text = b"url(" * 100_000 + b" // ryl"
    assert find_spans(text, "a.scss", len(text)) == [(400_001, len(text), FileClass.COMMENT)]


PROSE = [
    ("a.yaml", b"a:\n  description: Calls NAME before tea\n  model: NAME\n", 1),
    ("a.yaml", b"- comment: |\n    The old NAME\n\n    and NAME\n  model: NAME\n", 2),
    ("a.yaml", b'"NAME":\n  comment: "Reject NAME: all"\n  default: NAME\n', 1),
    ("a.yaml", b"description: NAME\ncomment: {a: NAME x}\nsummary:\n  of: NAME x\nsummary: [NAME, b]\n", 0),
    ("a.yaml", b"model_description: see NAME\nx: # NAME\n", 1),
    ("a.tf", b'variable "NAME" {\n  description = "The address of NAME"\n  default = "NAME"\n}\n', 1),
    ("a.tf", b"description = <<EOT\nUse NAME here\nEOT\nmodel = NAME\n", 1),
    ("a.json", b'{\n  "description": "Uses NAME for x",\n  "model": "NAME"\n}\n', 1),
    ("a.toml", b"description = 'see NAME'\nmodel = 'NAME'\n", 1),
    ("a.py", b"f(\n  description = 'see NAME'\n)\n", 0),
    ("a.yaml", b"description: see # NAME\n  NAME # b\nmodel: NAME", 2),
]


@pytest.mark.parametrize(("path", "text", "count"), PROSE)
def test_texts_about_a_configuration_are_comments(path: str, text: bytes, count: int):
    hits = Matcher([SearchName("dish-ranker", "model:a", NameKind.ALIAS)]).find(
        text.replace(b"NAME", b"dish-ranker"), path
    )
    assert len(hits) == text.count(b"NAME")
    assert [hit.cls for hit in hits].count(FileClass.COMMENT) == count


def test_prose_is_found_in_linear_time():
    text = b"description: a b\n" + b"  c\n" * 100_000 + b"   \n" * 100_000 + b'description: "' + b"\\" * 100_000
    assert find_spans(text, "a.yaml", len(text))
