"""Which addresses may be connected to: public ones, looked at when the connection is made.

Belongs here: what counts as public, resolving a name, opening a socket that is known to lead there. Does not belong
here: which hosts may be asked at all (the registry's allow-list) and anything about HTTP.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence

# A name and whether IPv6 is wanted, to addresses in the order in which to try them; OSError where there are none
Resolve = Callable[[str, bool], Sequence[str]]

_MAX_TRIED = 3
_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
# Translated and tunnelled forms of IPv4: global by number, and yet they may end in an inner network
_CARRIERS = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "::ffff:0:0:0/96", "fec0::/10")
)
# Reserved for protocols; some addresses of it count as global
_PROTOCOL_NETWORKS = tuple(ipaddress.ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24"))


class UnsafeAddressError(OSError):
    """A connection would lead to an address that is not public. Raised before a byte is sent."""


def is_safe_address(text: str, allow_loopback: bool = False) -> bool:
    """Whether an address is public unicast. Loopback passes as 127.x.y.z only, and only where a caller allows it."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return is_safe_address(str(address.ipv4_mapped))
    if allow_loopback and address in _LOOPBACK:
        return True
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in (*_CARRIERS, *_PROTOCOL_NETWORKS))
    )


def is_loopback(text: str) -> bool:
    """Whether an address is 127.x.y.z: this machine itself."""
    try:
        return ipaddress.ip_address(text) in _LOOPBACK
    except ValueError:
        return False


def read_literal(host: str) -> str:
    """The address that a host name spells as a number, in any form a system takes (127.1, 0x7f.1); '' if none."""
    bare = host.strip("[]").rstrip(".")
    try:
        return str(ipaddress.ip_address(bare.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(bare)) if bare and bare.isascii() else ""
    except OSError:
        return ""


def resolve_host(host: str, allows_ipv6: bool) -> tuple[str, ...]:
    """The addresses of a host by the system's resolver, IPv4 first, IPv6 only where wanted. OSError where none."""
    families = (socket.AF_INET, socket.AF_INET6) if allows_ipv6 else (socket.AF_INET,)
    if ":" in host:
        families = (socket.AF_INET6,)
    found: list[str] = []
    failure: OSError | None = None
    for family in families:
        try:
            found += [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, family, socket.SOCK_STREAM)]
        except UnicodeError as error:
            failure = socket.gaierror(socket.EAI_NONAME, f"{host[:80]!r} can't be a host name: {error}")
        except OSError as error:
            failure = error
    if not found:
        raise failure or socket.gaierror(socket.EAI_NONAME, f"{host[:80]!r} has no address")
    return tuple(dict.fromkeys(found))


def open_guarded(addresses: Sequence[str], port: int, seconds: float, allow_loopback: bool = False) -> socket.socket:
    """A connected socket to the first address that answers, its peer verified. OSError of the last that failed.

    One unsafe address among several refuses them all: a name that answers with both is being rebound. At most three
    are tried, which share the time.
    """
    for address in addresses:
        _require_safe(address, allow_loopback)
    failure: OSError = OSError("no address to connect to")
    tried = addresses[:_MAX_TRIED]
    for address in tried:
        try:
            connected = socket.create_connection((address, port), timeout=seconds / len(tried))
        except OSError as error:
            failure = error
            continue
        try:
            # The peer itself decides, whatever was resolved: nothing stands between this look and the first byte
            _require_safe(str(connected.getpeername()[0]), allow_loopback)
        except OSError:
            connected.close()
            raise
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected
    raise failure


def _require_safe(address: str, allow_loopback: bool) -> None:
    if not is_safe_address(address, allow_loopback):
        raise UnsafeAddressError(f"{address} is not a public address")
