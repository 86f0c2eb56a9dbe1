"""Addresses: absolute ones from what feeds hold, and one form for all spellings of the same page."""

import re
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"""(?:
    utm_.* | mtm_.* | pk_.* | piwik_.* | hsa_.* | _hs(?:enc|mi) | oly_(?:anon|enc)_id | vero_.* | at_(?:medium|campaign|custom.*)
    | fbclid | gclid | gclsrc | dclid | gbraid | wbraid | msclkid | twclid | ttclid | yclid | igshid | mc_[ce]id | mkt_tok
    | _ga | _gl | cmpid | cmp | ns_(?:campaign|mchannel|source|linkname|fee) | ncid | icid | ocid | sr_share | smid | smtyp
    | ftag | cid_source | xtor | wt\.mc_id | guccounter | guce_.* | amp_js_v | usqp | outputtype
    | spm | scm | share_token | share_source | share_medium | sharer_.* | timestamp_share | isappinstalled | nsukey
    | from_source | from_search | wfr | bdfrom | ref_src | ref_url | feature_share | rss | ftcamp | ftcorp
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# Words that mean something elsewhere track only with these values.
_TRACKING_VALUES = re.compile(
    r"(?:from|ref|source|src|partner|feed|via|cid|seid|share)=(?:rss|atom|feed|feeds|rssfeed|rss_feed|public_rss|twitter"
    r"|facebook|weibo|wechat|timeline|singlemessage|groupmessage|newsletter|share|social|homepage)|amp=(?:1|true)?|amp",
    re.IGNORECASE,
)
_MOBILE = re.compile(r"^(?:www\d?|m|mobile|amp|wap)\.(?=[^.]+\.[^.]+)")
_AMP_PATH = re.compile(r"/(?:amp|amp\.html)$|\.amp(?=\.html$)|\.amp$")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LONGEST = 4096
_SPACES = re.compile(r"[\x00-\x20\x7f-\x9f\ufeff]+")
_INVISIBLE = "\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufffe\uffff"
_ESCAPED = re.compile(rf"[\s<>\"\\^`{{|}}\ud800-\udfff{_INVISIBLE}]")
_NO_HOST = re.compile(rf"[\s\\<>\"{_INVISIBLE}]")
# Whole, and nothing in it that would be written otherwise.
_PLAIN_PART = r"[A-Za-z0-9._~%!$&'()*+,=:@/-]"
_PLAIN = re.compile(
    rf"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?:/{_PLAIN_PART}*)?(?:\?[A-Za-z0-9._~%!$&'()*+,;=:@/?-]+)?(?:#{_PLAIN_PART}+)?"
)
_FROM_ROOT = re.compile(
    r"/(?![/.])(?:[A-Za-z0-9_~%!$&'()*+,=:@-]|/(?![/.])|(?<!/)\.)*(?:\?[A-Za-z0-9._~%!$&'()*+,;=:@/?-]+)?"
)
_ROOT = re.compile(r"(https?://[A-Za-z0-9][A-Za-z0-9.-]*)(?:/|$)")
_UNESCAPED = re.compile(r"[A-Za-z0-9/:@!$&'()*+,;=._~?-]*")
_HIGHEST_PORT = 65535


def canonical(url: str) -> str | None:
    """One form for all spellings of an address; for comparing, not for asking. None for what is no web address."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    name = _ascii_host(parts.hostname or "")
    if parts.scheme.lower() not in {"http", "https"} or name is None or len(url) > _LONGEST:
        return None
    place = _MOBILE.sub("", name)
    place = f"{place}:{port}" if port not in {None, 80, 443} else place
    query = _query(parts.query)
    hashbang = f"#{_escaped(parts.fragment)}" if parts.fragment.startswith("!") else ""
    return f"https://{place}{_path(parts.path)}{'?' + query if query else ''}{hashbang}"


def host(url: str) -> str | None:
    """The host in lower case and ASCII, None for what is no web address."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return _ascii_host(parts.hostname or "") if parts.scheme.lower() in {"http", "https"} else None


def absolute(url: str | None, base: str | None) -> str | None:
    """`url` as a web address that can be linked to, seen from `base`; None for every other scheme and for nonsense."""
    whole = _plain(url, base) if url and len(url) <= _LONGEST else None
    return whole or _joined(url or "", base)


def _plain(url: str, base: str | None) -> str | None:
    """Most are written whole, or from the root, and hold nothing to be mended; None for all others."""
    if _PLAIN.fullmatch(url):
        return url
    root = _ROOT.match(base) if base and _FROM_ROOT.fullmatch(url) else None
    return root[1] + url if root else None


def _joined(url: str, base: str | None) -> str | None:
    text = _SPACES.sub(" ", url).strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        joined = urljoin(base or "", text)
        parts = urlsplit(joined)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    if not usable or _NO_HOST.search(parts.netloc):
        return None
    whole = parts.scheme + joined[len(parts.scheme) :]
    return _ESCAPED.sub(lambda found: quote(found[0], errors="replace"), whole)


def bare(url: str) -> str:
    """Without user, query and fragment: a link seen from there must not carry on the key with which we came."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


@lru_cache(maxsize=1024)  # hosts come again and again, and most entries of a source have the same
def _ascii_host(name: str) -> str | None:
    name = name.rstrip(".").lower()
    if not name.isascii():
        import idna

        try:
            name = idna.encode(name, uts46=True).decode("ascii").rstrip(".")
        except (idna.IDNAError, UnicodeError):
            return None
    if re.fullmatch(r"\[?[0-9a-f:.]*:[0-9a-f:.]*\]?", name):
        return f"[{name}]"
    return name if re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", name) else None


def _path(path: str) -> str:
    """Without dot segments, without slash at the end, with what may stand bare unescaped."""
    kept: list[str] = []
    for segment in _escaped(path).split("/"):
        if segment == "..":
            kept = kept[:-1]
        elif segment not in {"", "."}:
            kept.append(segment)
    plain = "/" + "/".join(kept)
    while (shorter := _AMP_PATH.sub("", plain)) not in {"", "/", plain}:
        plain = shorter
    return plain


def _query(query: str) -> str:
    if not query:
        return ""
    pairs = sorted(_escaped(pair.replace("+", "%20")) for pair in query.split("&") if pair)
    return "&".join(
        pair
        for pair in pairs
        if not _TRACKING.fullmatch(pair.partition("=")[0]) and not _TRACKING_VALUES.fullmatch(pair)
    )


def _escaped(text: str) -> str:
    """Each character escaped that must be, and no other; so `%7E` and `~` are one, `%2F` and `/` are not."""

    def decoded(found: re.Match[str]) -> str:
        raw = unquote_to_bytes(found[0])
        return chr(raw[0]) if raw[0] in _UNRESERVED else found[0].upper()

    if _UNESCAPED.fullmatch(text):
        return text
    bare = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return quote(re.sub(r"%[0-9A-Fa-f]{2}", decoded, bare), safe="%/:@!$&'()*+,;=-._~?", errors="replace")
