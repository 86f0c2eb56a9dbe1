import re
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aggregator.model import TOKEN_LENGTH, TOKEN_PLACEHOLDER
from aggregator.send import tokens

SECRETS = st.binary(min_size=1, max_size=64)
SUBSCRIPTIONS = st.integers(0, 2**40 - 1)
PURPOSES = st.sampled_from(["reader", "confirm"])
SECRET = b"of the tests"


@given(SECRETS, PURPOSES, SUBSCRIPTIONS)
def test_a_token_reads_back_and_has_its_form(secret: bytes, purpose: tokens.Purpose, subscription: int) -> None:
    token = tokens.make(secret, purpose, subscription)
    assert tokens.read(secret, purpose, token) == subscription
    assert len(token) == TOKEN_LENGTH
    assert re.fullmatch(r"[A-Za-z0-9_-]*[A-Za-z0-9]", token)
    assert token == tokens.make(secret, purpose, subscription)


@given(SUBSCRIPTIONS, st.integers(0, TOKEN_LENGTH - 1), st.characters(max_codepoint=0x2FF))
def test_any_changed_character_is_refused(subscription: int, place: int, sign: str) -> None:
    token = tokens.make(SECRET, "reader", subscription)
    changed = token[:place] + sign + token[place + 1 :]
    assume(changed != token)
    assert tokens.read(SECRET, "reader", changed) is None


def test_every_single_change_of_one_token_is_refused() -> None:
    """All of them, the last character's low bits included, where a padded token would have slack."""
    token = tokens.make(SECRET, "confirm", 7)
    signs = string.ascii_letters + string.digits + "-_+/="
    changed = {token[:at] + sign + token[at + 1 :] for at in range(TOKEN_LENGTH) for sign in signs} - {token}
    assert [wrong for wrong in changed if tokens.read(SECRET, "confirm", wrong) is not None] == []


@given(SECRETS, SECRETS, SUBSCRIPTIONS)
def test_another_secret_is_refused(secret: bytes, other: bytes, subscription: int) -> None:
    # HMAC fills short keys with zeros: those that differ by zeros at their end alone are one key.
    assume(secret.rstrip(b"\0") != other.rstrip(b"\0"))
    assert tokens.read(other, "reader", tokens.make(secret, "reader", subscription)) is None


@given(SUBSCRIPTIONS)
def test_another_purpose_is_refused(subscription: int) -> None:
    assert tokens.read(SECRET, "confirm", tokens.make(SECRET, "reader", subscription)) is None
    assert tokens.read(SECRET, "reader", tokens.make(SECRET, "confirm", subscription)) is None


def test_one_token_leads_to_unsubscribing_and_to_preferences() -> None:
    token = tokens.make(SECRET, "unsubscribe", 12)
    assert token == tokens.make(SECRET, "preferences", 12) == tokens.make(SECRET, "reader", 12)
    assert tokens.read(SECRET, "preferences", token) == 12


@pytest.mark.parametrize(
    "wrong",
    ["", "short", TOKEN_PLACEHOLDER, "A" * 28, "A" * 29, "Ａ" * 28, "é" * 28, "A" * 27 + "=", "A" * 28 + "\n"],
)
def test_what_is_no_token_is_refused(wrong: str) -> None:
    assert tokens.read(SECRET, "reader", wrong) is None


def test_neighbours_do_not_look_alike() -> None:
    """Nobody can tell from a token how many subscriptions there are."""
    starts = {tokens.make(SECRET, "reader", subscription)[:7] for subscription in range(200)}
    assert len(starts) == 200
