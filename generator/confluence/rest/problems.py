"""Error responses of the server as exceptions."""

from urllib.parse import urlsplit

from generator.confluence import wiki
from generator.confluence.rest.call import ApiRequest, ApiResponse
from generator.confluence.rest.credentials import GATEWAY, WikiCredentials
from generator.confluence.rest.redaction import list_secrets, redact_text

MESSAGE_LIMIT = 600
"""Characters of an error message that are shown."""
_READ_LIMIT = 20_000
"""Characters of a response that are read. A secret that the cut divides is recognized by its parts."""
_TOKENS = "https://id.atlassian.com/manage-profile/security/api-tokens"

_BY_STATUS: dict[int, type[wiki.WikiProblem]] = {
    401: wiki.Unauthorized,
    403: wiki.NoPermission,
    404: wiki.NotFound,
    413: wiki.TooLarge,
    429: wiki.RateLimited,
}


def to_problem(call: ApiRequest, answer: ApiResponse, access: WikiCredentials) -> wiki.WikiProblem:
    """Return the exception for a response outside of 2xx or with a web page; its message is redacted."""
    words, fix = _get_text(answer), ""
    fix_login = "check CONFLUENCE_URL and its context path, and let the REST API bypass single sign-on"
    kind = _BY_STATUS.get(answer.status, wiki.Refused)
    if answer.web_page:
        kind = wiki.Unauthorized if call.reads else wiki.LostAnswer
        words, fix = f"{access.host} answers with a web page, as a login does", fix_login
    elif 300 <= answer.status < 400:
        target = urlsplit(answer.headers.get("Location", ""))
        if target.path.endswith(f"/{call.path}"):
            site = f"{target.scheme}://{target.netloc}{target.path.removesuffix(f'/{call.path}')}"
            words, fix = f"redirected to {site}", "set CONFLUENCE_URL to this address"
        else:
            kind = wiki.Unauthorized
            words, fix = f"redirected to {target.hostname or 'another page'}, as to a login", fix_login
    elif answer.status == 409:
        kind = wiki.AlreadyExists if "already exist" in words.lower() else wiki.VersionConflict
    elif answer.status == 400:
        kind = _classify_bad_request(words.lower())
    elif "CAPTCHA" in answer.headers.get("X-Authentication-Denied-Reason", ""):
        kind = wiki.Unauthorized
        words, fix = "too many failed logins", f"log in to {access.site} once in a browser, then run again"
    elif answer.status == 401:
        fix = _fix_credentials(access)
    elif answer.status == 403 and call.content_id is None and access.flavour is wiki.Flavour.CLOUD:
        fix = _fix_scopes(access)
    message = redact_text(words, list_secrets(access))[:MESSAGE_LIMIT]
    return kind(str(call), message, answer.status, call.content_id, fix=redact_text(fix, list_secrets(access)))


def _classify_bad_request(words: str) -> type[wiki.WikiProblem]:
    if "error parsing xhtml" in words:
        return wiki.BadStorage
    if "page" in words and "title" in words and "already exists" in words:
        return wiki.TitleTaken
    # Data Center answers 400 to the key of a property that exists, Cloud 409 or 400.
    if "same file name" in words or "already exists" in words or "already has a value" in words:
        return wiki.AlreadyExists
    if "too large" in words or "too long" in words:
        return wiki.TooLarge
    return wiki.Refused


def _fix_credentials(access: WikiCredentials) -> str:
    """Return the fix for credentials that the wiki refuses; it never gives a reason."""
    if access.flavour is wiki.Flavour.CLOUD:
        return f"make a new token at {_TOKENS}: tokens live one year at most; {_fix_scopes(access)}"
    if access.flavour is None:
        return "correct CONFLUENCE_USER and CONFLUENCE_TOKEN: a token expires, on Cloud after one year at most"
    if access.user:
        return (
            "correct CONFLUENCE_USER and its password in CONFLUENCE_TOKEN; unset the user for a personal access token"
        )
    return f"make a new personal access token in your profile at {access.site}: tokens expire"


def _fix_scopes(access: WikiCredentials) -> str:
    """Return the fix for a token with scopes, which only the gateway accepts."""
    if access.host == GATEWAY:
        return "give the token all scopes in docs/confluence.md"
    return (
        f"for a token with scopes set CONFLUENCE_URL to https://{GATEWAY}/ex/confluence/CLOUD_ID/wiki, "
        f"with the id from {access.site}/_edge/tenant_info"
    )


def _get_text(answer: ApiResponse) -> str:
    """Return the error message of the server; the status if it has none."""
    # Cloud's v2 lists errors with title and detail; v1 has one message.
    data = answer.data if isinstance(answer.data, dict) else {}
    words = str(data.get("message") or data.get("reason") or "")
    if isinstance(data.get("errors"), list):
        errors = [error for error in data["errors"] if isinstance(error, dict)]
        texts = ([str(error[key]) for key in ("title", "detail", "message") if error.get(key)] for error in errors)
        words = "; ".join(text for several in texts for text in dict.fromkeys(several))
    if not words and "html" not in answer.headers.get("Content-Type", ""):
        words = answer.text
    return " ".join((words[:_READ_LIMIT] or f"HTTP {answer.status}").split())
