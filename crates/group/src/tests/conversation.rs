//! People found, join, talk, leave.

use super::circle::{Circle, LOG};
use crate::padding::padded_size;
use crate::{Agreement, Continuity, EntryKind, GroupError, LogTranscript, Profile, SEAL_BYTES, SafetyCode};

#[test]
fn three_people_talk_and_know_who_spoke() {
    let mut circle = Circle::of(&["alice", "Боб", "carol"]);
    assert_eq!(circle.nicks(), ["alice", "Боб", "carol"]);
    let key = circle.members[1].group.own_key();
    let said = circle.members[1].say("привет 👋🏽");
    for at in [0, 2] {
        let heard = circle.members[at].hear(&said).unwrap();
        assert_eq!((heard.sender, heard.continuity), (key, Continuity::First));
        assert_eq!(&heard.body[..], "привет 👋🏽".as_bytes());
    }
    assert!(matches!(circle.members[1].hear(&said), Err(GroupError::OwnMessage)));
}

#[test]
fn every_blob_has_a_size_that_tells_only_its_bucket() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let short = circle.members[0].say("a").1.len();
    let long = circle.members[0].say(&"я".repeat(90)).1.len();
    assert_eq!(short, long);
    assert_ne!(short, circle.members[0].say(&"я".repeat(200)).1.len());
}

#[test]
fn the_sizes_of_commits_and_group_information_tell_nothing_of_nicks_and_moods() {
    let sizes = |nick: &str, mood: Option<u8>| {
        let mut circle = Circle::of(&["alice", "bob"]);
        let join = circle.joining(&circle.members[1].entrant.clone()).commit().len();
        let entrant = circle.newcomer(nick);
        let newcomer = circle.joining(&entrant).commit().len();
        circle.join(nick);
        let information = circle.members[0].group.seal_group_information().unwrap().len();
        let profile = Profile::new(nick, mood).unwrap();
        let update = circle.members[0].group.commit_update(Some(profile)).unwrap();
        for size in [newcomer, information, update.blob.len(), join] {
            assert_eq!(size - SEAL_BYTES, padded_size(size - SEAL_BYTES), "a bucket");
        }
        (newcomer, information, update.blob.len())
    };
    assert_eq!(sizes("a", None), sizes(&"\u{1F980}".repeat(20), Some(3)));
}

#[test]
fn numbers_show_what_is_missing_and_what_is_repeated() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let said: Vec<_> = (0..4).map(|n| circle.members[0].say(&n.to_string())).collect();
    let bob = &mut circle.members[1];
    assert_eq!(bob.hear(&said[0]).unwrap().continuity, Continuity::First);
    assert_eq!(bob.hear(&said[3]).unwrap().continuity, Continuity::Missing(2));
    assert!(bob.hear(&said[3]).is_err(), "MLS refuses to read it twice");
    assert_eq!(bob.hear(&said[1]).unwrap().continuity, Continuity::Late, "out of order");
}

#[test]
fn an_empty_body_is_a_heartbeat_and_carries_the_view() {
    let mut circle = Circle::of(&["alice", "bob", "carol"]);
    let mut fork = LogTranscript::from_start(&LOG);
    for (sequence, text) in [(1, "one"), (2, "two")] {
        fork.record(sequence, EntryKind::Message, 0, text.as_bytes());
    }
    circle.members[0].log = fork;
    let beat = circle.members[0].say("");
    let bob = &mut circle.members[1];
    bob.log = LogTranscript::from_start(&LOG);
    bob.log.record(1, EntryKind::Message, 0, b"one");
    bob.log.record(2, EntryKind::Message, 0, b"withheld from alice");
    let heard = bob.hear(&beat).unwrap();
    assert!(heard.body.is_empty());
    assert_eq!(bob.log.compare(&heard.view), Agreement::Different, "the relay forked the log");
}

