"""The secrets that are found, the text that redaction leaves, and the time of both."""

import base64
import time

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.secrets import scanner
from generator.secrets.credentials import (
    NameClass,
    classify_name,
    has_hint,
    is_opaque,
    is_placeholder,
    is_session_cookie,
)
from generator.secrets.redaction import redact, redact_data
from generator.secrets.scanner import FINDERS, HintSearch, find_secrets, list_texts_with_hints, select_finders

TOKEN = "q7Rk2mVx9LtZ3" + "bNw8YhC5sPd4"
CURL = f"""curl -X POST https://ml.example.com/v1/score \\
  -H 'Authorization: Bearer {TOKEN}' \\
  -d '{{"city": "mysuru"}}'"""


def basic(pair: str) -> str:
    return base64.b64encode(pair.encode()).decode()


def shown(text: str) -> list[str]:
    return [text[secret.start : secret.end] for secret in find_secrets(text)]


def test_a_secret_has_a_place_and_a_kind():
    (secret,) = find_secrets(CURL)
    assert CURL[secret.start : secret.end] == TOKEN
    assert secret.kind == "token"


def test_redaction_keeps_the_rest_and_hides_the_length():
    assert redact(CURL) == CURL.replace(TOKEN, "████")
    assert redact(CURL) == redact(CURL.replace(TOKEN, TOKEN + "moreOfIt1"))


@pytest.mark.parametrize(
    "text",
    [
        f"curl -u ranker:Pl@in{'tain'}$7 https://localhost:9200",
        "curl -k https://features.internal/rest \\\n  -d 'on' \\\n  -u feeder:Vb82kLqRwtYz",
        'curl -u ":h7Gw2kQx!r" https://localhost:9200',
        'curl -u "h7Gw2kQx!r:" https://localhost:9200',
        "curl --user asha:'Wn5tK8rLq2Zx' -iX PATCH",
        "curl -uadmin:Rk!7pw2x https://h",
        f"curl --header 'Authorization:  {TOKEN}'",
        f"# curl -H 'Authorization: Basic {basic('api:key-7c1a42w3ad15')}'",
        f"curl -H 'Authorization: Basic {base64.b64encode(bytes(range(128, 168))).decode()}'",
        'curl -X POST --header "Api-Token: Qw83Lm5Rt2"',
        f"env:\n  - name: DB_PASSWORD\n    value: {TOKEN}",
        f"{{'password':'{TOKEN}'}}",
        f'dict(api_key = "{TOKEN}")',
        f"Set-Cookie: connect.sid=s%3A{TOKEN}; Path=/",
        f"https://api.example.com/v1?city=x&access_token={TOKEN}#top",
        f"vault token is {TOKEN}.",
    ],
)
def test_a_secret_is_found(text):
    assert len(shown(text)) == 1, shown(text)


@pytest.mark.parametrize(
    "text",
    [
        "curl -u 'test:test' https://h",
        'curl -u "$1:$2" "$3"',
        "curl -u <name:password> https://ml.example.com",
        "curl --user ranker:[PASSWORD] https://[HOST]/v1",
        "curl -u name:token https://h",
        'curl -u "${NAME}":"${PASSWORD}"',
        'curl -u ":" https://localhost:9200',
        'curl --user "xxx:xxx" h',
        'curl -u "${{ env.ML_USER }}:${{ secrets.ML_PASSWORD }}"',
        'curl --user "$(cat name):$(cat password)"',
        'curl -H "Authorization: Bearer XXXXXXXX" -H "Authorization: Token ********"',
        "token = reply.json_body['token']",
        "db_password = read(path)[0]",
        "connect(user=user, password=password)",
        "apiKey: this.settings.apiKey,",
        "password:\n  min_length: 12\n  description: what the customer types",
        "arn:aws:secretsmanager:ap-south-1:123456789012:secret:ryl/token-AbCdEf",
        "we moved from basic auth2 to bearer oauth2 in 2025-11-03",
        "Authorization: Bearer ████",
        f"sha256:{'ab12' * 16} is the digest, {'cd34' * 10} the commit",
    ],
)
def test_innocent_text_has_no_secrets(text):
    assert shown(text) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DB_PASSWORD", NameClass.PASSWORD),
        ("clientSecret", NameClass.PASSWORD),
        ("X-Api-Key", NameClass.PASSWORD),
        ("PGPASSWORD", NameClass.PASSWORD),
        ("Ocp-Apim-Subscription-Key", NameClass.PASSWORD),
        ("access_token", NameClass.TOKEN),
        ("id_token", NameClass.TOKEN),
        ("next_page_token", None),
        ("max_tokens", None),
        ("password_file", None),
        ("primary_key", None),
        ("tokenizer", None),
        ("author", None),
        ("compass", None),
        ("db_pass", NameClass.PASSWORD),
        ("DB_PASSWORD_2", NameClass.PASSWORD),
        ("SECRET_KEY_BASE", NameClass.PASSWORD),
        ("secret", NameClass.PASSWORD),
        ("pass", NameClass.LIKELY),
        ("loyalty_pass", NameClass.LIKELY),
        ("pass_rate", NameClass.LIKELY),
        ("secret_menu", NameClass.LIKELY),
        ("secretary", None),
    ],
)
def test_a_name_is_classified(name, expected):
    assert classify_name(name) is expected


