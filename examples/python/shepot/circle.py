"""The keys of a circle and all that is made of them (PROTOCOL.md, sections 5, 6.2, 8, 9.6 and 11.1)."""

from __future__ import annotations

import os
from dataclasses import dataclass

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError as SealError

from .codec import DecodeError, Reader, uint
from .crypto import CryptoError, SigningKey, hkdf_expand, hkdf_extract, hmac_sha256, sha256, verify
from .group import Group

KIND_GROUP_INFORMATION = 1
KIND_COMMIT = 2
KIND_MESSAGE = 3
KIND_SIGNAL = 4
SEAL_NONCE_SIZE = 24
SEAL_TAG_SIZE = 16
ID_SIZE = 16
SUCCESSION_PROOF_SIZE = 96
BUCKETS = (256, 512, 1024, 2048, 4096)


def padded_size(size: int) -> int:
    """The size of the bucket that so many bytes go into: a fixed one, or Padmé above (8.2)."""
    for bucket in BUCKETS:
        if size <= bucket:
            return bucket
    exponent = size.bit_length() - 1
    free_bits = exponent - exponent.bit_length()
    mask = (1 << free_bits) - 1
    return (size + mask) & ~mask


@dataclass(frozen=True)
class Succession:
    """The owner's word that a generation of a circle has begun (15.1)."""

    circle: bytes
    generation: int
    # The owner's public key (32) and its signature (64).
    proof: bytes

    @property
    def owner_key(self) -> bytes:
        """The owner's public key."""
        return self.proof[:32]

    def verify(self, owner: bytes) -> None:
        """Raises unless it is the word of the circle's owner."""
        key, signature = self.owner_key, self.proof[32:]
        if len(self.proof) != SUCCESSION_PROOF_SIZE or owner != sha256(key)[:ID_SIZE]:
            raise CryptoError("a succession of another owner")
        verify(key, b"shepot succession v1" + self.circle + uint(self.generation, 4), signature)


@dataclass(frozen=True)
class CircleKeys:
    """What a circle's secret gives in one generation (5.1)."""

    secret: bytes
    circle: bytes
    generation: int

    @staticmethod
    def first(secret: bytes) -> CircleKeys:
        """The keys of the first generation: the name that they give stays the circle's id."""
        return CircleKeys(secret, _expand(secret, "circle name", ID_SIZE), 0)

    @staticmethod
    def of_open_relay(pin: bytes) -> CircleKeys:
        """The keys of the circle that everybody finds on an open relay (3.3)."""
        return CircleKeys.first(sha256(b"shepot open circle v1", pin))

    def next(self, group: Group) -> CircleKeys:
        """The keys of the generation that an eviction begins, from the epoch that it begins (5.2)."""
        generation = self.generation + 1
        secret = group.export("shepot circle secret", uint(generation, 4), 32)
        return CircleKeys(secret, self.circle, generation)

    @property
    def name(self) -> bytes:
        """What the circle is entered by in this generation."""
        return _expand(self.secret, "circle name", ID_SIZE)

    @property
    def psk(self) -> tuple[bytes, bytes]:
        """The id and the value of the pre-shared key that every external commit injects."""
        psk_id = b"shepot psk v1" + self.circle + uint(self.generation, 4)
        return psk_id, _expand(self.secret, "external psk", 32)

    @property
    def access_key(self) -> bytes:
        """The access key of the owner's own relay, in every generation but the first."""
        return _expand(self.secret, "access key", 32)

    def _associated(self, kind: int, epoch: int) -> bytes:
        return self.circle + uint(kind, 1) + uint(epoch, 8)

    def seal(self, kind: int, epoch: int, message: bytes) -> bytes:
        """The blob of an MLS message (8.1)."""
        nonce = os.urandom(SEAL_NONCE_SIZE)
        key = _expand(self.secret, "blob key", 32)
        if kind in (KIND_GROUP_INFORMATION, KIND_COMMIT):
            message = uint(len(message), 4) + message
            message += bytes(padded_size(len(message)) - len(message))
        return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(message, self._associated(kind, epoch), nonce, key)

    def open(self, kind: int, epoch: int, blob: bytes) -> bytes:
        """The MLS message in a blob."""
        nonce, sealed = blob[:SEAL_NONCE_SIZE], blob[SEAL_NONCE_SIZE:]
        if len(sealed) < SEAL_TAG_SIZE:
            raise CryptoError("a blob that is too short")
        key = _expand(self.secret, "blob key", 32)
        try:
            message = crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, self._associated(kind, epoch), nonce, key)
        except SealError as error:
            raise CryptoError("a blob does not open") from error
        if kind not in (KIND_GROUP_INFORMATION, KIND_COMMIT):
            return message
        reader = Reader(message)
        inner = reader.take(reader.uint(4))
        if any(reader.rest()) or len(message) != padded_size(4 + len(inner)):
            raise DecodeError("a padding that is not zeros, or of a wrong length")
        return inner


