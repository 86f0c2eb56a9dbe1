"""The demo's configuration is a whole one, and what it promises falls due at the demo's hour."""

from datetime import timedelta
from pathlib import Path

from aggregator.config import Config
from aggregator.config.load import load
from aggregator.config.workspace import write_starter
from aggregator.demo.samples import NOW
from aggregator.demo.workspace import SUBSCRIBERS, config_text
from aggregator.slots import slots_between


def test_the_configuration_is_whole(config: Config) -> None:
    assert len(config.sources) >= 16
    assert all(source.title and source.language for source in config.sources)
    assert {"Stability Control", "Hiding Information", "Public Opinion"} <= {each.name for each in config.categories}
    assert [section.title for section in config.sections] == [
        "Latest Briefings", "Hot Topics", "Analyses", "Perspectives",
    ]  # fmt: skip
    assert config.poll.allow_private_networks


def test_it_sorts_by_the_categories_that_a_new_workspace_begins_with(config: Config, tmp_path: Path) -> None:
    write_starter(tmp_path)
    assert config.categories == load(tmp_path / "feeds.yaml", {}).categories


def test_sections_and_newsletters_are_those_that_are_named(config: Config) -> None:
    sections = {section.slug for section in config.sections}
    assert {source.section for source in config.sources} - {None} <= sections
    assert {slug for newsletter in config.newsletters for slug in newsletter.sections} <= sections


def test_both_newsletters_are_due_once_in_the_hour_before_the_demo(config: Config) -> None:
    for newsletter in config.newsletters:
        due = slots_between(newsletter.schedule, config.zone_of(newsletter), NOW - timedelta(hours=1), NOW)
        assert len(due) == 1, newsletter.name


def test_ports_stand_only_in_the_addresses_that_were_given(config: Config) -> None:
    assert {source.url.split("/")[2] for source in config.sources} == {"127.0.0.1:8001"}
    assert config.delivery is not None
    assert config.delivery.smtp.get_secret_value() == "smtp://127.0.0.1:2525"
    moved = config_text("http://127.0.0.1:9009", 25)
    assert moved.replace("127.0.0.1:9009", "127.0.0.1:8001").replace(
        "127.0.0.1:25\n", "127.0.0.1:2525\n"
    ) == config_text("http://127.0.0.1:8001", 2525)
    assert "SAMPLES" not in moved


def test_three_readers_have_addresses_that_lead_nowhere_and_newsletters_that_exist(config: Config) -> None:
    assert len({reader.email for reader in SUBSCRIBERS}) == 3
    known = {newsletter.name for newsletter in config.newsletters}
    assert all("daily" in reader.newsletters and set(reader.newsletters) <= known for reader in SUBSCRIBERS)
    assert {slug for reader in SUBSCRIBERS for slug in reader.newsletters} == known
    assert all(reader.name and reader.email.endswith(".example") for reader in SUBSCRIBERS)
