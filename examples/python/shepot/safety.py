"""Safety codes, which people compare outside Shepot (PROTOCOL.md, section 16)."""

from __future__ import annotations

from argon2.low_level import Type, hash_secret_raw

from .codec import uint
from .group import Group

CODE_SIZE = 12
MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
DIGITS = 30
DIGITS_OF_GROUP = 5


def group_code(authenticator: bytes, circle: bytes, epoch: int) -> bytes:
    """The code of a group, from the authenticator of an epoch (RFC 9420, section 8.7)."""
    return _stretch(authenticator + circle + uint(epoch, 8), b"shepot safety code v1")


def code_of(group: Group) -> bytes:
    """The code of the group's present epoch."""
    return group_code(group.secrets.authenticator, group.context.group_id, group.epoch)


def pair_code(one: bytes, other: bytes) -> bytes:
    """The code of two members, from their signature keys."""
    return _stretch(min(one, other) + max(one, other), b"shepot pair code v1")


def as_number(code: bytes) -> str:
    """A code as one decimal number in groups of five digits."""
    digits = str(int.from_bytes(code, "big")).zfill(DIGITS)
    return " ".join(digits[at : at + DIGITS_OF_GROUP] for at in range(0, DIGITS, DIGITS_OF_GROUP))


def symbols(code: bytes) -> list[int]:
    """The numbers of a code's 16 symbols (appendix B), the first bits first."""
    value = int.from_bytes(code, "big")
    return [value >> shift & 0x3F for shift in range(8 * CODE_SIZE - 6, -1, -6)]


def _stretch(secret: bytes, salt: bytes) -> bytes:
    return hash_secret_raw(secret, salt, PASSES, MEMORY_KIB, LANES, CODE_SIZE, Type.ID)
