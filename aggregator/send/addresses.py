"""E-mail addresses: which we take, when two are one person, and how they go over the wire.

We take the plain form, `local@domain` (RFC 5321's dot-atom, with RFC 6531's other scripts). Quoted local parts,
comments and address literals are legal and refused: no newsletter reader has one, and every header trick does.
"""

import re
import unicodedata

from aggregator.errors import UsageError

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*")
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST_LOCAL, _LONGEST = 64, 254
_BRACKETS = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
# White space, controls, what is invisible or turns the direction of reading, halves of characters, unassigned ones.
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}


def check(email: str) -> str:
    """The address as we keep it: trimmed, in composed form (NFC), as its owner writes it. Raises UsageError."""
    kept = unicodedata.normalize("NFC", email.strip())
    local, at, domain = kept.rpartition("@")
    if not at or not local or not domain:
        raise _no_address(kept, "it needs a name, one @ and a domain")
    if any(unicodedata.category(sign) in _UNSEEN for sign in kept):
        raise _no_address(kept, "it has spaces or invisible characters in it")
    if not all(_LOCAL.fullmatch(form) for form in (local, unicodedata.normalize("NFKC", local))):  # ＠ may become @
        raise _no_address(kept, "before the @ stand letters, digits and signs such as . _ + - alone")
    if len(local.encode()) > _LONGEST_LOCAL:
        raise _no_address(kept, f"the part before the @ is longer than {_LONGEST_LOCAL} bytes")
    ascii_domain = _ascii_domain(kept, domain)
    if len(local.encode()) + 1 + len(ascii_domain) > _LONGEST:
        raise _no_address(kept, f"it is longer than {_LONGEST} bytes")
    return kept


def normal(email: str) -> str:
    """The key under which a person is one person.

    Domain in its ASCII form and lower case; local part in lower case: by the standard `Bob@` and `bob@` may be two
    people, at every provider in use they are one, who would get each mail twice. (Lower case, not case folding, which
    would also make one of `strasse@` and `straße@`.) Dots and `+words` are kept: what they mean differs from provider
    to provider, and some readers keep a `+word` address for just this newsletter.
    """
    local, domain = _wired(check(email))
    return f"{unicodedata.normalize('NFC', local.lower())}@{domain}"


def wire(email: str) -> str:
    """As SMTP and headers carry it: the domain in ASCII, the local part as it is. Not ASCII: it needs SMTPUTF8."""
    local, domain = _wired(check(email))
    return f"{local}@{domain}"


def mailbox(text: str) -> tuple[str, str]:
    """Name and address out of `Desk <desk@example.org>` or the address alone. Raises UsageError."""
    found = _BRACKETS.fullmatch(text.strip())
    if found is None:
        return "", check(text)
    name = found["name"].strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, check(found["address"])


def ascii_domain(domain: str) -> str:
    """A domain as DNS knows it: lower case, other scripts in their xn-- form. Raises UsageError."""
    return _ascii_domain(domain, domain)


def _wired(checked: str) -> tuple[str, str]:
    local, _, domain = checked.rpartition("@")
    return local, _ascii_domain(checked, domain)


def _ascii_domain(whole: str, domain: str) -> str:
    made = domain.lower() if domain.isascii() else _to_ascii(whole, domain)
    if _DOMAIN.fullmatch(made) is None:
        raise _no_address(whole, "the part after the @ is no domain name")
    if made.rpartition(".")[2].isdigit():
        raise _no_address(whole, "a domain name stands after the @, no number of a machine")
    if "." not in made and made != "localhost":
        raise _no_address(whole, "the domain has no dot, as in example.org")
    return made


def _to_ascii(whole: str, domain: str) -> str:
    import idna  # a large table: only for those who need it. (Python's own codec makes fass.de of faß.de.)

    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise _no_address(whole, "the part after the @ is no domain name") from error


def _no_address(text: str, why: str) -> UsageError:
    shown = repr(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")
    return UsageError(f"{shown} is no e-mail address: {why}")