def _expand(secret: bytes, label: str, size: int) -> bytes:
    return hkdf_expand(hkdf_extract(b"shepot circle v1", secret), label.encode(), size)


def epoch_key(group: Group) -> SigningKey:
    """The signing key of an epoch, which all its members share (5.2)."""
    return SigningKey(group.export("shepot epoch signing key", group.context.group_id, 32))


def endorsement(before: Group, after: Group, blob: bytes) -> tuple[bytes, bytes]:
    """The next verification key, and the signature that endorses a commit (5.3, 10.1)."""
    key = epoch_key(after).public
    transcript = endorsement_transcript(before.context.group_id, before.epoch, commit_id(blob), key)
    return key, epoch_key(before).sign(transcript)


def endorsement_transcript(circle: bytes, base_epoch: int, commit: bytes, next_key: bytes) -> bytes:
    """What an endorsement signs (5.3)."""
    return b"shepot endorsement v1" + circle + uint(base_epoch, 8) + commit + next_key


def commit_id(blob: bytes) -> bytes:
    """By what a commit is named (5.3)."""
    return sha256(blob)[:ID_SIZE]


def seat_number(seat_secret: bytes) -> int:
    """The number of the seat that a secret gives (6.2)."""
    return int.from_bytes(sha256(b"shepot seat number v1", seat_secret)[:8], "big")


def seat_proof(group: Group, exporter: bytes, name: bytes, seat: int) -> bytes:
    """The signature by which a member takes its seat again (5.3, 14.3)."""
    return epoch_key(group).sign(seat_transcript(exporter, name, seat, group.epoch))


def seat_transcript(exporter: bytes, name: bytes, seat: int, epoch: int) -> bytes:
    """What a seat proof signs (5.3)."""
    return b"shepot seat v1" + exporter + name + uint(seat, 8) + uint(epoch, 8)


def access_key_id(access_key: bytes) -> bytes:
    """By what an access key is named (4.3)."""
    return hmac_sha256(access_key, b"shepot access key id v1")[:8]


ENTRY_MESSAGE = 1
ENTRY_COMMIT = 2
ENTRY_PRESENCE = 3
MAX_KEPT_HASHES = 8192


@dataclass(frozen=True)
class View:
    """How far a member has read which log, and the log's hash up to there (11.2)."""

    log_id: bytes
    position: int
    # None where it is not known.
    value: bytes | None


class Log:
    """The hash of a circle's log (9.6): of one that is read from its start, or from a later position."""

    def __init__(self, log_id: bytes, position: int = 0) -> None:
        self.log_id = log_id
        self.position = position
        self._digests: dict[int, bytes] = {}
        self._values: dict[int, bytes] = {}
        if position == 0:
            self._values[0] = sha256(b"shepot log v1", log_id)[:ID_SIZE]

    def append(self, kind: int, number: int, payload: bytes) -> None:
        """The next entry."""
        self.position += 1
        digest = sha256(uint(self.position, 8), uint(kind, 1), uint(number, 8), payload)
        self._digests[self.position] = digest
        self._extend(self.position)
        for kept in (self._digests, self._values):
            kept.pop(self.position - MAX_KEPT_HASHES, None)

    def _extend(self, position: int) -> None:
        if position - 1 in self._values:
            self._values[position] = sha256(self._values[position - 1], self._digests[position])[:ID_SIZE]

    @property
    def view(self) -> View:
        """What is told to others."""
        return View(self.log_id, self.position, self._values.get(self.position))

    def agrees(self, view: View) -> bool:
        """Whether another member's view is not known to be another log's.

        A newcomer adopts the first view that it is told, and goes on from there (9.6).
        """
        if view.log_id != self.log_id or view.position > self.position:
            return False
        if view.value is None:
            return True
        if not self._values and view.position + len(self._digests) >= self.position >= view.position:
            self._values[view.position] = view.value
            for position in range(view.position + 1, self.position + 1):
                self._extend(position)
        return self._values.get(view.position, view.value) == view.value


@dataclass(frozen=True)
class Envelope:
    """What stands in an MLS application message (11.1)."""

    number: int
    previous: bytes
    view: View
    body: bytes

    def encode(self) -> bytes:
        """Its bytes, up to the bucket."""
        data = uint(1, 1) + uint(self.number, 8) + self.previous + self.view.log_id
        data += uint(self.view.position, 8) + (self.view.value or bytes(ID_SIZE))
        data += uint(len(self.body), 4) + self.body
        return data + bytes(padded_size(len(data)) - len(data))

    @staticmethod
    def read(data: bytes) -> Envelope:
        """Reads one."""
        reader = Reader(data)
        if reader.uint(1) != 1:
            raise DecodeError("an envelope of another version")
        number, previous, log_id = reader.uint(8), reader.take(ID_SIZE), reader.take(ID_SIZE)
        position, value = reader.uint(8), reader.take(ID_SIZE)
        body = reader.take(reader.uint(4))
        if any(reader.rest()):
            raise DecodeError("a padding that is not zeros")
        return Envelope(number, previous, View(log_id, position, value if any(value) else None), body)
