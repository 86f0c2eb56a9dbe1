"""What becomes of a delivery: its name, when it is tried again, when no more, and what a crash leaves."""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

FIRST_RETRY = timedelta(minutes=2)
LONGEST_RETRY = timedelta(hours=4)


def message_id(secret: bytes, newsletter: str, number: int, subscriber: int, domain: str) -> str:
    """The Message-ID, angle brackets included. A second attempt bears the same one, so that relays and mail programs
    can drop what comes twice, and nobody can guess another reader's.
    """
    name = f"message-id:{newsletter}:{number}:{subscriber}".encode()
    return f"<{hmac.digest(secret, name, 'sha256').hex()[:32]}@{domain}>"


def retry_at(attempts: int, now: datetime, message_id: str) -> datetime:
    """When to try again after `attempts` failed ones: 1-2 minutes, 2-4, 4-8, … and at last every 2-4 hours.

    Each letter finds its own place in the span, always the same one, so that what was deferred together does not
    come back together.
    """
    doublings = min(attempts - 1, 16)  # far beyond the longest, and no number gets too large
    longest = min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)
    digest = sha256(f"{message_id}:{attempts}".encode()).digest()
    return now + longest * (0.5 + int.from_bytes(digest[:4]) / 2**33)


def give_up(created: datetime, now: datetime, retry_for: timedelta) -> bool:
    """Asked after a failed attempt only: what was never tried is never given up."""
    return now - created >= retry_for


def in_doubt(policy: Literal["hold", "resend"]) -> Literal["in_doubt", "deferred"]:
    """The state of a delivery whose answer was lost: found `dotted` after a crash, or broken off after the dot.

    `resend` makes it due again, under the same Message-ID; `hold` leaves it to the operator, who can ask the relay.
    """
    return "deferred" if policy == "resend" else "in_doubt"
