//! The bounds of the engine: on what others can make grow, and on how long it waits.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Characters of a nick.
pub const NICK_CHARACTERS: RangeInclusive<usize> = 1..=20;

/// Characters of the name that a person gives to a server.
pub const SERVER_NAME_CHARACTERS: usize = shepot_protocol::limits::SERVER_NAME_CHARACTERS;

/// Characters of the name that a circle's owner gives to it.
pub const CIRCLE_NAME_CHARACTERS: usize = SERVER_NAME_CHARACTERS;

/// Characters of a room's name.
pub const ROOM_NAME_CHARACTERS: usize = 40;

/// Characters of a message.
pub const MESSAGE_CHARACTERS: usize = 8_000;

/// Characters of a reaction: the longest emoji sequences have 10.
pub const REACTION_CHARACTERS: usize = 16;

/// Different reactions to one message.
pub const REACTIONS_PER_MESSAGE: usize = 32;

/// Mentions in one message.
pub const MENTIONS_PER_MESSAGE: usize = 64;

/// Rooms of a circle.
pub const ROOMS: usize = 256;

/// Bytes of an avatar as sent.
pub const AVATAR_BYTES: usize = 32 * 1024;

/// Items that a server's timeline keeps in memory. The oldest fall off.
pub const TIMELINE_ITEMS: usize = 10_000;

/// Bytes of these items, as [`crate::model::Message::held_bytes`] counts them. Beyond them the oldest fall off.
pub const TIMELINE_BYTES: usize = 32 * 1024 * 1024;

/// How many new pictures one person may show at once. Others have to decode each of them.
pub const AVATARS_AT_ONCE: u32 = 4;

/// After how long a person may show one more picture ([`AVATARS_AT_ONCE`]).
pub const AVATAR_INTERVAL: Duration = Duration::from_secs(30);

/// Messages that wait to be sent.
pub const OUTBOX_MESSAGES: usize = 2_048;

/// Bytes of these messages and of who could read each: they wait for as long as the connection is away. An encrypted
/// message is held twice, the second time with its padding.
pub const OUTBOX_BYTES: usize = 16 * 1024 * 1024;

/// Servers in the list.
pub const SERVERS: usize = 10_000;

/// Circles on one link. After a lost connection all are entered at once, which a relay with default limits accepts.
pub const CIRCLES_ON_A_LINK: usize = 16;

/// Marks, and pings behind them, that a relay has not answered.
pub const MARKS: usize = 64;

/// The shortest time between two connections that one circle on a link costs the others.
pub const BREAK_OFF_INTERVAL: Duration = Duration::from_secs(30);

/// Commands that wait for the engine.
pub const COMMAND_QUEUE: usize = 256;

/// Events that wait for the interface. If they do not fit, it is told to load a snapshot.
pub const EVENT_QUEUE: usize = 4_096;

/// Frames between a connection's task and its session.
pub const FRAME_QUEUE: usize = 64;

/// Bytes that may wait for a relay to read them. Above that nothing more is heard from it until it reads. One answer
/// with the group information of a large circle may exceed the bound.
pub const UNSENT_BYTES: usize = 256 * 1024;

/// Frames that may wait for a relay to read them. With more, the connection counts as broken.
pub const UNSENT_FRAMES: usize = 1_024;

/// A member whose connection was lost is removed from the group after this time.
pub const DEPARTURE_GRACE: Duration = Duration::from_secs(45);

/// How much later the next member in line takes over a duty that the one before it did not do.
pub const DUTY_STEP: Duration = Duration::from_secs(3);

/// How often duties are checked. They are due after seconds, so this is often enough.
pub const HOUSEKEEPING_INTERVAL: Duration = Duration::from_millis(500);

/// The shortest time between two checks while something waits for its time.
pub const SHORTEST_WAIT: Duration = Duration::from_millis(10);

/// A member that said nothing for this long sends a heartbeat, in a group of up to [`HEARTBEAT_CROWD`].
pub const HEARTBEAT: Duration = Duration::from_secs(20);

/// In larger groups heartbeats become rarer in proportion, so that their number per second stays the same.
pub const HEARTBEAT_CROWD: usize = 25;

/// How many heartbeats a present member may miss before it counts as silent.
pub const SILENT_AFTER_HEARTBEATS: u32 = 3;

/// The shortest time between two messages about knocks.
pub const KNOCKS_SHOWN_EVERY: Duration = Duration::from_secs(60);

/// The longest wait before something is tried again, whatever the relay says.
pub const LONGEST_RETRY: Duration = Duration::from_secs(5 * 60);

/// A newcomer that nobody acknowledged within this time joins again.
pub const ACKNOWLEDGEMENT_DEADLINE: Duration = Duration::from_secs(15);

/// How many attempts a newcomer makes before the person is told that the members do not let it in.
pub const JOIN_ATTEMPTS: u32 = 6;

/// How often in a row a server that has answered us may close without a word, as a stopping server does. After that the
/// invitation counts as no longer valid there.
pub const CLOSED_DOORS: u32 = 3;

/// The time for connecting up to `Hello`, and again for the rest up to `Welcome`.
pub const CONNECT_DEADLINE: Duration = Duration::from_secs(15);

/// The range for how often a relay may want a sign of life. What it announces is clamped to the range.
pub const PING_INTERVAL: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(60);

/// The range for how long the silence of a relay may count as life. What it announces is clamped to the range.
pub const DEAD_AFTER: RangeInclusive<Duration> = Duration::from_millis(200)..=Duration::from_secs(180);

/// How long a relay may read nothing of what waits for it before its connection counts as broken.
pub const SEND_PATIENCE: Duration = Duration::from_secs(8);

/// How long a connection may take to send the rest when the person leaves.
pub const FAREWELL: Duration = Duration::from_secs(2);

/// How long an interface that quits may wait for the end of the engine. Every farewell fits into it.
pub const QUIT_PATIENCE: Duration = FAREWELL.saturating_add(Duration::from_millis(500));

/// The span of the first wait before connecting again. It doubles.
pub const RECONNECT_FIRST: Duration = Duration::from_millis(500);

/// The longest wait before connecting again. After an outage of any length we are back within about this time.
pub const RECONNECT_LONGEST: Duration = Duration::from_secs(8);

/// How long "is typing" is shown after a signal. While somebody types, a signal is sent twice in this time.
pub const TYPING_SHOWN: Duration = Duration::from_secs(6);

/// Characters of each text in what a server says that its operator can see.
pub(crate) const RECORD_CHARACTERS: usize = 80;

/// Access keys that are kept for a server: as many as there may be removals between two connections.
pub(crate) const ACCESS_KEYS_KEPT: usize = 8;

/// Leafless seats that are remembered.
pub(crate) const LEAFLESS_SEATS_KEPT: usize = 64;

/// Messages that the program itself may queue beyond [`OUTBOX_MESSAGES`].
pub(crate) const OWN_MESSAGES_KEPT: usize = 64;

/// Bytes that the program itself may queue beyond [`OUTBOX_BYTES`].
pub(crate) const OWN_BYTES_KEPT: usize = 1024 * 1024;
