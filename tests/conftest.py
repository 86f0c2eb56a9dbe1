"""What all tests share."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from aggregator.cli import logs
from tests.support import needs
from tests.support.browser import Browser, Page, opened
from tests.support.site import Site, serving

# A deadline measures the machine, not the law; and what fails in CI must fail again at a desk. Its examples are always the
# same, so that many of them would find nothing that the first did not: at a desk they are others each time, and more.
_CI = bool(os.environ.get("CI"))
settings.register_profile("project", deadline=None, derandomize=_CI, max_examples=25 if _CI else 100)
settings.load_profile("project")


@pytest.fixture(autouse=True)
def _logs_end_with_their_test() -> Iterator[None]:
    """A command that ran in this process wrote its log to what is closed when its test has ended."""
    yield
    logs.reset()


@pytest.fixture(scope="session")
def need() -> Callable[..., Path]:
    """`need("smtp-sink")`: where it is, or the test is skipped; where AGGREGATOR_REQUIRE is set, it fails."""
    return needs.need


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Real feeds and hostile input that lie beside the project, not in it; tests that need them skip without."""
    beside = Path(__file__).parents[1] / ".." / "shared" / "corpora"
    folder = Path(os.environ.get("AGGREGATOR_CORPORA", beside))
    if not folder.is_dir():
        pytest.skip("no corpora beside the project")
    return folder


@pytest.fixture
def open_site() -> Iterator[Callable[[str], Site]]:
    with ExitStack() as stack:
        yield lambda address: stack.enter_context(serving(address))


@pytest.fixture
def site(open_site: Callable[[str], Site]) -> Site:
    return open_site("127.0.0.1")


@pytest.fixture
def other_site(open_site: Callable[[str], Site]) -> Site:
    return open_site("127.0.0.2")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory, need: Callable[..., Path]) -> Iterator[Browser]:
    with opened(need("chromium"), tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.page()
    yield made
    made.close()
