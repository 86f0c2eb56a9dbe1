"""What the server would say to a reader, for a preview and for checks."""

from collections.abc import Callable, Mapping
from pathlib import Path

from aggregator.config import Config
from aggregator.pipeline.subscriptions import Subscription
from aggregator.web.pages import Pages

_NO_TOKEN = "an-example"  # noqa: S105  no secret: it stands where a reader's own token would


def answers(config: Config, folders: tuple[Path, ...]) -> Mapping[str, Callable[[], bytes]]:
    """What makes each, by a path as in `serve`."""
    pages = Pages(config, folders)
    named = [newsletter.name for newsletter in config.newsletters] or ["daily"]
    wish = Subscription(named[0], ended=False, others=tuple(named[1:]))
    return {
        "subscribe": lambda: pages.join("").encode(),
        f"u/{_NO_TOKEN}": lambda: pages.ask("../", _NO_TOKEN, wish).encode(),
        f"u/{_NO_TOKEN}/left": lambda: pages.left("../../", _NO_TOKEN, wish).encode(),
        f"p/{_NO_TOKEN}": lambda: pages.preferences("../", _NO_TOKEN, wish).encode(),
        "p/unknown": lambda: pages.notice("../", "unknown").encode(),
        "p/nothing-yet": lambda: pages.nothing_yet("../").encode(),
    }
