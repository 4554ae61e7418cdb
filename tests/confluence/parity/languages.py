"""The languages that a code macro colours, each with the names that authors give it after a fence."""

_KNOWN = {
    "actionscript3": "as3 actionscript",
    "bash": "sh shell zsh console shell-session bash-session curl",
    "c#": "csharp",
    "coldfusion": "cfm",
    "cpp": "c c++",
    "css": "less",
    "delphi": "pascal objectpascal",
    "diff": "udiff patch",
    "erl": "erlang",
    "groovy": "gradle",
    "java": "kotlin",
    "js": "javascript typescript ts json jsonc json5 jsx tsx",
    "perl": "pl",
    "powershell": "ps1 pwsh",
    "py": "python python3 pycon ipython",
    "ruby": "rb",
    "sass": "scss",
    "sql": "mysql postgresql postgres plpgsql tsql sqlite3 bigquery",
    "vb": "vbnet vb.net",
    "xml": "html svg xhtml html+jinja",
    "yml": "yaml",
    "applescript": "",
    "php": "",
    "scala": "",
}
"""Written out here once more on purpose: the proof may not lean on the table of what it proves."""
_BY_NAME = {name: macro for macro, names in _KNOWN.items() for name in (macro, *names.split())}
_CLOUD = {
    "c": "c",
    "coffee": "coffeescript",
    "docker": "dockerfile",
    "ex": "elixir",
    "exs": "elixir",
    "golang": "go",
    "xhtml": "html",
    "html+jinja": "html",
    "html": "html",
    "jsonc": "json",
    "json5": "json",
    "json": "json",
    "kt": "kotlin",
    "kotlin": "kotlin",
    "objectivec": "objective-c",
    "objc": "objective-c",
    "rst": "restructuredtext",
    "rs": "rust",
    "latex": "tex",
    "ts": "typescript",
    "typescript": "typescript",
    "jsx": "jsx",
    "tsx": "tsx",
    "yml": "yaml",
    "yaml": "yaml",
}
_NAMES = (
    "ada arduino clojure coffeescript cuda d dart dockerfile elixir fortran go graphql haskell haxe julia lua matlab "
    "objective-c ocaml octave prolog puppet qml r racket restructuredtext rust scheme smalltalk swift tcl tex toml "
    "vala verilog vhdl xquery"
)
_SAME_ON_CLOUD = frozenset(_NAMES.split())


def is_coloured_as(name: str, shown: str) -> bool:
    """Return whether a code macro of Data Center or of Cloud has to show a language in that way; "" is without."""
    known = name.lower()
    datacenter = _BY_NAME.get(known, "")
    return shown in {datacenter, known if known in _SAME_ON_CLOUD else _CLOUD.get(known, datacenter)}
