//! A relay that does not do what it should: people are shown it.

use shepot_protocol::message::{Entered, Final, PresenceChange};

use super::*;
use crate::content::unsanitised;
use crate::model::RoomId;

/// The sequence number in a frame that has one of the log.
fn sequence(frame: &mut RelayToClient) -> Option<&mut u64> {
    match frame {
        RelayToClient::Delivery(delivery) => Some(&mut delivery.sequence),
        RelayToClient::Published(published) => Some(&mut published.sequence),
        RelayToClient::Final(last) => Some(&mut last.sequence),
        _ => None,
    }
}

fn chat(world: &mut World, rounds: usize) {
    for round in 0..rounds {
        for who in world.here() {
            world.say(who, &format!("{round} by {who}")).unwrap();
            world.settle();
        }
    }
}

#[test]
fn what_is_withheld_shows_as_a_gap() {
    let mut world = World::of(1, 3);
    let mut withheld = 0;
    world.relabel = Some(Box::new(move |who, frame| {
        if who == 1 && is_message(&frame) && withheld == 0 {
            withheld += 1;
            return Vec::new();
        }
        vec![frame]
    }));
    chat(&mut world, 2);
    assert_eq!(world.happened(1, |h| matches!(h, SystemEvent::Gap { entries: 1 })), 1);
    // What was in the gap cannot be known: a member tells the state of the circle when one joins again.
    assert_eq!(world.happened(1, |h| matches!(h, SystemEvent::Rejoined)), 1);
    assert_eq!(world.happened(2, |h| matches!(h, SystemEvent::Missing { .. } | SystemEvent::Gap { .. })), 0);
}

#[test]
fn a_log_that_is_not_the_others_is_a_fork() {
    let mut world = World::of(2, 3);
    // One person's message never was, for another: everything behind it has a smaller number there.
    let mut left_out = 0;
    world.relabel = Some(Box::new(move |who, mut frame| {
        if who != 1 {
            return vec![frame];
        }
        if is_message(&frame) && left_out == 0 {
            left_out = 1;
            return Vec::new();
        }
        if let Some(sequence) = sequence(&mut frame) {
            *sequence -= left_out;
        }
        vec![frame]
    }));
    chat(&mut world, 3);
    let told = |who: usize| world.happened(who, |h| matches!(h, SystemEvent::Fork { .. }));
    assert!(told(1) > 0, "the one who is shown another log");
    assert_eq!(world.happened(1, |h| matches!(h, SystemEvent::Missing { messages: 1, .. })), 1);
    assert!(told(0) + told(2) > 0, "and the others learn it from what it says");
}

#[test]
fn a_message_that_is_given_twice_is_shown_once() {
    let mut world = World::of(3, 2);
    let mut again = 0;
    world.relabel = Some(Box::new(move |who, mut frame| {
        if who != 1 {
            return vec![frame];
        }
        if let Some(sequence) = sequence(&mut frame) {
            *sequence += again;
        }
        if !is_message(&frame) {
            return vec![frame];
        }
        again += 1;
        let mut copy = frame.clone();
        if let Some(sequence) = sequence(&mut copy) {
            *sequence += 1;
        }
        vec![frame, copy]
    }));
    for round in 0..3 {
        world.say(0, &format!("{round}")).unwrap();
        world.settle();
    }
    assert_eq!(world.heard(1), ["0", "1", "2"]);
}

#[test]
fn a_message_that_is_labelled_with_another_epoch_is_not_read_and_said_to_be_unreadable() {
    for shift in [1, u64::MAX] {
        let mut world = World::of(4, 2);
        world.clients[0].session.set_profile(Profile::new("Аня", Some(1)).unwrap());
        world.pass(STEP * 8);
        world.relabel = Some(Box::new(move |who, mut frame| {
            if let RelayToClient::Delivery(Delivered { entry: Entry::Message { epoch, .. }, .. }) = &mut frame
                && who == 1
            {
                *epoch = epoch.wrapping_add(shift);
            }
            vec![frame]
        }));
        world.say(0, "relabelled").unwrap();
        world.exchange();
        assert_eq!(world.heard(1), [""; 0]);
        assert_eq!(world.happened(1, |h| matches!(h, SystemEvent::Unreadable)), 1);
        assert!(world.clients[1].session.is_seated(), "and it is no reason to leave");
    }
}

