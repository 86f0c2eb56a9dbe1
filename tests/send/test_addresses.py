import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from aggregator.errors import UsageError
from aggregator.send import addresses

TAKEN = {
    "plain": ("bob@example.org", "bob@example.org"),
    "capitals": ("Bob.Smith@Example.ORG", "bob.smith@example.org"),
    "a plus word": ("bob+News@example.org", "bob+news@example.org"),
    "white space around": ("  bob@example.org\n", "bob@example.org"),
    "signs of atoms": ("o'hara_{x}%y@example.org", "o'hara_{x}%y@example.org"),
    "a domain in Chinese": ("li@例子.中国", "li@xn--fsqu00a.xn--fiqs8s"),
    "that domain as DNS has it": ("li@XN--FSQU00A.xn--fiqs8s", "li@xn--fsqu00a.xn--fiqs8s"),
    "an ideographic full stop": ("li@例子。中国", "li@xn--fsqu00a.xn--fiqs8s"),
    "a domain with sharp s": ("anna@faß.de", "anna@xn--fa-hia.de"),
    "a name in Chinese": ("李雷@example.org", "李雷@example.org"),
    "a name in parts": ("Jose\u0301@example.org", "jos\u00e9@example.org"),
    "this machine": ("root@localhost", "root@localhost"),
}
REFUSED = {
    "nothing": "",
    "no @": "bob.example.org",
    "no name": "@example.org",
    "no domain": "bob@",
    "two @": "a@b@example.org",
    "a full-width @": "bob＠example.org",
    "a full-width @ within": "bob＠evil@example.org",
    "no dot in the domain": "bob@example",
    "a dot at the start": ".bob@example.org",
    "two dots": "bob..smith@example.org",
    "an empty label": "bob@example..org",
    "a dot at the end": "bob@example.org.",
    "a hyphen at the start": "bob@-example.org",
    "an underscore in the domain": "bob@exa_mple.org",
    "a machine's number": "bob@192.0.2.1",
    "an address literal": "bob@[192.0.2.1]",
    "a quoted name": '"bob smith"@example.org',
    "a route": "@relay.example:bob@example.org",
    "a display name": "Bob <bob@example.org>",
    "two addresses": "bob@example.org,eve@example.org",
    "a comment": "bob(the one)@example.org",
    "a line end": "bob@example.org\r\nBcc: eve@example.org",
    "a line end in the name": "bob\n@example.org",
    "a command": "bob@example.org>\r\nRCPT TO:<eve@example.org",
    "a space": "bob smith@example.org",
    "an ideographic space": "bob\u3000smith@example.org",
    "a NUL": "bob\0@example.org",
    "a direction mark": "bob\u202e@example.org",
    "a zero-width space": "bob\u200b@example.org",
    "half a character": "bob\ud800@example.org",
    "a long name": "b" * 65 + "@example.org",
    "a long label": "bob@" + "e" * 64 + ".org",
    "a long address": "bob@" + ".".join(["e" * 60] * 5) + ".org",
    "a broken Chinese domain": "li@例 子.中国",
}


@pytest.mark.parametrize(("email", "key"), TAKEN.values(), ids=TAKEN.keys())
def test_addresses_and_the_key_of_their_person(email: str, key: str) -> None:
    assert addresses.normal(email) == key
    assert addresses.normal(addresses.check(email)) == key


@pytest.mark.parametrize("email", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_address_is_refused_with_a_sentence(email: str) -> None:
    with pytest.raises(UsageError, match="is no e-mail address: ") as refusal:
        addresses.check(email)
    assert "\n" not in refusal.value.message


def test_the_address_is_kept_as_its_owner_writes_it() -> None:
    assert addresses.check(" Bob@Example.ORG ") == "Bob@Example.ORG"
    assert addresses.wire("Bob@Example.ORG") == "Bob@example.org"
    assert addresses.wire("李雷@例子.中国") == "李雷@xn--fsqu00a.xn--fiqs8s"


def test_sharp_s_and_double_s_are_two_people() -> None:
    assert addresses.normal("strasse@example.org") != addresses.normal("straße@example.org")


@given(st.one_of(st.text(), st.from_regex(r"[^@\s]{1,70}@[^@\s]{1,70}", fullmatch=True), st.emails()))
def test_what_is_taken_can_stand_in_a_command_and_is_taken_again(email: str) -> None:
    try:
        kept = addresses.check(email)
    except UsageError:
        reject()
    assert addresses.check(kept) == kept
    for sent in (addresses.wire(kept), addresses.normal(kept)):
        assert sent.count("@") == 1
        assert not set(sent) & set('<>"\\,:;()[]') and sent.isprintable() and " " not in sent  # noqa: PT018  one law
        assert sent.partition("@")[2].isascii()
    assert addresses.check(addresses.wire(kept)) == addresses.wire(kept)


@given(st.emails())
def test_the_key_of_a_key_is_itself(email: str) -> None:
    try:
        key = addresses.normal(email)
    except UsageError:
        reject()
    assert addresses.normal(key) == key == addresses.normal(email.upper())


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Desk <desk@example.org>", "Desk", "desk@example.org"),
        ("desk@example.org", "", "desk@example.org"),
        ("<desk@example.org>", "", "desk@example.org"),
        ('"Desk, \\"Daily\\"" <desk@example.org>', 'Desk, "Daily"', "desk@example.org"),
        ("编辑部 <desk@example.org>", "编辑部", "desk@example.org"),
    ],
)
def test_mailboxes(text: str, name: str, address: str) -> None:
    assert addresses.mailbox(text) == (name, address)


@pytest.mark.parametrize("text", ["Desk", "Desk <>", "Desk <a@example.org> <b@example.org>", "Desk <a@example.org"])
def test_what_is_no_mailbox_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        addresses.mailbox(text)
