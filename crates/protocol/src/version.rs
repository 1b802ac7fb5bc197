//! Negotiation of the protocol version.

use thiserror::Error;

/// A protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32);

/// The versions that a peer speaks, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionRange {
    /// The oldest.
    pub lowest: Version,
    /// The newest.
    pub highest: Version,
}

/// What this build speaks.
pub const SUPPORTED: VersionRange = VersionRange { lowest: Version(1), highest: Version(1) };

/// There is no version that both speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VersionMismatch {
    /// Everything the peer speaks is older.
    #[error("the peer is too old")]
    PeerTooOld,
    /// Everything the peer speaks is newer.
    #[error("the peer is too new")]
    PeerTooNew,
}

impl VersionRange {
    /// The highest version that both ranges have.
    ///
    /// # Errors
    ///
    /// Says which side is behind when the ranges do not meet.
    pub fn negotiate(self, peer: Self) -> Result<Version, VersionMismatch> {
        if peer.highest < self.lowest {
            return Err(VersionMismatch::PeerTooOld);
        }
        if peer.lowest > self.highest {
            return Err(VersionMismatch::PeerTooNew);
        }
        Ok(self.highest.min(peer.highest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(lowest: u32, highest: u32) -> VersionRange {
        VersionRange { lowest: Version(lowest), highest: Version(highest) }
    }

    #[test]
    fn the_highest_common_version_wins() {
        assert_eq!(range(1, 3).negotiate(range(2, 9)), Ok(Version(3)));
        assert_eq!(range(2, 9).negotiate(range(1, 3)), Ok(Version(3)));
    }

    #[test]
    fn each_side_learns_who_is_behind() {
        assert_eq!(range(3, 4).negotiate(range(1, 2)), Err(VersionMismatch::PeerTooOld));
        assert_eq!(range(1, 2).negotiate(range(3, 4)), Err(VersionMismatch::PeerTooNew));
    }
}
