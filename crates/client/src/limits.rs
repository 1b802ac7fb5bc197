//! The bounds of the engine: of what others can make grow, and how long it waits.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Characters of a nick.
pub const NICK_CHARACTERS: RangeInclusive<usize> = 1..=20;

/// Characters of what a person calls a server.
pub const SERVER_NAME_CHARACTERS: usize = shepot_protocol::limits::SERVER_NAME_CHARACTERS;

/// Characters of what a circle's owner calls it.
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

/// Items that a server's timeline keeps in memory; the oldest fall off.
pub const TIMELINE_ITEMS: usize = 10_000;

/// Bytes of them, as [`crate::model::Message::held_bytes`] counts: whoever writes much pushes out what is oldest.
pub const TIMELINE_BYTES: usize = 32 * 1024 * 1024;

/// So many new pictures one person may show at once, and after how long one more: others decode each.
pub const AVATARS_AT_ONCE: u32 = 4;

/// See [`AVATARS_AT_ONCE`].
pub const AVATAR_INTERVAL: Duration = Duration::from_secs(30);

/// Messages waiting to be sent.
pub const OUTBOX_MESSAGES: usize = 2_048;

/// Bytes of them, and of who could read each: they wait as long as the connection is away. Once encrypted, each is held twice,
/// the second time with its padding.
pub const OUTBOX_BYTES: usize = 16 * 1024 * 1024;

/// Servers in the list.
pub const SERVERS: usize = 10_000;

/// Circles on one link: a connection that comes back enters all at once, and a relay that goes by its defaults takes that.
pub const CIRCLES_ON_A_LINK: usize = 16;

/// Marks behind what a relay was told, and pings behind them, that it has not answered.
pub const MARKS: usize = 64;

/// How often one circle may cost the others on its link their connection.
pub const BREAK_OFF_INTERVAL: Duration = Duration::from_secs(30);

/// Commands that wait for the engine.
pub const COMMAND_QUEUE: usize = 256;

/// Events that wait for the interface; when they do not fit, it is told to load a snapshot.
pub const EVENT_QUEUE: usize = 4_096;

/// Frames between a connection's task and its session.
pub const FRAME_QUEUE: usize = 64;

/// Bytes that wait for a relay to read them, before nothing more is heard from it meanwhile. One answer with the group
/// information of a large circle may stand above that.
pub const UNSENT_BYTES: usize = 256 * 1024;

/// Frames that wait for a relay to read them: one that makes us say more counts as broken.
pub const UNSENT_FRAMES: usize = 1_024;

/// A member whose connection is gone without a word is removed from the group after this.
pub const DEPARTURE_GRACE: Duration = Duration::from_secs(45);

/// How much later the next in line takes over a duty that the one before did not do.
pub const DUTY_STEP: Duration = Duration::from_secs(3);

/// How often it is looked whether a duty is due: they are counted in seconds.
pub const HOUSEKEEPING_INTERVAL: Duration = Duration::from_millis(500);

/// How soon a look may follow another, when something waits for its time.
pub const SHORTEST_WAIT: Duration = Duration::from_millis(10);

/// A member that said nothing for so long sends a heartbeat, in a group of up to [`HEARTBEAT_CROWD`].
pub const HEARTBEAT: Duration = Duration::from_secs(20);

/// In larger groups heartbeats become rarer in proportion, so that their number per second stays.
pub const HEARTBEAT_CROWD: usize = 25;

/// After so many heartbeats that did not come, a member that is here counts as silent.
pub const SILENT_AFTER_HEARTBEATS: u32 = 3;

/// Members are told of joins that come to nothing not oftener than so.
pub const KNOCKS_SHOWN_EVERY: Duration = Duration::from_secs(60);

/// However long the relay says that something is to be tried again after: it is tried after this.
pub const LONGEST_RETRY: Duration = Duration::from_secs(5 * 60);

/// A newcomer that nobody acknowledged in this time joins again.
pub const ACKNOWLEDGEMENT_DEADLINE: Duration = Duration::from_secs(15);

/// How many times a newcomer tries before the person is told that the members do not let it in.
pub const JOIN_ATTEMPTS: u32 = 6;

/// A server that let us in before may close so often in succession without a word, as one does that is being stopped;
/// then the invitation is not valid there any more.
pub const CLOSED_DOORS: u32 = 3;

/// For connecting up to `Hello`, and once more from there to `Welcome`.
pub const CONNECT_DEADLINE: Duration = Duration::from_secs(15);

/// How often a relay may want to hear that we live, and how long its silence may be taken for life: what it says beyond
/// that is taken for the nearest of these.
pub const PING_INTERVAL: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(60);

/// See [`PING_INTERVAL`].
pub const DEAD_AFTER: RangeInclusive<Duration> = Duration::from_millis(200)..=Duration::from_secs(180);

/// How long a relay may read nothing of what waits before its connection counts as broken.
pub const SEND_PATIENCE: Duration = Duration::from_secs(8);

/// How long a connection may take for what is on its way when the person leaves.
pub const FAREWELL: Duration = Duration::from_secs(2);

/// How long an interface that ends may wait for the engine's end: every farewell fits into it.
pub const QUIT_PATIENCE: Duration = FAREWELL.saturating_add(Duration::from_millis(500));

/// The first wait before connecting again; it doubles.
pub const RECONNECT_FIRST: Duration = Duration::from_millis(500);

/// The longest wait before connecting again: an outage of any length ends within about this.
pub const RECONNECT_LONGEST: Duration = Duration::from_secs(8);

/// How long "is typing" is shown after a signal; while somebody types, a signal goes every half of that.
pub const TYPING_SHOWN: Duration = Duration::from_secs(6);

/// Characters of each text in what a server says that its operator can see of us.
pub(crate) const RECORD_CHARACTERS: usize = 80;

/// Access keys of a server that are kept: that many removals may come without a connection between them.
pub(crate) const ACCESS_KEYS_KEPT: usize = 8;

/// Seats that are remembered which somebody holds and no leaf has.
pub(crate) const LEAFLESS_SEATS_KEPT: usize = 64;

/// What the program itself may say beyond [`OUTBOX_MESSAGES`] and [`OUTBOX_BYTES`].
pub(crate) const OWN_MESSAGES_KEPT: usize = 64;

/// See [`OWN_MESSAGES_KEPT`].
pub(crate) const OWN_BYTES_KEPT: usize = 1024 * 1024;
