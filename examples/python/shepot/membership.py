"""A client's place in one circle: its group, its log and its messages. It sends nothing itself.

PROTOCOL.md, sections 6, 7, 9, 10 and 11.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from google.protobuf.message import DecodeError as ProtobufError

from . import content_pb2 as content
from . import shepot_pb2 as pb
from .circle import (
    ENTRY_COMMIT,
    ENTRY_MESSAGE,
    ENTRY_PRESENCE,
    ID_SIZE,
    KIND_COMMIT,
    KIND_GROUP_INFORMATION,
    KIND_MESSAGE,
    KIND_SIGNAL,
    CircleKeys,
    Envelope,
    Log,
    Succession,
    View,
    commit_id,
    endorsement,
    epoch_key,
    seat_number,
    seat_proof,
)
from .codec import DecodeError
from .crypto import CryptoError, SigningKey, sha256
from .events import CircleNamed, ContentReceived, EpochBegan, Event, PeopleChanged, RoomsChanged, TextReceived, Warned
from .group import Group, Identity, InvalidCommit, Removed, StagedCommit
from .invitation import Invitation
from .member import CAPABILITIES, CircleContext, Member, check_commit, check_owner_word, members
from .messages import GroupInfo
from .relay import RelayError
from .safety import code_of
from .state import MAIN_ROOM, Numbers, Order, Profile, Rooms
from .tree import InvalidTree, Leaf

MAX_PAST_EPOCHS = 2
NO_POSITION = 2**64 - 1
INVALID = (CryptoError, DecodeError, InvalidCommit, InvalidTree, UnicodeDecodeError)


class ResyncNeeded(Exception):
    """The group cannot be followed any more: join again by another connection."""


class SessionEnded(Exception):
    """The session is over for good."""


@dataclass(frozen=True)
class Epoch:
    """An epoch's state and the keys of its generation."""

    group: Group
    keys: CircleKeys


@dataclass(frozen=True)
class OwnCommit:
    """A commit of this client that waits for `Final` (10.2); a newcomer's too."""

    blob: bytes
    base_epoch: int
    epoch: Epoch
    removes: bool


@dataclass
class Outgoing:
    """A message that waits for `Published` (9.3)."""

    publish_id: bytes
    # Byte for byte the same, however often it is encrypted (11.4).
    envelope: bytes
    said: content.Content | None
    log_id: bytes
    epoch: int
    blob: bytes


@dataclass(frozen=True)
class Said:
    """What a member said, as it was read from the log."""

    author: int
    content: content.Content
    view: View


