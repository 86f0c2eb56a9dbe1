"""A real Chromium, driven over the DevTools protocol through a pipe: no driver, no port and no library between.

Nothing outside this machine is in its reach: whatever is no loopback address goes to a proxy that is not there.
"""

import base64
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds for one answer: the machine may be busy."""
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars"),
    *("--disable-extensions", "--disable-features=BackForwardCache,Translate"),
    *("--proxy-server=http://127.0.0.1:9", "--remote-debugging-pipe"),
)
# The protocol wants descriptors 3 and 4, which a child does not simply get.
_START = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)
_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "Backspace": 8}
_SHIFT = 8


class BrowserError(Exception):
    """The browser ended, was silent, or said no."""


@dataclass
class Page:
    """A tab, and all that was noticed in it since `forget`."""

    browser: "Browser"
    session: str
    target: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """What the console says: exceptions, console.error, files that are missing."""
    violations: list[str] = field(default_factory=list)
    """Of a Content Security Policy."""
    dialogs: list[str] = field(default_factory=list)
    loads: int = 0

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        return self.browser.call(method, self.session, **parameters)

    def go(self, address: str) -> None:
        """Until the page and all that it asks for is there."""
        with self.turning():
            failed = self.call("Page.navigate", url=address).get("errorText")
        if failed:
            raise BrowserError(f"{address}: {failed}")

    @contextmanager
    def turning(self) -> Iterator[None]:
        """What is done inside leads to another page, which is there afterwards."""
        before = self.loads
        yield
        self.browser.until(lambda: self.loads > before, "a page to be loaded")

    def run(self, script: str) -> Any:
        """The value of an expression; a promise is waited for."""
        done = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if failed := done.get("exceptionDetails"):
            raise BrowserError(failed.get("exception", {}).get("description") or failed["text"])
        return done["result"].get("value")

    def until(self, script: str) -> None:
        """An expression becomes true."""
        end = time.monotonic() + PATIENCE
        while not self.run(script):
            if time.monotonic() > end:
                raise BrowserError(f"never true: {script}")
            time.sleep(0.02)

    def before(self, script: str) -> None:
        """Run in every document that is loaded from now on, before anything of its own."""
        self.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def press(self, key: str, *, shift: bool = False) -> None:
        said = {"key": key, "code": key, "windowsVirtualKeyCode": _KEYS[key], "modifiers": _SHIFT if shift else 0}
        text = {"text": "\r"} if key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **said, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **said)

    def type(self, text: str) -> None:
        for letter in text:
            self.call("Input.dispatchKeyEvent", type="keyDown", text=letter, key=letter)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=letter)

    def size(self, width: int, height: int = 900) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefers(self, *, scheme: str = "light", motion: str = "no-preference", medium: str = "") -> None:
        wishes = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]
        self.call("Emulation.setEmulatedMedia", media=medium, features=wishes)

    def picture(self, file: Path, *, whole: bool = True) -> None:
        taken = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(taken["data"]))

    def forget(self) -> None:
        for noticed in (self.requests, self.errors, self.violations, self.dialogs):
            noticed.clear()

    def close(self) -> None:
        self.browser.pages.pop(self.session)
        self.browser.call("Target.closeTarget", targetId=self.target)

    def notice(self, method: str, said: dict[str, Any]) -> None:
        match method:
            case "Page.loadEventFired":
                self.loads += 1
            case "Page.javascriptDialogOpening":
                self.dialogs.append(f"{said['type']}: {said['message']}")
                self.browser.send("Page.handleJavaScriptDialog", self.session, accept=True)
            case "Network.requestWillBeSent" if not said["request"]["url"].endswith("/favicon.ico"):
                self.requests.append(said["request"]["url"])  # that one the browser asks for by itself, or not
            case "Runtime.exceptionThrown":
                details = said["exceptionDetails"]
                self.errors.append(details.get("exception", {}).get("description") or details["text"])
            case "Runtime.consoleAPICalled" if said["type"] in {"error", "assert"}:
                self.errors.append(" ".join(str(part.get("value", part)) for part in said["args"]))
            case "Log.entryAdded" if said["entry"]["level"] == "error":
                self.errors.append(f"{said['entry']['text']} {said['entry'].get('url', '')}")
            case "Audits.issueAdded" if "contentSecurityPolicyIssueDetails" in said["issue"]["details"]:
                details = said["issue"]["details"]["contentSecurityPolicyIssueDetails"]
                self.violations.append(f"{details['violatedDirective']} {details.get('blockedURL', '')}".strip())


class Browser:
    """The process and its pipe; used by one thread."""

    def __init__(self, program: Path, profile: Path) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        command = [sys.executable, "-c", _START, str(theirs_in), str(theirs_out), str(program), *_FLAGS]
        self.process = subprocess.Popen(
            [*command, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.input, self.output = ours_in, ours_out
        self.rest = b""
        self.number = 0
        self.answers: dict[int, dict[str, Any]] = {}
        self.pages: dict[str, Page] = {}

    def page(self, width: int = 1280) -> Page:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        made = self.pages[session] = Page(self, session, target)
        for domain in ("Page", "Runtime", "Network", "Log", "Audits"):
            made.call(f"{domain}.enable")
        made.call("Emulation.setFocusEmulationEnabled", enabled=True)
        made.size(width)
        made.prefers()
        return made

    def call(self, method: str, session: str | None = None, **parameters: object) -> dict[str, Any]:
        number = self.send(method, session, **parameters)
        self.until(lambda: number in self.answers, f"an answer to {method}")
        answer = self.answers.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error'].get('message')}")
        result: dict[str, Any] = answer["result"]
        return result

    def send(self, method: str, session: str | None = None, **parameters: object) -> int:
        self.number += 1
        message: dict[str, object] = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        body = json.dumps(message).encode() + b"\0"
        while body:
            body = body[os.write(self.output, body) :]
        return self.number

    def until(self, met: Callable[[], bool], what: str) -> None:
        """Takes in what the browser says until a condition holds."""
        end = time.monotonic() + PATIENCE
        while not met():
            if not select.select([self.input], [], [], max(0.0, end - time.monotonic()))[0]:
                raise BrowserError(f"{PATIENCE:g} s went by without {what}")
            piece = os.read(self.input, 1 << 20)
            if not piece:
                raise BrowserError(f"the browser ended without {what}")
            *whole, self.rest = (self.rest + piece).split(b"\0")
            for message in whole:
                self._take(json.loads(message))

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self.answers[message["id"]] = message
        elif page := self.pages.get(message.get("sessionId", "")):
            page.notice(message["method"], message["params"])

    def end(self) -> None:
        with suppress(BrowserError, OSError):
            self.send("Browser.close")
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.input)
        os.close(self.output)


@contextmanager
def opened(program: Path, profile: Path) -> Iterator[Browser]:
    browser = Browser(program, profile)
    try:
        yield browser
    finally:
        browser.end()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder over HTTP on loopback: the address of it, without a slash at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
