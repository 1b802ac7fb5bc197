"""The presentation language of TLS as MLS uses it (RFC 9420, section 2.1; RFC 8446, section 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Item = TypeVar("Item")


class DecodeError(ValueError):
    """The bytes do not follow the grammar."""


def uint(value: int, size: int) -> bytes:
    """A big-endian number of a fixed size."""
    return value.to_bytes(size, "big")


def vector(data: bytes) -> bytes:
    """`opaque data<V>`: a length of variable size, then the bytes (RFC 9420, section 2.1.2)."""
    size = len(data)
    if size < 1 << 6:
        return uint(size, 1) + data
    if size < 1 << 14:
        return uint(size | 1 << 14, 2) + data
    if size < 1 << 30:
        return uint(size | 2 << 30, 4) + data
    raise ValueError("too long for a vector")


def optional(data: bytes | None) -> bytes:
    """`optional<T>`: a byte that says whether it is there (RFC 9420, section 2.1.1)."""
    return b"\0" if data is None else b"\1" + data


class Reader:
    """Reads values one after another from bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if size > len(self._data) - self._at:
            raise DecodeError("the data ends too early")
        self._at += size
        return self._data[self._at - size : self._at]

    def uint(self, size: int) -> int:
        """A big-endian number of `size` bytes."""
        return int.from_bytes(self.take(size), "big")

    def vector(self) -> bytes:
        """`opaque data<V>`, with its length in the shortest form."""
        first = self.uint(1)
        prefix = first >> 6
        if prefix == 3:
            raise DecodeError("a length with the prefix 3")
        length = first & 0x3F
        for _ in range((1 << prefix) - 1):
            length = length << 8 | self.uint(1)
        if prefix and length < 1 << (8 * (1 << (prefix - 1)) - 2):
            raise DecodeError("a length that is not in its shortest form")
        return self.take(length)

    def items(self, read: Callable[[Reader], Item]) -> list[Item]:
        """`T items<V>`."""
        inner = Reader(self.vector())
        found = []
        while not inner.is_at_end():
            found.append(read(inner))
        return found

    def optional(self, read: Callable[[Reader], Item]) -> Item | None:
        """`optional<T>`."""
        match self.uint(1):
            case 0:
                return None
            case 1:
                return read(self)
        raise DecodeError("an optional value is neither there nor absent")

    def position(self) -> int:
        """How many bytes were read."""
        return self._at

    def since(self, position: int) -> bytes:
        """What was read since `position`."""
        return self._data[position : self._at]

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._data) - self._at)

    def is_at_end(self) -> bool:
        """Whether all was read."""
        return self._at == len(self._data)

    def finish(self) -> None:
        """Raises unless all was read."""
        if not self.is_at_end():
            raise DecodeError("there is more data than expected")
