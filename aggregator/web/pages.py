"""Pages that only a server can give, in the look of the site."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aggregator.config import Config
from aggregator.pipeline.subscriptions import Subscription
from aggregator.publish.theme import environment, legal, render
from aggregator.web.words import words

Notice = Literal["unknown", "missing", "wrong", "broken"]


@dataclass(frozen=True, slots=True)
class Button:
    """Posts to `action`; links on our pages are relative, so that they hold under any prefix of a proxy."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Pages:
    """`root` leads from the page's address to the site's: "" or "../" …"""

    config: Config
    folders: Sequence[Path]

    def ask(self, root: str, token: str, wish: Subscription) -> str:
        """Whether to unsubscribe; of who has left already, whether to come back."""
        if wish.ended:
            return self.left(root, token, wish)
        said = words(self.config.publication.language)
        text = said["leave_ask"].format(title=self._title(wish.newsletter))
        return self._answer(root, said["leave_title"], text, button=Button(said["leave"], f"{root}u/{token}"))

    def left(self, root: str, token: str, wish: Subscription) -> str:
        said = words(self.config.publication.language)
        text = said["left"].format(title=self._title(wish.newsletter))
        button = Button(said["undo"], f"{root}u/{token}/undo")
        return self._answer(root, said["left_title"], text, note=said["left_undo"], button=button)

    def back(self, root: str, wish: Subscription) -> str:
        said = words(self.config.publication.language)
        return self._answer(root, said["back_title"], said["back"].format(title=self._title(wish.newsletter)))

    def preferences(self, root: str, token: str, wish: Subscription) -> str:
        said = words(self.config.publication.language)
        names = wish.others if wish.ended else (wish.newsletter, *wish.others)
        title = self._title(wish.newsletter)
        if wish.ended:
            note, button = said["left"].format(title=title), Button(said["undo"], f"{root}u/{token}/undo")
        else:
            note, button = said["leave_ask"].format(title=title), Button(said["leave"], f"{root}u/{token}")
        text = said["yours"] if names else said["yours_none"]
        return self._answer(
            root, said["yours_title"], text, listed=[self._title(name) for name in names], note=note, button=button
        )

    def join(self, root: str) -> str:
        """How one is added, by those who may."""
        said = words(self.config.publication.language)
        author = self.config.publication.author
        email = author.email if author is not None else None
        return self._answer(
            root,
            said["join_title"],
            said["join_mail"] if email else said["join_none"],
            email=email,
            note=said["join_which"] if self.config.newsletters else "",
            shelf=self.config.newsletters,
        )

    def notice(self, root: str, which: Notice) -> str:
        """The same for everybody: it holds nothing of what was asked."""
        said = words(self.config.publication.language)
        return self._answer(root, said[f"{which}_title"], said[which])

    def nothing_yet(self, root: str) -> str:
        return self._page(root, "web/nothing.html")

    def _title(self, newsletter: str) -> str:
        found = self.config.newsletter(newsletter)
        return found.title if found is not None else newsletter

    def _answer(self, root: str, heading: str, text: str, **more: object) -> str:
        values = {"note": "", "button": None, "listed": (), "shelf": (), "email": None} | more
        return self._page(root, "web/answer.html", heading=heading, text=text, **values)

    def _page(self, root: str, template: str, **values: object) -> str:
        publication = self.config.publication
        made = environment(tuple(self.folders), language=publication.language, timezone=publication.timezone)
        return legal(render(made, template, config=self.config, root=root, **values))
