"""Where the links of letters lead. GET changes nothing; a POST takes effect before the next message of a running send.

What unsubscribes needs no cookie, no origin and no account (RFC 8058): the token in the address is all there is, so no
stranger's page can send one on a reader's behalf. A token that we did not make, whatever is wrong with it, gets one
calm page: 404 to who looks, 200 to a mail program that would try again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Request, Response, request

from aggregator.app import App
from aggregator.pipeline import subscriptions
from aggregator.pipeline.subscriptions import Subscription
from aggregator.web.pages import Pages

_ONE_CLICK = ("List-Unsubscribe", "One-Click")
_CONFIRMED = ("confirm", "yes")
_UP, _TWO_UP = "../", "../../"


@dataclass(frozen=True, slots=True)
class Letters:
    app: App
    pages: Pages

    def ask(self, token: str) -> Response:
        found = subscriptions.look(self.app.engine, token)
        return self._told(found, _UP, HTTPStatus.NOT_FOUND, lambda wish: self.pages.ask(_UP, token, wish))

    def leave(self, token: str) -> Response:
        if not (_says(request, _ONE_CLICK) or _says(request, _CONFIRMED)):
            return self._misunderstood(_UP)
        found = subscriptions.unsubscribe(self.app.engine, token, self.app.clock())
        return self._told(found, _UP, HTTPStatus.OK, lambda wish: self.pages.left(_UP, token, wish))

    def undo(self, token: str) -> Response:
        if not _says(request, _CONFIRMED):
            return self._misunderstood(_TWO_UP)
        found = subscriptions.resume(self.app.engine, token, self.app.clock())
        return self._told(found, _TWO_UP, HTTPStatus.OK, lambda wish: self.pages.back(_TWO_UP, wish))

    def undone(self, token: str) -> Response:
        """For who comes again to the address of the page that said “subscribed again”."""
        found = subscriptions.look(self.app.engine, token)
        return self._told(found, _TWO_UP, HTTPStatus.NOT_FOUND, lambda wish: self.pages.ask(_TWO_UP, token, wish))

    def preferences(self, token: str) -> Response:
        found = subscriptions.look(self.app.engine, token)
        return self._told(found, _UP, HTTPStatus.NOT_FOUND, lambda wish: self.pages.preferences(_UP, token, wish))

    def _told(
        self, found: Subscription | None, root: str, unknown: HTTPStatus, page: Callable[[Subscription], str]
    ) -> Response:
        return private(self.pages.notice(root, "unknown"), unknown) if found is None else private(page(found))

    def _misunderstood(self, root: str) -> Response:
        return private(self.pages.notice(root, "wrong"), HTTPStatus.BAD_REQUEST)


def private(page: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """What belongs to one reader, or to one moment: kept by nobody on the way, found by no search engine."""
    return Response(page, status, headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})


def _says(asked: Request, field: tuple[str, str]) -> bool:
    """In a body of either form type; a mail program may end it like a line."""
    name, value = field
    return asked.form.get(name, "").strip() == value