#[test]
fn a_message_that_comes_behind_the_end_of_its_epoch_is_read() {
    let mut world = World::of(5, 3);
    world.say(0, "said before").unwrap();
    world.clients[1].session.set_profile(Profile::new("Boris", Some(4)).unwrap());
    let now = world.time();
    world.clients[1].session.do_housekeeping(now);
    world.collect(1);
    // The commit is heard first.
    while world.hear(1) {}
    world.settle();
    for who in 0..3 {
        assert_eq!(world.heard(who), ["said before"]);
    }
    world.assert_nothing_wrong();
}

#[test]
fn numbers_that_cannot_be_end_the_connection() {
    for (from, to) in [(1, u64::MAX), (1_000_000, 1_000_001), (0, 0)] {
        let mut world = World::of(6, 2);
        let circle = world.clients[1].session.circle().unwrap();
        let gap = shepot_protocol::message::Gap { circle, from, to };
        world.give(1, RelayToClient::Gap(gap));
        assert_eq!(world.clients[1].told.over, Some(ConnectionError::ServerMisbehaves));
    }
}

#[test]
fn nobody_is_taken_off_the_list_by_the_relays_word_alone() {
    let mut world = World::of(7, 3);
    // The relay says that somebody left who did not, and to one person only.
    let seat = Seat(world.clients[0].session.seat);
    let circle = world.clients[1].session.circle().unwrap();
    let sequence = world.clients[1].session.member.as_ref().unwrap().log.position() + 1;
    let entry = Entry::Presence { seat, change: PresenceChange::Left };
    world.give(1, RelayToClient::Delivery(Delivered { circle, sequence, entry }));
    world.pass(STEP * 20);
    // The others do not follow a removal of somebody who is here for them: whoever made it is on its own and comes
    // back, and nobody is lost.
    world.settle();
    world.pass(LONG);
    world.assert_one_circle();
    assert_eq!(world.clients[1].session.people().len(), 3);
}

#[test]
fn who_may_not_ask_to_join_yet_asks_again() {
    let mut world = World::of(20, 1);
    let who = world.newcomer();
    let session = &mut world.clients[who].session;
    session.phase = Phase::Queued;
    let refusal = Refusal {
        cause: RefusalCause::TooFast,
        request: Some(RequestKind::JoinLease),
        circle: None,
        subject: None,
        retry_after: Duration::from_secs(5),
        closing: false,
    };
    let now = world.time();
    world.clients[who].session.frame(now, RelayToClient::Refused(refusal));
    world.collect(who);
    let asks = |world: &mut World, at: Duration| {
        world.clients[who].to_relay.clear();
        world.clients[who].session.tick(Now { steady: now.steady + at, ..now });
        world.collect(who);
        world.clients[who].to_relay.iter().any(|frame| matches!(frame, ClientToRelay::JoinLease { .. }))
    };
    assert!(!asks(&mut world, Duration::from_secs(4)));
    assert!(asks(&mut world, Duration::from_secs(5)));
}

#[test]
fn knocks_are_told_once_in_a_while_and_all_of_them() {
    let mut world = World::of(21, 1);
    let circle = world.clients[0].session.circle().unwrap();
    let told = |world: &World| -> Vec<u32> {
        let happenings = world.clients[0].told.happenings.iter();
        happenings
            .filter_map(|h| if let SystemEvent::Knocks { times } = h { Some(*times) } else { None })
            .collect()
    };
    for _ in 0..100 {
        world.give(0, RelayToClient::Knocks { circle, times: 6 });
    }
    assert_eq!(told(&world), [6]);
    world.pass(Duration::from_secs(50));
    assert_eq!(told(&world), [6]);
    // The last ones are told, too, though no more come.
    world.pass(Duration::from_secs(15));
    assert_eq!(told(&world), [6, 594]);
}

