"""Invitations and addresses (PROTOCOL.md, section 3)."""

from __future__ import annotations

import base64
import binascii
import time
import zlib
from dataclasses import dataclass

from .circle import ID_SIZE, SUCCESSION_PROOF_SIZE, CircleKeys, Succession
from .codec import DecodeError, Reader
from .crypto import CryptoError

SCHEME = "shepot://"
DEFAULT_PORT = 7443
VERSION = 1
FLAG_ACCESS_KEY = 1
FLAG_SECRET = 2
FLAG_OWNER = 4
FLAG_OWNER_SEED = 8
FLAG_EXPIRY = 16
FLAG_SUCCESSION = 32
KNOWN_FLAGS = 63


@dataclass(frozen=True)
class Invitation:
    """By what a client finds a relay and a circle on it."""

    host: str
    port: int
    # SHA-256 of the relay's public key; none where only an address is known.
    pin: bytes | None = None
    access_key: bytes | None = None
    secret: bytes | None = None
    owner: bytes = b""
    owner_seed: bytes | None = None
    expiry: int | None = None
    succession: Succession | None = None

    @staticmethod
    def parse(text: str) -> Invitation:
        """Reads an invitation, or an address."""
        text = text.strip()
        if not text.lower().startswith(SCHEME):
            host, port = _address(text)
            return Invitation(host, port)
        address, separator, code = text[len(SCHEME) :].partition("#")
        if not separator:
            raise DecodeError("an invitation without a code")
        host, port = _address(address.removesuffix("/"))
        try:
            data = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
        except binascii.Error as error:
            raise DecodeError("an invitation that is not base64url") from error
        if base64.urlsafe_b64encode(data).decode().rstrip("=") != code:
            raise DecodeError("an invitation that is not canonical base64url")
        return _read(host, port, data)

    @property
    def is_over(self) -> bool:
        """Whether its time is over."""
        return self.expiry is not None and time.time() >= self.expiry

    def circle_keys(self, pin: bytes) -> CircleKeys:
        """The keys of the circle on a relay with this pin."""
        if self.secret is None:
            return CircleKeys.of_open_relay(pin)
        if self.succession is None:
            return CircleKeys.first(self.secret)
        return CircleKeys(self.secret, self.succession.circle, self.succession.generation)


def _address(text: str) -> tuple[str, int]:
    """Host and port; a name before them is passed over."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, int(rest.removeprefix(":") or DEFAULT_PORT)
    parts = text.rsplit(":", 2)
    if len(parts) == 1:
        return parts[0], DEFAULT_PORT
    if not parts[-1].isdigit():
        return parts[-1], DEFAULT_PORT
    return parts[-2], int(parts[-1])


def _read(host: str, port: int, data: bytes) -> Invitation:
    content, checksum = data[:-4], data[-4:]
    if len(data) < 4 or zlib.crc32(content) != int.from_bytes(checksum, "big"):
        raise DecodeError("an invitation that is damaged")
    reader = Reader(content)
    if reader.uint(1) != VERSION:
        raise DecodeError("an invitation of another version")
    flags, pin = reader.uint(1), reader.take(32)
    if flags & ~KNOWN_FLAGS:
        raise DecodeError("an invitation made by a newer program")

    def field(flag: int, size: int) -> bytes | None:
        return reader.take(size) if flags & flag else None

    access_key = field(FLAG_ACCESS_KEY, 32)
    secret = field(FLAG_SECRET, 32)
    owner = field(FLAG_OWNER, ID_SIZE) or b""
    owner_seed = field(FLAG_OWNER_SEED, 32)
    expiry = reader.uint(8) if flags & FLAG_EXPIRY else None
    succession = None
    if flags & FLAG_SUCCESSION:
        generation = reader.uint(4)
        succession = Succession(reader.take(ID_SIZE), generation, reader.take(SUCCESSION_PROOF_SIZE))
        if generation == 0:
            raise DecodeError("an invitation that is damaged")
        try:
            succession.verify(owner)
        except CryptoError as error:
            raise DecodeError("an invitation that is damaged") from error
    reader.finish()
    return Invitation(host, port, pin, access_key, secret, owner, owner_seed, expiry, succession)
