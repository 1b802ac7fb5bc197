use std::net::IpAddr;

use proptest::prelude::*;

use super::*;

fn from(budget: &Arc<Budget>, key: u8, address: u8) -> Account {
    let address = Origin::of(IpAddr::from([192, 0, 2, address]));
    budget.account(Some(AccessKeyId([key; 8])), address)
}

/// Takes pieces of this size until there are no more; how many.
fn fill(account: &Account, size: usize) -> Vec<Reservation> {
    std::iter::from_fn(|| account.reserve(size)).collect()
}

#[test]
fn an_address_may_have_as_much_as_is_free_and_a_key_four_times_as_much() {
    // A sixteenth is for those who use little.
    let budget = Budget::new(1_066, 0);
    let first = fill(&from(&budget, 1, 1), 1);
    assert_eq!(first.len(), 500, "who is alone gets half");
    assert!(from(&budget, 2, 1).reserve(1).is_none(), "another key does not help");
    let second = fill(&from(&budget, 1, 2), 1);
    assert_eq!(second.len(), 250, "another address: half of what is left");
    let third = fill(&from(&budget, 1, 3), 1);
    assert_eq!((third.len(), budget.used()), (50, 800), "all of one key: four fifths");
    assert_eq!(fill(&from(&budget, 2, 4), 1).len(), 100, "another key has its share of the rest");
}

#[test]
fn who_uses_little_has_its_least_share_whatever_others_of_its_key_use() {
    let budget = Budget::new(1_600, 10);
    let mut taken: Vec<_> = (1..8).flat_map(|address| fill(&from(&budget, 1, address), 1)).collect();
    assert!(from(&budget, 1, 1).reserve(1).is_none(), "those who have more get no more");
    let newcomer = fill(&from(&budget, 1, 200), 1);
    assert_eq!(newcomer.len(), 10);
    taken.extend(newcomer);
    assert!(budget.used() <= 1_600);
}

#[test]
fn a_small_budget_can_be_used_up_by_one() {
    let budget = Budget::new(3, 16);
    assert_eq!(fill(&from(&budget, 1, 1), 1).len(), 3);
}

#[test]
fn a_frame_is_counted_until_its_last_copy_is_gone() {
    let budget = Budget::new(1_000, 0);
    let frame = from(&budget, 1, 1).frame(Bytes::from(vec![7; 100]), 20).unwrap();
    assert_eq!(budget.used(), 120);
    let part = frame.slice(90..);
    drop(frame);
    assert_eq!((budget.used(), &part[..]), (120, &[7; 10][..]), "a reader has not read it yet");
    drop(part);
    assert_eq!(budget.used(), 0);
    assert!(from(&budget, 1, 1).frame(Bytes::from(vec![7; 400]), 101).is_none());
    assert_eq!(budget.used(), 0, "what is refused takes nothing");
}

#[test]
fn who_is_gone_is_forgotten() {
    let budget = Budget::new(1_000, 0);
    let kept = from(&budget, 1, 1).reserve(10).unwrap();
    for address in 0..=255 {
        for key in 0..=255 {
            from(&budget, key, address);
        }
    }
    let known = budget.addresses.lock().unwrap().known.len() + budget.keys.lock().unwrap().known.len();
    assert!(known <= 2 * SWEPT_FROM, "{known}");
    assert_eq!(fill(&from(&budget, 2, 1), 1).len(), 459, "what is still held is still counted");
    drop(kept);
}

#[derive(Clone, Debug)]
enum Step {
    Take { key: u8, address: u8, amount: usize },
    Shrink { which: usize, amount: usize },
    GiveBack { which: usize },
    Limit { limit: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..3, 0_u8..4, 0_usize..300)
            .prop_map(|(key, address, amount)| Step::Take { key, address, amount }),
        1 => (0_usize..100, 0_usize..300).prop_map(|(which, amount)| Step::Shrink { which, amount }),
        2 => (0_usize..100).prop_map(|which| Step::GiveBack { which }),
        1 => (0_usize..2_000).prop_map(|limit| Step::Limit { limit }),
    ]
}

proptest! {
    /// What is used is what is held, and nothing is given beyond the bound or a share.
    #[test]
    fn every_byte_is_accounted_for(steps in prop::collection::vec(step(), 1..200)) {
        let budget = Budget::new(1_000, 40);
        let mut limit = 1_000_usize;
        let mut held: Vec<(u8, u8, Reservation)> = Vec::new();
        for step in steps {
            let sum = |held: &[(u8, u8, Reservation)], key: Option<u8>, address: Option<u8>| -> usize {
                held.iter()
                    .filter(|one| key.is_none_or(|key| one.0 == key))
                    .filter(|one| address.is_none_or(|address| one.1 == address))
                    .map(|one| one.2.amount)
                    .sum()
            };
            let used = sum(&held, None, None);
            match step {
                Step::Take { key, address, amount } => {
                    let most = limit - limit / 16;
                    let free = most.saturating_sub(used + amount);
                    let of_address = sum(&held, None, Some(address)) + amount;
                    let is_little = of_address <= 40 && used + amount <= limit;
                    let may = is_little
                        || of_address > 40
                            && used + amount <= most
                            && of_address <= free
                            && sum(&held, Some(key), None) + amount <= 4 * free;
                    let taken = from(&budget, key, address).reserve(amount);
                    prop_assert_eq!(taken.is_some(), may);
                    held.extend(taken.map(|taken| (key, address, taken)));
                }
                Step::Shrink { which, amount } => {
                    if let Some((_, _, one)) = held.get_mut(which) {
                        one.shrink_to(amount);
                    }
                }
                Step::GiveBack { which } => {
                    if which < held.len() {
                        held.swap_remove(which);
                    }
                }
                Step::Limit { limit: other } => {
                    limit = other;
                    budget.set_limit(other);
                }
            }
            prop_assert_eq!(budget.used(), sum(&held, None, None));
        }
        drop(held);
        prop_assert_eq!(budget.used(), 0);
    }
}
