"""Token formats of vendors, one row a format, and private keys: secrets that need no name.

Prefixes, lengths and alphabets are those that the vendors document or that public scanners agree on. A length is a
lower bound where vendors have changed it before. A format without a prefix has no row: the name before it
(`COHERE_API_KEY`) is enough. Public keys (`phc_`, `sb_publishable_`) have no row either: they are not secret.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from generator.secrets.credentials import is_placeholder, mixes_case_and_digits


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret in a text: `text[start:end]`."""

    start: int
    end: int
    kind: str
    """Its kind, for messages: "GitHub token", "password"."""


@dataclass(frozen=True, slots=True)
class TokenPattern:
    """A token format: `TokenPattern("npm token", "npm_", "[A-Za-z0-9]{30,}")`."""

    kind: str
    """The vendor and the kind of token, for the message."""
    prefixes: str
    """The prefixes that the vendor documents, separated by spaces."""
    rest: str
    """A pattern of the characters after the prefix. It must run in linear time."""
    before: str = ""
    """A pattern of the characters before the prefix, if a token does not begin with it."""
    is_mixed: bool = False
    """Whether the rest must mix digits and letters of both cases, because ordinary names have the prefix too."""
    is_rest: bool = False
    """Whether only the rest is secret: the prefix is a name such as `AccountKey=`."""

    @property
    def hints(self) -> tuple[str, ...]:
        """The prefixes in lower case: a lower-cased text without any of them has no such token."""
        return tuple(self.prefixes.lower().split())

    def find(self, text: str) -> Iterator[Secret]:
        """Find the tokens of this format, except documented examples and shortened ones (`ghp_xxxx…`)."""
        for match in _compile(self.before, self.prefixes, self.rest).finditer(text):
            path = match.group().rpartition("://")[2].partition("/")[2]
            if is_placeholder(path or match.group()) or (self.is_mixed and not mixes_case_and_digits(match["rest"])):
                continue
            start = match.start("rest") if self.is_rest else match.start()
            yield Secret(start, match.end(), self.kind)


@cache
def _compile(before: str, prefixes: str, rest: str) -> re.Pattern[str]:
    """Compile a format once a text has its prefix; most runs need none."""
    prefix = "|".join(map(re.escape, prefixes.split()))
    return re.compile(rf"(?<![A-Za-z0-9]){before}(?:{prefix})(?P<rest>{rest})(?![A-Za-z0-9])")


_PEM = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(r"[A-Za-z0-9+/]{16}")


def find_private_keys(text: str) -> Iterator[Secret]:
    r"""Find the text between the BEGIN and END lines of private keys, also if line ends are written as \n."""
    for match in _PEM.finditer(text):
        next_line = text.find("-----", match.end())
        end = next_line if next_line >= 0 else len(text)
        start = match.end()
        lead = re.match(r"(?:\s|\\[rn])*+", text[start:end])
        start += lead.end() if lead else 0
        while start < end and (text[end - 1].isspace() or text[max(start, end - 2) : end] in {"\\n", "\\r"}):
            end -= 1 if text[end - 1].isspace() else 2
        if _PEM_BODY.search(text, start, end):
            yield Secret(start, end, "private key")


