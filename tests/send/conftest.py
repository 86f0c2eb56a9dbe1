from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aggregator.config import Config
from aggregator.model import Delivery, Edition

CREATED = datetime(2020, 5, 14, 5, 0, 7, tzinfo=UTC)

MakeConfig = Callable[..., Config]
MakeEdition = Callable[..., Edition]
MakeDelivery = Callable[..., Delivery]


@pytest.fixture(scope="session")
def make_config() -> MakeConfig:
    def make(*, sender: str = "Desk <desk@example.org>", title: str = "China Briefing", **changes: Any) -> Config:
        return Config.model_validate(
            {
                "publication": {"title": title, "link": changes.get("link", "https://briefing.example.org/")},
                "sources": [{"name": "one", "url": "https://one.example/feed"}],
                "newsletters": [{"name": "daily", "title": title, "schedule": "07:00"}],
                "delivery": {"smtp": "smtp://127.0.0.1", "from": sender, "reply_to": changes.get("reply_to")},
                "web": {"public_url": changes.get("public_url", "https://b.example.org")},
            }
        )

    return make


@pytest.fixture(scope="session")
def make_edition() -> MakeEdition:
    def make(subject: str = "Three stories this morning", **changes: Any) -> Edition:
        known: dict[str, Any] = {
            "newsletter": "daily",
            "number": 42,
            "title": "China Briefing",
            "slot": CREATED,
            "composed": CREATED,
            "timezone": "UTC",
            "language": "en",
            "preheader": "",
            "opening": "",
            "lead": None,
            "sections": (),
            "url": "https://briefing.example.org/editions/daily/42/",
        }
        return Edition(**known | {"subject": subject} | changes)

    return make


@pytest.fixture(scope="session")
def make_delivery() -> MakeDelivery:
    def make(email: str = "bob@example.net", name: str | None = "Bob Smith", **changes: Any) -> Delivery:
        known: dict[str, Any] = {
            "id": 1,
            "newsletter": "daily",
            "number": 42,
            "subscriber": 7,
            "subscription": 9,
            "state": "claimed",
            "attempts": 1,
            "token": 1,
            "message_id": "<0123456789abcdef0123456789abcdef@example.org>",
            "updated": CREATED,
            "due": CREATED,
            "created": CREATED,
        }
        return Delivery(**known | {"email": email, "name": name} | changes)

    return make
