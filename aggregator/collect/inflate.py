"""Undo a Content-Encoding without ever holding more than the limit: 2 MB of gzip can hide 2 GB."""

import zlib
from collections.abc import Callable, Iterator

import brotli
import zstandard

ACCEPTED = "gzip, deflate, br, zstd"
_STEP = 65_536
_MOST_RATIO = 200
"""The most repetitive of real feeds come to some forty."""
_UNSUSPICIOUS = 1_000_000
"""Bytes up to which no ratio is too much."""
_ZSTD_SLICE = 256
_WINDOW = 8 * 1024 * 1024  # as RFC 9659 allows for zstd on the web


class UnknownCodingError(ValueError):
    pass


class TooLargeError(ValueError):
    pass


def inflate(body: bytes, coding: str, limit: int) -> bytes:
    """Raises TooLargeError beyond `limit` bytes, UnknownCodingError for what cannot be undone.

    One coding only: a body packed twice is either a mistake or an attack.
    """
    name = coding.strip().lower().removeprefix("x-")
    if name in {"", "identity"} or not body:
        pieces: Iterator[bytes] = iter((body,))
    elif name in _CODINGS:
        pieces = _CODINGS[name](body)
    else:
        raise UnknownCodingError(f"Content-Encoding {coding[:60]!r} is not one that we undo ({ACCEPTED})")
    whole = bytearray()
    try:
        for piece in pieces:
            whole += piece
            if len(whole) > limit:
                raise TooLargeError(f"more than {limit} bytes once it is unpacked")
            if len(whole) > max(_UNSUSPICIOUS, len(body) * _MOST_RATIO):
                raise TooLargeError(f"more than {_MOST_RATIO} times its size once it is unpacked, as no feed is")
    except (zlib.error, brotli.error, zstandard.ZstdError, EOFError) as error:
        raise UnknownCodingError(f"the body is not the {name} that it says it is: {error}") from error
    return bytes(whole)


def _gzip(body: bytes) -> Iterator[bytes]:
    """Several members may follow each other; what follows that is no member is ignored, as browsers do."""
    rest = body
    while True:
        unpacker = zlib.decompressobj(wbits=31)
        yield from _zlib(unpacker, rest)
        rest = unpacker.unused_data
        if not rest.startswith(b"\x1f\x8b"):
            return


def _deflate(body: bytes) -> Iterator[bytes]:
    """By the standard it is zlib's format; some servers send the bare one."""
    zlib_header = len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2], "big") % 31 == 0
    yield from _zlib(zlib.decompressobj(wbits=15 if zlib_header else -15), body)


def _zlib(unpacker: "zlib._Decompress", body: bytes) -> Iterator[bytes]:
    piece = unpacker.decompress(body, _STEP)
    while piece:
        yield piece
        piece = unpacker.decompress(unpacker.unconsumed_tail, _STEP)
    if not unpacker.eof:
        raise EOFError("it ends early")


def _brotli(body: bytes) -> Iterator[bytes]:
    unpacker = brotli.Decompressor()
    piece = unpacker.process(body, output_buffer_limit=_STEP)
    while piece or not (unpacker.is_finished() or unpacker.can_accept_more_data()):
        yield piece
        piece = b"" if unpacker.is_finished() else unpacker.process(b"", output_buffer_limit=_STEP)
    if not unpacker.is_finished():
        raise EOFError("it ends early")


def _zstd(body: bytes) -> Iterator[bytes]:
    """In slices: four bytes may stand for a block of 128 KB, and this library knows no limit for what a call gives."""
    rest = body
    while rest:
        unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
        for start in range(0, len(rest), _ZSTD_SLICE):
            yield unpacker.decompress(rest[start : start + _ZSTD_SLICE])
            if unpacker.eof:
                rest = unpacker.unused_data + rest[start + _ZSTD_SLICE :]
                break
        else:
            raise EOFError("it ends early")


_CODINGS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