TOKEN_PATTERNS = (
    # Machine learning
    TokenPattern("Amazon Bedrock API key", "ABSK", r"[A-Za-z0-9+/]{100,}={0,2}"),
    TokenPattern("Amazon Bedrock API key", "bedrock-api-key-", r"[A-Za-z0-9+/]{32,}={0,2}"),
    TokenPattern("Anyscale key", "esecret_ aph0_", r"[A-Za-z0-9]{30,}"),
    TokenPattern("Apify token", "apify_api_ apify_ui_", r"[A-Za-z0-9]{30,}"),
    TokenPattern("Cerebras key", "csk-", r"[a-z0-9]{40,}"),
    TokenPattern("Databricks token", "dapi", r"[0-9a-f]{32}(?:-\d)?"),
    TokenPattern("Daytona key", "dtn_", r"[0-9a-f]{64}"),
    TokenPattern("E2B key", "e2b_", r"[0-9a-f]{40,}"),
    TokenPattern("ElevenLabs key", "sk_", r"[0-9a-f]{48}"),
    TokenPattern("Firecrawl key", "fc-", r"[0-9a-f]{32}"),
    TokenPattern("Fireworks key", "fw_", r"[A-Za-z0-9]{22,}", is_mixed=True),
    TokenPattern("Groq key", "gsk_", r"[A-Za-z0-9_]{30,}"),
    TokenPattern("Hugging Face token", "hf_ api_org_", r"[A-Za-z]{30,}(?!_)"),
    TokenPattern("Jina key", "jina_", r"[A-Za-z0-9_-]{56,}"),
    TokenPattern("LangSmith key", "lsv2_pt_ lsv2_sk_", r"[0-9a-f]{32}_[0-9a-f]{10}"),
    TokenPattern("LlamaCloud key", "llx-", r"[A-Za-z0-9]{40,}"),
    TokenPattern("NVIDIA API key", "nvapi-", r"[\w-]{56,}"),
    TokenPattern("OpenAI or Anthropic key", "sk-", r"(?=[\w-]{0,300}\d)[\w-]{28,}"),
    TokenPattern("Perplexity key", "pplx-", r"[A-Za-z0-9]{40,}"),
    TokenPattern("Pinecone key", "pcsk_", r"[A-Za-z0-9]{4,8}_[A-Za-z0-9]{50,}"),
    TokenPattern("Replicate token", "r8_", r"[\w-]{30,}"),
    TokenPattern("RunPod key", "rpa_", r"[A-Z0-9]{36,}[A-Za-z0-9]{0,12}"),
    TokenPattern("Tavily key", "tvly-", r"(?:dev-|prod-)?[A-Za-z0-9-]{28,}", is_mixed=True),
    TokenPattern("Together key", "tgp_v1_", r"[\w-]{40,}"),
    TokenPattern("Voyage key", "pa-", r"[\w-]{43}(?![\w-])", is_mixed=True),
    TokenPattern("Weights & Biases key", "wandb_v1_", r"\w{30,}"),
    TokenPattern("xAI key", "xai-", r"\w{64,}"),
    # Data and stores
    TokenPattern("Airtable token", "pat", r"[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    TokenPattern("dbt token", "dbtc_ dbtu_", r"[\w-]{36,}"),
    TokenPattern("PlanetScale token", "pscale_tkn_ pscale_oauth_ pscale_pw_", r"[\w=.-]{32,}"),
    TokenPattern("Prefect key", "pnu_ pnb_", r"[A-Za-z0-9]{36}"),
    TokenPattern("Supabase key", "sbp_ sbp_oauth_", r"[0-9a-f]{40}"),
    TokenPattern("Supabase key", "sb_secret_", r"[\w-]{26,}", is_mixed=True),
    # Clouds
    TokenPattern("AWS access key", "AKIA ASIA ABIA ACCA", r"[A-Z2-7]{16}"),
    TokenPattern("Alibaba Cloud key", "LTAI", r"[A-Za-z0-9]{20}"),
    TokenPattern("Azure client secret", "Q~", r"[\w~.-]{31,34}(?![\w~-])", before=r"[A-Za-z0-9_~.]{3}\d"),
    TokenPattern("Azure storage key", "AccountKey=", r"[A-Za-z0-9+/]{40,}={0,2}", is_rest=True),
    TokenPattern("Cloudflare origin key", "v1.0-", r"[0-9a-f]{24}-[0-9a-f]{146}"),
    TokenPattern("DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", r"[0-9a-f]{64}"),
    TokenPattern("Fly.io token", "fo1_ fm1a_ fm1r_ fm2_", r"[\w+/-]{43,}={0,3}"),
    TokenPattern("Google API key", "AIza", r"[\w-]{35}(?![\w-])"),
    TokenPattern("Google OAuth secret", "GOCSPX- ya29.", r"[\w-]{20,}"),
    TokenPattern("Heroku key", "HRKU-AA", r"[\w-]{58}"),
    TokenPattern("Red Hat OpenShift token", "sha256~", r"[\w-]{43}(?![\w-])"),
    # Code, builds and packages
    TokenPattern("Artifactory key", "AKCp", r"[A-Za-z0-9]{69}"),
    TokenPattern("Artifactory reference token", "cmVmdGtu", r"[A-Za-z0-9]{56}"),
    TokenPattern("Bitbucket token", "BBDC-", r"[\w+/@-]{40,}"),
    TokenPattern("Buildkite token", "bkua_", r"[a-z0-9]{40}"),
    TokenPattern("CircleCI token", "CCIPAT_", r"[A-Za-z0-9]{22}_[0-9A-Fa-f]{40}"),
    TokenPattern("Docker Hub token", "dckr_pat_ dckr_oat_", r"[\w-]{24,}"),
    TokenPattern("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"[A-Za-z0-9]{30,}"),
    TokenPattern("GitHub token", "github_pat_", r"\w{40,}"),
    TokenPattern(
        "GitLab token", "glpat- gldt- glrt- glptt- glcbt- glft- glimt- glagent- gloas- glsoat- glffct-", r"[\w.-]{18,}"
    ),
    TokenPattern("GitLab runner token", "GR1348941", r"[\w-]{20}"),
    TokenPattern("Harness key", "pat. sat.", r"[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}"),
    TokenPattern("Infracost key", "ico-", r"[A-Za-z0-9]{32}", is_mixed=True),
    TokenPattern("npm token", "npm_", r"[A-Za-z0-9]{30,}"),
    TokenPattern("Pulumi token", "pul-", r"[0-9a-f]{40}"),
    TokenPattern("PyPI token", "pypi-", r"[\w-]{50,}"),
    TokenPattern("RubyGems token", "rubygems_", r"[0-9a-f]{48}"),
    TokenPattern("SonarQube token", "squ_ sqp_ sqa_ sqco_", r"[A-Za-z0-9]{40,}"),
    TokenPattern("Sourcegraph token", "sgp_", r"(?:(?:[0-9A-Fa-f]{16}|local)_)?[0-9A-Fa-f]{40}"),
    TokenPattern("Sourcegraph token", "slk_", r"[0-9a-f]{64}"),
    TokenPattern("Terraform token", ".atlasv1.", r"[\w=-]{60,}", before=r"[A-Za-z0-9]{14}"),
    # Secret stores, identity and networks
    TokenPattern("account key of 1Password", "A3-", r"[A-Z0-9]{6}-[A-Z0-9]{6}-?(?:[A-Z0-9]{5}-){3}[A-Z0-9]{5}"),
    TokenPattern("service account token of 1Password", "ops_eyJ", r"[A-Za-z0-9+/]{200,}={0,3}"),
    TokenPattern("Adobe client secret", "p8e-", r"[A-Za-z0-9]{32}"),
    TokenPattern("age key", "AGE-SECRET-KEY-1", r"[A-Z0-9]{50,}"),
    TokenPattern("Doppler token", "dp.pt. dp.ct. dp.sa. dp.scim. dp.audit.", r"[A-Za-z0-9]{40,}"),
    TokenPattern("Doppler token", "dp.st.", r"(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,}"),
    TokenPattern("JSON Web Token", "eyJ", r"[\w-]{8,4096}\.[\w-]{8,8192}(?:\.[\w-]{8,4096})?"),
    TokenPattern("Tailscale key", "tskey-", r"[a-z]{2,16}-\w{8,64}-\w{16,}"),
    TokenPattern("Vault token", "hvs. hvb. hvr.", r"[\w-]{20,}"),
    # Monitoring
    TokenPattern("Dynatrace token", "dt0c01.", r"[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}"),
    TokenPattern("Grafana token", "glsa_", r"[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}"),
    TokenPattern("Grafana token", "glc_", r"[A-Za-z0-9+/=]{32,}"),
    TokenPattern("LaunchDarkly key", "sdk- api-", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"),
    TokenPattern("New Relic key", "NRAK- NRII- NRIQ-", r"[\w-]{25,}"),
    TokenPattern("PostHog key", "phx_ phs_", r"\w{40,}", is_mixed=True),
    TokenPattern("Sentry token", "sntrys_", r"[\w+/=-]{40,}"),
    TokenPattern("Sentry token", "sntryu_", r"[0-9a-f]{64}"),
    # Messages, mail and documents
    TokenPattern("Atlassian token", "ATATT3 ATCTT3", r"[\w=.-]{50,}"),
    TokenPattern("Atlassian token", "ATBB", r"[A-Za-z0-9]{28,}"),
    TokenPattern("Brevo key", "xkeysib-", r"[0-9a-f]{64}-[A-Za-z0-9]{16}"),
    TokenPattern("Contentful token", "CFPAT-", r"[\w-]{43}(?![\w-])"),
    TokenPattern(
        "Discord webhook",
        "/api/webhooks/",
        r"\d{5,25}/[\w-]{20,}",
        before=r"https://(?:\w{1,20}\.)?discord(?:app)?\.com",
    ),
    TokenPattern("Figma token", "figd_ figp_", r"[\w=-]{40,}"),
    TokenPattern("Frame.io token", "fio-u-", r"[\w=-]{64}"),
    TokenPattern(
        "HubSpot token", "pat-na1- pat-na2- pat-eu1-", r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    ),
    TokenPattern("key of Linear, Notion or Postman", "lin_api_ ntn_ PMAK-", r"[\w-]{32,}"),
    TokenPattern("Mailchimp key", "-us", r"\d{1,2}", before=r"[0-9a-f]{32}"),
    TokenPattern("Mailgun key", "key-", r"[0-9a-f]{32}"),
    TokenPattern("ReadMe key", "rdme_", r"[a-z0-9]{70}"),
    TokenPattern("SendGrid key", "SG.", r"[\w-]{16,32}\.[\w-]{30,}"),
    TokenPattern("Slack token", "xoxa- xoxb- xoxc- xoxd- xoxe- xoxe. xoxp- xoxr- xoxs- xapp-", r"[A-Za-z0-9%-]{16,}"),
    TokenPattern("Slack webhook", "https://hooks.slack.com/", r"(?:services|workflows|triggers)/[\w/-]{20,}"),
    TokenPattern("Teams webhook", ".webhook.office.com/webhookb2/", r"[\w@/-]{20,}", before=r"https://[\w-]{1,60}"),
    TokenPattern("Teams webhook", "https://outlook.office.com/webhook/", r"[\w@/-]{20,}"),
    TokenPattern("Telegram token", ":AA", r"[\w-]{33}(?![\w-])", before=r"\d{8,10}"),
    TokenPattern("Twilio key", "SK", r"[0-9a-f]{32}"),
    TokenPattern("Typeform token", "tfp_", r"[\w=.-]{40,}"),
    # Payments and shops
    TokenPattern("EasyPost key", "EZAK EZTK", r"[A-Za-z0-9]{54}"),
    TokenPattern("Shippo token", "shippo_live_ shippo_test_", r"[0-9A-Fa-f]{40}"),
    TokenPattern("Shopify token", "shpat_ shpss_ shpca_ shppa_", r"[0-9A-Fa-f]{32}"),
    TokenPattern("Square token", "sq0atp- sq0csp-", r"[\w-]{22,}"),
    TokenPattern("Stripe key", "sk_live_ rk_live_ sk_test_ rk_test_ sk_prod_ rk_prod_ whsec_", r"[A-Za-z0-9]{16,}"),
)
"""Every format. Patterns are case-sensitive; see `TokenPattern` for the columns."""
