//! Negotiation of the protocol version.

use thiserror::Error;

/// A protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32);

/// The range of versions that a peer supports, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionRange {
    /// Oldest supported version.
    pub lowest: Version,
    /// Newest supported version.
    pub highest: Version,
}

/// The versions that this build supports.
pub const SUPPORTED: VersionRange = VersionRange { lowest: Version(1), highest: Version(1) };

/// No version is supported by both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VersionMismatch {
    /// All versions of the peer are older.
    #[error("the peer is too old")]
    PeerTooOld,
    /// All versions of the peer are newer.
    #[error("the peer is too new")]
    PeerTooNew,
}

impl VersionRange {
    /// The highest version in both ranges.
    ///
    /// # Errors
    ///
    /// [`VersionMismatch`], which says which side is too old, if the ranges do not overlap.
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
