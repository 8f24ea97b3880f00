"""What counts as this machine."""

import pytest

from tavus_async.sandbox.listener import address, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LocalHost"])
def test_this_machine_has_many_addresses(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "0.0.0.1", "::", "198.51.100.1", "localhost.example.com", "127.1", "::ffff:198.51.100.1", "example.com"],
)
def test_all_others_are_elsewhere(host: str) -> None:
    assert not is_loopback(host)


def test_a_name_that_stands_for_two_addresses_is_one_to_listen_on() -> None:
    assert [address(host) for host in ("localhost", "::1")] == ["127.0.0.1", "::1"]
