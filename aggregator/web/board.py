"""The page around a preview: what there is to look at, in which width and colours, and what is wrong.

The frames hold what readers would get. A mail stands in a sandbox: nothing in it may do anything, whoever wrote it. Who
asks by another name than that of this machine is refused: a page from elsewhere could have its own name lead here.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, g, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.exceptions import HTTPException, NotFound

from aggregator.errors import AggregatorError, ConfigError, Mistake, RenderError
from aggregator.model import Edition
from aggregator.pipeline import proof
from aggregator.publish import scheme
from aggregator.publish.lint import Finding
from aggregator.web.files import kind_of
from aggregator.web.preview import Bench, Shown

_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; frame-src 'self'"
)
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox"
)
_OF_A_KIND = 2
_SHOWN = {"sections": 12}
"""How many pages of a kind are listed."""
_AROUND = 3
"""Lines that are shown before and after the one that is wrong."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Frame:
    """`width` in CSS pixels, as a reader's screen has it."""

    title: str
    address: str
    width: int
    height: int = 820


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list at the side."""

    title: str
    address: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake, and the lines around it: (number, text, whether it is this one)."""

    place: str
    message: str
    hint: str | None
    lines: Sequence[tuple[int, str, bool]] = ()


@dataclass(frozen=True, slots=True)
class First:
    """What is shown to who names nothing: a newsletter and a number; without them, the first one's next."""

    newsletter: str | None = None
    number: int | None = None
    categories: frozenset[str] = frozenset()
    """What a reader wants; none: everything."""


def create(bench: Bench, first: First, host: str) -> Flask:
    web = Flask("aggregator.preview", static_folder=None, template_folder=None)
    board = _Board(bench, first)
    web.before_request(_known_names(host))
    web.before_request(board.begin)
    web.get("/")(board.start)
    web.get("/version")(board.version)
    web.get("/board.<kind>")(board.own)
    web.get("/look/mail/<newsletter>/<int:number>")(board.mail)
    web.get("/look/text/<newsletter>/<int:number>")(board.text)
    web.get("/look/check")(board.check)
    web.get("/look/site/<path:path>")(board.site)
    web.get("/mail/<wanted>/<newsletter>/<int:number>.html")(board.letter)
    web.get("/site/<wanted>/<path:path>")(board.page)
    _errors(web, board)
    web.after_request(_secured)
    return web


