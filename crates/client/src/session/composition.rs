//! Who is in the circle, according to the log: commits and presence.

use std::collections::BTreeSet;

use bytes::Bytes;
use shepot_group::{EntryKind, EpochChange, GroupError, Member};
use shepot_protocol::Seat;
use shepot_protocol::message::{Final, PresenceChange};

use super::{Now, Phase, Session, SessionEvent, shown_nick};
use crate::model::{ConnectionError, PersonKey, SystemEvent};

impl Session {
    pub(super) fn commit_entry(&mut self, now: Now, sequence: u64, base_epoch: u64, blob: &Bytes) {
        let Some(member) = &mut self.member else { return };
        let present = &member.present;
        let before = member.group.members().to_vec();
        let changed = member.group.process_commit(base_epoch, blob, |seat| present.contains(&seat));
        self.record(sequence, EntryKind::Commit, base_epoch, blob);
        match changed {
            Ok(change) => self.epoch_began(now, &change, &before, blob),
            // As departed, while we are here: we come back.
            Err(GroupError::Removed) => self.resync(),
            Err(GroupError::Evicted) => self.tell(SessionEvent::Over(ConnectionError::Evicted)),
            Err(GroupError::Epoch { theirs, ours }) if theirs < ours => {}
            Err(_) => {
                self.happened(now, SystemEvent::Unreadable);
                self.resync();
            }
        }
    }

    /// Our own commit got its place in the log.
    pub(super) fn own_commit_is_final(&mut self, now: Now, last: &Final) {
        if matches!(self.phase, Phase::Joining(_)) {
            return self.joined(now, last);
        }
        if !self.comes_next(now, last.sequence) {
            return;
        }
        let Some(member) = &mut self.member else { return };
        match member.own_commit.take_if(|own| own.id == last.commit) {
            Some(own) => self.commit_entry(now, last.sequence, own.base_epoch, &own.blob),
            // Ours, but we do not know it any more: what it began cannot be followed.
            None => self.resync(),
        }
    }

    /// Our removal of somebody was final, although the relay stopped before it could say so: others have read it and
    /// are in the generation that it began. We merge it and join them.
    pub(super) fn own_removal_was_final(&mut self, now: Now) {
        let Some(member) = &mut self.member else { return };
        let Some(own) = member.own_commit.take() else { return };
        let before = member.group.members().to_vec();
        if let Ok(change) = member.group.process_commit(own.base_epoch, &own.blob, |_| true) {
            self.epoch_began(now, &change, &before, &own.blob);
        }
        self.resync();
    }

    fn epoch_began(&mut self, now: Now, change: &EpochChange, before: &[Member], blob: &Bytes) {
        if let Some(member) = &mut self.member {
            member.renew_keys_at = None;
            if change.own_commit_lost {
                member.own_commit = None;
            }
            for gone in &change.removed {
                member.absent.remove(&gone.key);
                member.last_heard.remove(&gone.key);
                member.present.remove(&gone.seat);
            }
            for new in change.joined.iter().chain(&change.returned) {
                member.last_heard.insert(new.key, now.steady);
                member.absent.remove(&new.key);
                // Its commit is in the log: its connection is here, as the relay's entry behind it says too.
                member.present.insert(new.seat);
            }
            self.config.keys = Some(member.group.keys().clone());
            self.config.succession = member.group.succession().copied();
            let own = member.group.own_profile();
            member.new_profile.take_if(|new| new == own);
        }
        self.keys_changed(change.changes_safety_code());
        if change.rotated {
            self.has_new_secret(now, change.removed.is_empty());
        }
        self.acknowledgements_are_due(now, change, blob);
        let name =
            |someone: &Member| (shown_nick(someone.profile.nick(), &someone.key), PersonKey(someone.key.0));
        for gone in &change.removed {
            let (nick, key) = name(gone);
            self.happened(
                now,
                if change.rotated {
                    SystemEvent::Evicted { nick, key }
                } else {
                    SystemEvent::Left { nick, key }
                },
            );
        }
        for new in &change.joined {
            let (nick, key) = name(new);
            self.happened(now, SystemEvent::Joined { nick, key });
        }
        for new in &change.returned {
            let (nick, key) = name(new);
            self.happened(now, SystemEvent::Returned { nick, key });
        }
        for changed in &change.changed {
            let (nick, key) = name(changed);
            let from = before.iter().find(|member| member.key == changed.key).map(|member| name(member).0);
            if let Some(from) = from.filter(|from| *from != nick) {
                self.happened(now, SystemEvent::Renamed { from, nick, key });
            }
        }
        let lists = [&change.joined, &change.returned, &change.removed, &change.changed];
        if lists.iter().any(|list| !list.is_empty()) {
            self.people_changed();
        }
    }

    fn has_new_secret(&mut self, now: Now, nobody_was_removed: bool) {
        self.wants_new_secret = false;
        self.tell(SessionEvent::Renewed);
        if nobody_was_removed {
            self.happened(now, SystemEvent::InvitationsRenewed);
        }
    }

    pub(super) fn presence_entry(&mut self, now: Now, sequence: u64, seat: Seat, change: PresenceChange) {
        self.record(sequence, EntryKind::Presence, seat.0, &[presence_byte(change)]);
        let Some(member) = &mut self.member else { return };
        let someone = member.group.members().iter().find(|someone| someone.seat == seat.0).cloned();
        let Some(someone) = someone else {
            // No leaf has this seat, so its holder is not in this group.
            if change != PresenceChange::Entered {
                member.present.remove(&seat.0);
                member.leafless_seats.goes(now.steady, seat.0);
            } else {
                member.leafless_seats.comes(now.steady, seat.0);
            }
            return;
        };
        let was_here = match change {
            PresenceChange::Entered => !member.present.insert(seat.0),
            PresenceChange::Left | PresenceChange::Lost => member.present.remove(&seat.0),
        };
        if someone.key == member.group.own_key() {
            return;
        }
        let (nick, key) = (shown_nick(someone.profile.nick(), &someone.key), PersonKey(someone.key.0));
        match change {
            PresenceChange::Entered => {
                member.last_heard.insert(someone.key, now.steady);
                if member.absent.remove(&someone.key).is_some() {
                    self.happened(now, SystemEvent::Back { nick, key });
                }
            }
            PresenceChange::Left | PresenceChange::Lost => {
                let left = change == PresenceChange::Left;
                member.absent.insert(someone.key, (now.steady, left));
                if was_here && !left {
                    self.happened(now, SystemEvent::Away { nick, key });
                }
            }
        }
        self.people_changed();
    }

    /// Looks for seats whose holder is not a member.
    pub(super) fn look_for_leafless_seats(&mut self, now: Now) {
        // Whose seat it is may stand in what was not read yet.
        let Some(member) = self.member.as_mut().filter(|member| member.is_caught_up()) else { return };
        let leaves: BTreeSet<u64> = member.group.members().iter().map(|someone| someone.seat).collect();
        let present = member.present.iter().copied().filter(|seat| *seat != self.seat);
        let found = member.leafless_seats.look(now.steady, &leaves, present);
        if found > 0 {
            self.happened(now, SystemEvent::LeaflessSeats { connections: found });
        }
    }
}

/// The byte for a presence change in the hash of the log (docs/PROTOCOL.md, section 9.1).
const fn presence_byte(change: PresenceChange) -> u8 {
    match change {
        PresenceChange::Entered => 1,
        PresenceChange::Left => 2,
        PresenceChange::Lost => 3,
    }
}
