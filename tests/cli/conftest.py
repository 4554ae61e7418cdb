"""A server over TLS for the commands that download the published book."""

from pathlib import Path

import pytest

from tests.evidence.live_server import Authority


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this machine trusts, and no proxy."""
    (tmp_path / "tls").mkdir()
    authority = Authority(tmp_path / "tls", "authority")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
    return authority
