"""The key schedule and the secret tree of MLS (RFC 9420, sections 8 and 9)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from .codec import uint, vector
from .crypto import (
    AEAD_KEY_SIZE,
    AEAD_NONCE_SIZE,
    HASH_SIZE,
    CryptoError,
    derive_secret,
    expand_with_label,
    hkdf_extract,
    sha256,
)
from .messages import CONTENT_APPLICATION, GroupContext, PskId
from .tree import left, level, right

# How many messages may be skipped at once, and how many of their keys are kept (PROTOCOL.md, 7.8).
MAX_SKIP = 1024
MAX_KEPT = 256


@dataclass(frozen=True)
class EpochSecrets:
    """What an epoch's secret gives (section 8, figure 22 and table 4)."""

    sender_data: bytes
    encryption: bytes
    exporter: bytes
    authenticator: bytes
    external: bytes
    confirmation: bytes
    init: bytes

    @staticmethod
    def of(epoch_secret: bytes) -> EpochSecrets:
        """Derives them all."""
        labels = ("sender data", "encryption", "exporter", "authentication", "external", "confirm", "init")
        return EpochSecrets(*(derive_secret(epoch_secret, label) for label in labels))

    @staticmethod
    def next(init_secret: bytes, commit_secret: bytes, psk_secret: bytes, context: GroupContext) -> EpochSecrets:
        """The secrets of the epoch that a commit begins."""
        encoded = context.encode()
        joiner = expand_with_label(hkdf_extract(init_secret, commit_secret), "joiner", encoded, HASH_SIZE)
        member = hkdf_extract(joiner, psk_secret)
        return EpochSecrets.of(expand_with_label(member, "epoch", encoded, HASH_SIZE))

    def export(self, label: str, context: bytes, length: int) -> bytes:
        """`MLS-Exporter` (section 8.5)."""
        return expand_with_label(derive_secret(self.exporter, label), "exported", sha256(context), length)


def psk_secret(keys: list[tuple[PskId, bytes]]) -> bytes:
    """What pre-shared keys add to the key schedule (section 8.4)."""
    secret = bytes(HASH_SIZE)
    for index, (psk_id, key) in enumerate(keys):
        label = psk_id.encode() + uint(index, 2) + uint(len(keys), 2)
        extracted = hkdf_extract(bytes(HASH_SIZE), key)
        secret = hkdf_extract(expand_with_label(extracted, "derived psk", label, HASH_SIZE), secret)
    return secret


@dataclass(frozen=True)
class MessageKey:
    """The key and nonce of one message."""

    key: bytes
    nonce: bytes


class Ratchet:
    """A ratchet of one member (section 9.1), which keeps the keys of messages that were overtaken."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.generation = 0
        self._skipped: dict[int, MessageKey] = {}
        self._order: deque[int] = deque()

    def _next(self) -> MessageKey:
        context = uint(self.generation, 4)
        key = MessageKey(
            expand_with_label(self._secret, "key", context, AEAD_KEY_SIZE),
            expand_with_label(self._secret, "nonce", context, AEAD_NONCE_SIZE),
        )
        self._secret = expand_with_label(self._secret, "secret", context, HASH_SIZE)
        self.generation += 1
        return key

    def take(self) -> MessageKey:
        """The next key, for a message of one's own."""
        return self._next()

    def copy(self) -> Ratchet:
        """A ratchet to try a message on."""
        other = Ratchet(self._secret)
        other.generation = self.generation
        other._skipped = dict(self._skipped)
        other._order = deque(self._order)
        return other

    def key_of(self, generation: int) -> MessageKey:
        """The key of a message that was received; it is there once."""
        if generation < self.generation:
            if generation not in self._skipped:
                raise CryptoError("the key of this message was used already")
            return self._skipped.pop(generation)
        if generation - self.generation > MAX_SKIP:
            raise CryptoError("a message that skips too many")
        while self.generation < generation:
            self._order.append(self.generation)
            self._skipped[self.generation] = self._next()
            if len(self._order) > MAX_KEPT:
                self._skipped.pop(self._order.popleft(), None)
        return self._next()


class SecretTree:
    """The ratchets of all members of an epoch (section 9)."""

    def __init__(self, encryption_secret: bytes, width: int) -> None:
        self._root = width - 1
        self._root_secret = encryption_secret
        self._ratchets: dict[tuple[int, bool], Ratchet] = {}

    def ratchet(self, leaf: int, content_type: int) -> Ratchet:
        """A member's ratchet for application or for handshake messages."""
        is_application = content_type == CONTENT_APPLICATION
        if (leaf, is_application) not in self._ratchets:
            secret, node = self._root_secret, self._root
            while level(node):
                side, node = ("left", left(node)) if 2 * leaf < node else ("right", right(node))
                secret = expand_with_label(secret, "tree", side.encode(), HASH_SIZE)
            for of_application, label in ((True, "application"), (False, "handshake")):
                self._ratchets[leaf, of_application] = Ratchet(expand_with_label(secret, label, b"", HASH_SIZE))
        return self._ratchets[leaf, is_application]

    def replace(self, leaf: int, content_type: int, ratchet: Ratchet) -> None:
        """Puts the ratchet in place on which a message was read."""
        self._ratchets[leaf, content_type == CONTENT_APPLICATION] = ratchet


def sender_data_key(sender_data_secret: bytes, ciphertext: bytes) -> MessageKey:
    """The key that hides who sent a message (section 6.3.2)."""
    sample = ciphertext[:HASH_SIZE]
    return MessageKey(
        expand_with_label(sender_data_secret, "key", sample, AEAD_KEY_SIZE),
        expand_with_label(sender_data_secret, "nonce", sample, AEAD_NONCE_SIZE),
    )


def confirmed_hash(interim: bytes, confirmed_input: bytes) -> bytes:
    """The confirmed transcript hash after a commit (section 8.2)."""
    return sha256(interim, confirmed_input)


def interim_hash(confirmed: bytes, confirmation_tag: bytes) -> bytes:
    """The interim transcript hash after a commit (section 8.2)."""
    return sha256(confirmed, vector(confirmation_tag))
