"""Checks this client against the vectors that PROTOCOL.md prints (its section 2.2).

python -m tests.vectors …/PROTOCOL.md
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from shepot import content_pb2 as content
from shepot import safety
from shepot import shepot_pb2 as pb
from shepot.circle import (
    ENTRY_COMMIT,
    ENTRY_MESSAGE,
    ENTRY_PRESENCE,
    KIND_COMMIT,
    KIND_MESSAGE,
    CircleKeys,
    Envelope,
    Log,
    access_key_id,
    commit_id,
    endorsement_transcript,
    padded_size,
    seat_number,
    seat_transcript,
)
from shepot.codec import uint
from shepot.crypto import KemKey, SigningKey, derive_secret, expand_with_label, hmac_sha256, sha256
from shepot.invitation import Invitation
from shepot.member import CircleContext, Member, owner_transcript
from shepot.state import Profile, Rooms, deletion_statement, profile_statement

Values = dict[str, bytes | str]


def read(document: str) -> dict[str, str]:
    """All vectors by name, as they stand there."""
    found: dict[str, str] = {}
    for block in re.findall(r"```vectors\n(.*?)```", document, re.DOTALL):
        joined = re.sub(r"\n +", "", block)
        for line in joined.splitlines():
            name, _, value = line.partition("=")
            found[name.strip()] = value.strip().strip('"')
    return found


VECTORS = read(Path(sys.argv[1]).read_text(encoding="utf-8"))
ACCESS_KEY = bytes([7]) * 32
SEAT_SECRET = bytes([7]) * 16
CIRCLE = CircleKeys.first(bytes([7]) * 32)
OWNER = SigningKey(bytes([5]) * 32)
OWNER_ID = sha256(OWNER.public)[:16]


def as_text(value: bytes | str) -> str:
    """A value as the document prints it."""
    return value if isinstance(value, str) else value.hex()


def frame(message: pb.ClientToRelay) -> bytes:
    """A whole frame (4.2)."""
    body = message.SerializeToString()
    return uint(len(body), 4) + body


def export(byte: int, label: str, context: bytes) -> bytes:
    """MLS-Exporter where the exporter secret is 32 times a byte (RFC 9420, section 8.5)."""
    exporter_secret = bytes([byte]) * 32
    return expand_with_label(derive_secret(exporter_secret, label), "exported", sha256(context), 32)


def keys_and_connection() -> Values:
    """Sections 3 to 6."""
    invitation = Invitation.parse(VECTORS["invitation_full"])
    relay = SigningKey(bytes([6]) * 32).public
    hello = pb.Hello(
        lowest_version=1,
        highest_version=1,
        access_proof=hmac_sha256(ACCESS_KEY, bytes([3]) * 32),
        access_key_id=access_key_id(ACCESS_KEY),
    )
    seat = seat_number(SEAT_SECRET)
    enter = pb.Enter(name=CIRCLE.name, seat=seat, seat_secret=SEAT_SECRET, owner=OWNER_ID)
    epoch_seed = export(0x42, "shepot epoch signing key", CIRCLE.circle)
    return {
        "owner_public_key": OWNER.public,
        "owner_id": OWNER_ID if invitation.owner == OWNER_ID else b"",
        "succession_proof": invitation.succession.proof if invitation.succession else b"",
        "open_circle_secret": CircleKeys.of_open_relay(bytes([1]) * 32).secret,
        "relay_public_key": relay,
        "relay_pin": sha256(bytes.fromhex("302a300506032b6570032100"), relay),
        "access_key_id": access_key_id(ACCESS_KEY),
        "access_proof": hello.access_proof,
        "hello_frame": frame(pb.ClientToRelay(hello=hello)),
        "circle_name": CIRCLE.name,
        "external_psk": CIRCLE.psk[1],
        "psk_id": CIRCLE.psk[0],
        "next_access_key": CIRCLE.access_key,
        "next_circle_name": CircleKeys(bytes([9]) * 32, CIRCLE.circle, 1).name,
        "epoch_key_seed": epoch_seed,
        "epoch_verification_key": SigningKey(epoch_seed).public,
        "next_verification_key": SigningKey(export(0x43, "shepot epoch signing key", CIRCLE.circle)).public,
        "next_secret": export(0x43, "shepot circle secret", uint(1, 4)),
        "commit_id": commit_id(bytes.fromhex(VECTORS["commit_blob"])),
        "seat": uint(seat, 8),
        "enter_frame": frame(pb.ClientToRelay(enter=enter)),
    }


def signatures() -> Values:
    """The transcripts of 5.3, the return of 14.3 and the owner's words of section 15."""
    epoch_key = SigningKey(export(0x42, "shepot epoch signing key", CIRCLE.circle))
    next_key = SigningKey(export(0x43, "shepot epoch signing key", CIRCLE.circle)).public
    seat = seat_number(SEAT_SECRET)
    of_seat = seat_transcript(bytes([0x22]) * 32, CIRCLE.name, seat, 4)
    commit = commit_id(bytes.fromhex(VECTORS["commit_blob"]))
    of_endorsement = endorsement_transcript(CIRCLE.circle, 4, commit, next_key)
    resume = pb.Resume(
        log_id=bytes([0x10]) * 16,
        cursor=4,
        epoch=4,
        verification_key=epoch_key.public,
        proof=epoch_key.sign(of_seat),
    )
    enter = pb.Enter(name=CIRCLE.name, seat=seat, resume=resume, seat_secret=SEAT_SECRET, owner=OWNER_ID)
    action = OWNER.sign(owner_transcript(CIRCLE.circle, 4, 1, [bytes([0x0B]) * 32, bytes([0x0A]) * 32]))
    profile = content.CircleProfile(revision=5, name="Маяк", owner="Марина", picture_digest=sha256(b"png"))
    deleted = content.RoomDeleted(room=9)
    return {
        "seat_transcript": of_seat,
        "seat_proof": resume.proof,
        "endorsement_transcript": of_endorsement,
        "endorsement": epoch_key.sign(of_endorsement),
        "enter_resume_frame": frame(pb.ClientToRelay(enter=enter)),
        "owner_action": action,
        "owner_authenticated_data": action + bytes.fromhex(VECTORS["succession_proof"]),
        "profile_statement": profile_statement(profile),
        "profile_word": owner_word(profile_statement(profile)),
        "deletion_statement": deletion_statement(deleted),
        "deletion_word": owner_word(deletion_statement(deleted)),
    }


