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


def coloured_as(name: str) -> str:
    """Return the macro's word for the language, "" if it has none and shows the code plain."""
    return _BY_NAME.get(name.lower(), "")
