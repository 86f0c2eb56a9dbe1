"""The mail sink against a real client."""

import smtplib
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.demo.sink import SmtpSink, safe_name

LETTER = "Subject: 晨报\r\n\r\nFirst line\r\n.a dot in front\r\n\r\n".encode()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_letter_is_kept_as_it_was_handed_over(tmp_path: Path) -> None:
    folder = tmp_path / "mail" / "kept"
    with SmtpSink(folder) as sink, smtplib.SMTP("127.0.0.1", sink.port, timeout=30) as client:
        client.sendmail("desk@briefing.example", ["ada@readers.example"], LETTER)
        assert sink.count == 1
        assert names(folder) == ["001-ada@readers.example.eml"]
        assert (folder / "001-ada@readers.example.eml").read_bytes() == LETTER


def test_each_recipient_gets_a_file(tmp_path: Path) -> None:
    with SmtpSink(tmp_path) as sink, smtplib.SMTP("127.0.0.1", sink.port, timeout=30) as client:
        client.sendmail("desk@briefing.example", ["ada@a.example", "ben@b.example"], LETTER)
        assert sink.count == 2
    assert names(tmp_path) == ["001-ada@a.example.eml", "002-ben@b.example.eml"]


def test_numbers_go_on_where_an_earlier_run_ended(tmp_path: Path) -> None:
    for expected in (1, 1):
        with SmtpSink(tmp_path) as sink, smtplib.SMTP("127.0.0.1", sink.port, timeout=30) as client:
            client.sendmail("desk@briefing.example", ["ada@a.example"], LETTER)
            assert sink.count == expected
    (tmp_path / "notes.txt").touch()
    (tmp_path / "1041-zoe@z.example.eml.part").touch()
    with SmtpSink(tmp_path) as sink, smtplib.SMTP("127.0.0.1", sink.port, timeout=30) as client:
        client.sendmail("desk@briefing.example", ["ada@a.example"], b"another\r\n")
    assert {"001-ada@a.example.eml", "002-ada@a.example.eml", "1042-ada@a.example.eml"} <= set(names(tmp_path))
    assert (tmp_path / "001-ada@a.example.eml").read_bytes() == LETTER


def test_a_letter_that_breaks_off_is_not_kept(tmp_path: Path) -> None:
    with SmtpSink(tmp_path) as sink:
        client = smtplib.SMTP("127.0.0.1", sink.port, timeout=30)
        client.ehlo()
        client.mail("desk@briefing.example")
        client.rcpt("ada@a.example")
        client.docmd("DATA")
        client.send(b"Subject: half\r\n\r\nand then\r\n")
        client.close()
        with smtplib.SMTP("127.0.0.1", sink.port, timeout=30) as other:
            other.sendmail("desk@briefing.example", ["ben@b.example"], LETTER)
        assert sink.count == 1
    assert names(tmp_path) == ["001-ben@b.example.eml"]


def test_a_letter_that_cannot_be_kept_is_answered_451(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    with SmtpSink(folder) as sink, smtplib.SMTP("127.0.0.1", sink.port, timeout=30) as client:
        folder.rmdir()
        with pytest.raises(smtplib.SMTPDataError) as caught:
            client.sendmail("desk@briefing.example", ["ada@a.example"], LETTER)
        assert caught.value.smtp_code == 451
        assert sink.count == 0


def test_an_address_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    with SmtpSink(folder) as sink, smtplib.SMTP("127.0.0.1", sink.port, timeout=30) as client:
        client.sendmail("desk@briefing.example", ['"../../out"@evil.example'], LETTER)
    assert names(tmp_path) == ["mail"]
    assert len(names(folder)) == 1


def test_many_clients_at_once_lose_nothing(tmp_path: Path) -> None:
    def send(port: int, number: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
            for _ in range(5):
                client.sendmail("desk@briefing.example", [f"reader{number}@a.example"], LETTER)

    with SmtpSink(tmp_path) as sink:
        clients = [threading.Thread(target=send, args=(sink.port, number)) for number in range(4)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert sink.count == 20
    assert sorted(int(name.partition("-")[0]) for name in names(tmp_path)) == list(range(1, 21))


def test_the_port_is_remembered_and_the_end_is_clean(tmp_path: Path) -> None:
    threads = set(threading.enumerate())
    with SmtpSink(tmp_path / "mail", tmp_path / "port") as first:
        port = first.port
    with SmtpSink(tmp_path / "mail", tmp_path / "port") as second:
        assert second.port == port
    assert set(threading.enumerate()) <= threads


def test_the_end_cuts_a_client_that_stays(tmp_path: Path) -> None:
    with SmtpSink(tmp_path) as sink:
        client = smtplib.SMTP("127.0.0.1", sink.port, timeout=30)
        client.ehlo()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()
    client.close()


def test_before_it_is_entered_a_sink_has_no_port(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="entered"):
        _ = SmtpSink(tmp_path).port


@given(st.text())
def test_a_safe_name_is_one_plain_part_of_a_path(address: str) -> None:
    name = safe_name(address)
    assert name
    assert len(name) <= 80
    assert not set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789@._+-")
    assert not name.startswith(".")
    assert safe_name(name) == name
