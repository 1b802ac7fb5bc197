"""A client of one circle: connections, steps of entering, a member's duties (PROTOCOL.md, sections 4, 6, 13, 14, 17)."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import os
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace

from . import content_pb2 as content
from . import shepot_pb2 as pb
from .circle import ID_SIZE, commit_id
from .events import Connected, Disconnected, Ended, Event, Warned
from .invitation import Invitation
from .member import Member
from .membership import INVALID, Membership, Outgoing, ResyncNeeded, Said, SessionEnded
from .relay import LABEL_SEAT, ConnectionClosed, NotAdmitted, RefusedByRelay, Relay, RelayError, WrongRelay
from .state import MAIN_ROOM

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 8.0
ACKNOWLEDGEMENT_S = 15.0
STEP_OF_DUTIES_S = 3.0
HEARTBEAT_S = 20.0
MEMBERS_OF_A_HEARTBEAT = 25
AFTER_LEFT_S = 0.3
AFTER_LOST_S = 45.0
FRESH_KEYS_S = 1.5
MEMBERS_OF_FRESH_KEYS = 8
JOIN_PAUSE_S = 0.7
MAX_JOINS = 6
MAX_LEASES_OF_TURN = 3
# Characters (12.3).
MAX_TEXT = 8000
MAX_ROOM_NAME = 40
# What a client makes of what a relay tells (4.5).
PING_RANGE_S = (0.1, 60.0)
DEATH_RANGE_S = (0.2, 180.0)

FOR_GOOD = {
    pb.REFUSAL_CAUSE_CLIENT_TOO_OLD,
    pb.REFUSAL_CAUSE_CLIENT_TOO_NEW,
    pb.REFUSAL_CAUSE_BANNED,
    pb.REFUSAL_CAUSE_INVITATION_EXPIRED,
    pb.REFUSAL_CAUSE_INVITATION_USED_UP,
    pb.REFUSAL_CAUSE_INVITATION_REVOKED,
}

Callback = Callable[[], Awaitable[None]]
Item = pb.RelayToClient | Callback | Exception


class Stage(enum.Enum):
    """The stages of 6.4."""

    ENTERING = enum.auto()
    FOUNDING = enum.auto()
    QUEUED = enum.auto()
    JOINING = enum.auto()
    AWAITING_ACKNOWLEDGEMENT = enum.auto()
    CATCHING_UP = enum.auto()
    ACTIVE = enum.auto()


class Client:
    """Takes part in one circle until `leave`, or until the session ends by itself."""

    def __init__(self, invitation: Invitation, nick: str) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self._invitation = invitation
        self._nick = nick
        self._ticket = b""
        self._membership: Membership | None = None
        self._stage = Stage.ENTERING
        self._must_join = False
        self._was_active = False
        self._joins = 0
        self._leases = 0
        self._rejected = 0
        self._online = asyncio.Event()
        self._online.set()
        # What is to be said as soon as it may be.
        self._unsaid: list[content.Content] = []
        self._held = False
        self._head = 0
        self._seated_epoch = 0
        self._leaving = 0
        self._endorsed: set[bytes] = set()
        # When a seat that is not here is due to be removed.
        self._due: dict[int, float] = {}
        self._relay: Relay | None = None
        self._inbox: asyncio.Queue[Item] = asyncio.Queue()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    # What a program calls

    async def run(self) -> None:
        """Stays in the circle over any number of connections; returns when the session is over."""
        pause = FIRST_PAUSE_S
        while True:
            await self._online.wait()
            if self._leaving:
                self._tell(Ended("left"))
                return
            if self._invitation.is_over and self._membership is None:
                self._tell(Ended("the invitation's time is over"))
                return
            try:
                await self._one_connection()
            except SessionEnded as end:
                self._tell(Ended(str(end)))
                return
            except ResyncNeeded as need:
                self._must_join = True
                reason = str(need)
            except (RelayError, OSError) as error:
                if self._is_for_good(error):
                    self._tell(Ended(str(error)))
                    return
                reason = str(error)
            self._tell(Disconnected(reason))
            if self._stage is Stage.ACTIVE:
                pause = FIRST_PAUSE_S
            self._stage = Stage.ENTERING
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def _is_for_good(self, error: Exception) -> bool:
        """Whether it is of no use to connect again (the states of section 4)."""
        is_new = self._membership is None or not self._membership.has_state
        if isinstance(error, RefusedByRelay):
            outdated = error.refused.cause == pb.REFUSAL_CAUSE_INVITATION_OUTDATED
            return error.refused.cause in FOR_GOOD or (outdated and is_new)
        return isinstance(error, WrongRelay) or (isinstance(error, NotAdmitted) and is_new)

    async def say(self, body: str, room: int = MAIN_ROOM) -> bytes:
        """Says a text in a room, as soon as that may be; gives the message's id."""
        if not 0 < len(body) <= MAX_TEXT:
            raise ValueError("a text has 1 to 8,000 characters")
        text = content.Text(message_id=os.urandom(ID_SIZE), room=room, body=body)
        if self._membership is not None and room in self._membership.rooms.by_number:
            text.disappears_after_s = self._membership.rooms.by_number[room].disappears_after_s
        await self._say(content.Content(text=text))
        return text.message_id

    async def make_room(self, name: str) -> int:
        """Makes a room; gives its number."""
        if not 0 < len(name) <= MAX_ROOM_NAME:
            raise ValueError("a room's name has 1 to 40 characters")
        room = random.SystemRandom().randrange(1, 1 << 64)
        await self._say(content.Content(room_made=content.RoomMade(room=room, name=name)))
        return room

    async def leave(self) -> None:
        """Gives the seat back (14.1) and ends the session, also when there is no connection."""
        if self._leaving:
            return
        self._leaving = random.getrandbits(63) | 1
        if self._relay is None or self._membership is None:
            self._online.set()
            return
        # If the connection is gone, so is the seat.
        with contextlib.suppress(RelayError):
            await self._relay.send(pb.ClientToRelay(leave=pb.Leave(circle=self._membership.circle)))
            await self._relay.send(pb.ClientToRelay(ping=pb.Ping(nonce=self._leaving)))

    @property
    def safety_code(self) -> bytes:
        """What people compare (section 16)."""
        if self._membership is None or not self._membership.safety_code:
            raise ValueError("not in the circle yet")
        return self._membership.safety_code

    def go_offline(self) -> None:
        """Loses the connection, and stays away until `go_online`."""
        self._online.clear()
        if self._relay is not None:
            self._relay.abort()

    def go_online(self) -> None:
        """Connects again."""
        self._online.set()

    # A connection

    async def _one_connection(self) -> None:
        self._relay = await Relay.connect(self._invitation, self._ticket)
        self._inbox = asyncio.Queue()
        reading = asyncio.create_task(self._read(self._relay))
        try:
            await self._enter()
            self._plan_ping(self._relay)
            while True:
                await self._take(await self._inbox.get())
        finally:
            reading.cancel()
            for timer in self._timers.values():
                timer.cancel()
            self._timers.clear()
            self._relay.abort()
            self._relay = None

    async def _read(self, relay: Relay) -> None:
        try:
            while True:
                self._inbox.put_nowait(await relay.receive())
        except (RelayError, OSError) as error:
            self._inbox.put_nowait(error)

    async def _take(self, item: Item) -> None:
        if isinstance(item, Exception):
            raise item
        if isinstance(item, pb.RelayToClient):
            await self._take_frame(item)
        else:
            await item()

    def _after(self, name: str, delay: float, action: Callback) -> None:
        """Does something later on this connection, in the place of what was planned under this name."""
        self._cancel(name)
        loop = asyncio.get_running_loop()
        self._timers[name] = loop.call_later(delay, self._inbox.put_nowait, action)

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _tell(self, event: Event) -> None:
        self.events.put_nowait(event)

    async def _send(self, frame: pb.ClientToRelay) -> None:
        if self._relay is None:
            raise ConnectionClosed("there is no connection")
        await self._relay.send(frame)

    def _plan_ping(self, relay: Relay) -> None:
        limits = relay.welcome.limits

        async def ping() -> None:
            if asyncio.get_running_loop().time() - relay.heard > _clamped(limits.dead_after_ms, DEATH_RANGE_S):
                raise ConnectionClosed("the relay is silent")
            await relay.send(pb.ClientToRelay(ping=pb.Ping(nonce=random.getrandbits(63))))
            self._plan_ping(relay)

        self._after("ping", _clamped(limits.ping_interval_ms, PING_RANGE_S), ping)

    @property
    def _here(self) -> Membership:
        if self._membership is None:
            raise RelayError("a frame about a circle before it was entered")
        return self._membership

    # Entering (section 6)

    async def _enter(self) -> None:
        if self._relay is None:
            raise ConnectionClosed("there is no connection")
        self._ticket = self._relay.welcome.return_ticket
        if self._membership is None:
            # The pin that was seen first is kept for the session (3.1).
            self._invitation = replace(self._invitation, pin=self._relay.pin)
            self._membership = Membership(self._invitation, self._relay.pin, self._nick, self._tell)
        self._stage = Stage.ENTERING
        self._held = False
        self._leases = 0
        resumes = self._here.has_state and not self._must_join
        binding = self._relay.exporter(LABEL_SEAT) if resumes else None
        await self._send(pb.ClientToRelay(enter=self._here.enter(binding)))

    async def _entered(self, entered: pb.Entered) -> None:
        match entered.standing:
            case pb.STANDING_CREATE_GROUP:
                self._stage = Stage.FOUNDING
                self._must_join = True
                self._unsaid[:0] = self._here.withdraw()
                await self._send(pb.ClientToRelay(create_group=self._here.found()))
            case pb.STANDING_WAIT:
                self._stage = Stage.ENTERING
            case pb.STANDING_JOIN:
                if self._stage in (Stage.AWAITING_ACKNOWLEDGEMENT, Stage.CATCHING_UP, Stage.ACTIVE):
                    raise ResyncNeeded("the relay took the seat away")
                await self._ask_for_turn()
            case pb.STANDING_SEATED if self._stage is Stage.FOUNDING:
                self._here.founded(entered)
                await self._become_active("founded")
            case pb.STANDING_SEATED:
                self._stage = Stage.CATCHING_UP
                self._here.returned(entered)
                self._head, self._seated_epoch = entered.head, entered.epoch
                await self._catch_up()
            case _:
                raise RelayError("a standing that does not exist")

    async def _ask_for_turn(self) -> None:
        self._stage = Stage.QUEUED
        self._cancel("turn")
        await self._send(pb.ClientToRelay(join_lease=pb.JoinLease(circle=self._here.circle)))

    async def _join(self, leased: pb.Leased) -> None:
        if self._stage is not Stage.QUEUED:
            return
        try:
            commit = self._here.join(leased)
        except INVALID as error:
            self._leases += 1
            if self._leases >= MAX_LEASES_OF_TURN:
                raise SessionEnded(f"the group information cannot be used: {error}") from error
            await self._ask_for_turn()
            return
        self._stage = Stage.JOINING
        await self._send(pb.ClientToRelay(commit=commit))

    async def _again_after(self, pause: float) -> None:
        """Asks for another turn; gives up after some."""
        self._joins += 1
        if self._joins >= MAX_JOINS:
            raise SessionEnded("no turn to join came to anything")
        self._stage = Stage.QUEUED
        self._after("turn", pause, self._ask_for_turn)

    async def _conflict(self, conflict: pb.Conflict) -> None:
        own = self._here.own_commit
        if own is None or conflict.commit_id != commit_id(own.blob):
            return
        self._here.own_commit = None
        if self._stage is not Stage.JOINING:
            self._plan_removal()
            return
        if conflict.cause == pb.CONFLICT_CAUSE_STALE:
            await self._ask_for_turn()
            return
        if conflict.cause == pb.CONFLICT_CAUSE_REJECTED:
            self._rejected += 1
            if self._rejected % 2 == 0:
                self._here.take_seat()
                raise ResyncNeeded("the commit was rejected twice")
        await self._again_after(JOIN_PAUSE_S * (self._joins + 1))

    async def _final(self, final: pb.Final) -> None:
        if self._stage is Stage.JOINING:
            self._here.joined(final)
            # What was not acknowledged is no state to return by.
            self._must_join = True
            self._stage = Stage.AWAITING_ACKNOWLEDGEMENT
            self._due = {}
            self._after("acknowledgement", ACKNOWLEDGEMENT_S, self._not_acknowledged)
            return
        self._here.expect(final.sequence)
        own = self._here.own_commit
        if own is None or commit_id(own.blob) != final.commit_id:
            raise ResyncNeeded("a commit that is not known became final")
        self._here.merge_own_commit()
        self._plan_removal()
        await self._catch_up()

    async def _not_acknowledged(self) -> None:
        self._joins += 1
        if self._joins >= MAX_JOINS:
            raise SessionEnded("nobody acknowledges")
        raise ResyncNeeded("nobody acknowledged in time")

    async def _catch_up(self) -> None:
        """After a return nothing is said before the log was read up to its head (14.3)."""
        if self._stage is not Stage.CATCHING_UP or self._here.log.position < self._head:
            return
        if self._here.group.epoch < self._seated_epoch:
            raise ResyncNeeded("the log leads to an earlier epoch than the relay's")
        self._here.own_commit = None
        crowd = 1 + len(self._here.people()) // MEMBERS_OF_FRESH_KEYS
        self._after("fresh keys", FRESH_KEYS_S + random.uniform(0, 2 * crowd), self._renew_keys)
        await self._become_active("returned")

    async def _become_active(self, how: str) -> None:
        self._stage = Stage.ACTIVE
        self._must_join = False
        self._was_active = True
        self._joins = self._rejected = 0
        self._cancel("acknowledgement")
        self._tell(Connected(how, self._here.group.epoch))
        self._plan_removal()
        self._plan_heartbeat()
        await self._say_what_waits()

    # Frames

    async def _take_frame(self, frame: pb.RelayToClient) -> None:
        kind = frame.WhichOneof("message")
        about = getattr(frame, kind) if kind else None
        if kind in ("notice", "refused", "pong", "record"):
            await self._take_general(frame)
            return
        if kind is None or kind == "welcome":
            raise RelayError("a frame that was not due")
        if about is None or about.circle != self._here.circle:
            return
        match kind:
            case "entered":
                await self._entered(frame.entered)
            case "leased":
                await self._join(frame.leased)
            case "group_info_request":
                await self._group_info_request(frame.group_info_request)
            case "tentative":
                await self._tentative(frame.tentative)
            case "final":
                await self._final(frame.final)
            case "conflict":
                await self._conflict(frame.conflict)
            case "published":
                self._here.published(frame.published.publish_id, frame.published.sequence)
                await self._catch_up()
            case "delivery":
                await self._delivery(frame.delivery)
            case "gap":
                self._here.read_gap(getattr(frame.gap, "from"), frame.gap.to)
            case "signal":
                if self._stage is Stage.ACTIVE:
                    self._here.read_signal(frame.signal)
            case "superseded":
                self._here.check_superseded(frame.superseded)
            case "knocks":
                self._tell(Warned(f"turns that came to nothing: {frame.knocks.times}"))

    async def _take_general(self, frame: pb.RelayToClient) -> None:
        match frame.WhichOneof("message"):
            case "notice" if frame.notice.kind == pb.NOTICE_KIND_SHUTTING_DOWN:
                raise ConnectionClosed("the relay shuts down")
            case "notice":
                raise SessionEnded(pb.NoticeKind.Name(frame.notice.kind))
            case "pong" if self._leaving and frame.pong.nonce == self._leaving:
                raise SessionEnded("left")
            case "refused":
                await self._refused(frame.refused)

    async def _refused(self, refused: pb.Refused) -> None:
        """What a client does about refusals (17.1)."""
        if refused.closing or refused.cause == pb.REFUSAL_CAUSE_INVITATION_OUTDATED:
            raise RefusedByRelay(refused)
        pause = refused.retry_after_ms / 1000
        match refused.request:
            case pb.REQUEST_KIND_PUBLISH if refused.cause == pb.REFUSAL_CAUSE_TOO_LARGE:
                self._here.outbox.pop(refused.subject, None)
                self._tell(Warned("a message was too large for the relay"))
            case pb.REQUEST_KIND_PUBLISH:
                self._held = True
                self._after("say", pause, self._say_what_waits)
            case pb.REQUEST_KIND_COMMIT if self._stage is not Stage.JOINING:
                self._here.own_commit = None
                self._plan_removal()
            case pb.REQUEST_KIND_COMMIT | pb.REQUEST_KIND_JOIN_LEASE:
                self._here.own_commit = None
                await self._again_after(max(pause, JOIN_PAUSE_S))
            case pb.REQUEST_KIND_ENTER if refused.cause == pb.REFUSAL_CAUSE_UNEXPECTED:
                self._here.take_seat()
                raise ResyncNeeded("the seat is not to be had")
            case _:
                raise RefusedByRelay(refused)

    async def _delivery(self, delivery: pb.Delivery) -> None:
        self._here.expect(delivery.sequence)
        match delivery.WhichOneof("entry"):
            case "message":
                said = self._here.read_message(delivery.message)
                if said is not None:
                    await self._hear(said)
            case "commit":
                await self._follow(delivery.commit)
            case "presence":
                self._here.read_presence(delivery.presence)
                left = delivery.presence.change == pb.PRESENCE_CHANGE_LEFT
                self._note_absence(delivery.presence.seat, AFTER_LEFT_S if left else AFTER_LOST_S)
                self._plan_removal()
            case _:
                raise RelayError("an entry of an unknown kind")
        await self._catch_up()

    async def _hear(self, said: Said) -> None:
        if said.content.WhichOneof("kind") != "acknowledgement":
            return
        self._cancel(_duty(said.content.acknowledgement.nonce))
        if self._stage is Stage.AWAITING_ACKNOWLEDGEMENT and self._here.acknowledged(said):
            await self._become_active("resynced" if self._was_active else "joined")

    async def _follow(self, entry: pb.CommitEntry) -> None:
        staged = self._here.read_commit(entry)
        self._cancel("fresh keys")
        if staged is not None and staged.is_external:
            newcomer = Member.of(staged.group.tree.leaf(staged.committer))
            endorsed = commit_id(entry.blob) in self._endorsed
            self._endorsed.clear()
            delay = 0.0 if endorsed else STEP_OF_DUTIES_S * (self._here.rank + 1)
            nonce = newcomer.nonce

            async def acknowledge() -> None:
                await self._acknowledge(nonce)

            self._after(_duty(nonce), delay, acknowledge)
        self._plan_removal()

    # Duties (section 13)

    async def _group_info_request(self, request: pb.GroupInfoRequest) -> None:
        if self._stage in (Stage.CATCHING_UP, Stage.ACTIVE):
            response = self._here.group_information(request)
            if response is not None:
                await self._send(pb.ClientToRelay(group_info_response=response))

    async def _tentative(self, tentative: pb.Tentative) -> None:
        endorse = self._here.endorse(tentative)
        if endorse.HasField("endorsement"):
            self._endorsed.add(endorse.commit_id)
        await self._send(pb.ClientToRelay(endorse=endorse))

    async def _acknowledge(self, nonce: bytes) -> None:
        if self._stage is Stage.ACTIVE:
            await self._publish(self._here.seal(self._here.acknowledgement(nonce)))
            if self._here.profile.picture:
                picture = content.CirclePicture(image=self._here.profile.picture)
                await self._publish(self._here.seal(content.Content(circle_picture=picture)))

    def _plan_heartbeat(self) -> None:
        interval = HEARTBEAT_S * -(-len(self._here.people()) // MEMBERS_OF_A_HEARTBEAT)
        self._after("heartbeat", interval, self._beat)

    async def _beat(self) -> None:
        if self._stage is Stage.ACTIVE:
            await self._publish(self._here.seal(None))

    def _note_absence(self, seat: int, delay: float) -> None:
        if seat not in self._here.present:
            self._due[seat] = asyncio.get_running_loop().time() + delay

    def _plan_removal(self) -> None:
        """Plans the removal of the departed (13.5)."""
        self._cancel("removal")
        if self._stage is not Stage.ACTIVE:
            return
        absent = {member.seat for member in self._here.people().values() if not self._here.is_here(member)}
        for seat in absent - self._due.keys():
            self._note_absence(seat, AFTER_LOST_S)
        self._due = {seat: due for seat, due in self._due.items() if seat in absent}
        if self._due and self._here.own_commit is None:
            rank = STEP_OF_DUTIES_S * self._here.rank + random.uniform(0, 0.5)
            delay = min(self._due.values()) - asyncio.get_running_loop().time() + rank
            self._after("removal", max(delay, 0), self._remove_departed)

    async def _remove_departed(self) -> None:
        now = asyncio.get_running_loop().time()
        due = {seat for seat, since in self._due.items() if since <= now}
        departed = [index for index, member in self._here.people().items() if member.seat in due]
        if departed and self._stage is Stage.ACTIVE and self._here.own_commit is None:
            await self._send(pb.ClientToRelay(commit=self._here.commit(departed)))

    async def _renew_keys(self) -> None:
        if self._stage is Stage.ACTIVE and self._here.own_commit is None:
            await self._send(pb.ClientToRelay(commit=self._here.commit([])))

    # Saying (11.5)

    async def _say(self, said: content.Content) -> None:
        self._unsaid.append(said)
        if self._stage is Stage.ACTIVE and not self._held and self._relay is not None:
            # If the connection is gone, it waits for the next one.
            with contextlib.suppress(RelayError):
                await self._say_unsaid()

    async def _say_what_waits(self) -> None:
        """Publishes again what was not confirmed, and what could not be said before."""
        if self._stage is not Stage.ACTIVE:
            return
        self._held = False
        for outgoing in list(self._here.outbox.values()):
            await self._publish(self._here.encrypt(outgoing))
        await self._say_unsaid()

    async def _say_unsaid(self) -> None:
        while self._unsaid and not self._held:
            await self._publish(self._here.seal(self._unsaid.pop(0)))

    async def _publish(self, outgoing: Outgoing) -> None:
        await self._send(pb.ClientToRelay(publish=self._here.publish(outgoing)))
        self._plan_heartbeat()


def _duty(nonce: bytes) -> str:
    return f"acknowledge {nonce.hex()}"


def _clamped(milliseconds: int, bounds: tuple[float, float]) -> float:
    return min(max(milliseconds / 1000, bounds[0]), bounds[1])
