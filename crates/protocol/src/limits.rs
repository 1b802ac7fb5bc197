//! Every bound of the protocol in one place. The values are defaults if an operator can change them.

use std::time::Duration;

/// The length in front of a frame, in bytes.
pub const FRAME_HEADER_BYTES: usize = 4;

/// The largest frame before `Welcome`, in bytes: a `Hello` needs about 60.
pub const HELLO_FRAME_BYTES: usize = 512;

/// Bytes that a client may send before `Welcome`, including TLS and empty records; a greeting needs about 3,000. It
/// bounds the cost of a stranger's unfinished record: a socket takes less than 20 KB.
pub const GREETING_BYTES: usize = 4 * 1024;

/// The largest blob of a message or a signal, in bytes.
pub const BLOB_BYTES: usize = 64 * 1024;

/// The largest sealed group information, in bytes: 264 KB with 100 members, 2.6 MB with 1,000. It is also the bound for
/// a commit, which takes 22 KB with 1,000 members, and 1.2 KB more for every node without a key above it. After many
/// departures at once nearly all nodes are like that.
pub const GROUP_INFORMATION_BYTES: usize = 4 * 1024 * 1024;

/// Bytes that a frame may take in addition to its blob; `present` with 2,000 seats needs 16 KB.
pub const FRAME_OVERHEAD_BYTES: usize = 32 * 1024;

/// The largest frame of any kind after `Welcome`, in bytes.
pub const FRAME_BYTES: usize = GROUP_INFORMATION_BYTES + FRAME_OVERHEAD_BYTES;

/// The most members of one circle, and so the most seats in `present`.
pub const CIRCLE_MEMBERS: usize = 2_000;

/// Absolute deadline from accept to `Welcome`: a socket that is not admitted by then is closed.
pub const ADMISSION_DEADLINE: Duration = Duration::from_secs(5);

/// Interval at which an idle client pings.
pub const PING_INTERVAL: Duration = Duration::from_secs(10);

/// Silence after which a peer counts as dead.
pub const DEAD_AFTER: Duration = Duration::from_secs(25);

/// How long a newcomer's turn lasts, without the time for its group information.
pub const LEASE_TTL: Duration = Duration::from_secs(10);

/// How long a member may take to provide an endorsement or group information before the next one is asked.
pub const MEMBER_ANSWER_DEADLINE: Duration = Duration::from_secs(3);

/// How many members are asked for an endorsement before a commit is dropped.
pub const ENDORSERS_ASKED: usize = 3;

/// How long the relay collects claims, from the first member that returns to a circle which it does not know.
pub const RESEAT_WINDOW: Duration = Duration::from_secs(2);

/// How long a founder has to create the group.
pub const FOUNDING_DEADLINE: Duration = Duration::from_secs(10);

/// How long a circle is kept after its last seated connection was lost.
pub const ABANDONED_CIRCLE_TTL: Duration = Duration::from_secs(60);

/// The most characters of an invitation link or an address.
pub const LINK_CHARACTERS: usize = 1024;

/// The most characters of a host name (RFC 1035).
pub const HOST_CHARACTERS: usize = 253;

/// The most characters of the name that a person gives to a server.
pub const SERVER_NAME_CHARACTERS: usize = 64;

/// The default TCP port.
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
