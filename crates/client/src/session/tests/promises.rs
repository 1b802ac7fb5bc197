//! What docs/PROTOCOL.md and the limits promise of a member, one promise in each test.

use shepot_protocol::CommitId;
use shepot_protocol::message::{Conflict, ConflictCause, GroupInfoRequest, PresenceChange};

use super::*;
use crate::content::{Content, DirectoryRoom, Text};
use crate::limits::{MENTIONS_PER_MESSAGE, OUTBOX_MESSAGES, TYPING_SHOWN};
use crate::model::RoomId;
use crate::session::membership::CatchingUp;

/// Longer than a heartbeat's interval, shorter than three.
const A_BEAT: Duration = Duration::from_secs(25);

/// A message of any content, as a changed program of this member could make it. With `takes_back` the program forgets
/// that it sent it: its next message claims the same number and the same past.
fn crafted(world: &mut World, who: usize, content: &Content, takes_back: bool) -> Entry {
    let member = world.clients[who].session.member.as_mut().unwrap();
    let sealed = member.group.encrypt(&content.encode(), &member.log).unwrap();
    if takes_back {
        member.group.take_back(&sealed, 1);
    }
    Entry::Message { epoch: sealed.epoch, blob: sealed.blob.into() }
}

/// The relay delivers an entry at the next place of this member's log.
fn deliver(world: &mut World, to: usize, entry: Entry) {
    let session = &world.clients[to].session;
    let circle = session.circle().unwrap();
    let sequence = session.member.as_ref().unwrap().log.position() + 1;
    world.give(to, RelayToClient::Delivery(Delivered { circle, sequence, entry }));
}

fn text(message: MessageId, room: RoomId, body: &str) -> Content {
    Content::Text(Text {
        message,
        room,
        body: body.into(),
        reply_to: None,
        mentions: Vec::new(),
        disappears_after_s: 0,
    })
}

/// A circle of two, and a newcomer that is in the log and was not acknowledged: the relay withholds every message.
fn with_an_awaited_newcomer(seed: u64) -> (World, usize) {
    let mut world = World::of(seed, 2);
    let newcomer = world.newcomer();
    world.relabel =
        Some(Box::new(
            move |who, frame| {
                if who == newcomer && is_message(&frame) { Vec::new() } else { vec![frame] }
            },
        ));
    world.exchange();
    assert!(world.clients[newcomer].session.member.as_ref().unwrap().awaited().is_some(), "control");
    (world, newcomer)
}

fn published(world: &World, who: usize) -> usize {
    world.published.get(&who).copied().unwrap_or_default()
}

const SOMEBODY: PersonKey = PersonKey([7; 32]);

#[test]
fn a_sender_that_has_another_past_is_shown() {
    let mut world = World::of(30, 2);
    let typing = |room| Content::Typing { room: RoomId(room) };
    let told = crafted(&mut world, 0, &typing(1), true);
    let _instead = crafted(&mut world, 0, &typing(2), false);
    let next = crafted(&mut world, 0, &typing(3), false);
    deliver(&mut world, 1, told);
    assert_eq!(world.happened(1, |h| matches!(h, SystemEvent::Fork { .. })), 0);
    deliver(&mut world, 1, next);
    assert_eq!(world.happened(1, |h| matches!(h, SystemEvent::Fork { .. })), 1);
}

#[test]
fn nobody_moves_anothers_message() {
    let mut world = World::of(31, 3);
    let first = world.say(0, "first").unwrap();
    world.settle();
    world.say(1, "second").unwrap();
    world.settle();
    // Number and past are those of a message that was heard already: as if it were given again.
    let filler = crafted(&mut world, 2, &Content::Typing { room: RoomId::MAIN }, true);
    let again = crafted(&mut world, 2, &text(first, RoomId::MAIN, "first"), false);
    deliver(&mut world, 1, filler);
    deliver(&mut world, 1, again);
    assert_eq!(world.heard(1), ["first", "second"]);
}

#[test]
fn a_newcomer_is_in_when_its_own_nonce_is_echoed() {
    let (mut world, newcomer) = with_an_awaited_newcomer(32);
    let acknowledgement = |nonce| Content::Acknowledgement { nonce, rooms: Vec::new(), profile: None };
    let awaited = |world: &World| {
        world.clients[newcomer].session.member.as_ref().unwrap().awaited().map(|own| own.nonce)
    };
    let nonce = awaited(&world).unwrap();
    let wrong = crafted(&mut world, 0, &acknowledgement([0; 16]), false);
    deliver(&mut world, newcomer, wrong);
    assert!(awaited(&world).is_some());
    let right = crafted(&mut world, 0, &acknowledgement(nonce), false);
    deliver(&mut world, newcomer, right);
    assert!(awaited(&world).is_none());
}

