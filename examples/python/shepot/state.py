"""What members agree on besides the group: rooms, and the numbers of everybody's messages (PROTOCOL.md, 11 and 12)."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field

from . import content_pb2 as content
from .circle import ID_SIZE, Envelope
from .codec import uint
from .crypto import CryptoError, sha256, verify

MAIN_ROOM = 0
MAX_ROOMS = 256
MAX_MISSING = 1024
OWNER_WORD_SIZE = 96
STATEMENT_PROFILE = 1
STATEMENT_ROOM_DELETED = 2


@dataclass
class Room:
    """A room (12.5)."""

    name: str
    disappears_after_s: int = 0
    maker: bytes = b""


@dataclass
class Rooms:
    """The rooms of a circle; their state follows from the order of the log."""

    circle: bytes
    owner: bytes
    by_number: dict[int, Room] = field(default_factory=lambda: {MAIN_ROOM: Room("")})

    def apply(self, said: content.Content, author: bytes) -> bool:
        """Takes what a member said; tells whether a room changed (12.5)."""
        match said.WhichOneof("kind"):
            case "room_made":
                made = said.room_made
                if made.room in self.by_number or len(self.by_number) >= MAX_ROOMS:
                    return False
                self.by_number[made.room] = Room(made.name, maker=author)
            case "room_renamed":
                # The main room has no name of its own.
                if said.room_renamed.room == MAIN_ROOM or said.room_renamed.room not in self.by_number:
                    return False
                self.by_number[said.room_renamed.room].name = said.room_renamed.name
            case "timer":
                if said.timer.room not in self.by_number:
                    return False
                self.by_number[said.timer.room].disappears_after_s = said.timer.seconds
            case "room_deleted":
                room = self.by_number.get(said.room_deleted.room)
                if room is None or said.room_deleted.room == MAIN_ROOM:
                    return False
                if not self._may_delete(room, said.room_deleted, author):
                    return False
                del self.by_number[said.room_deleted.room]
            case _:
                return False
        return True

    def _may_delete(self, room: Room, deleted: content.RoomDeleted, author: bytes) -> bool:
        """The maker may, and the owner by its word."""
        if not deleted.word:
            return author == room.maker
        return is_owner_word(self.owner, self.circle, deletion_statement(deleted), deleted.word)

    def tell(self) -> list[content.Room]:
        """The rooms as an acknowledgement tells them (12.9)."""
        return [
            content.Room(
                room=number,
                name=room.name or "-",
                disappears_after_s=room.disappears_after_s,
                maker=room.maker,
            )
            for number, room in self.by_number.items()
            if number != MAIN_ROOM or room.disappears_after_s
        ]

    def adopt(self, told: Iterable[content.Room]) -> None:
        """Takes the rooms of an acknowledgement in the place of what was known. Known makers stay (12.9)."""
        known = self.by_number
        self.by_number = {MAIN_ROOM: Room("")}
        for room in told:
            name = "" if room.room == MAIN_ROOM else room.name
            maker = known[room.room].maker if room.room in known else room.maker
            self.by_number[room.room] = Room(name, room.disappears_after_s, maker)


@dataclass
class Profile:
    """What the circle is called, by its owner's word alone (12.8)."""

    circle: bytes
    owner: bytes
    told: content.CircleProfile | None = None
    picture: bytes = b""

    def apply(self, said: content.Content) -> bool:
        """Takes what a member said; tells whether the circle is called something else now."""
        match said.WhichOneof("kind"):
            case "circle_profile":
                return self.adopt(said.circle_profile)
            case "circle_picture" if self.told and sha256(said.circle_picture.image) == self.told.picture_digest:
                self.picture = said.circle_picture.image
        return False

    def adopt(self, profile: content.CircleProfile) -> bool:
        """Takes a profile with a higher revision, if the owner's word is right."""
        if self.told is not None and profile.revision <= self.told.revision:
            return False
        if not is_owner_word(self.owner, self.circle, profile_statement(profile), profile.word):
            return False
        self.told = profile
        if sha256(self.picture) != profile.picture_digest:
            self.picture = b""
        return True


def profile_statement(profile: content.CircleProfile) -> bytes:
    """What the owner's word for a profile is over (15.1)."""
    statement = uint(STATEMENT_PROFILE, 1) + uint(profile.revision, 8)
    for part in (profile.name.encode(), profile.owner.encode(), profile.picture_digest):
        statement += uint(len(part), 4) + part
    return statement


def deletion_statement(deleted: content.RoomDeleted) -> bytes:
    """What the owner's word for the deletion of a room is over (15.1)."""
    return uint(STATEMENT_ROOM_DELETED, 1) + uint(deleted.room, 8)


def is_owner_word(owner: bytes, circle: bytes, statement: bytes, word: bytes) -> bool:
    """Whether a word is the owner's for a statement (15.1)."""
    key, signature = word[:32], word[32:]
    if len(word) != OWNER_WORD_SIZE or sha256(key)[:ID_SIZE] != owner:
        return False
    try:
        verify(key, b"shepot owner statement v1" + circle + statement, signature)
    except CryptoError:
        return False
    return True


class Order(enum.Enum):
    """How a message stands to those before it of its sender (11.4)."""

    FINE = "fine"
    FORKED = "the sender told others something else"
    MISSING = "messages are missing before this one"
    REPEATED = "repeated"


class Numbers:
    """The numbers of each sender's messages (11.4)."""

    def __init__(self) -> None:
        self._last: dict[bytes, tuple[int, bytes]] = {}
        self._missing: dict[bytes, list[int]] = {}

    def check(self, sender: bytes, envelope: Envelope, encoded: bytes) -> Order:
        """Takes the number of a message that was read."""
        number, digest = envelope.number, sha256(encoded)[:ID_SIZE]
        known = self._last.get(sender)
        if known is None:
            self._last[sender] = number, digest
            return Order.FINE
        last, previous = known
        missing = self._missing.setdefault(sender, [])
        if number <= last:
            if number not in missing:
                return Order.REPEATED
            missing.remove(number)
            return Order.FINE
        self._last[sender] = number, digest
        if number > last + 1:
            missing.extend(range(max(last + 1, number - MAX_MISSING), number))
            del missing[:-MAX_MISSING]
            return Order.MISSING
        return Order.FINE if envelope.previous == previous else Order.FORKED

    def keep(self, senders: set[bytes]) -> None:
        """Forgets who is no member any more."""
        for sender in self._last.keys() - senders:
            del self._last[sender]
            self._missing.pop(sender, None)
