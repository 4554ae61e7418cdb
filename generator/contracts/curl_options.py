"""The options of curl: those of `curl --help all` in 7.88, and those that later releases up to 8.17 added.

The table has one row an option: its letter, its long name, whether it takes a value, and its effect beyond the
request. The effects are explained in `Effect`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What an option does besides describing the request; some effects depend on the value."""

    NONE = "-"
    BODY = "body"
    """Reads a file if the value starts with `@`."""
    BODY_BY_NAME = "body-by-name"
    """Reads a file if `@` follows the name of a field."""
    FORM = "form"
    """Reads a file if `@` or `<` follows `=`."""
    HEADER = "header"
    """Reads a file if the value starts with `@`; `Host:` names another host."""
    COOKIE = "cookie"
    """Reads a file if the value has no `=`, or starts with `@`."""
    FORMAT = "format"
    """Reads a file if the value starts with `@`; `%output{file}` writes one."""
    ADDRESS = "address"
    """Reads addresses from a file if the value starts with `@`."""
    UPLOAD = "upload"
    """Reads a file, or the standard input."""
    READ = "read"
    READ_BY_NAME = "read-by-name"
    WRITE = "write"
    CACHE = "cache"
    """Reads and writes a file unless the value is empty."""
    ROUTE = "route"
    """Sends the request, or its credentials, over another host than the one of the address."""
    UNVERIFIED = "unverified"
    """Switches checks of TLS certificates off."""
    CERTIFICATE = "certificate"
    """Reads a file of certificates, keys or hashes that TLS needs."""
    CONFIG = "config"
    """Takes options or parts of them from elsewhere."""
    CODE = "code"
    """Loads code or runs a program."""
    NEXT = "next"
    """Begins a second request."""


@dataclass(frozen=True, slots=True)
class OptionType:
    """An option of curl as its help describes it."""

    letter: str
    """`-` if it has none."""
    name: str
    takes_value: bool
    effect: Effect