def owner_word(statement: bytes) -> bytes:
    """The owner's word for a statement."""
    return OWNER.public + OWNER.sign(b"shepot owner statement v1" + CIRCLE.circle + statement)


def mls_and_blobs() -> Values:
    """Sections 7 and 8."""
    kem = KemKey.derive(bytes(range(32)))
    public = X25519PrivateKey.from_private_bytes(bytes([0x22]) * 32).public_key().public_bytes_raw()
    member = Member("Ада", seat_number(SEAT_SECRET), bytes([0x33]) * 16, mood=3)
    sizes = [int(pair.partition(":")[0]) for pair in VECTORS["padded_sizes"].split()]
    return {
        "xwing_seed": kem.seed,
        "xwing_public_key_sha256": sha256(kem.public),
        "xwing_public_key_tail": kem.public[-32:],
        "xwing_shared_secret": kem.decapsulate(bytes([0x11]) * 1088 + public),
        "leaf_extension": member.extension().data,
        "context_extension": CircleContext(1, OWNER_ID).extension().data,
        "context_extension_unowned": CircleContext(0, b"").extension().data,
        "commit_blob": sealed_commit(),
        "message_blob": sealed_message(),
        "padded_sizes": " ".join(f"{size}:{padded_size(size)}" for size in sizes),
    }


def sealed_commit() -> bytes:
    """The blob, if it opens to what it should."""
    blob = bytes.fromhex(VECTORS["commit_blob"])
    return blob if CIRCLE.open(KIND_COMMIT, 4, blob) == b"commit" else b""


def sealed_message() -> bytes:
    """The same for a message."""
    blob = bytes.fromhex(VECTORS["message_blob"])
    return blob if CIRCLE.open(KIND_MESSAGE, 5, blob) == b"message" else b""


def log_and_messages() -> Values:
    """Sections 9 to 12, 15 and 16."""
    log = Log(bytes([0x10]) * 16)
    hashes = [log.view.value or b""]
    for kind, number, payload in (
        (ENTRY_PRESENCE, seat_number(SEAT_SECRET), b"\1"),
        (ENTRY_COMMIT, 4, sealed_commit()),
        (ENTRY_MESSAGE, 5, sealed_message()),
    ):
        log.append(kind, number, payload)
        hashes.append(log.view.value or b"")
    text = content.Text(
        message_id=bytes([7]) * 16,
        room=9,
        body="Привет",
        reply_to=bytes([8]) * 16,
        mentions=[bytes([3]) * 32],
        disappears_after_s=60,
    )
    said = content.Content(text=text).SerializeToString()
    envelope = Envelope(1, bytes(16), log.view, said).encode()
    acknowledgement = content.Content.FromString(bytes.fromhex(VECTORS["content_acknowledgement"]))
    rooms = Rooms(CIRCLE.circle, OWNER_ID)
    rooms.adopt(acknowledgement.acknowledgement.rooms)
    deleted = content.Content.FromString(bytes.fromhex(VECTORS["content_room_deleted"]))
    named = Profile(CIRCLE.circle, OWNER_ID)
    was_named = named.adopt(acknowledgement.acknowledgement.circle)
    was_deleted = rooms.apply(deleted, bytes([4]) * 32)
    pair = safety.pair_code(bytes([2]) * 32, bytes([1]) * 32)
    return {
        **{f"log_hash_{number}": value for number, value in enumerate(hashes)},
        "content_text": said,
        "content_acknowledgement": acknowledgement.SerializeToString() if was_named else b"",
        "content_room_deleted": deleted.SerializeToString() if was_deleted else b"",
        "envelope_1": envelope,
        "envelope_1_hash": sha256(envelope)[:16],
        "heartbeat_2": Envelope(2, sha256(envelope)[:16], log.view, b"").encode(),
        "group_code": safety.group_code(bytes([0x44]) * 32, CIRCLE.circle, 5),
        "pair_code": pair,
        "pair_code_symbols": bytes(safety.symbols(pair)),
        "pair_code_number": safety.as_number(pair),
    }


def main() -> int:
    """Compares all; gives the number of those that differ."""
    values = keys_and_connection() | signatures() | mls_and_blobs() | log_and_messages()
    wrong = [name for name, value in values.items() if VECTORS.get(name) != as_text(value)]
    print(f"{len(values) - len(wrong)} of {len(values)} vectors are right; {len(VECTORS) - len(values)} not looked at")
    for name in wrong:
        print(f"{name}: the document has {VECTORS.get(name)}, this client {as_text(values[name])}")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