#[test]
fn whoever_is_acknowledged_on_its_way_back_reads_everything_first() {
    let (mut world, newcomer) = with_an_awaited_newcomer(37);
    let member = world.clients[newcomer].session.member.as_mut().unwrap();
    let nonce = member.awaited().unwrap().nonce;
    // It lost its connection, and two entries came meanwhile.
    let (head, epoch) = (member.log.position() + 2, member.group.epoch());
    member.catch_up(CatchingUp { head, epoch, same_log: true });
    let (told, next) = {
        let acknowledgement = Content::Acknowledgement { nonce, rooms: Vec::new(), profile: None };
        let told = crafted(&mut world, 0, &acknowledgement, false);
        (told, crafted(&mut world, 0, &Content::Typing { room: RoomId::MAIN }, false))
    };
    deliver(&mut world, newcomer, told);
    world.say(newcomer, "not yet").unwrap();
    assert!(world.clients[newcomer].to_relay.is_empty(), "somebody else may be in by then");
    deliver(&mut world, newcomer, next);
    assert!(matches!(world.clients[newcomer].to_relay.back(), Some(ClientToRelay::Publish(_))));
}

#[test]
fn a_room_that_is_not_known_any_more_is_named() {
    let (mut world, newcomer) = with_an_awaited_newcomer(38);
    let session = &mut world.clients[newcomer].session;
    let (owned, nonce) = (session.owned(), session.member.as_ref().unwrap().awaited().unwrap().nonce);
    let rooms = [(5, "кино"), (6, "поход")].map(|(room, name)| (RoomId(room), Sanitised::of(name)));
    for (room, name) in rooms.clone() {
        assert!(session.directory.apply(&Content::RoomMade { room, name }, SOMEBODY, &owned), "from before");
    }
    let [(_, lost), (room, name)] = rooms;
    let rooms = vec![DirectoryRoom::named(room, name, None)];
    let told = crafted(&mut world, 0, &Content::Acknowledgement { nonce, rooms, profile: None }, false);
    deliver(&mut world, newcomer, told);
    assert_eq!(world.happened(newcomer, |event| matches!(event, SystemEvent::RoomLost { .. })), 1);
    assert_eq!(world.happened(newcomer, |event| *event == SystemEvent::RoomLost { name: lost.clone() }), 1);
}

#[test]
fn what_is_newer_in_an_acknowledgement_is_not_undone_by_what_came_before_it() {
    let (mut world, newcomer) = with_an_awaited_newcomer(33);
    let room = RoomId(5);
    let position = world.clients[0].session.member.as_ref().unwrap().log.position();
    let awaited = world.clients[newcomer].session.member.as_mut().unwrap().awaited_mut().unwrap();
    let nonce = awaited.nonce;
    let renamed = |name: &str| Content::RoomRenamed { room, name: name.into() };
    awaited.later =
        vec![(position - 1, SOMEBODY, renamed("older")), (position + 1, SOMEBODY, renamed("newest"))];
    let rooms = vec![DirectoryRoom::named(room, "newer".into(), None)];
    let acknowledgement = Content::Acknowledgement { nonce, rooms: rooms.clone(), profile: None };
    let told = crafted(&mut world, 0, &acknowledgement, false);
    deliver(&mut world, newcomer, told);
    let name = |world: &World| {
        let rooms = world.clients[newcomer].session.rooms();
        rooms.into_iter().find(|found| found.id == room).unwrap().name
    };
    assert_eq!(name(&world), "newest");

    let (mut world, newcomer) = with_an_awaited_newcomer(34);
    let position = world.clients[0].session.member.as_ref().unwrap().log.position();
    let awaited = world.clients[newcomer].session.member.as_mut().unwrap().awaited_mut().unwrap();
    let nonce = awaited.nonce;
    awaited.later = vec![(position - 1, SOMEBODY, renamed("older"))];
    let told = crafted(&mut world, 0, &Content::Acknowledgement { nonce, rooms, profile: None }, false);
    deliver(&mut world, newcomer, told);
    let rooms = world.clients[newcomer].session.rooms();
    assert_eq!(rooms.into_iter().find(|found| found.id == room).unwrap().name, "newer");
}

