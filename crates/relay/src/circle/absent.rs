//! The seats of members whose connections are gone.
//!
//! Owns: of the lost what each showed for its seat, so that nobody else takes it meanwhile; of those who said `Leave` that
//! nobody takes it any more: the others have their leaves for a moment yet, and would take whoever sits there for them.
//! Must never: grow beyond [`ABSENT_SEATS`].

use std::collections::{HashSet, VecDeque};

use shepot_protocol::{Seat, SeatSecret};

use super::rules::ABSENT_SEATS;
use crate::budget::{Account, Reservation};

#[derive(Debug)]
struct Kept {
    seat: Seat,
    /// None: nobody takes it.
    secret: Option<SeatSecret>,
    memory: Reservation,
}

#[derive(Debug, Default)]
pub(super) struct AbsentSeats {
    seats: VecDeque<Kept>,
}

impl AbsentSeats {
    /// Keeps a seat for its member; beyond the bound one that is closed is forgotten, or the one that is lost for longest.
    pub(super) fn keep(&mut self, seat: Seat, secret: SeatSecret, memory: Reservation) {
        self.take(seat);
        if self.seats.len() >= ABSENT_SEATS && !self.forget_closed() {
            self.seats.pop_front();
        }
        self.seats.push_back(Kept { seat, secret: Some(secret), memory });
    }

    /// Keeps a seat from everybody, where that takes no member's place.
    pub(super) fn close(&mut self, seat: Seat, memory: Reservation) {
        self.take(seat);
        if self.seats.len() < ABSENT_SEATS || self.forget_closed() {
            self.seats.push_back(Kept { seat, secret: None, memory });
        }
    }

    /// Whoever left first has been taken out by the others since. False: none is closed.
    fn forget_closed(&mut self) -> bool {
        let closed = self.seats.iter().position(|kept| kept.secret.is_none());
        closed.and_then(|at| self.seats.remove(at)).is_some()
    }

    /// All others are not to be kept any more. Gives who has paid for those of members.
    pub(super) fn keep_only(&mut self, staying: &HashSet<Seat>) -> Vec<Account> {
        let (kept, gone) = self.seats.drain(..).partition(|kept| staying.contains(&kept.seat));
        self.seats = kept;
        let gone: VecDeque<Kept> = gone;
        let members = gone.iter().filter(|kept| kept.secret.is_some());
        members.map(|kept| kept.memory.account().clone()).collect()
    }

    /// It is not to be kept any more.
    pub(super) fn take(&mut self, seat: Seat) {
        self.seats.retain(|kept| kept.seat != seat);
    }

    pub(super) fn secret(&self, seat: Seat) -> Option<SeatSecret> {
        self.seats.iter().find(|kept| kept.seat == seat)?.secret
    }

    /// Whether nobody takes it any more.
    pub(super) fn is_closed(&self, seat: Seat) -> bool {
        self.seats.iter().any(|kept| kept.seat == seat && kept.secret.is_none())
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
        // The number that docs/PROTOCOL.md, section 2, promises.
        let bound = 1_024;
        for seat in 0..=bound {
            absent.keep(Seat(seat), SeatSecret([7; 16]), memory());
        }
        assert_eq!(absent.seats.len(), 1_024);
        assert_eq!(absent.secret(Seat(0)), None);
        assert!(absent.secret(Seat(1)).is_some() && absent.secret(Seat(bound)).is_some());
        absent.keep(Seat(1), SeatSecret([8; 16]), memory());
        assert_eq!((absent.seats.len(), absent.secret(Seat(1))), (1_024, Some(SeatSecret([8; 16]))));
        // Seats that are closed give way to those of members.
        absent.close(Seat(bound + 1), memory());
        assert!(!absent.is_closed(Seat(bound + 1)), "all others are members'");
        absent.close(Seat(2), memory());
        absent.close(Seat(bound + 1), memory());
        assert!(
            absent.is_closed(Seat(bound + 1))
                && !absent.is_closed(Seat(2))
                && absent.secret(Seat(3)).is_some()
        );
        absent.keep(Seat(bound + 2), SeatSecret([7; 16]), memory());
        assert!(!absent.is_closed(Seat(bound + 1)) && absent.secret(Seat(3)).is_some());
    }
}
