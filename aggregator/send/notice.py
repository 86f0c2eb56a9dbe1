"""A short letter in plain text to an operator."""

from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import urlsplit

from aggregator.config import Config
from aggregator.send import addresses, headers
from aggregator.send.quoted_printable import quoted_printable


def notice(config: Config, to: str, subject: str, text: str, now: datetime) -> bytes:
    """CRLF lines, not dot-stuffed. The Message-ID follows from what is said: the same letter has the same one."""
    assert config.delivery is not None, "who sends stands there"
    display, sender = addresses.mailbox(config.delivery.sender)
    digest = sha256(f"{subject}\0{text}\0{now.isoformat()}".encode()).hexdigest()[:24]
    host = urlsplit(config.site_url).hostname or "localhost"
    lines = {
        "From": headers.mailbox("From", display, addresses.wire(sender)),
        "To": headers.mailbox("To", "", addresses.wire(to)),
        "Subject": headers.text("Subject", subject),
        "Date": headers.plain("Date", format_datetime(now)),
        "Message-ID": headers.plain("Message-ID", f"<notice.{digest}@{addresses.ascii_domain(host)}>"),
        "Auto-Submitted": headers.plain("Auto-Submitted", "auto-generated"),
        "MIME-Version": headers.plain("MIME-Version", "1.0"),
        "Content-Type": headers.plain("Content-Type", "text/plain; charset=utf-8"),
        "Content-Transfer-Encoding": headers.plain("Content-Transfer-Encoding", "quoted-printable"),
    }
    head = b"".join(lines.values())
    headers.check(head, tuple(lines))
    return head + b"\r\n" + quoted_printable(text) + b"\r\n"