#[test]
fn one_member_acknowledges_a_newcomer() {
    let mut world = World::of(35, 4);
    let before: usize = (0..4).map(|who| published(&world, who)).sum();
    world.newcomer();
    world.settle();
    // Longer than the last in turn would wait, shorter than until a heartbeat.
    world.pass(Duration::from_secs(14));
    let after: usize = (0..4).map(|who| published(&world, who)).sum();
    assert_eq!(after - before, 1);
}

#[test]
fn who_is_not_acknowledged_gives_no_group_information_and_says_nothing() {
    let (mut world, newcomer) = with_an_awaited_newcomer(36);
    let session = &world.clients[newcomer].session;
    let (circle, epoch) = (session.circle().unwrap(), session.member.as_ref().unwrap().group.epoch());
    let nonce = session.member.as_ref().unwrap().awaited().unwrap().nonce;
    let asked = || RelayToClient::GroupInfoRequest(GroupInfoRequest { circle, ask_id: 1, epoch });
    let is_answer = |frame: &ClientToRelay| matches!(frame, ClientToRelay::GroupInfoResponse(_));
    world.give(newcomer, asked());
    assert!(!world.clients[newcomer].to_relay.iter().any(is_answer));
    let acknowledged = Content::Acknowledgement { nonce, rooms: Vec::new(), profile: None };
    let acknowledged = crafted(&mut world, 0, &acknowledged, false);
    deliver(&mut world, newcomer, acknowledged);
    world.give(newcomer, asked());
    assert!(world.clients[newcomer].to_relay.iter().any(is_answer), "control");

    // The same for somebody who had something to say when it was removed, and joins again.
    let mut world = World::of(37, 2);
    world.cut(0);
    world.say(0, "waits").unwrap();
    world.pass(LONG);
    world.relabel =
        Some(Box::new(|who, frame| if who == 0 && is_message(&frame) { Vec::new() } else { vec![frame] }));
    world.connect(0);
    let before = published(&world, 0);
    world.pass(Duration::from_secs(10));
    assert!(world.clients[0].session.member.as_ref().is_some_and(|member| !member.is_acknowledged()));
    assert_eq!(published(&world, 0), before, "a relay could let it talk into a dead copy");
}

#[test]
fn a_message_to_a_room_that_is_not_known_stands_in_the_main_room() {
    let mut world = World::of(38, 2);
    let (now, id) = (world.time(), MessageId([9; 16]));
    world.clients[0].session.say(now, text(id, RoomId(77), "where am I"), None);
    world.collect(0);
    world.settle();
    assert_eq!(world.clients[1].session.timeline.get(&id).unwrap().conversation, ConversationId::MAIN);
}

#[test]
fn who_came_back_brings_new_keys() {
    let mut world = World::of(39, 3);
    world.cut(0);
    world.connect(0);
    world.settle();
    let epoch = |world: &World, who: usize| world.clients[who].session.member.as_ref().unwrap().group.epoch();
    let before = epoch(&world, 0);
    world.pass(Duration::from_secs(12));
    assert_eq!((0..3).map(|who| epoch(&world, who)).collect::<Vec<_>>(), [before + 1; 3]);
    world.assert_nothing_wrong();
}

fn is_silent(world: &World, seen_by: usize, who: usize) -> bool {
    let people = world.clients[seen_by].session.people();
    people.into_iter().find(|person| person.nick == NICKS[who]).unwrap().is_silent
}

#[test]
fn the_quiet_say_that_they_are_here_and_who_does_not_is_shown() {
    let mut world = World::of(40, 2);
    let before = published(&world, 1);
    world.pass(A_BEAT * 3);
    assert!(published(&world, 1) >= before + 2, "heartbeats");
    assert!(!is_silent(&world, 0, 1) && !is_silent(&world, 1, 0));
    world.hanging = Some(0);
    world.pass(A_BEAT * 4);
    assert!(is_silent(&world, 1, 0));
    world.hanging = None;
    world.pass(A_BEAT);
    assert!(!is_silent(&world, 1, 0));
    world.assert_nothing_wrong();
}

#[test]
fn what_was_said_too_fast_is_said_again_when_it_may_be() {
    let mut world = World::of(42, 2);
    world.say(0, "too fast").unwrap();
    let Some(ClientToRelay::Publish(publish)) = world.clients[0].to_relay.pop_back() else { panic!() };
    let refusal = Refusal {
        cause: RefusalCause::TooFast,
        request: Some(RequestKind::Publish),
        circle: None,
        subject: Some(publish.publish_id.0),
        retry_after: Duration::from_secs(1),
        closing: false,
    };
    world.give(0, RelayToClient::Refused(refusal));
    world.pass(STEP * 3);
    assert_eq!(world.heard(1), [""; 0]);
    world.say(0, "behind it").unwrap();
    world.pass(STEP * 2);
    assert_eq!(world.heard(1), ["too fast", "behind it"]);
}