def test_cookies_of_sessions():
    assert is_session_cookie("PHPSESSID")
    assert is_session_cookie("connect.sid")
    assert not is_session_cookie("lang")


WORDS = ["YOUR_KEY", "change-me", "%7B%7Bkey%7D%7D", "1234567890", "AKIAIOSFODNN7EXAMPLE", ""]


@pytest.mark.parametrize("value", ["$T", "${T}", "$(cmd)", "<x>", "{{x}}", "%T%", "xxxx", "***", *WORDS])
def test_a_placeholder_is_recognised(value):
    assert is_placeholder(value)
    assert not is_opaque(value)


@pytest.mark.parametrize("value", ["marmalade77", "p%40ss%21w0rd9", "m0nsoonRain", TOKEN, "my-dog-rex-2019"])
def test_values_that_are_no_placeholders(value):
    assert not is_placeholder(value)


FRAGMENTS = st.sampled_from(
    ["password", "token", "=", ": ", '"', "'", "\n", " ", "curl -u a:", "Authorization: Bearer ", "://", "@h", "ghp_",
     TOKEN, "eyJ", "x" * 40, "a1B2c3D4e5" * 4, "████", "&", ";", "Cookie: sid=", "-----BEGIN PRIVATE KEY-----", "AKIA",
     "\\n", "sk-"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(FRAGMENTS | st.text(max_size=3), max_size=14).map("".join))
@example("ghp_" + "a1" * 20 + "ghp_" + "b2" * 20)
def test_redacting_again_changes_nothing(text):
    redacted = redact(text)
    assert redact(redacted) == redacted
    assert find_secrets(redacted) == ()


@settings(max_examples=200, deadline=None)
@given(st.lists(FRAGMENTS | st.text(), max_size=14).map("".join))
def test_secrets_are_in_order_without_overlaps(text):
    edges = [edge for secret in find_secrets(text) for edge in (secret.start, secret.end)]
    assert edges == sorted(edges)
    assert not edges or (edges[0] >= 0 and edges[-1] <= len(text))
    assert all(secret.start < secret.end for secret in find_secrets(text))


STYLES = [{"width": 12}, {"default_style": "|"}, {"default_style": ">", "width": 9}, {"default_style": "'"}, {}]


@pytest.mark.parametrize("style", STYLES, ids=str)
@settings(max_examples=120, deadline=None)
@given(st.lists(FRAGMENTS | st.sampled_from(["private  key", "api\nkey", "the password", " is "]), max_size=9))
@example(["login\na password ", "x8Kq2Lr9"])
def test_the_finders_chosen_for_a_source_find_what_all_find_in_its_values(style, words):
    value = "".join(words)
    source = yaml.safe_dump({"notes": value, "list": [value, {"api_key": value}]}, allow_unicode=True, **style)
    read = yaml.safe_load(source)
    chosen = select_finders(source)
    assert select_finders(source, HintSearch()) == chosen
    assert find_secrets(read["notes"], chosen) == find_secrets(read["notes"])
    assert redact_data(read, finders=chosen) == redact_data(read)
    assert find_secrets(source, chosen) == find_secrets(source)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.lists(FRAGMENTS, max_size=3).map("".join), max_size=6))
def test_only_texts_with_hints_have_secrets(texts: list[str]):
    chosen = list_texts_with_hints(texts, FINDERS)
    assert chosen == sorted(set(chosen))
    assert [number for number, text in enumerate(texts) if find_secrets(text) and number not in chosen] == []
    assert [number for number in chosen if not select_finders(texts[number])] == []


def test_a_source_without_hints_needs_no_finder():
    assert select_finders("kind: team\nid: ds-ranking\nname: Ranking\n") == ()
    assert select_finders("notes: ghp_") != ()
    assert select_finders('notes: "\\x67hp_"') == FINDERS


def test_data_is_redacted_if_its_key_names_a_secret():
    assert redact_data("kangaroo", "password") == "████"
    assert redact_data(["kangaroo"], "password") == ["████"]
    assert redact_data("kangaroo", "city") == redact_data("kangaroo") == "kangaroo"


