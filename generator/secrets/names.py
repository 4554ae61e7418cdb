"""Tells from its name whether a key, header, option, cookie or query parameter holds a credential."""

from enum import Enum
from functools import lru_cache

from generator.secrets.values import mentions, words


class Position(Enum):
    """How sure a name makes that its value is a credential."""

    PASSWORD = "password"  # noqa: S105 (the kind's name, not a password)
    """Nothing but a credential belongs here: any value that is no placeholder counts."""
    TOKEN = "token"  # noqa: S105 (the kind's name, not a token)
    """The word has other meanings too (a token of text, a signature of a function): the value has to look generated."""

    LIKELY = "likely"
    """A password or a plain word: a first pass, a secret menu. The value has to mix letters and digits."""


def _set(words_of_names: str) -> frozenset[str]:
    return frozenset(words(words_of_names))


_HINTS = ("pass", "pwd", "pw", "secret", "token", "key", "auth", "sig", "cred", "jwt", "pat", "sas", "bearer", "fernet")
_PASSWORD_WORDS = _set("password passwd passphrase passcode pwd pw credential credentials")
_LIKELY_WORDS = _set("pass secret")
_PASS_OWNERS = _set(
    "db database user admin root account login service svc app api auth client server host smtp mail email imap ftp "
    "sftp ssh ldap proxy redis cache mysql pg postgres postgresql mongo mongodb kafka rabbitmq amqp mq snowflake "
    "registry docker git my"
)
"""What comes before `pass` in the name of a password, and before no other pass."""
_TOKEN_WORDS = _set("token jwt sig signature sas pat bearer auth apikey fernet")
_KEY_OWNERS = _set(
    "api access private account secret encryption signing master shared subscription functions storage "
    "auth hmac deploy webhook service fernet"
)
_OF_SOMETHING_ELSE = _set(
    "page next prev previous continuation cursor max min count counts num number length limit ttl expiry "
    "expires expiration expire reset resets policy strength required require requires use uses store "
    "enabled public budget usage per rotated rotation hint tokens passwords secrets changed failed "
    "attempts santa"
)
_ABOUT_IT = _set(
    "id ids type types url uri endpoint file path name names header headers field format ref reference "
    "scheme method provider algorithm arn scope scopes owner label description class size kind version "
    "store manager mode sid at on index position pattern prefix env"
)
_SESSION_COOKIES = ("session", "sess", "sid", "sessionid", "sessid", "token", "auth", "jwt", "remember", "csrf", "xsrf")


@lru_cache(maxsize=4096)
def position(name: str) -> Position | None:
    """What a name makes of its value: `DB_PASSWORD`, `X-Api-Key` and `access_token` are one; None for `page_token`."""
    lowered = name.lower()
    if not mentions(lowered, _HINTS):
        return None
    parts = words(name.rstrip("0123456789_-."))  # DB_PASSWORD_2
    if not parts or parts[-1] in _ABOUT_IT or not _OF_SOMETHING_ELSE.isdisjoint(parts):
        return None
    if not _PASSWORD_WORDS.isdisjoint(parts) or "apikey" in lowered.replace("-", "").replace("_", ""):
        return Position.PASSWORD
    if parts[-1] == "secret" or (parts[-1] == "pass" and not _PASS_OWNERS.isdisjoint(parts)):
        return Position.PASSWORD
    if "key" in parts[1:] and parts[parts.index("key", 1) - 1] == "secret":  # SECRET_KEY_BASE
        return Position.PASSWORD
    if parts[-1] == "key" and not _KEY_OWNERS.isdisjoint(parts):
        return Position.PASSWORD
    if lowered.endswith(("password", "passwd", "secret", "accesskey")):  # one word: dbpassword, PGPASSWORD
        return Position.PASSWORD
    if not _TOKEN_WORDS.isdisjoint(parts) or lowered.endswith("token"):
        return Position.TOKEN
    return None if _LIKELY_WORDS.isdisjoint(parts) else Position.LIKELY


def is_session_cookie(name: str) -> bool:
    """Whether a cookie of this name logs somebody in: `sessionid`, `connect.sid`, `remember_token`."""
    parts = words(name)
    return any(part in _SESSION_COOKIES for part in parts) or name.lower().endswith(_SESSION_COOKIES)