_TABLE = """
- abstract-unix-socket       value  route
- alt-svc                    value  cache
- anyauth                    -      -
a append                     -      -
- aws-sigv4                  value  -
- basic                      -      -
- ca-native                  -      -
- cacert                     value  certificate
- capath                     value  certificate
E cert                       value  certificate
- cert-status                -      -
- cert-type                  value  -
- ciphers                    value  -
- compressed                 -      -
- compressed-ssh             -      -
K config                     value  config
- connect-timeout            value  -
- connect-to                 value  route
C continue-at                value  -
b cookie                     value  cookie
c cookie-jar                 value  write
- create-dirs                -      -
- create-file-mode           value  -
- crlf                       -      -
- crlfile                    value  certificate
- curves                     value  -
d data                       value  body
- data-ascii                 value  body
- data-binary                value  body
- data-raw                   value  -
- data-urlencode             value  body-by-name
- delegation                 value  -
- digest                     -      -
q disable                    -      -
- disable-eprt               -      -
- disable-epsv               -      -
- disallow-username-in-url   -      -
- dns-interface              value  route
- dns-ipv4-addr              value  route
- dns-ipv6-addr              value  route
- dns-servers                value  route
- doh-cert-status            -      -
- doh-insecure               -      unverified
- doh-url                    value  route
- dump-ca-embed              -      -
D dump-header                value  write
- ech                        value  read-by-name
- egd-file                   value  read
- engine                     value  code
- eprt                       -      -
- epsv                       -      -
- etag-compare               value  read
- etag-save                  value  write
- expect100-timeout          value  -
f fail                       -      -
- fail-early                 -      -
- fail-with-body             -      -
- false-start                -      -
- follow                     -      -
F form                       value  form
- form-escape                -      -
- form-string                value  -
- ftp-account                value  -
- ftp-alternative-to-user    value  -
- ftp-create-dirs            -      -
- ftp-method                 value  -
- ftp-pasv                   -      -
P ftp-port                   value  -
- ftp-pret                   -      -
- ftp-skip-pasv-ip           -      -
- ftp-ssl                    -      -
- ftp-ssl-ccc                -      -
- ftp-ssl-ccc-mode           value  -
- ftp-ssl-control            -      -
- ftp-ssl-reqd               -      -
G get                        -      -
g globoff                    -      -
- happy-eyeballs-timeout-ms  value  -
- haproxy-clientip           value  route
- haproxy-protocol           -      -
I head                       -      -
H header                     value  header
h help                       value  -
- hostpubmd5                 value  -
- hostpubsha256              value  -
- hsts                       value  cache
- http0.9                    -      -
0 http1.0                    -      -
- http1.1                    -      -
- http2                      -      -
- http2-prior-knowledge      -      -
- http3                      -      -
- http3-only                 -      -
- ignore-content-length      -      -
i include                    -      -
k insecure                   -      unverified
- interface                  value  route
- ip-tos                     value  -
- ipfs-gateway               value  route
4 ipv4                       -      -
6 ipv6                       -      -
- json                       value  body
j junk-session-cookies       -      -
- keepalive-cnt              value  -
- keepalive-time             value  -
- key                        value  certificate
- key-type                   value  -
- knownhosts                 value  read
- krb                        value  -
- krb4                       value  -
- libcurl                    value  write
- limit-rate                 value  -
l list-only                  -      -
- local-port                 value  -
L location                   -      -
- location-trusted           -      route
- login-options              value  -
- mail-auth                  value  -
- mail-from                  value  -
- mail-rcpt                  value  -
- mail-rcpt-allowfails       -      -
M manual                     -      -
- max-filesize               value  -
- max-redirs                 value  -
m max-time                   value  -
- metalink                   -      write
- mptcp                      -      -
- negotiate                  -      -
n netrc                      -      read
- netrc-file                 value  read
- netrc-optional             -      read
: next                       -      next
- no-alpn                    -      -
N no-buffer                  -      -
- no-clobber                 -      -
- no-keepalive               -      -
- no-npn                     -      -
- no-progress-meter          -      -
- no-sessionid               -      -
- noproxy                    value  -
- ntlm                       -      -
- ntlm-wb                    -      code
- oauth2-bearer              value  -
- out-null                   -      -
o output                     value  write
- output-dir                 value  -
Z parallel                   -      -
- parallel-immediate         -      -
- parallel-max               value  -
- parallel-max-host          value  -
- pass                       value  -
- path-as-is                 -      -
- pinnedpubkey               value  certificate
- post301                    -      -
- post302                    -      -
- post303                    -      -
- preproxy                   value  route
# progress-bar               -      -
- proto                      value  -
- proto-default              value  -
- proto-redir                value  -
x proxy                      value  route
- proxy-anyauth              -      -
- proxy-basic                -      -
- proxy-ca-native            -      -
- proxy-cacert               value  certificate
- proxy-capath               value  certificate
- proxy-cert                 value  certificate
- proxy-cert-type            value  -
- proxy-ciphers              value  -
- proxy-crlfile              value  certificate
- proxy-digest               -      -
- proxy-header               value  header
- proxy-http2                -      -
- proxy-insecure             -      unverified
- proxy-key                  value  certificate
- proxy-key-type             value  -
- proxy-negotiate            -      -
- proxy-ntlm                 -      -
- proxy-pass                 value  -
- proxy-pinnedpubkey         value  certificate
- proxy-service-name         value  -
- proxy-ssl-allow-beast      -      -
- proxy-ssl-auto-client-cert -      -
- proxy-tls13-ciphers        value  -
- proxy-tlsauthtype          value  -
- proxy-tlspassword          value  -
- proxy-tlsuser              value  -
- proxy-tlsv1                -      -
U proxy-user                 value  route
- proxy1.0                   value  route
p proxytunnel                -      -
- pubkey                     value  read
Q quote                      value  -
- random-file                value  read
r range                      value  -
- rate                       value  -
- raw                        -      -
e referer                    value  -
J remote-header-name         -      write
O remote-name                -      write
- remote-name-all            -      write
R remote-time                -      -
- remove-on-error            -      write
X request                    value  -
- request-target             value  route
- resolve                    value  route
- retry                      value  -
- retry-all-errors           -      -
- retry-connrefused          -      -
- retry-delay                value  -
- retry-max-time             value  -
- sasl-authzid               value  -
- sasl-ir                    -      -
- service-name               value  -
S show-error                 -      -
- show-headers               -      -
- sigalgs                    value  -
s silent                     -      -
- skip-existing              -      -
- socks4                     value  route
- socks4a                    value  route
- socks5                     value  route
- socks5-basic               -      -
- socks5-gssapi              -      -
- socks5-gssapi-nec          -      -
- socks5-gssapi-service      value  -
- socks5-hostname            value  route
Y speed-limit                value  -
y speed-time                 value  -
- ssl                        -      -
- ssl-allow-beast            -      -
- ssl-auto-client-cert       -      -
- ssl-no-revoke              -      unverified
- ssl-reqd                   -      -
- ssl-revoke-best-effort     -      unverified
- ssl-sessions               value  write
2 sslv2                      -      -
3 sslv3                      -      -
- stderr                     value  write
- styled-output              -      -
- suppress-connect-headers   -      -
- tcp-fastopen               -      -
- tcp-nodelay                -      -
t telnet-option              value  -
- tftp-blksize               value  -
- tftp-no-options            -      -
z time-cond                  value  -
- tls-earlydata              -      -
- tls-max                    value  -
- tls13-ciphers              value  -
- tlsauthtype                value  -
- tlspassword                value  -
- tlsuser                    value  -
1 tlsv1                      -      -
- tlsv1.0                    -      -
- tlsv1.1                    -      -
- tlsv1.2                    -      -
- tlsv1.3                    -      -
- tr-encoding                -      -
- trace                      value  write
- trace-ascii                value  write
- trace-config               value  -
- trace-ids                  -      -
- trace-time                 -      -
- unix-socket                value  route
T upload-file                value  upload
- upload-flags               value  -
- url                        value  address
- url-query                  value  body-by-name
B use-ascii                  -      -
u user                       value  -
A user-agent                 value  -
- variable                   value  config
v verbose                    -      -
V version                    -      -
- vlan-priority              value  -
w write-out                  value  format
- xattr                      -      write
"""


