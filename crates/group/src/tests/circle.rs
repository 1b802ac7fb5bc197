//! Named members of one circle, and a log that gives everybody the same entries.

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::{
    CircleKeys, Entrant, Entropy, EntropyFailed, EntryKind, EpochChange, Group, GroupError, Identity,
    Joining, LogTranscript, OwnCommit, OwnerId, Profile, RandomSource, Received,
};

pub(super) const LOG: [u8; 16] = [0x10; 16];

struct Seeded(StdRng);

impl RandomSource for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyFailed> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

pub(crate) fn entropy(seed: u64) -> Entropy {
    Entropy::new(Seeded(StdRng::seed_from_u64(seed)))
}

pub(super) fn entrant(keys: &CircleKeys, seat: u64, nick: &str, owner: Option<OwnerId>) -> Entrant {
    let entropy = entropy(seat);
    Entrant {
        keys: keys.clone(),
        identity: Identity::generate(&entropy).unwrap(),
        seat,
        profile: Profile::new(nick, None).unwrap(),
        owner,
        succession: None,
        now: today(),
        entropy,
    }
}

/// Another library, in `interoperability`, checks the lifetime of a founder's leaf against the clock.
#[allow(clippy::disallowed_methods, reason = "the other library's clock is the system's")]
fn today() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// A member and what it read of the log.
pub(super) struct Actor {
    pub(super) entrant: Entrant,
    pub(super) group: Group,
    pub(super) log: LogTranscript,
}

impl Actor {
    pub(super) fn say(&mut self, text: &str) -> (u64, Vec<u8>) {
        let sealed = self.group.encrypt(text.as_bytes(), &self.log).unwrap();
        (sealed.epoch, sealed.blob)
    }

    pub(super) fn hear(&mut self, message: &(u64, Vec<u8>)) -> Result<Received, GroupError> {
        self.group.decrypt(message.0, &message.1)
    }
}

/// Several members that all follow one another's commits.
pub(super) struct Circle {
    pub(super) keys: CircleKeys,
    pub(super) members: Vec<Actor>,
    pub(super) present: Vec<u64>,
    owner: Option<OwnerId>,
    next_seat: u64,
    sequence: u64,
}

impl Circle {
    pub(super) fn of(nicks: &[&str]) -> Self {
        Self::owned_by(None, nicks)
    }

    pub(super) fn owned_by(owner: Option<OwnerId>, nicks: &[&str]) -> Self {
        let keys = CircleKeys::new(&[0x5E; 32]);
        let mut circle =
            Self { keys, members: Vec::new(), present: Vec::new(), owner, next_seat: 1, sequence: 0 };
        for nick in nicks {
            circle.join(nick);
        }
        circle
    }

    pub(super) fn newcomer(&mut self, nick: &str) -> Entrant {
        let keys = self.members.first().map_or(&self.keys, |member| member.group.keys()).clone();
        self.next_seat += 1;
        let succession = self.members.first().and_then(|member| member.group.succession().copied());
        Entrant { succession, ..entrant(&keys, self.next_seat, nick, self.owner) }
    }

    pub(super) fn join(&mut self, nick: &str) {
        let entrant = self.newcomer(nick);
        if self.members.is_empty() {
            let group = Group::found(&entrant).unwrap();
            self.present.push(entrant.seat);
            self.members.push(Actor { entrant, group, log: LogTranscript::from_start(&LOG) });
            return;
        }
        let joining = self.joining(&entrant);
        let (epoch, commit) = (joining.base_epoch(), joining.commit().to_vec());
        self.deliver_commit(epoch, &commit);
        let group = joining.finish().unwrap();
        self.present.push(entrant.seat);
        let log = LogTranscript::from_middle(&LOG, self.sequence);
        self.members.push(Actor { entrant, group, log });
    }

    pub(super) fn joining(&self, entrant: &Entrant) -> Joining {
        let host = &self.members[0].group;
        Joining::new(entrant, host.epoch(), &host.seal_group_information().unwrap(), &mut None).unwrap()
    }

    /// Everybody merges it; all must say the same about it.
    pub(super) fn deliver_commit(&mut self, epoch: u64, commit: &[u8]) -> EpochChange {
        self.sequence += 1;
        let mut changes = Vec::new();
        for member in &mut self.members {
            let present = &self.present;
            changes.push(member.group.process_commit(epoch, commit, |seat| present.contains(&seat)).unwrap());
            member.log.record(self.sequence, EntryKind::Commit, epoch, commit);
        }
        let first = changes[0].clone();
        for change in &mut changes {
            change.own_commit_lost = first.own_commit_lost;
        }
        assert!(changes.iter().all(|change| *change == first), "{changes:?}");
        self.assert_agreement();
        first
    }

    pub(super) fn deliver_own(&mut self, commit: &OwnCommit) -> EpochChange {
        let change = self.deliver_commit(commit.base_epoch, &commit.blob);
        assert_eq!(self.members[0].group.verification_key(), commit.next_verification_key);
        change
    }

    pub(super) fn assert_agreement(&self) {
        let first = &self.members[0].group;
        for member in &self.members {
            assert_eq!(member.group.epoch(), first.epoch());
            assert_eq!(member.group.verification_key(), first.verification_key());
            assert_eq!(member.group.keys(), first.keys());
            assert_eq!(member.group.members(), first.members());
        }
    }

    pub(super) fn nicks(&self) -> Vec<String> {
        self.members[0].group.members().iter().map(|member| member.profile.nick().to_owned()).collect()
    }

    /// Removes a member and its connection; gives its actor.
    pub(super) fn take(&mut self, nick: &str) -> Actor {
        let at = self.members.iter().position(|m| m.entrant.profile.nick() == nick).unwrap();
        let actor = self.members.remove(at);
        self.present.retain(|seat| *seat != actor.entrant.seat);
        actor
    }
}
