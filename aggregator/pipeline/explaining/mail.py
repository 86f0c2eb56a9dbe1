"""What `explain` says of an edition's mail: whether it passes the gate as things stand now, and what is not as it should be."""

from collections.abc import Iterator

from aggregator.config import Config
from aggregator.config.workspace import template_folders
from aggregator.edit.compose import from_json
from aggregator.errors import StoreError
from aggregator.pipeline.gate import Passed, gate
from aggregator.store.editions import Kept

_HOW = {
    "designed": "passes as it was designed",
    "plain": "goes out in the plain template",
    "held": "is held, its letters wait",
}


def mail_lines(config: Config, kept: Kept) -> Iterator[tuple[str, str]]:
    try:
        passed = gate(from_json(kept.data), config, template_folders(config.base))
    except StoreError as error:
        yield "mail", f"cannot be made: {error.message}"
        return
    yield "mail", "; ".join(filter(None, [_HOW[passed.how], passed.reason, _size(passed)]))
    if passed.how != "designed" and passed.hint:
        yield "to mend it", passed.hint
    for finding in passed.findings:
        yield "found", f"{finding}: {finding.mend}"


def _size(passed: Passed) -> str:
    if passed.mail is None:
        return ""
    left = f", {passed.mail.left_out} stories left to the web" if passed.mail.left_out else ""
    return f"{len(passed.mail.html.encode()) / 1000:.0f} KB of HTML{left}"