def _parse_table() -> tuple[OptionType, ...]:
    rows = (line.split() for line in _TABLE.strip().splitlines())
    return tuple(OptionType(letter, name, value == "value", Effect(effect)) for letter, name, value, effect in rows)


OPTIONS = {option.name: option for option in _parse_table()}
"""Every option by its long name."""

LETTERS = {option.letter: option.name for option in OPTIONS.values() if option.letter != "-"}
"""The long name of each one-letter option: `X` is `request`."""

WITH_VALUE = frozenset(name for name, option in OPTIONS.items() if option.takes_value)
"""Long names of the options that take the next word as their value."""

WITHOUT_VALUE = frozenset(OPTIONS) - WITH_VALUE
"""Long names of the options without a value; each can be negated with `--no-`."""

_EXPANDED = "expand-"
"""`--expand-url '{{host}}'` fills curl's own variables into the value of `--url`."""


def find_option(written: str) -> str | None:
    """Return the option meant by what follows `--`: itself, its negation, or the only one that it abbreviates."""
    if written in OPTIONS or written.removeprefix("no-") in WITHOUT_VALUE:
        return written
    if written.startswith(_EXPANDED) and written.removeprefix(_EXPANDED) in WITH_VALUE:
        return "variable"
    if f"no-{written}" in OPTIONS:
        return f"no-{written}"  # `--buffer` undoes `--no-buffer`, and has no effect either
    meant = [name for name in OPTIONS if written and name.startswith(written)]
    return meant[0] if len(meant) == 1 else None


def get_effect(name: str) -> Effect:
    """Return the effect of an option by its long name; a negated option has none."""
    return OPTIONS[name].effect if name in OPTIONS else Effect.NONE
