"""What members write into their leaves and into the group, and the owner's word (PROTOCOL.md, sections 7 and 15)."""

from __future__ import annotations

import os
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from .circle import ID_SIZE, SUCCESSION_PROOF_SIZE, CircleKeys, Succession
from .codec import DecodeError, Reader, uint
from .crypto import sha256, verify
from .group import Group, StagedCommit
from .messages import GroupContext
from .tree import Capabilities, Extension, Leaf, find_extension

EXTENSION_CIRCLE = 0xF0A1
EXTENSION_MEMBER = 0xF0A2
VERSION = 1
NICK_SIZE = 80
CAPABILITIES = Capabilities(extensions=(EXTENSION_CIRCLE, EXTENSION_MEMBER))


@dataclass(frozen=True)
class Member:
    """What a leaf says of its member (extension 0xF0A2)."""

    nick: str
    seat: int
    nonce: bytes
    mood: int = 0

    @staticmethod
    def new(nick: str, seat: int) -> Member:
        """A leaf's content with a fresh nonce."""
        return Member(nick, seat, os.urandom(ID_SIZE))

    def extension(self) -> Extension:
        """The leaf extension."""
        nick = self.nick.encode()
        if not 0 < len(nick) <= NICK_SIZE or 0 in nick:
            raise ValueError("a nick has 1 to 80 bytes, none of them zero")
        head = uint(VERSION, 1) + uint(self.mood, 1) + uint(self.seat, 8) + self.nonce
        return Extension(EXTENSION_MEMBER, head + nick + bytes(NICK_SIZE - len(nick)))

    @staticmethod
    def of(leaf: Leaf) -> Member:
        """Reads a leaf."""
        data = find_extension(leaf.extensions, EXTENSION_MEMBER)
        if data is None or leaf.identity:
            raise DecodeError("a leaf that is no circle's")
        reader = Reader(data)
        if reader.uint(1) != VERSION:
            raise DecodeError("a leaf of another version")
        mood, seat, nonce, nick = reader.uint(1), reader.uint(8), reader.take(ID_SIZE), reader.take(NICK_SIZE)
        reader.finish()
        nick = nick.rstrip(b"\0")
        if not nick or 0 in nick:
            raise DecodeError("a nick that is empty or has a zero in it")
        return Member(nick.decode(), seat, nonce, mood)


@dataclass(frozen=True)
class CircleContext:
    """What the group context says of the circle (extension 0xF0A1)."""

    generation: int
    # 16 bytes, or empty where nobody owns the circle.
    owner: bytes

    def extension(self) -> Extension:
        """The group context extension."""
        return Extension(EXTENSION_CIRCLE, uint(VERSION, 1) + uint(self.generation, 4) + self.owner)

    @staticmethod
    def of(context: GroupContext) -> CircleContext:
        """Reads the group context, which has no other extensions (7.3)."""
        data = find_extension(context.extensions, EXTENSION_CIRCLE)
        if data is None:
            raise DecodeError("a group that is no circle's")
        reader = Reader(data)
        if reader.uint(1) != VERSION:
            raise DecodeError("a group of another version")
        if len(context.extensions) != 1:
            raise DecodeError("a group with other extensions")
        circle = CircleContext(reader.uint(4), reader.rest())
        if len(circle.owner) not in (0, ID_SIZE):
            raise DecodeError("an owner id of a wrong size")
        return circle


def members(group: Group) -> dict[int, Member]:
    """All members by their leaves (rules V9 and V10 of section 7.9)."""
    found = {index: Member.of(leaf) for index, leaf in group.tree.leaves()}
    if len({member.seat for member in found.values()}) != len(found):
        raise DecodeError("two leaves name one seat")
    return found


def check_commit(before: Group, staged: StagedCommit, keys: CircleKeys, present: AbstractSet[int]) -> CircleKeys:
    """Raises unless a commit keeps the rules of section 7.9; gives the keys of the circle after it.

    What RFC 9420 itself asks, and the rules V3 to V5 and V8, `Group.stage` has seen to.
    """
    was, now = members(before), members(staged.group)
    by_key = {before.tree.leaf(index).signature_key: member for index, member in was.items()}
    committer = now[staged.committer]
    old = by_key.get(staged.group.tree.leaf(staged.committer).signature_key)
    if staged.is_external:
        if staged.psk_ids != [keys.psk[0]]:
            raise DecodeError("a newcomer that does not know the circle's secret (V1)")
        if old is not None and old.nonce == committer.nonce:
            raise DecodeError("a newcomer with an old nonce (V15)")
    else:
        if staged.psk_ids:
            raise DecodeError("a member that injects a key (V4)")
        if old is None or (old.seat, old.nonce) != (committer.seat, committer.nonce):
            raise DecodeError("a member with another key, seat or nonce (V8, V15)")
    if before.context.extensions == staged.group.context.extensions:
        if not staged.is_external and any(was[index].seat in present for index in staged.removed):
            raise DecodeError("somebody who is here is removed, and not by the owner (V6)")
        return keys
    new = CircleContext.of(staged.group.context)
    if new != CircleContext(keys.generation + 1, CircleContext.of(before.context).owner) or staged.is_external:
        raise DecodeError("a change of the group context that is no owner's action (V7)")
    check_owner_word(before, staged.removed, staged.authenticated_data, new.generation)
    return keys.next(staged.group)


def check_owner_word(before: Group, removed: list[int], authenticated_data: bytes, generation: int) -> Succession:
    """Raises unless the authenticated data of a commit are the owner's action that begins a generation (15.2)."""
    reader = Reader(authenticated_data)
    signature = reader.take(64)
    succession = Succession(before.context.group_id, generation, reader.take(SUCCESSION_PROOF_SIZE))
    reader.finish()
    succession.verify(CircleContext.of(before.context).owner)
    keys = [before.tree.leaf(index).signature_key for index in removed]
    transcript = owner_transcript(before.context.group_id, before.epoch, generation, keys)
    verify(succession.owner_key, transcript, signature)
    return succession


def owner_transcript(circle: bytes, base_epoch: int, generation: int, removed: list[bytes]) -> bytes:
    """What the signature of an owner's action is over (5.3); `removed` are signature keys."""
    head = b"shepot owner v1" + circle + uint(base_epoch, 8) + uint(generation, 4)
    return head + b"".join(sha256(key) for key in sorted(removed))