#[test]
fn what_does_not_fit_the_outbox_is_not_taken_for_sent() {
    let mut world = World::of(44, 1);
    world.cut(0);
    for n in 0..OUTBOX_MESSAGES {
        world.say(0, &n.to_string()).unwrap();
    }
    let shown = world.clients[0].session.items().len();
    assert_eq!(world.say(0, "one more"), Err(CommandError::OutboxFull));
    assert_eq!(world.clients[0].session.items().len(), shown);
}

#[test]
fn a_message_mentions_no_more_than_others_read() {
    let mut world = World::of(45, 2);
    let now = world.time();
    let mentions = vec![PersonKey([7; 32]); MENTIONS_PER_MESSAGE + 1];
    let id =
        world.clients[0].session.speak(now, ConversationId::MAIN, "all of you", None, &mentions).unwrap();
    world.collect(0);
    world.settle();
    let heard = world.clients[1].session.timeline.get(&id).unwrap();
    assert_eq!(heard.mentions.len(), MENTIONS_PER_MESSAGE);
    world.assert_nothing_wrong();
}

#[test]
fn who_is_told_left_where_others_are_told_lost_learns_it() {
    let mut world = World::of(46, 4);
    world.relabel = Some(Box::new(|who, mut frame| {
        if let RelayToClient::Delivery(Delivered { entry: Entry::Presence { change, .. }, .. }) = &mut frame
            && who == 1
            && *change == PresenceChange::Lost
        {
            *change = PresenceChange::Left;
        }
        vec![frame]
    }));
    world.cut(3);
    world.exchange();
    world.say(0, "and now").unwrap();
    world.exchange();
    assert_eq!(world.happened(1, |h| matches!(h, SystemEvent::Fork { .. })), 1);
    assert_eq!(world.happened(2, |h| matches!(h, SystemEvent::Fork { .. })), 0);
}

#[test]
fn who_is_refused_for_its_seat_comes_back_with_another() {
    let mut world = World::of(47, 1);
    let newcomer = world.newcomer();
    let before = {
        let session = &world.clients[newcomer].session;
        (session.seat, session.seat_secret, session.identity.key())
    };
    let refusal = Refusal {
        cause: RefusalCause::Unexpected,
        request: Some(RequestKind::Enter),
        circle: None,
        subject: None,
        retry_after: Duration::ZERO,
        closing: false,
    };
    world.give(newcomer, RelayToClient::Refused(refusal));
    let session = &world.clients[newcomer].session;
    assert!(session.seat != before.0 && session.seat_secret != before.1);
    assert_eq!(session.identity.key(), before.2);
    assert!(world.clients[newcomer].wants_reconnect);
    world.settle();
    assert_eq!(world.clients[0].session.people().len(), 2);
}

/// Another's leaf names its seat: whoever saw its leaf knows the number.
#[test]
fn whose_commit_is_rejected_comes_back_to_another_seat() {
    let mut world = World::of(49, 1);
    world.withheld = Some(|_, frame| matches!(frame, ClientToRelay::Commit(_)));
    let newcomer = world.newcomer();
    let own = |world: &World| {
        let session = &world.clients[newcomer].session;
        (session.seat, session.identity.key())
    };
    let before = own(&world);
    for _ in 0..2 {
        let until = world.now + LONG;
        while !matches!(world.clients[newcomer].session.phase, Phase::Joining(_)) {
            assert!(world.now < until, "it joins");
            world.step();
        }
        assert_eq!(own(&world), before, "the first time it may be for another reason");
        let circle = world.clients[newcomer].session.circle().unwrap();
        let (commit, cause) = (CommitId([7; 16]), ConflictCause::Rejected);
        world.give(newcomer, RelayToClient::Conflict(Conflict { circle, commit, cause, epoch: 1 }));
    }
    let after = own(&world);
    assert!(after.0 != before.0 && after.1 == before.1, "another seat, the same key");
    world.withheld = None;
    world.settle();
    assert_eq!(world.clients[0].session.people().len(), 2);
}

#[test]
fn whom_nobody_lets_in_is_told_so() {
    let mut world = World::of(48, 1);
    world.withheld = Some(|who, frame| who == 0 && matches!(frame, ClientToRelay::Endorse(_)));
    let newcomer = world.newcomer();
    let until = world.now + LONG * 2;
    while world.clients[newcomer].told.over.is_none() {
        assert!(world.now < until, "it tries for ever");
        world.step();
    }
    assert_eq!(world.clients[newcomer].told.over, Some(ConnectionError::JoinRefused));
}

