"""Where hubs call (WebSub). What they may learn: an address that we made, and whether we want what they ask about.

A GET changes something here, other than anywhere else: so the protocol has it. The address is known to us and to one hub
alone, and stands in no page or letter.
"""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, request

from aggregator.app import App
from aggregator.pipeline import callback


@dataclass(frozen=True, slots=True)
class Hubs:
    app: App

    def verify(self, token: str) -> Response:
        """The challenge comes from outside: plain text, never guessed to be something else."""
        answer = callback.verify(self.app.engine, token, request.args.to_dict(), self.app.clock())
        return _plain("", HTTPStatus.NOT_FOUND) if answer is None else _plain(answer)

    def receive(self, token: str) -> Response:
        """A right and a wrong signature are answered alike, so that nobody learns to guess."""
        if not callback.is_known(self.app.engine, token):
            return _plain("", HTTPStatus.GONE)
        request.max_content_length = self.app.config.poll.max_bytes
        callback.receive(
            self.app.engine,
            token,
            signature=request.headers.get("X-Hub-Signature", ""),
            content_type=request.headers.get("Content-Type", ""),
            body=request.get_data(cache=False),
            now=self.app.clock(),
        )
        return _plain("", HTTPStatus.ACCEPTED)


def _plain(text: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(text, status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
