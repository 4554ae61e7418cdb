"""The frame around everything that the browser sees: one stylesheet, no script, nothing from elsewhere."""

from html import escape

from generator.confluence.standin.messages import Reply

_STYLE = """
:root { --ink: #172b4d; --faint: #5e6c84; --line: #dfe1e6; --blue: #0052cc; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); }
a { color: var(--blue); text-decoration: none; } a:hover { text-decoration: underline; }
.bar { padding: .6rem 1.5rem; border-bottom: 1px solid var(--line); font-weight: 600; }
.bar small { color: var(--faint); font-weight: 400; margin-left: 1rem; }
.frame { display: grid; grid-template-columns: 17rem minmax(0, 1fr); min-height: 100vh; }
nav { padding: 1.2rem; border-right: 1px solid var(--line); background: #fafbfc; font-size: .9rem; }
nav ul { list-style: none; margin: 0; padding-left: .8rem; } nav > ul { padding: 0; }
nav li { margin: .2rem 0; } nav .here > a { font-weight: 600; color: var(--ink); }
main { padding: 1.5rem 3rem 4rem; max-width: 70rem; }
h1, h2, h3, h4 { line-height: 1.25; margin: 1.6em 0 .5em; } .title { margin-top: .3rem; }
.crumbs, .meta, .code-title, figcaption { color: var(--faint); font-size: .85rem; }
.label { display: inline-block; background: #f4f5f7; border-radius: 3px; padding: 0 .4rem; margin-right: .3rem; }
table { border-collapse: collapse; margin: 1em 0; } th, td { border: 1px solid #c1c7d0; padding: .4rem .6rem; }
th { background: #f4f5f7; text-align: left; } td p, th p { margin: 0; }
img { max-width: 100%; height: auto; } figure { margin: 1em 0; }
code, kbd { font: .9em ui-monospace, monospace; background: #f4f5f7; border-radius: 3px; padding: .1em .3em; }
pre { overflow-x: auto; background: #f4f5f7; border-radius: 3px; padding: .8rem 1rem; margin: 0; }
pre code { padding: 0; background: none; } .code { margin: 1em 0; } .code-title { margin: 0 0 .2rem; }
.panel, .macro, .details, details { border-radius: 4px; padding: .6rem 1rem; margin: 1em 0; background: #f4f5f7; }
.details { background: none; padding: 0; } .details[hidden] { display: none; }
details { border: 1px solid var(--line); background: none; } summary { cursor: pointer; color: var(--blue); }
.panel-title { font-weight: 600; margin: 0; } .macro { border: 1px dashed #c1c7d0; background: none; }
.panel > :last-child, .macro > :last-child, details > :last-child { margin-bottom: 0; }
main li > p { margin: .2em 0; }
.info { background: #deebff; } .note { background: #eae6ff; } .tip { background: #e3fcef; }
.warning { background: #ffebe6; }
.status { font-size: .72rem; font-weight: 700; text-transform: uppercase; border-radius: 3px; padding: .1em .4em; }
.grey { background: #dfe1e6; } .blue { background: #deebff; color: #0747a6; }
.green { background: #e3fcef; color: #006644; } .red { background: #ffebe6; color: #bf2600; }
.yellow { background: #fff0b3; } .purple { background: #eae6ff; color: #403294; }
.tasks { list-style: none; padding-left: 0; } .contents { list-style: none; padding-left: 0; }
.depth2 { padding-left: 0; } .depth3 { padding-left: 1rem; } .depth4, .depth5, .depth6 { padding-left: 2rem; }
.layout { display: grid; gap: 2rem; } mark { background: #fff0b3; }
.broken { color: #bf2600; border-bottom: 2px dotted #bf2600; } .broken::after { content: " \\2717"; }
.notice { border: 1px solid #ff991f; background: #fffae6; padding: .4rem 1rem; border-radius: 4px; }
footer { border-top: 1px solid var(--line); margin-top: 3rem; font-size: .9rem; }
"""

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def page(title: str, *, index: str, navigation: str, content: str, status: int = 200) -> Reply:
    """Return a whole document; `navigation` and `content` are HTML, everything else is text."""
    document = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f'<body><div class="bar"><a href="{escape(index)}">Confluence</a><small>a stand-in on this machine</small>'
        f'</div><div class="frame"><nav>{navigation}</nav><main>{content}</main></div></body></html>'
    )
    return Reply(status, document.encode(), HEADERS)