#[test]
fn who_returns_and_is_not_given_the_commit_of_the_epoch_joins_again() {
    let mut world = World::of(49, 2);
    world.cut(1);
    let mut once = true;
    world.relabel = Some(Box::new(move |who, mut frame| {
        if let RelayToClient::Entered(entered) = &mut frame
            && who == 1
            && std::mem::take(&mut once)
        {
            entered.epoch += 1;
        }
        vec![frame]
    }));
    world.connect(1);
    world.settle();
    world.pass(STEP * 8);
    world.settle();
    assert_eq!(world.happened(1, |h| matches!(h, SystemEvent::Rejoined)), 1);
}

#[test]
fn messages_of_a_room_with_a_timer_disappear() {
    let mut world = World::of(50, 2);
    let now = world.time();
    world.clients[0].session.set_timer(now, RoomId::MAIN, 5).unwrap();
    world.collect(0);
    world.settle();
    let id = world.say(0, "gone soon").unwrap();
    world.settle();
    let is_there = |world: &World, who: usize| world.clients[who].session.timeline.get(&id).is_some();
    assert!(is_there(&world, 0) && is_there(&world, 1));
    // Whoever sets the clock holds nothing back, and takes nothing away.
    let time = world.time();
    for unix in [0, time.unix + 3_600] {
        world.clients[1].session.tick(Now { unix, ..time });
        assert!(is_there(&world, 1));
    }
    world.clients[1].session.tick(Now { steady: time.steady + Duration::from_secs(7), unix: 0 });
    assert!(!is_there(&world, 1));
    world.collect(1);
    world.pass(Duration::from_secs(7));
    assert!(!is_there(&world, 0) && !is_there(&world, 1));
}

#[test]
fn what_disappears_does_so_when_its_session_is_over_too() {
    let mut world = World::of(54, 2);
    let now = world.time();
    world.clients[0].session.set_timer(now, RoomId::MAIN, 5).unwrap();
    world.collect(0);
    world.settle();
    let gone_soon = world.say(0, "gone soon").unwrap();
    world.settle();
    world.cut(1);
    let now = world.time();
    let unheard = world.clients[1].session.speak(now, ConversationId::MAIN, "unheard", None, &[]).unwrap();
    let client = world.clients.remove(1);
    let (mut remains, failed) = remains::Remains::of(client.session).unwrap();
    assert_eq!(failed.iter().map(|message| message.id).collect::<Vec<_>>(), [unheard]);
    assert!(failed.iter().all(|message| message.delivery == Delivery::Failed));
    assert!(remains.next_expiry().is_some() && remains.expire(now).is_empty());
    let late = |seconds| Now { steady: now.steady + Duration::from_secs(seconds), unix: 0 };
    let gone: BTreeSet<_> = remains.expire(late(7)).into_iter().collect();
    assert_eq!(gone, BTreeSet::from([gone_soon, unheard]));
    assert!(remains.snapshot().2.iter().all(|item| !matches!(item, TimelineItem::Message(_))));
}

#[test]
fn an_edit_tells_who_is_meant() {
    let mut world = World::of(53, 3);
    let id = world.say(0, "you there?").unwrap();
    world.settle();
    let meant = PersonKey(world.clients[1].session.identity.key().0);
    let now = world.time();
    world.clients[0].session.edit(now, id, "you there, @bob?", &[meant]).unwrap();
    world.collect(0);
    world.settle();
    for (who, is_meant) in [(0, false), (1, true), (2, false)] {
        let message = world.clients[who].session.timeline.get(&id).unwrap();
        assert_eq!((message.mentions.as_slice(), message.mentions_self), (&[meant][..], is_meant), "{who}");
        assert!(message.is_edited && message.body.contains("@bob"));
    }
}

#[test]
fn typing_is_told_now_and_then() {
    let mut world = World::of(51, 2);
    let types = |world: &mut World, room: RoomId| {
        let now = world.time();
        world.clients[0].session.typing(now, ConversationId::Room(room));
        world.collect(0);
        let is_signal = |frame: &&ClientToRelay| matches!(frame, ClientToRelay::Signal(_));
        world.clients[0].to_relay.iter().filter(is_signal).count()
    };
    for _ in 0..5 {
        assert_eq!(types(&mut world, RoomId::MAIN), 1);
    }
    assert_eq!(types(&mut world, RoomId(5)), 2, "in another room");
    world.now += TYPING_SHOWN / 2;
    assert_eq!(types(&mut world, RoomId(5)), 3);
}