class _Board:
    def __init__(self, bench: Bench, first: First) -> None:
        self.bench = bench
        self.first = first
        self.pages = Environment(
            loader=PackageLoader("aggregator.web", "board"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def begin(self) -> None:
        """What a page compares with is taken before anything is made: a change meanwhile makes it load once more."""
        g.version = self.bench.version()

    # --- around the frames ---

    def start(self) -> Response:
        edition = self._first(self.bench.shown())
        if edition is None:
            return _to("/look/site/index.html")
        return _to(f"/look/mail/{edition.newsletter}/{edition.number}{_asked(self.first.categories)}")

    def version(self) -> Response:
        return Response(g.version, mimetype="text/plain", headers={"Cache-Control": "no-store"})

    def own(self, kind: str) -> Response:
        if kind not in {"css", "js"}:
            raise NotFound
        body = resources("aggregator.web").joinpath("board", f"board.{kind}").read_bytes()
        return Response(body, content_type=kind_of(f"board.{kind}"))

    def mail(self, newsletter: str, number: int) -> Response:
        shown = self.bench.shown()
        edition, wish = _edition(shown, newsletter, number), _wish(shown)
        letter, place = shown.letter(edition, wish), f"{newsletter}/{number}.html{_asked(wish)}"
        frames = [
            Frame("Phone, 375 px", f"/mail/light/{place}", 375),
            Frame("Phone, dark mode", f"/mail/dark/{place}", 375),
            Frame("Phone, colours inverted by the client", f"/mail/inverted/{place}", 375),
            Frame("Desktop, 900 px", f"/mail/light/{place}", 900),
            Frame("Desktop, dark mode", f"/mail/dark/{place}", 900),
        ]
        told = [_finding(one) for one in letter.findings]
        return self._show(shown, "mail", edition, letter=letter, wish=wish, frames=frames, problems=told)

    def text(self, newsletter: str, number: int) -> Response:
        shown = self.bench.shown()
        edition, wish = _edition(shown, newsletter, number), _wish(shown)
        letter = shown.letter(edition, wish)
        return self._show(shown, "text", edition, letter=letter, wish=wish, text=letter.text)

    def check(self) -> Response:
        shown = self.bench.shown()
        return self._show(shown, "check", None, problems=[_problem(one) for one in shown.mistakes])

    def site(self, path: str) -> Response:
        shown = self.bench.shown()
        if path not in shown.pages:
            raise NotFound
        if _is_text(path):
            return self._show(shown, "site", None, path=path, text=shown.pages[path]().decode())
        frames = [
            Frame("Phone, 375 px", f"/site/light/{path}", 375),
            Frame("Desktop, 1120 px", f"/site/light/{path}", 1120),
            Frame("Phone, dark mode", f"/site/dark/{path}", 375),
            Frame("Desktop, dark mode", f"/site/dark/{path}", 1120),
        ]
        return self._show(shown, "site", None, path=path, frames=frames)

    # --- in the frames ---

    def letter(self, wanted: str, newsletter: str, number: int) -> Response:
        shown = self.bench.shown()
        letter = shown.letter(_edition(shown, newsletter, number), _wish(shown))
        return _raw(scheme.document(letter.html, _scheme(wanted)), "text/html; charset=utf-8", _MAIL_POLICY)

    def page(self, wanted: str, path: str) -> Response:
        shown, how = self.bench.shown(), _scheme(wanted)
        if path.endswith("/") and f"{path}index.html" in shown.pages:
            path += "index.html"
        if path not in shown.pages:
            raise NotFound
        body = shown.pages[path]()
        if path.endswith(".css"):
            body = scheme.sheet(body.decode(), how).encode()
        if path == "404.html":
            body = _near(body, shown)
        is_mail = path.endswith("/email.html")
        kind = kind_of(path) if "." in path.rpartition("/")[2] else kind_of("answer.html")
        return _raw(body, kind, _MAIL_POLICY if is_mail else _POLICY)

    # --- put together ---

    def broken(self, problems: Sequence[Problem], status: HTTPStatus) -> Response:
        page = self.pages.get_template("broken.html").render(problems=problems, version=g.version)
        return Response(page, status, headers={"Cache-Control": "no-store"})

    def _show(self, shown: Shown, tab: str, edition: Edition | None, **more: Any) -> Response:
        wish: frozenset[str] = more.pop("wish", frozenset())
        values: dict[str, object] = {"letter": None, "frames": (), "text": None, "problems": (), "path": ""} | more
        beside = edition or self._first(shown)
        page = self.pages.get_template("board.html").render(
            title=shown.material.config.publication.title,
            version=g.version,
            tab=tab,
            edition=beside,
            asked=_asked(wish),
            sample=self.bench.sample is not None,
            wishes=list(_wishes(shown, edition, tab, wish)) if edition is not None else (),
            editions=list(_editions(shown, edition, tab)),
            pages=list(_listed(shown, str(values["path"]))),
            files=[Entry(path, f"/look/site/{path}", path == values["path"]) for path in _files(shown)],
            **values,
        )
        return Response(page, headers={"Cache-Control": "no-store"})

    def _first(self, shown: Shown) -> Edition | None:
        newsletters = shown.material.config.newsletters
        name = self.first.newsletter or (newsletters[0].name if newsletters else "")
        return shown.material.edition(name, self.first.number)


def _edition(shown: Shown, newsletter: str, number: int) -> Edition:
    found = shown.material.edition(newsletter, number)
    if found is None:
        raise NotFound
    return found


def _wish(shown: Shown) -> frozenset[str]:
    """The categories that the address asks for; what is not configured asks for nothing."""
    known = {category.slug for category in shown.material.config.categories}
    return frozenset(request.args.get("categories", "").split(",")) & known


def _asked(wish: frozenset[str]) -> str:
    return f"?categories={','.join(sorted(wish))}" if wish else ""


def _wishes(shown: Shown, edition: Edition, tab: str, wish: frozenset[str]) -> Iterator[Entry]:
    """A reader of everything, and one of each category that the edition tells of."""
    place = f"/look/{tab}/{edition.newsletter}/{edition.number}"
    told = {slug for item in edition.items for slug in item.categories}
    yield Entry("Everything", place, not wish)
    for category in shown.material.config.categories:
        if category.slug in told | wish:
            yield Entry(category.name, f"{place}{_asked(frozenset({category.slug}))}", category.slug in wish)


def _editions(shown: Shown, current: Edition | None, tab: str) -> Iterator[Entry]:
    view = "text" if tab == "text" else "mail"
    drafts = set(map(id, shown.material.drafts))
    for one in shown.material.site.editions:
        when = "next, as of now" if id(one) in drafts else f"{one.slot:%Y-%m-%d}"
        yield Entry(f"{one.title} {one.number} ({when})", f"/look/{view}/{one.newsletter}/{one.number}", one is current)


def _listed(shown: Shown, current: str) -> Iterator[Entry]:
    """A few pages of each kind; links lead to the others."""
    counted: Counter[tuple[str, int]] = Counter()
    for path in _in_order(shown):
        kind = path.partition("/")[0], path.count("/")
        counted[kind] += 1
        if counted[kind] <= _SHOWN.get(kind[0], _OF_A_KIND):
            yield Entry(path.removesuffix("index.html") or "/", f"/look/site/{path}", path == current)


def _files(shown: Shown) -> list[str]:
    """Feeds, and whatever else is no page: those of the whole publication, and the first of each kind."""
    firsts: dict[tuple[str, str], str] = {}
    for path in shown.pages:
        if _is_text(path) and not path.endswith((".css", "email.txt")):
            firsts.setdefault((path.partition("/")[0], path.rpartition(".")[2]), path)
    return list(firsts.values())


def _in_order(shown: Shown) -> list[str]:
    """The front page first; stories by how many tell them; what we say in place of pages last."""
    tellers = {f"stories/{story.id}.html": len(story.reports) for story in shown.material.stories}
    pages = [path for path in shown.pages if _is_page(path)]
    return sorted(pages, key=lambda path: (path != "index.html", "/" not in path, -tellers.get(path, 0)))


def _is_page(path: str) -> bool:
    return not path.endswith("/email.html") and (path.endswith(".html") or "." not in path.rpartition("/")[2])


def _is_text(path: str) -> bool:
    return "." in path.rpartition("/")[2] and not path.endswith(".html")


def _scheme(wanted: str) -> scheme.Scheme:
    for one in scheme.SCHEMES:
        if one == wanted:
            return one
    raise NotFound


# --- what is wrong ---------------------------------------------------------------------------------------


def _errors(web: Flask, board: _Board) -> None:
    @web.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
        return board.broken([Problem("", f"{status.value} {status.phrase}", "the list of pages starts at /")], status)

    @web.errorhandler(AggregatorError)
    def failed(error: AggregatorError) -> Response:
        return board.broken([_problem(one) for one in _mistakes(error)], HTTPStatus.INTERNAL_SERVER_ERROR)

    @web.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        log.error("bug", path=request.path, exc_info=error)
        told = Problem("", f"internal error: {type(error).__name__}: {error}", "this is a bug; the log shows where")
        return board.broken([told], HTTPStatus.INTERNAL_SERVER_ERROR)


def _mistakes(error: AggregatorError) -> Sequence[Mistake]:
    match error:
        case ConfigError():
            return error.mistakes
        case RenderError():
            return [proof.mistake(error, "")]
        case _:
            return [Mistake("", None, "", error.message, error.hint)]


def _problem(one: Mistake) -> Problem:
    place = f"{one.file}:{one.line}" if one.line is not None else one.file
    return Problem(f"{place}: {one.key}" if one.key else place, one.message, one.hint, list(_around(one)))


def _finding(one: Finding) -> Problem:
    again = f", and {one.more} more" if one.more else ""
    place = f"{one.level}: {one.part} line {one.line}{again}" if one.line else f"{one.level}: {one.part}"
    return Problem(place, one.said, one.mend)


def _around(one: Mistake) -> Iterator[tuple[int, str, bool]]:
    """Of a template: feeds.yaml may hold what not everybody who looks over a shoulder should read."""
    if one.line is None or not one.file.endswith((".html", ".txt", ".css")):
        return
    try:
        lines = Path(one.file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for number in range(max(1, one.line - _AROUND), min(len(lines), one.line + _AROUND) + 1):
        yield number, lines[number - 1], number == one.line


# --- how it is answered ----------------------------------------------------------------------------------


def _known_names(host: str) -> Callable[[], Response | None]:
    def refuse_others() -> Response | None:
        named = request.host.rpartition(":")[0] if not request.host.endswith("]") else request.host
        if _is_ours((named or request.host).strip("[]").lower(), host):
            return None
        return Response("not known by this name\n", HTTPStatus.MISDIRECTED_REQUEST, mimetype="text/plain")

    return refuse_others


def _is_ours(name: str, host: str) -> bool:
    """An address is nobody's to point elsewhere; of names, this machine's own and the one that was asked for."""
    if name in {"localhost", host.strip("[]").lower()}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _near(body: bytes, shown: Shown) -> bytes:
    """The one page that leads to the site by its whole address, since it is shown anywhere: here it is shown here."""
    return body.replace(f"{shown.material.config.site_url}/".encode(), b"")


def _raw(body: str | bytes, kind: str, policy: str) -> Response:
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return Response(body, content_type=kind, headers=headers)


def _to(path: str) -> Response:
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path, "Cache-Control": "no-store"})


def _secured(answer: Response) -> Response:
    answer.headers.setdefault("Content-Security-Policy", _POLICY)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
