//! Leaving a circle, and losing a connection.

use std::time::Instant;

use shepot_protocol::Seat;
use shepot_protocol::message::{PresenceChange, RefusalCause, Standing};

use super::{ABSENT_SEAT_BYTES, Circle, Outcome, Phase};
use crate::budget::Reservation;
use crate::id::ConnectionId;

impl<H: Clone> Circle<H> {
    pub(super) fn depart(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        change: PresenceChange,
    ) -> Outcome {
        let mut gone = self.room.participants.remove(&connection).ok_or(RefusalCause::NotSeated)?;
        match &mut self.phase {
            Phase::Empty => {}
            Phase::Founding { founder, .. } => {
                if *founder == connection {
                    self.appoint(now);
                }
            }
            Phase::Reseating(claims) => claims.withdraw(connection),
            Phase::Grouped(group) => {
                if gone.standing != Standing::Seated {
                    if group.joining.is_served(connection) {
                        self.room.effects.unfinished.push(gone.handle.clone());
                    }
                    group.joiner_gone(&mut self.room, now, connection);
                    return Ok(());
                }
                group.seated -= 1;
                let (seat, farewell) = (gone.seat, gone.farewell.take());
                let (is_unknown, place) = (gone.is_unknown, gone.into_kept_place(ABSENT_SEAT_BYTES));
                match change {
                    PresenceChange::Left => group.absent.close(seat, place),
                    PresenceChange::Lost if is_unknown => drop(place),
                    PresenceChange::Lost | PresenceChange::Entered => group.absent.keep(seat, place),
                }
                if group.seated > 0 {
                    group.log_presence(&mut self.room, now, seat, change, farewell);
                    group.member_gone(&mut self.room, now, connection);
                } else {
                    self.last_gone(now, seat, change, farewell);
                }
            }
        }
        Ok(())
    }

    /// The last holder of a seat is gone.
    fn last_gone(&mut self, now: Instant, seat: Seat, change: PresenceChange, farewell: Option<Reservation>) {
        let Phase::Grouped(group) = &mut self.phase else { return };
        group.drop_tentative(&mut self.room, now);
        match change {
            PresenceChange::Lost => {
                group.log_presence(&mut self.room, now, seat, change, farewell);
                group.suspend_joining();
                group.abandoned_until = Some(now + self.room.rules.abandoned_ttl);
            }
            PresenceChange::Left | PresenceChange::Entered => self.appoint(now),
        }
    }
}
