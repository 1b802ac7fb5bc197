"""What a client tells the program that uses it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Connected:
    """The client is a member and may speak; `how` is `founded`, `joined`, `resynced` or `returned`."""

    how: str
    epoch: int


@dataclass(frozen=True)
class Disconnected:
    """The connection is gone, or is given up for another one."""

    reason: str


@dataclass(frozen=True)
class EpochBegan:
    """A commit was followed."""

    epoch: int
    generation: int


@dataclass(frozen=True)
class PeopleChanged:
    """Who is in the circle: nicks, and whether each is here."""

    people: dict[str, bool]


@dataclass(frozen=True)
class RoomsChanged:
    """The rooms by their numbers."""

    rooms: dict[int, str]


@dataclass(frozen=True)
class CircleNamed:
    """What the circle and its owner are called, by the owner's word."""

    name: str
    owner: str


@dataclass(frozen=True)
class TextReceived:
    """Somebody said something; also what this client said itself, once it stands in the log."""

    message_id: bytes
    nick: str
    room: int
    room_name: str
    body: str
    is_own: bool


@dataclass(frozen=True)
class ContentReceived:
    """Another content than a text; `kind` is empty where it is not known."""

    nick: str
    kind: str


@dataclass(frozen=True)
class Warned:
    """Something that the person ought to know: a fork, a message that cannot be read."""

    text: str


@dataclass(frozen=True)
class Ended:
    """The session is over for good."""

    reason: str


Event = (
    Connected
    | Disconnected
    | EpochBegan
    | PeopleChanged
    | RoomsChanged
    | CircleNamed
    | TextReceived
    | ContentReceived
    | Warned
    | Ended
)
