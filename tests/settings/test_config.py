import copy
import pickle
import pprint
import ssl
import traceback
from typing import Any

import attrs
import pytest

from tavus_async import ConfigurationError, Pool, RateLimit, RetryPolicy, Timeouts
from tavus_async._records.secrets import Secret
from tavus_async._settings.config import Config, check_base_url, hide_key, make_config
from tests.support.leaks import leaks, make_secret_text, pieces

KEY = "sk-2f9c81d7"
NO_HOSTS: frozenset[str] = frozenset()


def configured(api_key: Any = KEY, base_url: str | None = None, pool: Pool = Pool()) -> Config:
    return make_config(api_key=hide_key(api_key), base_url=base_url, timeouts=Timeouts(), pool=pool)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://tavusapi.com", "https://tavusapi.com"),
        ("https://tavusapi.com/", "https://tavusapi.com"),
        ("https://tavusapi.com/v2", "https://tavusapi.com"),
        ("https://tavusapi.com/v2/", "https://tavusapi.com"),
        ("https://tavusapi.com//v2//", "https://tavusapi.com"),
        ("HTTPS://TavusAPI.com/v2", "https://tavusapi.com"),
        ("https://proxy.test/tavus/v2", "https://proxy.test/tavus"),
        ("https://proxy.test/V2", "https://proxy.test/V2"),
        ("https://proxy.test/env2", "https://proxy.test/env2"),
        ("https://api.test:8443/v2", "https://api.test:8443"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://@api.test?#", "https://api.test"),
        ("http://localhost:8787", "http://localhost:8787"),
        ("http://127.0.0.1:1/v2", "http://127.0.0.1:1"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://[::1]:8787/v2", "http://[::1]:8787"),
    ],
)
def test_a_base_url_is_brought_into_one_form(given: str, used: str) -> None:
    assert configured(base_url=given).base_url == used


@pytest.mark.parametrize(
    ("base_url", "problem"),
    [
        ("", "must begin with https://"),
        ("tavusapi.com", "must begin with https://"),
        ("//tavusapi.com", "must begin with https://"),
        ("localhost:8787", "must begin with https://"),
        ("ftp://tavusapi.com", "must begin with https://"),
        ("file:///etc/passwd", "must begin with https://"),
        ("https://", "must begin with https://"),
        ("https:///v2", "must begin with https://"),
        ("https://:443", "must begin with https://"),
        ("https://api.test:99999", "must begin with https://"),
        ("https://api.test:-1", "must begin with https://"),
        ("https://api.test:0", "must begin with https://"),
        ("https://api.test:http", "must begin with https://"),
        ("https://[::1", "must begin with https://"),
        ("https://user@api.test", "no user, password, query or fragment"),
        ("https://user:word@api.test", "no user, password, query or fragment"),
        ("https://tavusapi.com@evil.test", "no user, password, query or fragment"),
        ("https://api.test?x=1", "no user, password, query or fragment"),
        ("https://api.test/v2#x", "no user, password, query or fragment"),
        (" https://api.test", "is surrounded by white space: leave it out"),
        ("https://api.test ", "is surrounded by white space: leave it out"),
        ("https://api.test/v2\n", "is surrounded by white space: leave it out"),
        ("'https://api.test'", "is in quotation marks or brackets: leave them out"),
        ("<https://api.test>", "is in quotation marks or brackets: leave them out"),
        ("https://tavusapi.com/v2/personas", "must end before the path of a call"),
        ("https://proxy.test/tavus/v2/conversations/c1", "must end before the path of a call"),
        ("https://api test", "contains a space, a backslash, a control character or a letter past ASCII"),
        ("https://api.test\\@evil.test", "contains a space, a backslash, a control character or a letter past ASCII"),
        ("https://api.test\x00", "contains a space, a backslash, a control character or a letter past ASCII"),
        ("https://tävus.test", "contains a space, a backslash, a control character or a letter past ASCII"),
        ("http://tavusapi.com", "plain http would send the API key in clear"),
        ("http://127.0.0.1.evil.test", "plain http would send the API key in clear"),
        ("http://localhost.evil.test", "plain http would send the API key in clear"),
        ("http://0.0.0.0:8787", "plain http would send the API key in clear"),
        ("http://10.0.0.1", "plain http would send the API key in clear"),
        ("http://[::2]", "plain http would send the API key in clear"),
        ("http://2130706433", "plain http would send the API key in clear"),
    ],
)
def test_a_base_url_that_cannot_work_is_refused(base_url: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        configured(base_url=base_url)


@pytest.mark.parametrize("base_url", [b"https://tavusapi.com", 5, ["https://tavusapi.com"]])
def test_a_base_url_is_a_string(base_url: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"must be a string, not an? {type(base_url).__name__}"):
        check_base_url(base_url, NO_HOSTS, source="the argument base_url")


@pytest.mark.parametrize("host", ["api.test", "API.test"])
def test_plain_http_to_a_host_is_allowed_by_name(host: str) -> None:
    pool = Pool(insecure_hosts=frozenset({host}))

    assert configured(base_url="http://api.test:8080/v2", pool=pool).base_url == "http://api.test:8080"
    with pytest.raises(ConfigurationError, match="plain http"):
        configured(base_url="http://other.test", pool=pool)


def test_the_environment_says_what_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured().base_url == "https://tavusapi.com"

    monkeypatch.setenv("TAVUS_API_KEY", "sk-environment")
    monkeypatch.setenv("TAVUS_BASE_URL", "http://localhost:1/v2")

    assert configured(api_key=None).api_key.reveal() == "sk-environment"
    assert configured().api_key.reveal() == KEY
    assert configured().base_url == "http://localhost:1"
    assert configured(base_url="https://api.test").base_url == "https://api.test"


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "")
    monkeypatch.setenv("TAVUS_BASE_URL", "")

    assert configured().base_url == "https://tavusapi.com"
    with pytest.raises(ConfigurationError, match="no API key"):
        configured(api_key=None)


