"""Short signed tokens: what a link in a mail carries in place of an account.

A token is 21 bytes as 28 URL-safe characters, without padding or slack bits: 6 masked bytes that hold the subscription,
then 15 bytes (120 bits) of HMAC-SHA256 over purpose and subscription. The mask is drawn from the HMAC itself, so a
token shows nothing: neither how many subscriptions there are nor which two are neighbours.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Literal

from aggregator.model import TOKEN_LENGTH

Purpose = Literal["reader", "unsubscribe", "preferences", "confirm"]

# One token in a mail leads to both pages, so both of its names mean the same.
_MEANING = {"reader": "reader", "unsubscribe": "reader", "preferences": "reader", "confirm": "confirm"}
_HEAD, _SALT_BITS = 6, 8
_FORM = re.compile(rf"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}")


def make(secret: bytes, purpose: Purpose, subscription: int) -> str:
    """Always the same token for the same arguments. It ends in a letter or digit: mail programs that make links of
    plain text leave a hyphen at the end of an address out.
    """
    made = (_make(secret, purpose, subscription << _SALT_BITS | salt) for salt in range(1 << _SALT_BITS))
    return next(token for token in made if token[-1] not in "-_")


def read(secret: bytes, purpose: Purpose, token: str) -> int | None:
    """The subscription, or None for whatever we did not make with this secret for this purpose."""
    if _FORM.fullmatch(token) is None:  # the decoder skips foreign signs and takes “+” for “-”: look before
        return None
    data = urlsafe_b64decode(token)
    masked, mac = data[:_HEAD], data[_HEAD:]
    head = _mask(secret, masked, mac)
    if not hmac.compare_digest(_mac(secret, purpose, head), mac):
        return None
    return int.from_bytes(head) >> _SALT_BITS


def _make(secret: bytes, purpose: Purpose, number: int) -> str:
    head = number.to_bytes(_HEAD)
    mac = _mac(secret, purpose, head)
    return urlsafe_b64encode(_mask(secret, head, mac) + mac).decode("ascii")


def _mac(secret: bytes, purpose: Purpose, head: bytes) -> bytes:
    message = f"token:{_MEANING[purpose]}:".encode() + head
    return hmac.digest(secret, message, "sha256")[: TOKEN_LENGTH * 3 // 4 - _HEAD]


def _mask(secret: bytes, head: bytes, mac: bytes) -> bytes:
    """Hides the head, and called again shows it."""
    pad = hmac.digest(secret, b"token-mask:" + mac, "sha256")
    return bytes(one ^ other for one, other in zip(head, pad, strict=False))
