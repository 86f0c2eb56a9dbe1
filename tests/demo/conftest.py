"""The sample entries, read by our own parser as the demo reads them, and the demo's configuration."""

from collections.abc import Iterator

import pytest

from aggregator.collect.normalise import normalise
from aggregator.collect.parse import parse
from aggregator.config import Config, Source
from aggregator.config.load import load
from aggregator.curate.classify import Classifier
from aggregator.curate.sections import Sections
from aggregator.demo.samples import NOW, SAMPLES, Sample
from aggregator.demo.server import SampleServer, serve
from aggregator.demo.workspace import config_text
from aggregator.model import Entry


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    file = tmp_path_factory.mktemp("workspace") / "feeds.yaml"
    file.write_text(config_text("http://127.0.0.1:8001", 2525), encoding="utf-8")
    return load(file, {})


@pytest.fixture(scope="session")
def sorts(config: Config) -> tuple[Classifier, Sections]:
    return Classifier(config.categories), Sections(config.sections, news="briefings")


@pytest.fixture(scope="session")
def entries() -> tuple[Entry, ...]:
    """As they come from each sample: the copies in other samples are still there."""
    return tuple(entry for sample in SAMPLES if sample.file for entry in _read(sample))


def _read(sample: Sample) -> Iterator[Entry]:
    name, url = sample.file.partition(".")[0], f"https://{sample.file}.example/"
    source = Source(name=name, url=url)
    return iter(normalise(source, parse(sample.body(), None, url), url, NOW).entries)


@pytest.fixture
def server() -> Iterator[SampleServer]:
    with serve() as running:
        yield running
