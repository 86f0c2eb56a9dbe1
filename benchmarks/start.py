"""What sorting adds to the start of a command: `python benchmarks/start.py [FILE]`. FILE is a feeds.yaml, ours where none is given.

CPU time of one core, the least of several fresh processes, each of which has read the configuration already, as every
command does: to import what sorts, to read what OpenCC knows of characters, and to compile all rules.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

from ruamel.yaml import YAML

from aggregator.config import Config

_OURS = Path(__file__).parents[1] / "feeds.yaml"
_ROUNDS = 9
_CHILD = "--once"


def spent(work: Callable[[], object]) -> float:
    """Milliseconds."""
    start = process_time()
    work()
    return (process_time() - start) * 1000


def once(file: Path) -> dict[str, float]:
    config = Config.model_validate(YAML(typ="safe").load(file.read_text(encoding="utf-8")))
    importing = spent(_import)
    from aggregator.curate.classify import Classifier
    from aggregator.curate.text import spellings

    characters = spent(spellings)
    return {
        "imports": importing,
        "characters": characters,
        "rules": spent(lambda: Classifier(config.categories)),
        "rules again": spent(lambda: Classifier(config.categories)),
    }


def _import() -> None:
    import aggregator.curate.classify
    import aggregator.curate.sections  # noqa: F401


def main() -> None:
    file = Path(next((one for one in sys.argv[1:] if one != _CHILD), _OURS))
    if _CHILD in sys.argv:
        print(json.dumps(once(file)))
        return
    command = [sys.executable, __file__, _CHILD, str(file)]
    rounds = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(_ROUNDS)]
    least = {name: min(one[name] for one in rounds) for name in rounds[0]}
    for name, milliseconds in least.items():
        print(f"{name:<12} {milliseconds:>6.1f} ms")
    print(f"{'in sum':<12} {sum(least.values()) - least['rules again']:>6.1f} ms")


if __name__ == "__main__":
    main()