def test_the_environment_is_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_BASE_URL", "tavusapi.com")
    with pytest.raises(ConfigurationError, match="the base URL from TAVUS_BASE_URL must begin with https://"):
        configured()
    with pytest.raises(ConfigurationError, match="the base URL from the argument base_url must begin with https://"):
        configured(base_url="api.test")

    monkeypatch.setenv("TAVUS_API_KEY", "sk-with-a-break\n")
    with pytest.raises(ConfigurationError, match="the API key from TAVUS_API_KEY ends with a line break"):
        configured(api_key=None, base_url="https://api.test")


@pytest.mark.parametrize(
    ("api_key", "problem"),
    [
        (None, "no API key: pass api_key, or set TAVUS_API_KEY .*https://maker.tavus.io/dev/api-keys"),
        ("", "no API key: the argument api_key is empty"),
        (b"sk-2f9c", "from the argument api_key must be a string, not bytes"),
        (29, "must be a string, not int"),
        (["sk-2f9c"], "must be a string, not list"),
        (False, "must be a string, not bool"),
    ],
)
def test_a_key_that_cannot_work_is_refused_and_never_shown(api_key: Any, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        configured(api_key)

    assert "2f9c" not in shown_with_locals(caught.value, below=configured.__name__)


def shown_with_locals(error: BaseException, *, below: str) -> str:
    """Format an error with the local variables of every function that was called by the one named *below*."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    called = [frame.name for frame in report.stack].index(below) + 1
    frames = [f"{frame.name} {frame.line} {frame.locals}" for frame in report.stack[called:]]
    assert frames
    return "\n".join([*frames, *report.format_exception_only()])


@pytest.mark.parametrize("base_url", ["tavusapi.com", "http://tavusapi.com"])
def test_a_good_key_is_not_shown_when_something_else_is_wrong(base_url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured(base_url=base_url)

    assert KEY not in shown_with_locals(caught.value, below=configured.__name__)


def test_the_key_is_never_shown_pickled_or_copied_out() -> None:
    config = configured()
    shown = [repr(config), str(config), f"{config!r}", repr(attrs.asdict(config)), repr(vars_of(config))]

    assert [text for text in shown if KEY in text] == []
    assert KEY.encode() not in pickle.dumps(config)
    assert pickle.loads(pickle.dumps(config)).api_key.reveal() == "***"  # noqa: S301
    assert config.api_key.reveal() == KEY


def vars_of(config: Config) -> dict[str, Any]:
    return {name: getattr(config, name) for name in ("api_key", "base_url", "timeouts", "pool")}


def test_a_hidden_key_is_still_the_key() -> None:
    key = Secret(KEY)

    assert hide_key(KEY) == key
    assert hide_key(key) is key
    assert hide_key(None) is None
    assert key.reveal() == KEY


SETTINGS: list[tuple[type, list[str], list[Any]]] = [
    (Timeouts, ["connect", "read", "attempt", "total"], [0, -1, True]),
    (Pool, ["connections", "max_body"], [0, -1, 1.5, True, None]),
    (Pool, ["keepalive"], [0, -1, True, None]),
    (Pool, ["dns_ttl"], [-1, True, None]),
    (Pool, ["proxy_from_env"], [None, 1, "yes"]),
    (Pool, ["ssl"], [False, True, "cert.pem", 1]),
    (
        Pool,
        ["proxy"],
        ["", "proxy.test:3128", "socks5://proxy.test", "http://", "http://proxy.test:99999", 5, b"http://p"],
    ),
    (Pool, ["insecure_hosts"], ["api.test", b"api.test", None, 5, [5]]),
    (RetryPolicy, ["attempts", "budget"], [0, -1, 2.0, True, None]),
    (RetryPolicy, ["base_delay", "max_delay", "max_retry_after"], [-1, True, None]),
    (RetryPolicy, ["budget_per_call", "budget_per_success"], [-1, True, None]),
    (RateLimit, ["per_second"], [0, -1, 5e-324, True, None]),
    (RateLimit, ["burst"], [0, -1, 1.5, True, None]),
    (RateLimit, ["max_wait"], [-1, True]),
    (RateLimit, ["adaptive"], [None, 1, 0, "yes"]),
]
NO_NUMBERS = [float("nan"), float("inf"), -float("inf"), 10**400, "5", [5]]
WRONG = [
    pytest.param(kind, name, value, id=f"{kind.__name__}.{name}={str(value)[:20]}")
    for kind, names, values in SETTINGS
    for name in names
    for value in values + (NO_NUMBERS if name not in {"ssl", "proxy", "insecure_hosts"} else [])
]


@pytest.mark.parametrize(("kind", "name", "value"), WRONG)
def test_a_setting_that_makes_no_sense_is_refused_by_name(kind: type, name: str, value: Any) -> None:
    needed: dict[str, Any] = {"per_second": 10} if kind is RateLimit else {}

    with pytest.raises(ConfigurationError, match=rf"^{kind.__name__}\.{name} must be "):
        kind(**(needed | {name: value}))


def test_settings_may_be_at_their_edges() -> None:
    timeouts = Timeouts(connect=None, read=None, attempt=None, total=0.001)
    pool = Pool(connections=1, dns_ttl=0, proxy="http://user:word@proxy.test:3128", ssl=ssl.create_default_context())
    retry = RetryPolicy(attempts=1, base_delay=0, max_delay=0, max_retry_after=0, budget_per_call=0)

    assert (timeouts.connect, pool.dns_ttl, retry.max_delay) == (None, 0, 0)
    assert RateLimit(5, 1, max_wait=0) == RateLimit(per_second=5, burst=1, max_wait=0)
    assert Pool(insecure_hosts=["A.test"]).insecure_hosts == frozenset({"a.test"})


def test_a_proxys_password_is_not_shown() -> None:
    assert "word" not in repr(Pool(proxy="http://user:word@proxy.test:3128"))
    with pytest.raises(ConfigurationError) as caught:
        Pool(proxy="socks5://user:word@proxy.test")
    assert "word" not in str(caught.value)


PROXY = f"http://ada:{make_secret_text(20, 'proxy')}@proxy.test:3128"


@pytest.mark.parametrize("wrong", [{"proxy": f"socks5{PROXY}"}, {"connections": 0}, {"max_connections": 5}])
def test_a_pool_that_is_refused_shows_no_password_in_its_traceback(wrong: dict[str, Any]) -> None:
    settings: dict[str, Any] = {"proxy": PROXY, **wrong}
    with pytest.raises(ConfigurationError) as caught:
        Pool(**settings)
    assert not leaks(caught.value)


def test_nothing_that_is_made_of_a_pool_holds_its_proxys_password() -> None:
    pool = Pool(proxy=PROXY)
    shown = [
        repr(pool),
        repr(attrs.asdict(pool)),
        pprint.pformat(pool),
        *(repr(pickle.dumps(pool, p)) for p in range(6)),
    ]
    assert not pieces("".join(shown))
    assert pool.proxy == attrs.evolve(pool, connections=5).proxy == copy.deepcopy(pool).proxy == PROXY
    assert pickle.loads(pickle.dumps(Pool(proxy="http://proxy.test"))).proxy == "http://proxy.test"  # noqa: S301


def test_settings_are_equal_by_value_and_cannot_be_changed() -> None:
    assert (Timeouts(), Pool(), RetryPolicy()) == (Timeouts(), Pool(), RetryPolicy())
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Timeouts().total = 5  # type: ignore[misc]