def test_data_is_redacted_by_its_text_and_by_its_keys():
    data = {
        "name": "ryl",
        "password": "kangaroo",
        "pin": {"api_key": 12345678, "api_keys": ["b7Kq92mZ", "$OTHER"]},
        "curl": CURL,
        "env": [{"name": "DB_PASSWORD", "value": "kangaroo"}, {"name": "CITY", "value": "mysuru"}],
        "schema": {"password": {"type": "string"}, "secret": True, "token": None},
        f"ghp_{'a1B2' * 9}": 1,
        "score": 0.91,
    }
    assert redact_data(data) == {
        "name": "ryl",
        "password": "████",
        "pin": {"api_key": "████", "api_keys": ["████", "$OTHER"]},
        "curl": redact(CURL),
        "env": [{"name": "DB_PASSWORD", "value": "████"}, {"name": "CITY", "value": "mysuru"}],
        "schema": {"password": {"type": "string"}, "secret": True, "token": None},
        "████": 1,
        "score": 0.91,
    }


def test_plain_words_after_pass_and_secret_stay():
    data = {"pass_rate": 0.982, "pass": 0.5, "loyalty_pass": "gold", "secret_menu": "items_v2", "pass_at_1": "0.62"}
    assert redact_data(data) == data
    metrics = [{"name": "pass_rate", "value": 0.982}]
    assert redact_data(metrics) == metrics
    assert redact_data({"pass": "hunter22", "db_pass": "kangaroo", "password": 7391845}) == {
        "pass": "████",
        "db_pass": "████",
        "password": "████",
    }


def test_data_nested_too_deeply_is_redacted():
    data: object = f"password: {TOKEN}"
    for _ in range(10_000):
        data = [data]
    assert TOKEN not in str(redact_data(data))


ADVERSARIAL = [
    ":", "=", "a=", "://a:", "://a:b@", "-u ", "--a ", "password: ", "token=", "token=a1", "cookie: a=b;", "bearer ",
    "basic ", "password is ", "pw for ", "-----BEGIN PRIVATE KEY-----\n", "eyJ", "eyJaaaaaaaaaaa.", "sk-", "ghp_",
    "a",
    "A", "\\", "\n", " ", '"password":"', "name: token value: ", "login a password ", "auth=('a','",
    "authorization: a ", "%25", "--token=",
    "SG.aaaaaaaaaaaaaaaaaaaaaaaa", "{{",
    "curl -u'", 'curl -u "', "https://hooks.slack.com/services/", "password=%25", "[",
    "password:{", "password:[", 'secret:"{', "secret:'{''", 'password:"\\"', "password:a,", "password:'",
    "{password:a,b", "password:a'b", "secret:a\\b", "a,b=", "password,",
    "| password ", "|password|a1b2c3d4", "<password>", "<password>a1",
    "token '", "token a1b2c3",
    "mysql ", "mysql -p", "login ", "login -p", "curl -E a:", "-E", "--cert a:", "| ", "|`",
    "pass: ",
]  # fmt: skip


@pytest.mark.parametrize("unit", ADVERSARIAL)
def test_time_grows_linearly_with_the_text(unit):
    def cost(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        start = time.process_time()
        find_secrets(text)
        return time.process_time() - start

    small = min(cost(10_000) for _ in range(3))
    assert min(cost(40_000) for _ in range(2)) < 10 * small + 0.02


def test_a_megabyte_is_searched_in_the_time_of_a_few_readings():
    prose = (
        "Ranks restaurants near a customer; see https://ml.example.com and ask ds-ranking for a token: it is short. "
    )
    text = prose * (1_000_000 // len(prose))

    def cost(work) -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    yardstick = min(cost(lambda: [word.lower() for word in text.split()]) for _ in range(3))
    assert cost(lambda: find_secrets(text)) < 60 * yardstick


def test_clean_text_is_cheap():
    text = (
        "Ranks nearby restaurants the customer has not ordered from. The model reads feature views of the customer "
        "profile and restaurant statistics: orders in the last seven days; see https://ml.example.com/v1/models/ryl "
        "and the author's notes on key metrics. Serving: online, owners: ds-ranking, reviewed twice a year."
    )

    def cost(work) -> float:
        start = time.process_time()
        for _ in range(300):
            work()
        return time.process_time() - start

    letters = min(cost(lambda: [letter + "" for letter in text]) for _ in range(5))
    assert min(cost(lambda: find_secrets(text)) for _ in range(5)) < 25 * letters


def test_a_text_is_searched_once_with_all_finders(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []

    def count_searches(lowered: str, hints: tuple[str, ...]) -> bool:
        searched.append(lowered)
        return has_hint(lowered, hints)

    monkeypatch.setattr(scanner, "has_hint", count_searches)
    for _ in range(3):
        assert find_secrets("only here: orders of a dish") == ()
    assert searched == ["only here: orders of a dish"]