#[test]
fn signals_are_read_but_not_numbered() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let alice = &mut circle.members[0];
    let signal = alice.group.encrypt_signal(b"typing", &alice.log).unwrap();
    let said = alice.say("x");
    let bob = &mut circle.members[1];
    assert!(bob.group.decrypt(signal.epoch, &signal.blob).is_err(), "a signal is no message");
    assert_eq!(&bob.group.decrypt_signal(signal.epoch, &signal.blob).unwrap().body[..], b"typing");
    assert_eq!(bob.hear(&said).unwrap().continuity, Continuity::First);
}

#[test]
fn the_departed_are_removed_together_and_the_rest_goes_on() {
    let mut circle = Circle::of(&["alice", "bob", "carol", "dave"]);
    let (bob, dave) = (circle.take("bob"), circle.take("dave"));
    let departed = [bob.group.own_key(), dave.group.own_key()];
    let commit = circle.members[0].group.commit_removal(&departed).unwrap();
    let change = circle.deliver_own(&commit);
    assert_eq!(change.removed.len(), 2);
    assert!(!change.rotated);
    assert_eq!(circle.nicks(), ["alice", "carol"]);
    circle.join("erin");
    assert_eq!(circle.nicks(), ["alice", "erin", "carol"], "a leaf is used again");
    let said = circle.members[2].say("hi");
    assert_eq!(circle.members[1].hear(&said).unwrap().sender, circle.members[2].group.own_key());
}

#[test]
fn a_profile_changes_by_an_update() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let profile = Profile::new("alisa", Some(3)).unwrap();
    let commit = circle.members[0].group.commit_update(Some(profile.clone())).unwrap();
    let change = circle.deliver_own(&commit);
    assert_eq!(change.changed.iter().map(|member| &member.profile).collect::<Vec<_>>(), [&profile]);
    let again = circle.members[0].group.commit_update(None).unwrap();
    assert!(circle.deliver_own(&again).changed.is_empty(), "the profile stays");
    assert_eq!(circle.nicks(), ["alisa", "bob"]);
}

#[test]
fn safety_codes_agree_and_change_with_who_is_in_and_with_nothing_else() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let code = |circle: &Circle| {
        let codes: Vec<_> = circle.members.iter().map(|member| member.group.safety_code().unwrap()).collect();
        assert!(codes.iter().all(|code| *code == codes[0]), "everybody sees the same");
        codes[0]
    };
    let before = code(&circle);
    // Another mood, then fresh keys.
    for profile in [Some(Profile::new("alice", Some(3)).unwrap()), None] {
        let commit = circle.members[0].group.commit_update(profile).unwrap();
        assert!(!circle.deliver_own(&commit).changes_safety_code());
        assert_eq!(before, code(&circle));
    }
    assert!(circle.members[0].group.membership_epoch() < circle.members[0].group.epoch());
    circle.join("carol");
    let with_carol = code(&circle);
    assert_ne!(before, with_carol);
    let carol = circle.take("carol");
    let commit = circle.members[0].group.commit_removal(&[carol.group.own_key()]).unwrap();
    assert!(circle.deliver_own(&commit).changes_safety_code());
    assert_ne!(with_carol, code(&circle));
    assert_ne!(before, code(&circle));
    let (alice, bob) = (circle.members[0].group.own_key(), circle.members[1].group.own_key());
    assert_eq!(SafetyCode::of_pair(&alice, &bob).unwrap(), SafetyCode::of_pair(&bob, &alice).unwrap());
}

#[test]
fn exported_secrets_agree_and_differ_by_label_and_epoch() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let export =
        |circle: &Circle, at: usize, label: &[u8]| circle.members[at].group.export(label, b"c", 32).unwrap();
    let before = export(&circle, 0, b"calls");
    assert_eq!(before, export(&circle, 1, b"calls"));
    assert_ne!(before, export(&circle, 0, b"files"));
    circle.join("carol");
    assert_ne!(before, export(&circle, 0, b"calls"));
}

#[test]
fn a_newcomer_reads_nothing_from_before() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let said = circle.members[0].say("before");
    circle.join("carol");
    assert!(matches!(circle.members[2].hear(&said), Err(GroupError::Epoch { .. })));
}
