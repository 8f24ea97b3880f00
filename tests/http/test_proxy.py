import pytest

from tavus_async import Pool
from tavus_async._http.proxy import find_proxy

BASE = "https://api.test/tavus"
PROXY = "http://proxy.test:3128"


@pytest.mark.parametrize(
    ("environment", "pool", "base_url", "proxy"),
    [
        ({}, Pool(), BASE, None),
        ({"HTTPS_PROXY": PROXY}, Pool(), BASE, PROXY),
        ({"https_proxy": PROXY}, Pool(), BASE, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "api.test"}, Pool(), BASE, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "other.test"}, Pool(), BASE, PROXY),
        ({"HTTPS_PROXY": PROXY}, Pool(proxy_from_env=False), BASE, None),
        ({"HTTPS_PROXY": PROXY}, Pool(proxy="http://mine.test"), BASE, "http://mine.test"),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "api.test"}, Pool(proxy="http://mine.test"), BASE, "http://mine.test"),
        ({"HTTP_PROXY": PROXY, "HTTPS_PROXY": PROXY}, Pool(), "http://127.0.0.1:1", None),
        ({"HTTP_PROXY": PROXY}, Pool(proxy=PROXY), "http://127.0.0.1:1", None),
    ],
)
def test_a_proxy_is_used_for_https_only(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], pool: Pool, base_url: str, proxy: str | None
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert find_proxy(pool, base_url) == proxy