#[test]
fn another_name_of_the_log_for_one_member_is_a_fork_that_both_sides_see() {
    let mut world = World::of(31, 3);
    // From the next connection on the relay calls the log otherwise for client 2, and it joins anew by that.
    world.cut(2);
    world.relabel = Some(Box::new(|who, message| {
        let name = |log_id: LogId| if who == 2 { LogId([0x77; 16]) } else { log_id };
        vec![match message {
            RelayToClient::Entered(entered) => {
                RelayToClient::Entered(Entered { log_id: name(entered.log_id), ..entered })
            }
            RelayToClient::Final(last) => RelayToClient::Final(Final { log_id: name(last.log_id), ..last }),
            other => other,
        }]
    }));
    world.connect(2);
    world.settle();
    world.pass(LONG);
    world.say(2, "answer").unwrap();
    world.say(0, "question").unwrap();
    world.settle();
    assert!(world.happened(0, |h| matches!(h, SystemEvent::Fork { .. })) > 0, "who is shown the right log");
    assert!(world.happened(2, |h| matches!(h, SystemEvent::Fork { .. })) > 0, "who is shown another");
}

#[test]
fn a_restart_that_everybody_saw_is_no_fork() {
    let mut world = World::of(32, 3);
    world.say(1, "on its way").unwrap();
    while world.hear(1) {}
    world.restart_relay();
    for who in 0..3 {
        world.connect(who);
    }
    world.settle();
    world.pass(LONG);
    world.say(0, "after").unwrap();
    world.settle();
    for who in 0..3 {
        assert_eq!(world.happened(who, |h| matches!(h, SystemEvent::Fork { .. })), 0);
    }
}

#[test]
fn a_seat_of_no_member_is_told_of_once_when_it_stays() {
    let mut world = World::of(33, 2);
    let entered = |world: &mut World, seat: u64| {
        let member = world.clients[0].session.member.as_ref().unwrap();
        let sequence = member.log.position() + 1;
        let entry = Entry::Presence { seat: Seat(seat), change: PresenceChange::Entered };
        let circle = CircleId(*CircleKeys::new(&[7; 32]).circle());
        world.give(0, RelayToClient::Delivery(Delivered { circle, sequence, entry }));
    };
    let told =
        |world: &World| world.happened(0, |h| matches!(h, SystemEvent::LeaflessSeats { connections: 1 }));
    entered(&mut world, 4_711);
    world.pass(Duration::from_secs(25));
    assert_eq!(told(&world), 0);
    world.pass(Duration::from_secs(10));
    assert_eq!(told(&world), 1);
    world.pass(Duration::from_secs(60));
    assert_eq!(told(&world), 1);
}

/// Nobody says the same bytes twice: what waits over a restart is encrypted anew.
#[test]
fn what_the_relay_repeats_is_not_read_twice_and_is_told() {
    let mut world = World::of(34, 2);
    let said = std::rc::Rc::new(std::cell::RefCell::new(None));
    let keep = std::rc::Rc::clone(&said);
    world.relabel = Some(Box::new(move |who, frame| {
        if let (1, RelayToClient::Delivery(delivery)) = (who, &frame)
            && matches!(delivery.entry, Entry::Message { .. })
        {
            *keep.borrow_mut() = Some(delivery.clone());
        }
        vec![frame]
    }));
    world.say(0, "once").unwrap();
    world.settle();
    assert_eq!(world.heard(1), ["once"]);
    let again = said.borrow_mut().take().unwrap();
    let sequence = world.clients[1].session.member.as_ref().unwrap().log.position() + 1;
    world.give(1, RelayToClient::Delivery(Delivered { sequence, ..again }));
    assert_eq!(world.heard(1), ["once"]);
    assert_eq!(world.happened(1, |h| matches!(h, SystemEvent::Unreadable)), 1);
}

