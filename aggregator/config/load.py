"""feeds.yaml and the environment -> Config, or every mistake at once.

bytes -> text -> nodes -> draft -> Config. Syntax ends it at the first mistake; whatever is wrong beyond that is
collected from all checks and told in the order of the file.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from aggregator.config.checks import cross_checks, did_you_mean
from aggregator.config.document import Node, read_nodes, read_text
from aggregator.config.draft import Draft, Key, fill_in
from aggregator.config.kinds import Unfit, show_duration
from aggregator.config.values import Config
from aggregator.errors import ConfigError, Mistake

LIMIT = 2_000_000


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Read a configuration. Raises ConfigError with all mistakes, each with line, key and mend."""
    text = read_text(read_bytes(path), str(path))
    config, draft, mistakes = examine(text, str(path), environ)
    if config is None or mistakes:
        raise ConfigError(mistakes)
    return config.read_from(path, draft.lines, draft.hidden)


def read_bytes(path: Path) -> bytes:
    """Raises ConfigError where there is no such file, or none that can be a configuration."""
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except (FileNotFoundError, NotADirectoryError):
        problem, hint = "there is no such file", "`aggregator init` writes one; --config names another"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        problem, hint = f"cannot be read: {reason or error}", "name a file that you may read"
    else:
        if len(data) <= LIMIT:
            return data
        problem, hint = f"is larger than {LIMIT:,} bytes", "is this the right file?"
    raise ConfigError([Mistake(str(path), None, "", problem, hint)])


def examine(text: str, file: str, environ: Mapping[str, str] | None) -> tuple[Config | None, Draft, list[Mistake]]:
    """The configuration, where it can be had at all, and every mistake in the order of the file.

    `environ` None: nothing is said of values that come from the environment. Raises ConfigError for broken YAML.
    """
    root, mistakes = read_nodes(text, file)
    draft = _draft(root, file, environ)
    config, wrong = _validated(draft)
    found = [*mistakes, *draft.mistakes, *wrong, *cross_checks(draft)]
    silent = {draft.mistake(key, "").key for key in draft.unset}
    told = [one for one in found if one.key not in silent or one in draft.mistakes]
    return config, draft, sorted(told, key=lambda one: (one.line or 0, one.key))


def _draft(root: Node | None, file: str, environ: Mapping[str, str] | None) -> Draft:
    draft = fill_in(root, file, environ) if root is not None else Draft(file)
    if draft.data is None:
        problem, hint = "the file is empty", "`aggregator init` writes a commented one"
    elif not isinstance(draft.data, dict):
        problem, hint = "the file is no mapping", "it begins with a key, as in `publication:`"
    else:
        return draft
    raise ConfigError([Mistake(file, draft.line(()), "", problem, hint)])


def _validated(draft: Draft) -> tuple[Config | None, list[Mistake]]:
    try:
        return Config.model_validate(draft.data), []
    except ValidationError as error:
        # The library's error holds the values, secrets too: it ends here and is no cause of ours.
        found = error.errors(include_url=False)
    # A list whose items are all wrong counts as too short as well: the items' own mistakes are enough.
    return None, [_translated(one, draft) for one in found if one["type"] != "too_short" or not one["input"]]


def _translated(error: Any, draft: Draft) -> Mistake:
    key: Key = tuple(part for part in error["loc"] if part != "[key]")
    if error["type"] == "extra_forbidden":
        return draft.mistake(key, "unknown key", did_you_mean(str(key[-1]), sorted(_keys(key[:-1]))))
    message, hint = _sentence(error["type"], error.get("ctx", {}))
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, Unfit):
        shown = cause.shown if cause.secret else draft.hidden.get(key, cause.shown)
        sentence, _, mend = cause.sentence.partition(": ")
        return draft.mistake(key, f"{shown} {sentence}", mend or None)
    return draft.mistake(key, message, hint)


def _sentence(kind: str, context: Mapping[str, Any]) -> tuple[str, str | None]:
    """What the validation library found, in our words. None of them holds the value itself."""
    figures = {name: show_duration(value) if hasattr(value, "days") else value for name, value in context.items()}
    found = _SENTENCES.get(kind)
    if found is None:
        return f"is not valid ({kind.replace('_', ' ')})", None
    message, hint = found
    return message.format(**figures), hint


_SENTENCES: dict[str, tuple[str, str | None]] = {
    "missing": ("is missing", "this key is needed"),
    "string_type": ("is no text", "put it in quotes if it is meant as text"),
    "int_type": ("is no whole number", None),
    "int_parsing": ("is no whole number", None),
    "int_from_float": ("is no whole number", None),
    "int_parsing_size": ("is too large a number", None),
    "float_type": ("is no number", None),
    "float_parsing": ("is no number", None),
    "finite_number": ("is no finite number", None),
    "greater_than": ("must be more than {gt}", None),
    "greater_than_equal": ("must be at least {ge}", None),
    "less_than": ("must be less than {lt}", None),
    "less_than_equal": ("must be at most {le}", None),
    "string_unicode": ("holds bytes that are no text", "use UTF-8"),
    "string_too_short": ("must not be empty", None),
    "string_too_long": ("is longer than {max_length} characters", "shorten it"),
    "string_pattern_mismatch": (
        "has characters that do not belong there",
        "a slug is written as in public-opinion, a language as in zh-Hans",
    ),
    "literal_error": ("must be one of {expected}", None),
    "tuple_type": ("is no list", "write - before each item, or [a, b]"),
    "too_short": ("is empty", "give at least one"),
    "dict_type": ("is no mapping", "write `key: value` in the lines below, or {key: value}"),
    "model_type": ("is no mapping", "write `key: value` in the lines below, or {key: value}"),
    "path_type": ("is no path", "put it in quotes if it is meant as text"),
}


def _keys(key: Key) -> Iterator[str]:
    """The keys that are known where this one stands."""
    model: type[BaseModel] | None = Config
    for part in key:
        if isinstance(part, str) and model is not None:
            field = next((one for name, one in model.model_fields.items() if part in {name, one.alias}), None)
            model = _model_in(field.annotation) if field is not None else None
    for name, field in model.model_fields.items() if model is not None else ():
        yield field.alias or name


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
