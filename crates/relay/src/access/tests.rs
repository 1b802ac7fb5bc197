use shepot_protocol::AccessKey;
use shepot_transport::admission::AccessVerifier;

use super::*;

const NOW: u64 = 1_800_000_000;

#[test]
fn only_the_right_key_on_the_right_connection_opens() {
    let (right, wrong) = (AccessKey::new([1; 32]), AccessKey::new([2; 32]));
    let access = Access::Keys([right.clone()].into_iter().collect());
    let (here, elsewhere) = (ChannelBinding([3; 32]), ChannelBinding([4; 32]));
    let opens = |shown: &AccessKey, id: &AccessKey, binding: &ChannelBinding| {
        let shown = (AccessVerifier::new(id).id(), AccessVerifier::new(shown).proof(binding));
        access.judge(Some(&shown), &here, true, NOW)
            == Judgement::Welcome(Some(AccessVerifier::new(&right).id()))
    };
    assert!(opens(&right, &right, &here));
    assert!(!opens(&right, &right, &elsewhere));
    assert!(!opens(&wrong, &right, &here));
    assert!(!opens(&wrong, &wrong, &here));
    assert_eq!(access.judge(None, &here, true, NOW), Judgement::Stranger);
    assert_eq!(Access::Open.judge(None, &here, false, NOW), Judgement::Welcome(None));
    let shown = (AccessVerifier::new(&right).id(), AccessVerifier::new(&right).proof(&here));
    let none = Access::Keys(AccessKeys::new());
    assert_eq!(none.judge(Some(&shown), &here, true, NOW), Judgement::Stranger);
}

#[test]
fn an_end_and_a_bound_hold_for_who_is_new() {
    let key = AccessKey::new([1; 32]);
    let issued = IssuedKey {
        expires_at: Some(NOW + 10),
        most_uses: Some(2),
        ..IssuedKey::unbounded(key.clone(), NOW)
    };
    let id = issued.id();
    let mut access = Access::Keys([issued].into_iter().collect());
    let binding = ChannelBinding([3; 32]);
    let shown = (id, AccessVerifier::new(&key).proof(&binding));
    let judge = |access: &Access, returns, now| access.judge(Some(&shown), &binding, returns, now);
    let welcome = Judgement::Welcome(Some(id));
    assert_eq!(judge(&access, false, NOW + 9), welcome);
    assert_eq!(judge(&access, false, NOW + 10), Judgement::Expired);
    assert_eq!(judge(&access, true, NOW + 10), welcome, "who was in comes back");
    assert_eq!(access.spend(id, true, 0), Ok(false), "coming back costs nothing");
    assert_eq!(access.spend(id, false, 0), Ok(true));
    assert_eq!(access.spend(id, false, 1), Ok(true));
    assert_eq!(access.spend(id, false, 2), Err(Closed::UsedUp));
    assert_eq!(access.spend(id, true, 3), Ok(false), "an old connection may not be known to be lost yet");
    assert_eq!(access.spend(id, true, 4), Err(Closed::Crowded), "a ticket that was passed on");
    access.give_back(id);
    assert_eq!(access.spend(id, false, 4), Err(Closed::Crowded), "whatever way it came");
    assert_eq!(access.spend(id, false, 1), Ok(true));
    assert_eq!(judge(&access, false, NOW), Judgement::UsedUp);
    assert_eq!(judge(&access, true, NOW), welcome);
    let Access::Keys(keys) = &mut access else { panic!() };
    assert_eq!(keys.revoke(id).unwrap().uses, 2);
    assert_eq!(judge(&access, true, NOW), Judgement::Stranger, "no ticket helps then");
}

#[test]
fn a_replaced_key_opens_to_seats_alone_and_the_oldest_of_many_is_forgotten() {
    let key = |n: u8| IssuedKey::unbounded(AccessKey::new([n; 32]), NOW);
    let mut keys: AccessKeys = [key(0)].into_iter().collect();
    for n in 1..=64 {
        assert!(keys.replace(key(n)));
    }
    assert_eq!(keys.len(), 65);
    assert!(keys.is_retired(key(0).id()) && keys.is_retired(key(63).id()) && !keys.is_retired(key(64).id()));
    assert!(!keys.replace(key(64)), "it is the one");
    assert!(keys.replace(key(65)));
    assert!(keys.get(key(0).id()).is_none() && keys.is_retired(key(1).id()));
    assert!(!keys.replace(key(1)) && keys.is_retired(key(1).id()), "what was replaced does not come back");
    assert!(!keys.is_retired(key(65).id()));
    // Where there were several, none of them lets newcomers in any more, and the bound holds.
    let mut keys: AccessKeys = (0..80).map(key).collect();
    assert!(keys.replace(key(80)));
    assert_eq!((keys.len(), (0..80).filter(|n| keys.is_retired(key(*n).id())).count()), (65, 64));
}

#[test]
fn who_is_here_is_counted_and_a_use_that_nobody_heard_of_is_given_back() {
    let issued = IssuedKey { most_uses: Some(1), ..IssuedKey::unbounded(AccessKey::new([1; 32]), NOW) };
    let id = issued.id();
    let entrance = Entrance::new(Access::Keys([issued].into_iter().collect()));
    let here = |entrance: &Entrance| entrance.census().get(&id).copied();
    let lost = entrance.pass(id, false).unwrap();
    assert!(entrance.pass(id, false).is_err());
    assert_eq!(here(&entrance), Some(1));
    drop(lost);
    assert_eq!(here(&entrance), None);
    let mut heard = entrance.pass(id, false).unwrap();
    heard.confirm();
    let again = entrance.pass(id, true).unwrap();
    assert_eq!(here(&entrance), Some(2));
    assert_eq!(entrance.pass(id, true).err(), Some(Closed::Crowded));
    drop((heard, again));
    assert_eq!(entrance.pass(id, false).err(), Some(Closed::UsedUp));
    assert!(entrance.pass(id, true).is_ok());
}

#[test]
fn the_standing_key_is_the_oldest_without_conditions() {
    let issued = |n: u8, at| IssuedKey::unbounded(AccessKey::new([n; 32]), at);
    let bounded = IssuedKey { most_uses: Some(1), ..issued(1, 1) };
    let ends = IssuedKey { expires_at: Some(NOW), ..issued(2, 2) };
    let named = issued(5, 2).named("table");
    let keys: AccessKeys = [issued(4, 4), bounded.clone(), ends, named, issued(3, 3)].into_iter().collect();
    assert_eq!(keys.standing().map(|issued| issued.issued_at), Some(3));
    assert_eq!(keys.list().first(), Some(&&bounded));
    assert!([bounded].into_iter().collect::<AccessKeys>().standing().is_none());
}

#[test]
fn keys_are_not_printed_and_labels_are_cut() {
    assert_eq!(format!("{:?}", AccessKeys::generate(NOW).unwrap()), "AccessKeys(1)");
    let long = IssuedKey::generate(NOW).unwrap().named(&"я".repeat(100));
    assert_eq!(long.label, "я".repeat(31));
    let shown = format!("{long:?}");
    let hex = data_encoding::HEXLOWER.encode(long.key.expose());
    assert!(!shown.contains(&hex), "{shown}");
}