class Membership:
    """The state of one session in one circle."""

    def __init__(self, invitation: Invitation, pin: bytes, nick: str, tell: Callable[[Event], None]) -> None:
        self.owner = invitation.owner
        self.keys = invitation.circle_keys(pin)
        self.succession = invitation.succession
        self.circle = self.keys.circle
        self.nick = nick
        self.present: set[int] = set()
        self.rooms = Rooms(self.circle, self.owner)
        self.profile = Profile(self.circle, self.owner)
        self.log = Log(bytes(ID_SIZE))
        self.own_commit: OwnCommit | None = None
        self.outbox: dict[bytes, Outgoing] = {}
        # Of the last epoch that changed who is in, or the circle secret (section 16).
        self.safety_code = b""
        self._tell = tell
        self._group: Group | None = None
        self._past: list[Epoch] = []
        self._numbers = Numbers()
        # What was said about rooms before the acknowledgement came (6.7).
        self._unacknowledged: list[tuple[int, content.Content, bytes]] | None = None
        self._key = SigningKey.generate()
        self._number = 0
        self._previous = bytes(ID_SIZE)
        self.take_seat()

    def take_seat(self) -> None:
        """Draws another seat (6.2)."""
        self.seat_secret = os.urandom(ID_SIZE)
        self.seat = seat_number(self.seat_secret)
        self._own = Member.new(self.nick, self.seat)

    def _identity(self) -> Identity:
        return Identity(self._key, CAPABILITIES, [self._own.extension()])

    @property
    def has_state(self) -> bool:
        """Whether this client was a member before."""
        return self._group is not None

    @property
    def group(self) -> Group:
        """The present epoch's group."""
        if self._group is None:
            raise ResyncNeeded("not a member yet")
        return self._group

    def people(self) -> dict[int, Member]:
        """All members by their leaves."""
        return members(self.group)

    @property
    def rank(self) -> int:
        """How many of those who are here stand before this client (section 13)."""
        return sum(1 for index, member in self.people().items() if index < self.group.index and self.is_here(member))

    def is_here(self, member: Member) -> bool:
        """Whether a member's seat is present."""
        return member.seat in self.present

    # Entering

    def enter(self, seat_binding: bytes | None) -> pb.Enter:
        """`Enter` (6.3); with `resume` (14.3) where the seat binding of the connection is given."""
        frame = pb.Enter(name=self.keys.name, seat=self.seat, seat_secret=self.seat_secret, owner=self.owner)
        if self.succession is not None:
            frame.succession.circle = self.succession.circle
            frame.succession.generation = self.succession.generation
            frame.succession.proof = self.succession.proof
        if seat_binding is not None:
            frame.resume.log_id = self.log.log_id
            frame.resume.cursor = self.log.position + 1
            frame.resume.epoch = self.group.epoch
            frame.resume.verification_key = epoch_key(self.group).public
            frame.resume.proof = seat_proof(self.group, seat_binding, self.keys.name, self.seat)
        return frame

    def found(self) -> pb.CreateGroup:
        """Makes the group (6.5), with a new signature key."""
        self._key = SigningKey.generate()
        self._own = Member.new(self.nick, self.seat)
        self._number, self._previous = 0, bytes(ID_SIZE)
        context = CircleContext(self.keys.generation, self.owner)
        group = Group.create(self.circle, [context.extension()], self._identity())
        self._begin(group)
        return pb.CreateGroup(circle=self.circle, epoch=0, verification_key=epoch_key(group).public)

    def founded(self, entered: pb.Entered) -> None:
        """`Entered SEATED` for the founder."""
        self.log = Log(entered.log_id)
        self.present = set(entered.present)
        self._unacknowledged = None
        self.tell_people()

    def join(self, leased: pb.Leased) -> pb.Commit:
        """Checks group information and makes the external commit (7.7)."""
        info = GroupInfo.read(self.keys.open(KIND_GROUP_INFORMATION, leased.epoch, leased.group_information))
        if (info.context.group_id, info.context.epoch) != (self.circle, leased.epoch):
            raise DecodeError("group information of another group or epoch")
        circle = CircleContext.of(info.context)
        if circle.owner != self.owner:
            raise SessionEnded("the group has another owner than the invitation says")
        if circle.generation != self.keys.generation:
            raise DecodeError("group information of another generation")
        self._own = Member.new(self.nick, self.seat)
        group, message = Group.join(info, self._identity(), self.keys.psk)
        members(group)
        blob = self.keys.seal(KIND_COMMIT, leased.epoch, message)
        self.own_commit = OwnCommit(blob, leased.epoch, Epoch(group, self.keys), removes=False)
        return pb.Commit(circle=self.circle, base_epoch=leased.epoch, blob=blob, seen=NO_POSITION)

    def joined(self, final: pb.Final) -> None:
        """`Final` for a newcomer: the log begins behind it (6.6)."""
        # What others said meanwhile was not for us and is not missing (11.4).
        self._numbers = Numbers()
        if self.own_commit is None or final.epoch != self.own_commit.base_epoch + 1:
            raise ResyncNeeded("a commit that is not known became final")
        self._begin(self.own_commit.epoch.group)
        self.own_commit = None
        self.log = Log(final.log_id, final.sequence)
        self.present = set(final.present)
        self._unacknowledged = []
        self._changed_epoch()

    def returned(self, entered: pb.Entered) -> None:
        """`Entered SEATED` after `resume`: the same log goes on, or another one begins (14.3)."""
        self.present = set(entered.present)
        if entered.log_id != self.log.log_id:
            self.log = Log(entered.log_id)
            self.own_commit = None
        self.tell_people()

    def _begin(self, group: Group) -> None:
        """A group that this client did not follow to: nothing of before can be read."""
        self._group = group
        self._past.clear()
        self.safety_code = code_of(group)

    def _move_to(self, epoch: Epoch, changes_people: bool) -> None:
        """The epoch that a commit begins; two past ones stay readable (7.8)."""
        if changes_people:
            self.safety_code = code_of(epoch.group)
        self._past.append(Epoch(self.group, self.keys))
        del self._past[:-MAX_PAST_EPOCHS]
        self._group, self.keys = epoch.group, epoch.keys
        self._changed_epoch()

    def _changed_epoch(self) -> None:
        self._numbers.keep({leaf.signature_key for _, leaf in self.group.tree.leaves()})
        self._tell(EpochBegan(self.group.epoch, self.keys.generation))
        self.tell_people()

    def tell_people(self) -> None:
        """Tells who is in the circle and who is here."""
        self._tell(PeopleChanged({member.nick: self.is_here(member) for member in self.people().values()}))

    def tell_rooms(self) -> None:
        """Tells the rooms."""
        self._tell(RoomsChanged({number: room.name for number, room in self.rooms.by_number.items()}))

    def _tell_name(self) -> None:
        if self.profile.told is not None:
            self._tell(CircleNamed(self.profile.told.name, self.profile.told.owner))

    # Reading the log

    def expect(self, sequence: int) -> None:
        """Raises unless an entry is the next of the log (9.2)."""
        if sequence <= self.log.position:
            raise RelayError("the relay repeats an entry")
        if sequence != self.log.position + 1:
            raise ResyncNeeded(f"entry {sequence} does not follow {self.log.position}")

    def read_gap(self, first: int, last: int) -> None:
        """`Gap`: entries fell off before they were read (9.2)."""
        if first != self.log.position + 1 or last < first:
            raise SessionEnded("the relay tells of a gap that cannot be")
        raise ResyncNeeded(f"entries {first} to {last} were missed")

    def _epoch(self, number: int) -> Epoch | None:
        """The state by which messages of an epoch are read."""
        if number == self.group.epoch:
            return Epoch(self.group, self.keys)
        return next((epoch for epoch in self._past if epoch.group.epoch == number), None)

    def read_message(self, entry: pb.MessageEntry) -> Said | None:
        """A message in the log (11.6)."""
        for outgoing in self.outbox.values():
            if outgoing.blob == entry.blob:
                self.published(outgoing.publish_id, self.log.position + 1)
                return None
        try:
            return self._read_message(entry)
        finally:
            self.log.append(ENTRY_MESSAGE, entry.epoch, entry.blob)

    def _read_message(self, entry: pb.MessageEntry) -> Said | None:
        if entry.epoch > self.group.epoch:
            raise ResyncNeeded("a message of an epoch that did not begin")
        epoch = self._epoch(entry.epoch)
        if epoch is None:
            return None
        try:
            received = epoch.group.open(epoch.keys.open(KIND_MESSAGE, entry.epoch, entry.blob))
            envelope = Envelope.read(received.data)
            said = content.Content.FromString(envelope.body)
        except (*INVALID, ProtobufError) as error:
            self._tell(Warned(f"a message cannot be read: {error}"))
            return None
        leaf = epoch.group.tree.leaf(received.sender)
        if all(member.signature_key != leaf.signature_key for _, member in self.group.tree.leaves()):
            return None
        self.present.add(Member.of(leaf).seat)
        if received.authenticated_data != self.log.log_id or not self.log.agrees(envelope.view):
            self._tell(Warned(f"fork: {Member.of(leaf).nick} sees another log"))
        order = self._numbers.check(leaf.signature_key, envelope, received.data)
        if order is Order.REPEATED:
            return None
        if order is not Order.FINE:
            self._tell(Warned(f"{Member.of(leaf).nick}: {order.value}"))
        if not envelope.body:
            return None
        self._take(said, leaf, self.log.position + 1, is_own=False)
        return Said(received.sender, said, envelope.view)

    def _take(self, said: content.Content, leaf: Leaf, sequence: int, is_own: bool) -> None:
        """Takes what was said, in the order of the log (section 12)."""
        nick = Member.of(leaf).nick
        if self._unacknowledged is not None:
            self._unacknowledged.append((sequence, said, leaf.signature_key))
        if self.rooms.apply(said, leaf.signature_key):
            self.tell_rooms()
        if self.profile.apply(said):
            self._tell_name()
        kind = said.WhichOneof("kind")
        if kind == "text":
            room = said.text.room if said.text.room in self.rooms.by_number else MAIN_ROOM
            name = self.rooms.by_number[room].name
            self._tell(TextReceived(said.text.message_id, nick, room, name, said.text.body, is_own))
        elif not is_own:
            self._tell(ContentReceived(nick, kind or ""))

    def acknowledged(self, said: Said) -> bool:
        """Whether a message is the acknowledgement of this client's join; takes over what it tells (6.7, 12.9)."""
        acknowledgement = said.content.acknowledgement
        if self._unacknowledged is None or acknowledgement.nonce != self._own.nonce:
            return False
        self.rooms.adopt(acknowledgement.rooms)
        for sequence, later, author in self._unacknowledged:
            if sequence > said.view.position:
                self.rooms.apply(later, author)
        self._unacknowledged = None
        self.tell_rooms()
        if acknowledgement.HasField("circle") and self.profile.adopt(acknowledgement.circle):
            self._tell_name()
        return True

    def read_signal(self, signal: pb.Signal) -> None:
        """A signal (9.5); what cannot be read is passed over."""
        epoch = self._epoch(signal.epoch)
        if epoch is None:
            return
        try:
            received = epoch.group.open(epoch.keys.open(KIND_SIGNAL, signal.epoch, signal.blob))
            said = content.Content.FromString(Envelope.read(received.data).body)
        except (*INVALID, ProtobufError):
            return
        if said.WhichOneof("kind") == "typing":
            nick = Member.of(epoch.group.tree.leaf(received.sender)).nick
            self._tell(ContentReceived(nick, "typing"))

    def read_presence(self, entry: pb.PresenceEntry) -> None:
        """Somebody came or went (9.4)."""
        if entry.change == pb.PRESENCE_CHANGE_ENTERED:
            self.present.add(entry.seat)
        else:
            self.present.discard(entry.seat)
        self.log.append(ENTRY_PRESENCE, entry.seat, bytes([entry.change]))
        self.tell_people()

    def read_commit(self, entry: pb.CommitEntry) -> StagedCommit | None:
        """A commit in the log (7.6)."""
        own = self.own_commit
        if own is not None and own.blob == entry.blob:
            self.merge_own_commit()
            return None
        try:
            if entry.base_epoch < self.group.epoch:
                return None
            staged, keys = self.stage(entry.base_epoch, entry.blob)
        except INVALID as error:
            raise ResyncNeeded(f"a commit that cannot be followed: {error}") from error
        except Removed as error:
            self._check_removal(error)
            raise ResyncNeeded("removed as departed") from error
        finally:
            self.log.append(ENTRY_COMMIT, entry.base_epoch, entry.blob)
        self._follow(staged, keys)
        return staged

    def _check_removal(self, removed: Removed) -> None:
        generation = self.keys.generation + 1
        try:
            check_owner_word(self.group, removed.removed, removed.authenticated_data, generation)
        except INVALID:
            return
        raise SessionEnded("removed by the owner")

    def _follow(self, staged: StagedCommit, keys: CircleKeys) -> None:
        if keys.generation != self.keys.generation:
            data = staged.authenticated_data
            self.succession = check_owner_word(self.group, staged.removed, data, keys.generation)
        for index in staged.removed:
            self.present.discard(Member.of(self.group.tree.leaf(index)).seat)
        if staged.is_external:
            self.present.add(Member.of(staged.group.tree.leaf(staged.committer)).seat)
        self.own_commit = None
        changes_people = staged.is_external or bool(staged.removed) or keys.generation != self.keys.generation
        self._move_to(Epoch(staged.group, keys), changes_people)

    def merge_own_commit(self) -> None:
        """An own commit stands in the log (10.2)."""
        own = self.own_commit
        if own is None:
            raise ResyncNeeded("a commit that is not known became final")
        self.log.append(ENTRY_COMMIT, own.base_epoch, own.blob)
        self.own_commit = None
        self._move_to(own.epoch, changes_people=own.removes)

    def stage(self, base_epoch: int, blob: bytes) -> tuple[StagedCommit, CircleKeys]:
        """Checks a commit by RFC 9420 and by the rules of 7.9."""
        if base_epoch != self.group.epoch:
            raise InvalidCommit("a commit to another epoch")
        message = self.keys.open(KIND_COMMIT, base_epoch, blob)
        staged = self.group.stage(message, dict([self.keys.psk]))
        return staged, check_commit(self.group, staged, self.keys, self.present)

    # Saying

    def seal(self, said: content.Content | None) -> Outgoing:
        """Puts a content, or a heartbeat, into an envelope and encrypts it (11.1 and 11.5)."""
        body = b"" if said is None else said.SerializeToString()
        self._number += 1
        envelope = Envelope(self._number, self._previous, self.log.view, body).encode()
        self._previous = sha256(envelope)[:ID_SIZE]
        outgoing = Outgoing(os.urandom(ID_SIZE), envelope, said, b"", 0, b"")
        self.outbox[outgoing.publish_id] = outgoing
        return self.encrypt(outgoing)

    def encrypt(self, outgoing: Outgoing) -> Outgoing:
        """Encrypts the same envelope for the present epoch and log, unless it is already (11.4)."""
        if (outgoing.log_id, outgoing.epoch, outgoing.blob != b"") != (self.log.log_id, self.group.epoch, True):
            outgoing.log_id, outgoing.epoch = self.log.log_id, self.group.epoch
            message = self.group.seal(outgoing.envelope, self.log.log_id)
            outgoing.blob = self.keys.seal(KIND_MESSAGE, self.group.epoch, message)
        return outgoing

    def publish(self, outgoing: Outgoing) -> pb.Publish:
        """The frame of a message."""
        return pb.Publish(circle=self.circle, publish_id=outgoing.publish_id, epoch=outgoing.epoch, blob=outgoing.blob)

    def published(self, publish_id: bytes, sequence: int) -> None:
        """`Published`: it stands in the place of the entry, or confirms an old one again (9.2)."""
        outgoing = self.outbox.pop(publish_id, None)
        if sequence <= self.log.position:
            return
        self.expect(sequence)
        if outgoing is None:
            raise ResyncNeeded("a message that is not known was published")
        if outgoing.said is not None:
            self._take(outgoing.said, self.group.tree.leaf(self.group.index), sequence, is_own=True)
        self.log.append(ENTRY_MESSAGE, outgoing.epoch, outgoing.blob)

    def signal(self, said: content.Content) -> pb.Signal:
        """A signal: number and *previous* are zeros (11.1)."""
        envelope = Envelope(0, bytes(ID_SIZE), self.log.view, said.SerializeToString()).encode()
        message = self.group.seal(envelope, self.log.log_id)
        blob = self.keys.seal(KIND_SIGNAL, self.group.epoch, message)
        return pb.Signal(circle=self.circle, epoch=self.group.epoch, blob=blob)

    def withdraw(self) -> list[content.Content]:
        """What was not confirmed, to be said anew in another group; duties of the old one are not."""
        waiting = [outgoing.said for outgoing in self.outbox.values()]
        self.outbox.clear()
        return [said for said in waiting if said is not None and not said.HasField("acknowledgement")]

    # Commits and answers

    def commit(self, departed: list[int]) -> pb.Commit:
        """Fresh keys, and the removal of members who are gone (7.5, 10.2)."""
        group, message = self.group.commit(departed)
        blob = self.keys.seal(KIND_COMMIT, self.group.epoch, message)
        self.own_commit = OwnCommit(blob, self.group.epoch, Epoch(group, self.keys), removes=bool(departed))
        key, signature = endorsement(self.group, group, blob)
        return pb.Commit(
            circle=self.circle,
            base_epoch=self.group.epoch,
            blob=blob,
            endorsement=pb.Endorsement(next_verification_key=key, signature=signature),
            seen=self.log.position if departed else NO_POSITION,
        )

    def endorse(self, tentative: pb.Tentative) -> pb.Endorse:
        """The answer to `Tentative` (10.3)."""
        frame = pb.Endorse(circle=self.circle, commit_id=commit_id(tentative.blob))
        try:
            staged, _ = self.stage(tentative.base_epoch, tentative.blob)
        except (*INVALID, Removed):
            return frame
        if staged.is_external:
            key, signature = endorsement(self.group, staged.group, tentative.blob)
            frame.endorsement.next_verification_key = key
            frame.endorsement.signature = signature
        return frame

    def group_information(self, request: pb.GroupInfoRequest) -> pb.GroupInfoResponse | None:
        """The answer to `GroupInfoRequest` (13.1)."""
        if request.epoch > self.group.epoch:
            raise ResyncNeeded("group information of an epoch that did not begin")
        if request.epoch < self.group.epoch:
            return None
        sealed = self.keys.seal(KIND_GROUP_INFORMATION, request.epoch, self.group.group_info())
        return pb.GroupInfoResponse(
            circle=self.circle, ask_id=request.ask_id, epoch=request.epoch, group_information=sealed
        )

    def acknowledgement(self, nonce: bytes) -> content.Content:
        """The acknowledgement of a newcomer (12.9)."""
        told = content.Acknowledgement(nonce=nonce, rooms=self.rooms.tell(), circle=self.profile.told)
        return content.Content(acknowledgement=told)

    def check_superseded(self, superseded: pb.Superseded) -> None:
        """Ends the session when the owner's word says that a later generation has begun (15.4)."""
        told = superseded.succession
        succession = Succession(told.circle, told.generation, told.proof)
        if succession.circle != self.circle or succession.generation <= self.keys.generation:
            return
        try:
            succession.verify(self.owner)
        except CryptoError:
            return
        raise SessionEnded("the invitation was replaced by another one")
