"""What can be told of a template without rendering it: broken syntax, and names that nothing bears."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from jinja2 import TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from aggregator.errors import Mistake
from aggregator.publish.theme import environment
from aggregator.publish.variables import EVERYWHERE, TEMPLATES

_SUFFIXES = frozenset({".html", ".txt", ".jinja"})
_HINT = "docs/templates.md lists them"


def mistakes(folders: Sequence[Path]) -> list[Mistake]:
    """Each with its file and line, in the order of the files. Where there are several folders, the last is ours: its files
    were tried before they were shipped.
    """
    made = environment(tuple(folders), language="en", timezone="UTC")
    files = ((folder, path) for folder in folders[:-1] or folders for path in sorted(folder.rglob("*")))
    return [found for folder, path in files if _is_template(folder, path) for found in _in(made, folder, path)]


def _is_template(folder: Path, path: Path) -> bool:
    """A mail's styles are included by it; the site's style sheet is none."""
    of_mail = path.suffix == ".css" and path.relative_to(folder).parts[0] == "mail"
    return (path.suffix in _SUFFIXES or of_mail) and path.is_file()


def _in(made: ImmutableSandboxedEnvironment, folder: Path, path: Path) -> Iterator[Mistake]:
    try:
        tree = made.parse(path.read_text(encoding="utf-8"))
    except TemplateSyntaxError as error:
        yield Mistake(str(path), error.lineno, "", error.message or "broken", "see Jinja's template syntax")
    except UnicodeDecodeError as error:
        yield Mistake(str(path), None, "", f"is not UTF-8 (byte {error.start})", "save it as UTF-8")
    except OSError as error:
        yield Mistake(str(path), None, "", f"cannot be read: {error.strerror}", "let this user read it")
    else:
        for line, message, hint in sorted(_unknown(made, tree, path.relative_to(folder).as_posix())):
            yield Mistake(str(path), line, "", message, hint)


def _unknown(made: ImmutableSandboxedEnvironment, tree: nodes.Template, name: str) -> set[tuple[int, str, str]]:
    kinds = (("filter", nodes.Filter, made.filters), ("test", nodes.Test, made.tests))
    wrong = {
        (node.lineno, f"there is no {kind} {node.name!r}", _meant(node.name, known))
        for kind, of, known in kinds
        for node in tree.find_all(of)
        if node.name not in known
    }
    return wrong or set(_unknown_variables(made, tree, name))


def _unknown_variables(
    made: ImmutableSandboxedEnvironment, tree: nodes.Template, name: str
) -> Iterator[tuple[int, str, str]]:
    """Only of the templates that we give something: another is included with whatever the one around it has."""
    template = TEMPLATES.get(name)
    if template is None or not template.given:
        return
    known = {*EVERYWHERE, *template.given, *made.globals}
    free = find_undeclared_variables(tree) - known - _asked_for(tree) - _declared(made, tree)
    for node in tree.find_all(nodes.Name):
        if node.ctx == "load" and node.name in free:
            yield node.lineno, f"there is no variable {node.name!r}", _meant(node.name, known)


def _declared(
    made: ImmutableSandboxedEnvironment, tree: nodes.Template, below: frozenset[str] = frozenset()
) -> set[str]:
    """What a template names itself, or one that it extends: blocks see what stands outside of them. `below`: those that
    were gone through on the way here, for one that extends itself.
    """
    found = {node.name for node in tree.find_all(nodes.Name) if node.ctx != "load"}
    found |= {macro.name for macro in tree.find_all(nodes.Macro)}
    found |= {one.target for one in tree.find_all(nodes.Import)}
    for one in tree.find_all(nodes.FromImport):
        found |= {pair if isinstance(pair, str) else pair[1] for pair in one.names}
    for parent in tree.find_all(nodes.Extends):
        name = parent.template.value if isinstance(parent.template, nodes.Const) else None
        if isinstance(name, str) and name not in below and (above := _parsed(made, name)) is not None:
            found |= _declared(made, above, below | {name})
    return found


def _parsed(made: ImmutableSandboxedEnvironment, name: str) -> nodes.Template | None:
    """None where it is not there, or broken: that is told of itself."""
    assert made.loader is not None, "`environment` gives one"
    try:
        return made.parse(made.loader.get_source(made, name)[0])
    except (TemplateNotFound, TemplateSyntaxError, OSError, UnicodeDecodeError):
        return None


def _asked_for(tree: nodes.Template) -> set[str]:
    """Names of which a template asks whether they are there at all."""
    tests = (test for test in tree.find_all(nodes.Test) if test.name in {"defined", "undefined"})
    return {test.node.name for test in tests if isinstance(test.node, nodes.Name)}


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}?" if close else _HINT
