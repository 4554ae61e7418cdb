"""Tokens of vendors are found in any place, but not in ordinary names, in linear time."""

import pytest

from generator.secrets.redaction import redact
from generator.secrets.scanner import find_secrets
from generator.secrets.token_patterns import TOKEN_PATTERNS
from tests.limits import limit_cpu_time
from tests.secrets.vendor_tokens import FORMATS, draw_token

SAMPLES = [(kind, one) for kind, formats in FORMATS.items() for one in formats]
PLACES = ["use {} now", "'{}'", "`{}`", "({})", "key\t{}\n", "x={}&y=1", "[{}, 2]", "{}.", "{},", "_{}", "<b>{}</b>"]
RISKY = ("pa-", "fw_", "fc-", "csk-", "rpa_", "ico-", "key-", "phx_", "sb_secret_", "tvly-")


@pytest.mark.parametrize(("kind", "token_format"), SAMPLES)
def test_a_token_is_found_whole_with_its_vendor(kind, token_format):
    token = draw_token(token_format)
    secret = token.removeprefix("AccountKey=")
    (found,) = find_secrets(f"use {token} now")
    assert (found.kind, f"use {token} now"[found.start : found.end]) == (kind, secret)


def test_a_token_is_found_in_any_place():
    for kind, token_format in SAMPLES:
        token = draw_token(token_format)
        assert [place for place in PLACES if token[-12:] in redact(place.format(token))] == [], kind


def test_a_shortened_token_is_not_found():
    for kind, token_format in SAMPLES:
        token = draw_token(token_format)
        assert find_secrets(f"begins with {token[:14]}…") == (), kind
        assert find_secrets(f"begins with {token[:12]}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx") == (), kind


def test_every_format_has_a_sample():
    texts = [draw_token(one) for _, one in SAMPLES]
    assert [pattern for pattern in TOKEN_PATTERNS if not any(list(pattern.find(text)) for text in texts)] == []
    assert {pattern.kind for pattern in TOKEN_PATTERNS} == set(FORMATS)


def test_every_prefix_has_a_sample_or_is_listed():
    texts = " ".join(draw_token(one) for _, one in SAMPLES)
    unseen = {prefix for pattern in TOKEN_PATTERNS for prefix in pattern.prefixes.split() if prefix not in texts}
    siblings = """
        ABIA ACCA apify_ui_ dp.ct. dp.sa. dp.audit. doo_v1_ fm1a_ fm1r_ gldt- glrt- glptt- glcbt- glft- glimt- glsoat-
        glffct- gho_ ghu_ ghs_ ghr_ ya29. sat. hvb. hvr. api- NRIQ- ATCTT3 figp_ pat-na2- pat-eu1- xoxa- xoxc- xoxd-
        xoxe- xoxp- xoxr- xoxs- xapp- EZTK shippo_test_ shpss_ shpca_ shppa_ sq0csp- rk_live_ sk_test_ rk_test_ sk_prod_
        rk_prod_ sqp_ sqa_
    """
    assert unseen <= set(siblings.split())


@pytest.mark.parametrize(
    "text",
    [
        *(f"{prefix}restaurant-ranking-service-of-the-home-feed-team" for prefix in RISKY),
        *(f"{prefix}customer_profile_features_by_city_and_cuisine_v2" for prefix in RISKY),
        "pa-ranking-gpu-pool-eu-west-1-node-7-canary-v2",
        "rpa_invoice_bot writes 40 rows to fw_releases_2025",
        "the phc_ key of the site is public, as is sb_publishable_ or pk-lf-",
        "v1.0-rc2, sdk-1.2.3, api-v2-ranking, SKU 4417, e2b_sandbox, dapi_client, hf_transfer, sk_learn_pipeline_2",
        "tskey-auth-<id>-<secret>, xai-grok-4-fast-reasoning, nvapi-$KEY, pplx-70b-online, jina_embeddings_v3",
        "docker.io/acme/ranker@sha256:" + "ab12" * 16,
        "locale en-us1, cluster " + "ab12" * 8 + "-eu1",
    ],
)
def test_ordinary_names_are_not_found(text):
    assert find_secrets(text) == ()


@pytest.mark.parametrize("kind", ["key", "token", "password"])
def test_the_name_of_a_vendor_survives_redaction(kind):
    for pattern in TOKEN_PATTERNS:
        message = f"card contains a secret: {pattern.kind}"
        assert redact(message) == message


@pytest.mark.parametrize("name", ["fernet_key", "FERNET_KEY", "AIRFLOW__CORE__FERNET_KEY", "fernet", "fernetKey"])
@pytest.mark.parametrize("form", ["{}: {}", "{}: '{}'", "export {}={}", '{{"{}": "{}"}}', "| {} | {} |"])
def test_a_fernet_key_is_found_by_its_name(name, form):
    key = draw_token("a20 - a12 _ a9 =")
    text = form.format(name, key)
    assert key[:8] not in redact(text)
    assert key[-8:] not in redact(text)


def test_a_fernet_key_is_found_in_a_sentence():
    key = draw_token("a21 _ a21 =")
    assert redact(f"The Fernet key is {key} until May.") == "The Fernet key is ████ until May."
    assert redact("Columns are encrypted with Fernet: keys rotate daily") == (
        "Columns are encrypted with Fernet: keys rotate daily"
    )


@pytest.mark.parametrize("pattern", TOKEN_PATTERNS, ids=lambda pattern: pattern.prefixes)
def test_a_format_takes_time_in_proportion_to_the_text(pattern):
    tail = draw_token(next(one for kind, one in SAMPLES if kind == pattern.kind))[-20:]
    for prefix in pattern.prefixes.split():
        for unit in (prefix, f" {prefix}", f"{prefix}a1", f"-{prefix}{tail}", f"/{prefix}{'a' * 30}"):
            text = unit * (30_000 // len(unit))
            with limit_cpu_time(2):
                list(pattern.find(text))
