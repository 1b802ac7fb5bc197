//! The seats of members whose connections are gone.
//!
//! Owns: of the lost that they were members, who return by the key that they had; of those who said `Leave` that nobody
//! takes the seat any more: the others have their leaves for a moment yet, and would take whoever sits there for them.
//! Must never: grow beyond [`ABSENT_SEATS`].

use std::collections::{HashSet, VecDeque};

use shepot_protocol::Seat;

use super::rules::ABSENT_SEATS;
use crate::budget::{Account, Reservation};

#[derive(Debug)]
struct Kept {
    seat: Seat,
    /// Nobody takes it.
    is_closed: bool,
    memory: Reservation,
}

#[derive(Debug, Default)]
pub(super) struct AbsentSeats {
    seats: VecDeque<Kept>,
}

impl AbsentSeats {
    /// Keeps a seat for its member; beyond the bound one that is closed is forgotten, or the one that is lost for
    /// longest.
    pub(super) fn keep(&mut self, seat: Seat, memory: Reservation) {
        self.take(seat);
        if self.seats.len() >= ABSENT_SEATS && !self.forget_closed() {
            self.seats.pop_front();
        }
        self.seats.push_back(Kept { seat, is_closed: false, memory });
    }

    /// Keeps a seat from everybody, where that takes no member's place.
    pub(super) fn close(&mut self, seat: Seat, memory: Reservation) {
        self.take(seat);
        if self.seats.len() < ABSENT_SEATS || self.forget_closed() {
            self.seats.push_back(Kept { seat, is_closed: true, memory });
        }
    }

    /// Whoever left first has been taken out by the others since. False: none is closed.
    fn forget_closed(&mut self) -> bool {
        let closed = self.seats.iter().position(|kept| kept.is_closed);
        closed.and_then(|at| self.seats.remove(at)).is_some()
    }

    /// All others are not to be kept any more. Gives who has paid for those of members.
    pub(super) fn keep_only(&mut self, staying: &HashSet<Seat>) -> Vec<Account> {
        let (kept, gone) = self.seats.drain(..).partition(|kept| staying.contains(&kept.seat));
        self.seats = kept;
        let gone: VecDeque<Kept> = gone;
        let members = gone.iter().filter(|kept| !kept.is_closed);
        members.map(|kept| kept.memory.account().clone()).collect()
    }

    /// It is not to be kept any more.
    pub(super) fn take(&mut self, seat: Seat) {
        self.seats.retain(|kept| kept.seat != seat);
    }

    /// Whether a member lost it.
    pub(super) fn is_kept(&self, seat: Seat) -> bool {
        self.seats.iter().any(|kept| kept.seat == seat && !kept.is_closed)
    }

    /// Whether nobody takes it any more.
    pub(super) fn is_closed(&self, seat: Seat) -> bool {
        self.seats.iter().any(|kept| kept.seat == seat && kept.is_closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Means;

    #[test]
    fn the_seats_that_were_lost_last_are_kept() {
        let (mut absent, means) = (AbsentSeats::default(), Means::unbounded());
        let memory = || means.memory.reserve(1).unwrap();
        // The number that docs/PROTOCOL.md, section 6.2, promises.
        let bound = 1_024;
        for seat in 0..=bound {
            absent.keep(Seat(seat), memory());
        }
        assert_eq!(absent.seats.len(), 1_024);
        assert!(!absent.is_kept(Seat(0)) && absent.is_kept(Seat(1)) && absent.is_kept(Seat(bound)));
        absent.keep(Seat(1), memory());
        assert_eq!((absent.seats.len(), absent.is_kept(Seat(1))), (1_024, true));
        // Seats that are closed give way to those of members.
        absent.close(Seat(bound + 1), memory());
        assert!(!absent.is_closed(Seat(bound + 1)), "all others are members'");
        absent.close(Seat(2), memory());
        absent.close(Seat(bound + 1), memory());
        assert!(absent.is_closed(Seat(bound + 1)) && !absent.is_closed(Seat(2)) && absent.is_kept(Seat(3)));
        absent.keep(Seat(bound + 2), memory());
        assert!(!absent.is_closed(Seat(bound + 1)) && absent.is_kept(Seat(3)));
    }
}
