"""Which addresses may be connected to. The forms that Python itself calls global are among them."""

import pytest

from aggregator.collect.guard import Guard, address_refusal

INSIDE = (
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "203.0.113.9", "224.0.0.1",
    "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2002:808:808::", "2001::1", "2001:db8::1", "3fff::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0",
    "fec0::1", "ff02::1", "100::1", "5f00::1", "not an address",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8")
REFUSED = {
    "loopback": "http://127.0.0.1/",
    "short form": "http://127.1/",
    "one number": "http://2130706433/",
    "hexadecimal": "http://0x7f000001/",
    "hexadecimal in parts": "http://0x7f.0.0.1/",
    "octal": "http://0177.0.0.1/",
    "full-width digits": "http://１２７.０.０.１/",
    "mapped": "http://[::ffff:127.0.0.1]/",
    "local name": "http://localhost/",
    "local name with a dot": "http://LOCALHOST./",
    "below a local name": "http://feeds.localhost/",
    "cloud metadata": "http://metadata.google.internal/",
    "one word": "http://intranet/",
    "number that is no address": "http://999.1.1.1/",
    "another scheme": "ftp://example.com/",
    "a file": "file:///etc/hostname",
    "no host": "http:///feed",
    "no scheme": "example.com/feed",
    "backslash": "http://example.com\\@127.0.0.1/",
    "space": "http://exa mple.com/",
    "line break": "http://example.com/\r\nHost: x",
    "broken": "http://[::1/",
    "port out of range": "http://example.com:99999/",
    "mail": "http://example.com:25/",
    "ssh": "http://example.com:22/",
    "redis": "http://example.com:6379/",
    "userinfo hides it": "http://example.com@127.0.0.1/",
}
ALLOWED = (
    "https://example.com/feed",
    "http://example.com:8080/feed?x=1",
    "https://例え.jp/",
    "https://8.8.8.8/",
    "https://[2606:4700::1111]/",
    "https://user:word@example.com/feed",
)


@pytest.mark.parametrize("address", INSIDE)
def test_inside_addresses_are_refused(address: str) -> None:
    assert address_refusal(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_not(address: str) -> None:
    assert address_refusal(address) is None


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED.keys())
def test_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Guard().web_address(url)


@pytest.mark.parametrize("url", ALLOWED)
def test_allowed(url: str) -> None:
    assert Guard().web_address(url).scheme in {"http", "https"}


def test_private_networks_can_be_allowed_but_no_other_scheme() -> None:
    guard = Guard(allow_private=True)
    assert guard.web_address("http://127.0.0.1:9000/#part").fragment == ""
    assert guard.address_refusal("10.0.0.1") is None
    with pytest.raises(ValueError, match="only http"):
        guard.web_address("gopher://127.0.0.1/")


def test_single_addresses_can_be_exempt() -> None:
    guard = Guard(exempt=frozenset({"127.0.0.1"}))
    assert guard.address_refusal("127.0.0.1") is None
    assert guard.address_refusal("127.0.0.2")
    assert guard.web_address("http://127.0.0.1:9/")
