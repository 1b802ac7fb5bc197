"""The primitives of cipher suite 0x004F: X-Wing, AES-128-GCM, SHA-256 and Ed25519."""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .codec import uint, vector

CIPHER_SUITE = 0x004F
HASH_SIZE = 32
AEAD_KEY_SIZE = 16
AEAD_NONCE_SIZE = 12
ED25519_KEY_SIZE = 32

XWING_LABEL = b"\\.//^\\"
XWING_PUBLIC_SIZE = 1216
XWING_CIPHERTEXT_SIZE = 1120
MLKEM_PUBLIC_SIZE = 1184
MLKEM_CIPHERTEXT_SIZE = 1088

# X-Wing, HKDF-SHA256, AEAD AES-128-GCM (RFC 9180, section 7; the KEM's number is of the X-Wing draft).
HPKE_SUITE_ID = b"HPKE" + uint(0x647A, 2) + uint(0x0001, 2) + uint(0x0001, 2)


class CryptoError(ValueError):
    """A key, a signature, a tag or a ciphertext is not right."""


def sha256(*parts: bytes) -> bytes:
    """SHA-256 of the parts one after another."""
    return hashlib.sha256(b"".join(parts)).digest()


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA256, the `MAC` of the suite."""
    return hmac.new(key, data, hashlib.sha256).digest()


def same(left: bytes, right: bytes) -> bool:
    """Whether two secrets or tags are equal, in constant time."""
    return hmac.compare_digest(left, right)


def hkdf_extract(salt: bytes, secret: bytes) -> bytes:
    """HKDF-Extract (RFC 5869, section 2.2)."""
    return hmac_sha256(salt or bytes(HASH_SIZE), secret)


def hkdf_expand(key: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand (RFC 5869, section 2.3)."""
    output = block = b""
    counter = 1
    while len(output) < length:
        block = hmac_sha256(key, block + info + uint(counter, 1))
        output += block
        counter += 1
    return output[:length]


def expand_with_label(secret: bytes, label: str, context: bytes, length: int) -> bytes:
    """`ExpandWithLabel` (RFC 9420, section 8)."""
    info = uint(length, 2) + vector(b"MLS 1.0 " + label.encode()) + vector(context)
    return hkdf_expand(secret, info, length)


def derive_secret(secret: bytes, label: str) -> bytes:
    """`DeriveSecret` (RFC 9420, section 8)."""
    return expand_with_label(secret, label, b"", HASH_SIZE)


def aead_seal(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """AES-128-GCM."""
    return AESGCM(key).encrypt(nonce, plaintext, associated)


def aead_open(key: bytes, nonce: bytes, ciphertext: bytes, associated: bytes) -> bytes:
    """AES-128-GCM; raises when the tag does not match."""
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, associated)
    except InvalidTag as error:
        raise CryptoError("a ciphertext does not open") from error


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key pair, made from its seed."""

    seed: bytes

    @staticmethod
    def generate() -> SigningKey:
        """A new key."""
        return SigningKey(os.urandom(ED25519_KEY_SIZE))

    @property
    def public(self) -> bytes:
        """The verification key."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """A plain Ed25519 signature."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    def sign_with_label(self, label: str, content: bytes) -> bytes:
        """`SignWithLabel` (RFC 9420, section 5.1.2)."""
        return self.sign(_sign_content(label, content))


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Raises unless the Ed25519 signature is right."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise CryptoError("a signature is not right") from error


def verify_with_label(public: bytes, label: str, content: bytes, signature: bytes) -> None:
    """`VerifyWithLabel` (RFC 9420, section 5.1.2)."""
    verify(public, _sign_content(label, content), signature)


def _sign_content(label: str, content: bytes) -> bytes:
    return vector(b"MLS 1.0 " + label.encode()) + vector(content)


