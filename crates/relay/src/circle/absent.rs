//! The seats of members whose connections are gone.
//!
//! Owns: which seats were lost, so that their members can return with their keys, and which were left. Nobody may take
//! a seat that was left, because the others still have its leaf for a moment and would mistake a new holder for the
//! member. Must never: grow beyond [`ABSENT_SEATS`].

use std::collections::{HashSet, VecDeque};

use shepot_protocol::Seat;

use super::rules::ABSENT_SEATS;
use crate::budget::{Account, Reservation};

#[derive(Debug)]
struct Kept {
    seat: Seat,
    /// It was left, and nobody may take it.
    is_closed: bool,
    memory: Reservation,
}

#[derive(Debug, Default)]
pub(super) struct AbsentSeats {
    seats: VecDeque<Kept>,
}

impl AbsentSeats {
    /// Keeps a lost seat for its member. Beyond the bound a closed seat is forgotten, or the seat that was lost first.
    pub(super) fn keep(&mut self, seat: Seat, memory: Reservation) {
        self.take(seat);
        if self.seats.len() >= ABSENT_SEATS && !self.forget_closed() {
            self.seats.pop_front();
        }
        self.seats.push_back(Kept { seat, is_closed: false, memory });
    }

    /// Closes a seat that was left, unless only lost seats could be forgotten for it.
    pub(super) fn close(&mut self, seat: Seat, memory: Reservation) {
        self.take(seat);
        if self.seats.len() < ABSENT_SEATS || self.forget_closed() {
            self.seats.push_back(Kept { seat, is_closed: true, memory });
        }
    }

    /// Forgets the seat that was closed first, whose leaf is probably gone by now. False: none is closed.
    fn forget_closed(&mut self) -> bool {
        let closed = self.seats.iter().position(|kept| kept.is_closed);
        closed.and_then(|at| self.seats.remove(at)).is_some()
    }

    /// Forgets all other seats. Returns the accounts that paid for the lost ones.
    pub(super) fn keep_only(&mut self, staying: &HashSet<Seat>) -> Vec<Account> {
        let (kept, gone) = self.seats.drain(..).partition(|kept| staying.contains(&kept.seat));
        self.seats = kept;
        let gone: VecDeque<Kept> = gone;
        let members = gone.iter().filter(|kept| !kept.is_closed);
        members.map(|kept| kept.memory.account().clone()).collect()
    }

    /// Forgets a seat.
    pub(super) fn take(&mut self, seat: Seat) {
        self.seats.retain(|kept| kept.seat != seat);
    }

    /// Whether the seat was lost and is kept for its member.
    pub(super) fn is_kept(&self, seat: Seat) -> bool {
        self.seats.iter().any(|kept| kept.seat == seat && !kept.is_closed)
    }

    /// Whether the seat was left, so that nobody may take it.
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
