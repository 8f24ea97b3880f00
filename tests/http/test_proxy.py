import pickle

import pytest

from tavus_async import ConfigurationError, Pool
from tavus_async._http.proxy import find_proxy
from tests.support.leaks import leaks, make_secret_text

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


def test_an_environments_proxy_that_is_none_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"socks5://ada:{make_secret_text(20, 'proxy')}@proxy.test")
    with pytest.raises(ConfigurationError, match=r"^HTTPS_PROXY must be an http:// or https:// URL") as caught:
        find_proxy(Pool(), BASE)
    assert not leaks(caught.value)


def test_a_pool_whose_password_a_pickle_has_lost_is_refused() -> None:
    pool: Pool = pickle.loads(pickle.dumps(Pool(proxy="http://ada:word@proxy.test")))  # noqa: S301
    with pytest.raises(ConfigurationError, match="its proxy's password is gone with it"):
        find_proxy(pool, BASE)
