"""Which address is answered by what. All that is not named here is the published site."""

import json
from http import HTTPStatus
from urllib.parse import quote

import structlog
from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException

from aggregator.app import App
from aggregator.errors import AggregatorError
from aggregator.pipeline import push
from aggregator.publish import site
from aggregator.store.engine import reading
from aggregator.web import files
from aggregator.web.hubs import Hubs
from aggregator.web.letters import Letters, private
from aggregator.web.pages import Notice, Pages

LARGEST_BODY = 64 * 1024
HUBS = push.PATH
"""Where hubs call; larger bodies are taken there."""
_FRESH_SECONDS = 60

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# The search is the one page with a script, which reads the files beside it.
_SEARCH_POLICY = f"{_POLICY}; script-src 'self'; connect-src 'self'"
# A mail's styles stand inside it, and nothing else in it may do anything.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

log = structlog.get_logger()


def create(app: App) -> Flask:
    web = Flask("aggregator", static_folder=None, template_folder=None)
    web.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    web.url_map.merge_slashes = False  # would redirect to an address made of the request's own Host
    pages = Pages(app.config, app.folders)
    _routes(web, Letters(app, pages), Hubs(app), _Public(app, pages))
    _errors(web, pages)
    web.after_request(_secured)
    return web


def _routes(web: Flask, letters: Letters, hubs: Hubs, public: "_Public") -> None:
    web.get("/u/<token>")(letters.ask)
    web.post("/u/<token>")(letters.leave)
    web.get("/u/<token>/undo")(letters.undone)
    web.post("/u/<token>/undo")(letters.undo)
    web.get("/p/<token>")(letters.preferences)
    web.get(f"{HUBS}<token>")(hubs.verify)
    web.post(f"{HUBS}<token>")(hubs.receive)
    web.get("/subscribe")(public.join)
    web.get("/healthz")(public.health)
    web.get("/", defaults={"path": ""})(public.published)
    web.get("/<path:path>")(public.published)


class _Public:
    def __init__(self, app: App, pages: Pages) -> None:
        self.app = app
        self.pages = pages

    def join(self) -> Response:
        return Response(self.pages.join(""))

    def health(self) -> Response:
        try:
            with reading(self.app.engine) as conn:
                conn.exec_driver_sql("SELECT count(*) FROM subscribers")
        except AggregatorError as error:
            log.error("unhealthy", reason=error.message)  # noqa: TRY400  no bug: no traceback
            return _json({"status": "the database does not answer"}, HTTPStatus.SERVICE_UNAVAILABLE)
        return _json({"status": "ok"}, HTTPStatus.OK)

    def published(self, path: str) -> Response:
        folder = self.app.config.output_folder
        found = files.find(folder, path)
        if found is not None:
            return _file(found, path)
        if files.is_folder(folder, path):
            return _to_folder(path)
        if path == "style.css":  # of our own pages, also before the first publish
            return Response(site.stylesheet(self.app.folders), mimetype="text/css")
        if path in {"", "index.html"}:
            return Response(self.pages.nothing_yet(""), HTTPStatus.NOT_FOUND)
        return private(self.pages.notice(_root(request), "missing"), HTTPStatus.NOT_FOUND)


def _errors(web: Flask, pages: Pages) -> None:
    @web.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        """What is refused before it comes to us: methods, sizes, broken requests."""
        status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
        which: Notice = "missing" if status == HTTPStatus.NOT_FOUND else "wrong"
        answer = private(pages.notice(_root(request), which), status)
        answer.headers.extend([(name, value) for name, value in error.get_headers() if name == "Allow"])
        return answer

    @web.errorhandler(AggregatorError)
    def failed(error: AggregatorError) -> Response:
        """The world's fault, as a locked database: a mail program that gets 503 tries again."""
        log.error("request failed", method=request.method, reason=error.message, hint=error.hint)
        return private(pages.notice(_root(request), "broken"), HTTPStatus.SERVICE_UNAVAILABLE)

    @web.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        log.error("bug", method=request.method, exc_info=error)
        return private(pages.notice(_root(request), "broken"), HTTPStatus.INTERNAL_SERVER_ERROR)


def _json(found: dict[str, str], status: HTTPStatus) -> Response:
    return Response(json.dumps(found), status, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _file(found: files.Served, path: str) -> Response:
    answer = Response(found.body, content_type=found.kind)
    answer.set_etag(found.etag)
    answer.last_modified = found.modified
    answer.cache_control.public = True
    answer.cache_control.max_age = _FRESH_SECONDS
    if path.endswith("/email.html"):
        answer.headers["Content-Security-Policy"] = _MAIL_POLICY
    elif path in {"search/", "search/index.html"}:
        answer.headers["Content-Security-Policy"] = _SEARCH_POLICY
    answer.make_conditional(request)
    return answer


def _to_folder(path: str) -> Response:
    """Its links are relative to the folder. The way there is relative as well: we do not know a proxy's prefix."""
    name = quote(path.rpartition("/")[2])
    return Response(status=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": f"./{name}/"})


def _root(asked: Request) -> str:
    """From the address that was asked to the site's own, as the browser counts: an escaped slash separates nothing there,
    and each of a doubled one does. (The path that we are given has the one unescaped and the other mended.)
    """
    raw = str(asked.environ.get("REQUEST_URI", asked.path)).partition("?")[0]
    path = raw if raw.startswith("/") else "/" + "".join(raw.split("/", 3)[3:])  # a proxy may ask for the whole address
    return "../" * (path.count("/") - 1)


def _secured(answer: Response) -> Response:
    answer.headers.setdefault("Content-Security-Policy", _POLICY)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"  # a token must not travel to who is linked to
    return answer
