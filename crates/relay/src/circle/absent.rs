//! The seats of members whose connections were lost.
//!
//! Owns: what each of them showed for its seat, so that nobody else takes it meanwhile.
//! Must never: grow beyond [`ABSENT_SEATS`].

use std::collections::{HashSet, VecDeque};

use shepot_protocol::{Seat, SeatSecret};

use super::rules::ABSENT_SEATS;
use crate::budget::{Account, Reservation};

#[derive(Debug)]
struct Kept {
    seat: Seat,
    secret: SeatSecret,
    memory: Reservation,
}

#[derive(Debug, Default)]
pub(super) struct AbsentSeats {
    seats: VecDeque<Kept>,
}

impl AbsentSeats {
    /// Keeps a seat for its member; beyond the bound the one that is lost for longest is forgotten.
    pub(super) fn keep(&mut self, seat: Seat, secret: SeatSecret, memory: Reservation) {
        self.take(seat);
        if self.seats.len() >= ABSENT_SEATS {
            self.seats.pop_front();
        }
        self.seats.push_back(Kept { seat, secret, memory });
    }

    /// All others are not to be kept any more. Gives who has paid for those.
    pub(super) fn keep_only(&mut self, staying: &HashSet<Seat>) -> Vec<Account> {
        let (kept, gone) = self.seats.drain(..).partition(|kept| staying.contains(&kept.seat));
        self.seats = kept;
        let gone: VecDeque<Kept> = gone;
        gone.iter().map(|kept| kept.memory.account().clone()).collect()
    }

    /// It is not to be kept any more.
    pub(super) fn take(&mut self, seat: Seat) {
        self.seats.retain(|kept| kept.seat != seat);
    }

    pub(super) fn secret(&self, seat: Seat) -> Option<SeatSecret> {
        self.seats.iter().find(|kept| kept.seat == seat).map(|kept| kept.secret)
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
    }
}