@dataclass(frozen=True)
class KemKey:
    """An X-Wing key pair: the 32 bytes that it is made from (draft-connolly-cfrg-xwing-kem, section 5.2)."""

    seed: bytes

    @staticmethod
    def generate() -> KemKey:
        """A new key."""
        return KemKey(os.urandom(32))

    @staticmethod
    def derive(secret: bytes) -> KemKey:
        """`DeriveKeyPair` of HPKE for X-Wing (the draft, section 5.6)."""
        return KemKey(hashlib.shake_256(secret).digest(32))

    def _expand(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        expanded = hashlib.shake_256(self.seed).digest(96)
        return (
            MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
            X25519PrivateKey.from_private_bytes(expanded[64:]),
        )

    @property
    def public(self) -> bytes:
        """The encapsulation key."""
        mlkem, x25519 = self._expand()
        return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """The shared secret that a ciphertext carries (the draft, section 5.5)."""
        if len(ciphertext) != XWING_CIPHERTEXT_SIZE:
            raise CryptoError("a KEM output of a wrong size")
        mlkem, x25519 = self._expand()
        of_x25519 = ciphertext[MLKEM_CIPHERTEXT_SIZE:]
        return _combine(
            mlkem.decapsulate(ciphertext[:MLKEM_CIPHERTEXT_SIZE]),
            _exchange(x25519, of_x25519),
            of_x25519,
            x25519.public_key().public_bytes_raw(),
        )


def encapsulate(public: bytes) -> tuple[bytes, bytes]:
    """A shared secret and the ciphertext that carries it (the X-Wing draft, section 5.4)."""
    if len(public) != XWING_PUBLIC_SIZE:
        raise CryptoError("an encryption key of a wrong size")
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public[:MLKEM_PUBLIC_SIZE])
    except ValueError as error:
        raise CryptoError("an encryption key is not right") from error
    of_mlkem, mlkem_ciphertext = mlkem.encapsulate()
    ephemeral = X25519PrivateKey.generate()
    theirs = public[MLKEM_PUBLIC_SIZE:]
    ours = ephemeral.public_key().public_bytes_raw()
    secret = _combine(of_mlkem, _exchange(ephemeral, theirs), ours, theirs)
    return secret, mlkem_ciphertext + ours


def _exchange(private: X25519PrivateKey, public: bytes) -> bytes:
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:
        raise CryptoError("an X25519 key is not right") from error


def _combine(of_mlkem: bytes, of_x25519: bytes, ciphertext: bytes, public: bytes) -> bytes:
    """The combiner of X-Wing (the draft, section 5.3)."""
    return hashlib.sha3_256(of_mlkem + of_x25519 + ciphertext + public + XWING_LABEL).digest()


@dataclass(frozen=True)
class HpkeContext:
    """What `KeySchedule` of HPKE gives in base mode (RFC 9180, section 5.1); it seals one message."""

    key: bytes
    nonce: bytes
    exporter_secret: bytes

    @staticmethod
    def of(shared_secret: bytes, info: bytes) -> HpkeContext:
        """The key schedule without a pre-shared key."""
        psk_id_hash = _labeled_extract(b"", "psk_id_hash", b"")
        info_hash = _labeled_extract(b"", "info_hash", info)
        context = uint(0, 1) + psk_id_hash + info_hash
        secret = _labeled_extract(shared_secret, "secret", b"")
        return HpkeContext(
            _labeled_expand(secret, "key", context, AEAD_KEY_SIZE),
            _labeled_expand(secret, "base_nonce", context, AEAD_NONCE_SIZE),
            _labeled_expand(secret, "exp", context, HASH_SIZE),
        )

    def export(self, context: bytes) -> bytes:
        """`Context.Export` (RFC 9180, section 5.3)."""
        return _labeled_expand(self.exporter_secret, "sec", context, HASH_SIZE)


def _labeled_extract(salt: bytes, label: str, secret: bytes) -> bytes:
    return hkdf_extract(salt, b"HPKE-v1" + HPKE_SUITE_ID + label.encode() + secret)


def _labeled_expand(key: bytes, label: str, info: bytes, length: int) -> bytes:
    return hkdf_expand(key, uint(length, 2) + b"HPKE-v1" + HPKE_SUITE_ID + label.encode() + info, length)


def _encrypt_context(label: str, context: bytes) -> bytes:
    return vector(b"MLS 1.0 " + label.encode()) + vector(context)


def encrypt_with_label(public: bytes, label: str, context: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
    """`EncryptWithLabel` (RFC 9420, section 5.1.3): the KEM output and the ciphertext."""
    secret, kem_output = encapsulate(public)
    hpke = HpkeContext.of(secret, _encrypt_context(label, context))
    return kem_output, aead_seal(hpke.key, hpke.nonce, plaintext, b"")


def decrypt_with_label(key: KemKey, label: str, context: bytes, kem_output: bytes, ciphertext: bytes) -> bytes:
    """`DecryptWithLabel` (RFC 9420, section 5.1.3)."""
    hpke = HpkeContext.of(key.decapsulate(kem_output), _encrypt_context(label, context))
    return aead_open(hpke.key, hpke.nonce, ciphertext, b"")


def external_init_send(external_public: bytes) -> tuple[bytes, bytes]:
    """The KEM output of an `ExternalInit` and the init secret that it gives (RFC 9420, section 8.3)."""
    secret, kem_output = encapsulate(external_public)
    return kem_output, HpkeContext.of(secret, b"").export(b"MLS 1.0 external init secret")


def external_init_receive(key: KemKey, kem_output: bytes) -> bytes:
    """The init secret of an `ExternalInit` (RFC 9420, section 8.3)."""
    return HpkeContext.of(key.decapsulate(kem_output), b"").export(b"MLS 1.0 external init secret")
