"""Tokens that betray themselves by their shape wherever they stand, by the prefixes that their makers document."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.scan.secrets_values import is_placeholder


@dataclass(frozen=True, slots=True)
class Secret:
    """A stretch of text that must not be shown: `text[start:end]`."""

    start: int
    end: int
    kind: str
    """What it is, in words for a message: "GitHub token", "password"."""
    reason: str
    """How it was recognised: its shape, or the place where it stands."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the tokens of one maker look like."""

    kind: str
    hints: tuple[str, ...]
    """What the lower-cased text contains if the shape can occur in it."""
    pattern: re.Pattern[str]

    def find(self, text: str) -> Iterator[Secret]:
        """The tokens of this shape; documented examples and shortened ones (`ghp_xxxx…`) are none."""
        for match in self.pattern.finditer(text):
            if not is_placeholder(match.group().rpartition("://")[2].partition("/")[2] or match.group()):
                yield Secret(match.start(), match.end(), self.kind, "has the shape of one")


def _shape(kind: str, hints: str, pattern: str) -> Shape:
    return Shape(kind, tuple(hints.split()), re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})"))


SHAPES = (
    _shape("AWS access key", "akia asia abia acca", r"A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}(?![A-Za-z0-9])"),
    _shape(
        "GitHub token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{40,255})",
    ),
    _shape("GitLab token", "glpat- gldt- glrt- glptt- glcbt-", r"gl(?:pat|dt|rt|ptt|cbt)-[\w.-]{18,64}"),
    _shape(
        "Slack token", "xoxa xoxb xoxc xoxd xoxe xoxp xoxr xoxs xapp-", r"(?:xox[abcdeprs]|xapp)-[A-Za-z0-9%-]{16,255}"
    ),
    _shape(
        "Stripe key", "sk_live_ rk_live_ sk_test_ rk_test_ whsec_", r"(?:[sr]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,255}"
    ),
    _shape("Google API key", "aiza", r"AIza[\w-]{35}(?![\w-])"),
    _shape("Google OAuth secret", "gocspx- ya29.", r"(?:GOCSPX-[\w-]{20,64}|ya29\.[\w-]{20,512})"),
    _shape("JSON Web Token", "eyj", r"eyJ[\w-]{8,4096}\.[\w-]{8,8192}(?:\.[\w-]{8,4096})?"),
    _shape("npm token", "npm_", r"npm_[A-Za-z0-9]{30,64}"),
    _shape("PyPI token", "pypi-", r"pypi-[\w-]{50,512}"),
    _shape("Hugging Face token", "hf_", r"hf_[A-Za-z]{30,64}(?![A-Za-z0-9_])"),
    _shape(
        "OpenAI or Anthropic key", "sk-", r"sk-(?=[\w-]{0,300}\d)(?:proj-|svcacct-|admin-|ant-|or-v1-)?[\w-]{28,300}"
    ),
    _shape("Atlassian token", "atatt3 atctt3 atbb", r"(?:AT[AC]TT3[\w=.-]{50,300}|ATBB[A-Za-z0-9]{28,64})"),
    _shape("Azure storage key", "accountkey=", r"(?<=AccountKey=)[A-Za-z0-9+/]{40,88}={0,2}"),
    _shape("Databricks token", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])"),
    _shape("SendGrid key", "sg.", r"SG\.[\w-]{16,32}\.[\w-]{30,64}"),
    _shape("Twilio key", "sk", r"SK[0-9a-f]{32}(?![A-Za-z0-9])"),
    _shape("Vault token", "hvs. hvb. hvr.", r"hv[sbr]\.[\w-]{20,512}"),
    _shape("DigitalOcean token", "dop_v1_ doo_v1_", r"do[op]_v1_[0-9a-f]{64}"),
    _shape("Grafana token", "glsa_ glc_", r"(?:glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_[A-Za-z0-9+/=]{32,400})"),
    _shape("Weights & Biases, Replicate or Groq key", "wandb_ r8_ gsk_", r"(?:wandb_v1_|r8_|gsk_)[A-Za-z0-9_]{30,120}"),
    _shape("New Relic key", "nrak-", r"NRAK-[A-Z0-9]{27}"),
    _shape("Linear, Notion or Postman key", "lin_api_ ntn_ pmak-", r"(?:lin_api_|ntn_|PMAK-)[\w-]{32,120}"),
    _shape("Shopify token", "shpat_ shpss_ shpca_ shppa_", r"shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}"),
    _shape("Telegram token", ":aa", r"\d{8,10}:AA[\w-]{33}(?![\w-])"),
    _shape("age or minisign key", "age-secret-key-", r"AGE-SECRET-KEY-1[A-Z0-9]{50,64}"),
    _shape(
        "Slack webhook", "hooks.slack.com", r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{20,200}"
    ),
    _shape(
        "Discord webhook",
        "/api/webhooks/",
        r"https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d{5,25}/[\w-]{20,100}",
    ),
    _shape(
        "Teams webhook",
        "/webhookb2/ /incomingwebhook/ .logic.azure.com",
        r"https://[\w-]{1,60}\.webhook\.office\.com/webhookb2/[\w@/-]{20,300}"
        r"|https://outlook\.office\.com/webhook/[\w@/-]{20,300}",
    ),
)


_PEM = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(r"[A-Za-z0-9+/]{16}")


def private_keys(text: str) -> Iterator[Secret]:
    r"""What stands between the BEGIN and END lines of a private key, also where line ends are written as \n."""
    for match in _PEM.finditer(text):
        next_line = text.find("-----", match.end())
        end = next_line if next_line >= 0 else len(text)
        start, end = _trimmed(text, match.end(), end)
        if _PEM_BODY.search(text, start, end):
            yield Secret(start, end, "private key", "stands in a PEM block")


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the white space and the written line ends around it."""
    body = text[start:end]
    lead = re.match(r"(?:\s|\\[rn])*+", body)
    start += lead.end() if lead else 0
    while start < end and (text[end - 1].isspace() or text[max(start, end - 2) : end] in {"\\n", "\\r"}):
        end -= 1 if text[end - 1].isspace() else 2
    return start, end