/// Every request that a phase waits for, refused once for every cause there is: the newcomer gets in all the same, or
/// is told why not.
#[test]
fn no_phase_hangs_whatever_is_refused() {
    let requests =
        [RequestKind::Enter, RequestKind::CreateGroup, RequestKind::JoinLease, RequestKind::Commit];
    for (seed, (cause, request)) in RefusalCause::ALL
        .iter()
        .flat_map(|cause| requests.iter().map(move |request| (*cause, *request)))
        .enumerate()
    {
        let mut world = World::of(1_000 + seed as u64, usize::from(request != RequestKind::CreateGroup));
        let who = world.clients.len();
        let refused = std::rc::Rc::new(std::cell::Cell::new(0));
        let count = std::rc::Rc::clone(&refused);
        world.refuse = Some(Box::new(move |asks, frame| {
            let is_it = asks == who && RequestKind::from(frame) == request && count.get() == 0;
            count.set(count.get() + u32::from(is_it));
            is_it.then_some(cause)
        }));
        world.newcomer();
        let is_in = |world: &World| {
            let session = &world.clients[who].session;
            session.is_seated() && session.member.as_ref().is_some_and(|member| member.is_acknowledged())
        };
        let until = world.now + LONG;
        while !is_in(&world) && world.clients[who].told.over.is_none() {
            assert!(world.now < until, "{request:?} refused for {cause:?} hangs: {}", world.describe());
            world.step();
            if world.clients[who].connection.is_none() && world.clients[who].told.over.is_none() {
                world.connect(who);
            }
        }
        assert_eq!(refused.get(), 1, "{request:?} {cause:?}");
    }
}

/// A sender whose program sends what it likes: the same corpus as the terminal's test, by a way that no honest program
/// has, and the references that a markup could make characters of.
#[test]
fn what_a_hostile_program_sends_is_no_more_than_text() {
    const DANGEROUS: &[char] = &[
        '\u{0}',
        '\u{5}',
        '\u{7}',
        '\u{8}',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{90}',
        '\u{9b}',
        '\u{9c}',
        '\u{9d}',
        '\u{200b}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202e}',
        '\u{2066}',
        '\u{2069}',
        '\u{feff}',
        '\u{e0041}',
    ];
    let corpus = [
        "\u{1b}[2J\u{1b}[Hgone",
        "\u{1b}]52;c;aGFja2Vk\u{7}",
        "\u{1b}]8;;https://example.org\u{1b}\\link\u{1b}]8;;\u{1b}\\",
        "\u{9b}31mred\u{9b}0m",
        "\u{90}q#0;2;0;0;0\u{9c}",
        "\u{1b}[6n\u{5}",
        "\u{1b}[201~",
        "over\u{8}\u{8}written\u{7f}",
        "\u{202e}gnp.exe\u{202c}",
        "zero\u{200b}width\u{2066}\u{2069}\u{feff}",
        "tags\u{e0041}\u{e007f}",
        "nul\u{0}nul",
        "next\u{85}line\u{2028}line\u{2029}line",
    ];
    let references =
        ["&#x1b;[2J", "&#27;[31m", "&#8238;", "&rlm;", "&#x202e;", "&zwsp;", "&NewLine;", "&lt;b&gt;"];
    let mut world = World::of(55, 2);
    let send = |world: &mut World, body: &str| {
        let now = world.time();
        let session = &mut world.clients[0].session;
        let message = session.entropy.bytes().map(MessageId).unwrap();
        session.say_unseen(now, &unsanitised(message, RoomId::MAIN, body));
        world.collect(0);
        world.settle();
        world.clients[1].session.timeline.get(&message).map(|message| message.body.clone())
    };
    for text in corpus {
        let heard = send(&mut world, &format!("{text} behind")).expect("it is shown");
        assert!(heard.ends_with(" behind") && !heard.contains(DANGEROUS), "{heard:?}");
    }
    for text in references {
        assert_eq!(send(&mut world, text).as_deref(), Some(text), "no character stands for another");
    }
}
