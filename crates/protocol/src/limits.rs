//! Every bound of the protocol in one place. What an operator can change starts from these values.

use std::time::Duration;

/// Bytes of the length in front of a frame.
pub const FRAME_HEADER_BYTES: usize = 4;

/// The largest frame before `Welcome`, in bytes: a `Hello` needs about 60.
pub const HELLO_FRAME_BYTES: usize = 512;

/// Bytes that a client may send before `Welcome`, including TLS and empty records; a greeting needs about 3,000. It
/// bounds the cost of a stranger's unfinished record: a socket takes less than 20 KB.
pub const GREETING_BYTES: usize = 4 * 1024;

/// The largest blob of a message or a signal, in bytes.
pub const BLOB_BYTES: usize = 64 * 1024;

/// The largest sealed group information, in bytes: 264 KB with 100 members, 2.6 MB with 1,000. The largest commit, too:
/// it takes 22 KB with 1,000 members, but 1.2 KB for every node without a key above it, and where many left at once
/// nearly all are.
pub const GROUP_INFORMATION_BYTES: usize = 4 * 1024 * 1024;

/// Bytes that a frame may take in addition to its blob; `present` with 2,000 seats needs 16 KB.
pub const FRAME_OVERHEAD_BYTES: usize = 32 * 1024;

/// The largest frame of any kind after `Welcome`, in bytes.
pub const FRAME_BYTES: usize = GROUP_INFORMATION_BYTES + FRAME_OVERHEAD_BYTES;

/// Most members of one circle, and so most seats in `present`.
pub const CIRCLE_MEMBERS: usize = 2_000;

/// Absolute deadline from accept to `Welcome`: a socket that is not admitted by then is closed.
pub const ADMISSION_DEADLINE: Duration = Duration::from_secs(5);

/// Interval at which an idle client pings.
pub const PING_INTERVAL: Duration = Duration::from_secs(10);

/// Silence after which a peer counts as dead.
pub const DEAD_AFTER: Duration = Duration::from_secs(25);

/// How long the turn of one newcomer to join lasts.
pub const LEASE_TTL: Duration = Duration::from_secs(10);

/// How long a member may take to give its endorsement or the group information before the next is asked.
pub const MEMBER_ANSWER_DEADLINE: Duration = Duration::from_secs(3);

/// How many members are asked for an endorsement before a commit is dropped.
pub const ENDORSERS_ASKED: usize = 3;

/// How long the relay waits, from the first member that returns to an empty circle, for others with a higher epoch.
pub const RESEAT_WINDOW: Duration = Duration::from_secs(2);

/// How long a founder has to create the group.
pub const FOUNDING_DEADLINE: Duration = Duration::from_secs(10);

/// How long a circle whose members' connections are all gone is kept for them.
pub const ABANDONED_CIRCLE_TTL: Duration = Duration::from_secs(60);

/// Most characters of an invitation link or an address; longer ones are refused.
pub const LINK_CHARACTERS: usize = 1024;

/// Most characters of a host name (RFC 1035).
pub const HOST_CHARACTERS: usize = 253;

/// Most characters of the name that a person gives a server.
pub const SERVER_NAME_CHARACTERS: usize = 64;

/// The default port.
pub const DEFAULT_PORT: u16 = 7443;

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures that docs/PROTOCOL.md names: who changes one changes it there.
    #[test]
    fn the_limits_are_the_ones_that_are_written() {
        assert_eq!((HELLO_FRAME_BYTES, BLOB_BYTES, DEFAULT_PORT), (512, 65_536, 7_443));
        assert_eq!((CIRCLE_MEMBERS, ENDORSERS_ASKED), (2_000, 3));
        let seconds = [
            ADMISSION_DEADLINE,
            PING_INTERVAL,
            DEAD_AFTER,
            LEASE_TTL,
            MEMBER_ANSWER_DEADLINE,
            RESEAT_WINDOW,
            FOUNDING_DEADLINE,
            ABANDONED_CIRCLE_TTL,
        ]
        .map(|limit| limit.as_secs());
        assert_eq!(seconds, [5, 10, 25, 10, 3, 2, 10, 60]);
    }
}
