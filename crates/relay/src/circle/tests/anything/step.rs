//! What connections may do, and how often each is drawn.

use super::*;

pub(super) const PEOPLE: u64 = 6;

/// Who does it: somebody, or one of those for whom it makes sense now, if there is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    pub(super) anybody: u64,
    pub(super) is_apt: bool,
}

/// An endorsement that a newcomer has no right to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Word {
    None,
    Right,
    Wrong,
}

#[derive(Clone, Debug)]
pub(super) enum OwnCommit {
    Good,
    Evicting { staying: Vec<u64>, is_owner: bool },
    Removing { seen_back: u64 },
    Stale,
    Unendorsed,
    BadlyVouched,
    TooLarge,
}

/// Which state somebody who returns shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    pub(super) epoch_back: u64,
    /// Of the key, beyond the epoch's.
    pub(super) key_back: u64,
    /// 1: of another group.
    pub(super) line: u8,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Enter { who: u64, seat: u64, is_outdated: bool },
    Return { who: u64, seat: u64, cursor_back: u64, same_log: bool, shown: Shown },
    CreateGroup { who: Who },
    Lease { who: Who },
    Answer { who: Who, bytes: usize, is_stale: bool, is_older: bool },
    Join { who: Who, is_stale: bool, word: Word },
    OwnCommit { who: Who, commit: OwnCommit },
    Endorse { who: Who, is_good: bool },
    Publish { who: Who, id: u8, epoch_ahead: u64, bytes: usize },
    Signal { who: Who, bytes: usize },
    Look { who: u64, bytes: usize },
    Leave { who: u64 },
    Lost { who: u64 },
    Wait { milliseconds: u64 },
}

/// Any step; most of them make sense.
pub(super) fn step() -> impl Strategy<Value = Step> {
    let anybody = || 1..=PEOPLE;
    let who = || (anybody(), prop::bool::weighted(0.8)).prop_map(|(anybody, is_apt)| Who { anybody, is_apt });
    let seat = || 1_u64..6;
    let own_commit = prop_oneof![
        8 => Just(OwnCommit::Good),
        4 => (prop::collection::vec(seat(), 1..3), prop::bool::weighted(0.9))
            .prop_map(|(staying, is_owner)| OwnCommit::Evicting { staying, is_owner }),
        2 => (0_u64..3).prop_map(|seen_back| OwnCommit::Removing { seen_back }),
        1 => Just(OwnCommit::Stale),
        1 => Just(OwnCommit::Unendorsed),
        1 => Just(OwnCommit::BadlyVouched),
        1 => Just(OwnCommit::TooLarge),
    ];
    let shown = (0_u64..3, prop::bool::weighted(0.1), prop::bool::weighted(0.1)).prop_map(
        |(epoch_back, is_older_key, is_forked)| Shown {
            epoch_back,
            key_back: u64::from(is_older_key),
            line: u8::from(is_forked),
        },
    );
    let word = prop_oneof![8 => Just(Word::None), 1 => Just(Word::Right), 1 => Just(Word::Wrong)];
    let information = prop_oneof![8 => Just(20_usize), 1 => Just(70_000), 1 => Just(70_001)];
    prop_oneof![
        4 => (anybody(), seat(), prop::bool::weighted(0.1)).prop_map(
            |(who, seat, is_outdated)| Step::Enter { who, seat, is_outdated }
        ),
        3 => (anybody(), seat(), 0_u64..20, any::<bool>(), shown).prop_map(
            |(who, seat, cursor_back, same_log, shown)| {
                Step::Return { who, seat, cursor_back, same_log, shown }
            }
        ),
        2 => who().prop_map(|who| Step::CreateGroup { who }),
        4 => who().prop_map(|who| Step::Lease { who }),
        5 => (who(), information, prop::bool::weighted(0.05), prop::bool::weighted(0.05)).prop_map(
            |(who, bytes, is_stale, is_older)| Step::Answer { who, bytes, is_stale, is_older }
        ),
        4 => (who(), prop::bool::weighted(0.1), word)
            .prop_map(|(who, is_stale, word)| Step::Join { who, is_stale, word }),
        2 => (who(), own_commit).prop_map(|(who, commit)| Step::OwnCommit { who, commit }),
        5 => (who(), prop::bool::weighted(0.7)).prop_map(|(who, is_good)| Step::Endorse { who, is_good }),
        6 => (who(), 0_u8..24, prop::bool::weighted(0.05), 1_usize..64).prop_map(
            |(who, id, ahead, bytes)| Step::Publish { who, id, epoch_ahead: u64::from(ahead), bytes }
        ),
        1 => (who(), 1_usize..64).prop_map(|(who, bytes)| Step::Signal { who, bytes }),
        8 => (anybody(), 1_usize..2_000).prop_map(|(who, bytes)| Step::Look { who, bytes }),
        1 => anybody().prop_map(|who| Step::Leave { who }),
        1 => anybody().prop_map(|who| Step::Lost { who }),
        6 => (0_u64..4_000).prop_map(|milliseconds| Step::Wait { milliseconds }),
        1 => Just(Step::Wait { milliseconds: 61_000 }),
    ]
}
