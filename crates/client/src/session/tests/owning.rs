//! What the owner says of the circle and its rooms, and what nobody else can say in its place.

use super::*;
use crate::content::{CircleProfile, Content, deletion};
use crate::model::{CircleName, CommandError, RoomId};

const IMAGE: &[u8] = b"a small picture";

fn describes(world: &mut World, who: usize, name: &str, image: &[u8]) -> Result<bool, CommandError> {
    let now = world.time();
    let said = world.clients[who].session.describe_circle(now, name, image.to_vec());
    world.collect(who);
    world.settle();
    said.map(|asked| asked.is_some())
}

fn circle(world: &World, who: usize) -> Option<(String, Vec<u8>)> {
    let directory = &world.clients[who].session.directory;
    directory.profile().map(|profile| (profile.shown().name.to_string(), directory.picture().to_vec()))
}

fn named(name: &str, image: &[u8]) -> Option<(String, Vec<u8>)> {
    Some((name.to_owned(), image.to_vec()))
}

fn makes_room(world: &mut World, who: usize, name: &str) -> RoomId {
    let now = world.time();
    let (room, _) = world.clients[who].session.make_room(now, name).unwrap();
    world.settle();
    room
}

fn deletes(world: &mut World, who: usize, room: RoomId) -> Result<(), CommandError> {
    let now = world.time();
    let done = world.clients[who].session.delete_room(now, room).map(|_| ());
    world.settle();
    done
}

/// As a changed program of this member says it.
fn says(world: &mut World, who: usize, content: Content) {
    let now = world.time();
    world.clients[who].session.say(now, content, None).unwrap();
    world.settle();
}

fn rooms(world: &World, who: usize) -> Vec<RoomId> {
    world.clients[who].session.rooms().iter().map(|room| room.id).collect()
}

#[test]
fn everybody_is_told_what_the_owner_calls_the_circle_whoever_is_there_when_they_come() {
    let mut world = circle_of(1, 1);
    assert_eq!(describes(&mut world, 0, " Маяк ", IMAGE), Ok(true));
    assert_eq!(circle(&world, 1), named("Маяк", IMAGE));
    let renamed = |h: &SystemEvent| matches!(h, SystemEvent::CircleNamed { .. });
    // The owner knows, and says so anew at every founding.
    assert_eq!((world.happened(0, renamed), world.happened(1, renamed)), (0, 1));
    assert_eq!(describes(&mut world, 0, "Маяк", IMAGE), Ok(false), "it is known");
    // The owner is not there: another member tells a newcomer, and whose it is.
    world.cut(0);
    let late = world.newcomer();
    world.settle();
    world.pass(STEP * 8);
    assert_eq!(circle(&world, late), named("Маяк", IMAGE));
    let whose = CircleName { name: "Маяк".into(), owner: NICKS[0].into() };
    let entered =
        |h: &SystemEvent| matches!(h, SystemEvent::Entered { circle: Some(circle), .. } if *circle == whose);
    assert_eq!(world.happened(late, entered), 1);
    // What is said later holds, and what was said before does not come back.
    world.connect(0);
    world.settle();
    let earlier = world.clients[0].session.directory.profile().unwrap().clone();
    assert_eq!(describes(&mut world, 0, "Костёр", &[]), Ok(true));
    says(&mut world, 1, Content::CircleProfile(Box::new(earlier)));
    for who in [0, 1, late] {
        assert_eq!(circle(&world, who), named("Костёр", &[]));
    }
    world.assert_one_circle();
}

#[test]
fn a_new_invitation_ends_all_from_before_and_nobody_who_is_here() {
    let mut world = circle_of(5, 2);
    assert_eq!(world.clients[1].session.renew_invitations(), Err(CommandError::NotTheOwner));
    world.clients[0].session.renew_invitations().unwrap();
    world.settle();
    world.pass(STEP * 8);
    for who in 0..3 {
        assert_eq!(world.clients[who].told.renewals, 1);
        assert_eq!(world.happened(who, |h| matches!(h, SystemEvent::InvitationsRenewed)), 1);
        assert_eq!(world.clients[who].session.circle_keys().unwrap().generation(), 1);
    }
    world.say(1, "still here").unwrap();
    world.settle();
    assert_eq!(world.heard(2), ["still here"]);
    let late = world.newcomer();
    world.pass(Duration::from_secs(30));
    assert_eq!(world.clients[late].told.over, Some(ConnectionError::InvitationOutdated));
    world.pass(Duration::from_secs(30));
    assert_eq!(world.clients[0].session.circle_keys().unwrap().generation(), 1, "once");
}

#[test]
fn nobody_else_names_the_circle() {
    let mut world = circle_of(2, 2);
    assert_eq!(describes(&mut world, 1, "Моё", &[]), Err(CommandError::NotTheOwner));
    assert_eq!(describes(&mut world, 0, "\u{200b}", &[]), Err(CommandError::CircleName { most: 64 }));
    let large = vec![0; crate::limits::AVATAR_BYTES + 1];
    assert_eq!(describes(&mut world, 0, "Маяк", &large), Err(CommandError::Avatar { most: 32 * 1024 }));
    let id = world.clients[1].session.circle().unwrap().0;
    let key = OwnerKey::from_seed(&[1; 32]);
    let forged = CircleProfile::signed(&key, &id, u64::MAX, ("Моё".into(), "Boris".into()), IMAGE);
    says(&mut world, 1, Content::CircleProfile(Box::new(forged)));
    says(&mut world, 1, Content::CirclePicture { image: IMAGE.to_vec() });
    for who in 0..3 {
        assert_eq!(circle(&world, who), None);
    }
    // Another picture under the owner's profile.
    describes(&mut world, 0, "Маяк", IMAGE).unwrap();
    says(&mut world, 1, Content::CirclePicture { image: b"another".to_vec() });
    assert_eq!(circle(&world, 2), named("Маяк", IMAGE));
}

#[test]
fn a_room_is_taken_away_by_who_made_it_and_by_the_owner() {
    let mut world = circle_of(3, 2);
    let (first, second) = (makes_room(&mut world, 1, "поход"), makes_room(&mut world, 1, "кино"));
    let may = |world: &World, who: usize| {
        let room = world.clients[who].session.rooms().into_iter().find(|room| room.id == first);
        room.unwrap().may_delete
    };
    assert_eq!((may(&world, 0), may(&world, 1), may(&world, 2)), (true, true, false));
    assert_eq!(deletes(&mut world, 2, first), Err(CommandError::NotTheMaker));
    assert_eq!(deletes(&mut world, 0, RoomId::MAIN), Err(CommandError::NoSuchRoom));
    // Programs that say so all the same are not believed.
    says(&mut world, 2, Content::RoomDeleted { room: first, word: None });
    let of_another =
        World::owner_key().sign_statement(&world.clients[2].session.circle().unwrap().0, &deletion(second));
    says(&mut world, 2, Content::RoomDeleted { room: first, word: Some(of_another) });
    assert_eq!(rooms(&world, 0).len(), 3);
    world.forget_what_was_told();
    deletes(&mut world, 1, first).unwrap();
    deletes(&mut world, 0, second).unwrap();
    for who in 0..3 {
        assert_eq!(rooms(&world, who), [RoomId::MAIN]);
        assert_eq!(world.happened(who, |h| matches!(h, SystemEvent::RoomDeleted { .. })), 2);
    }
    assert_eq!(deletes(&mut world, 1, first), Err(CommandError::NoSuchRoom));
    let late = world.newcomer();
    world.settle();
    assert_eq!(rooms(&world, late), [RoomId::MAIN]);
    world.assert_one_circle();
}

#[test]
fn what_was_said_in_a_room_goes_with_it_and_what_waits_is_not_lost() {
    let mut world = circle_of(4, 1);
    let room = makes_room(&mut world, 0, "поход");
    let now = world.time();
    let conversation = ConversationId::Room(room);
    world.clients[0].session.speak(now, conversation, "сказано", None, &[]).unwrap();
    world.settle();
    world.cut(1);
    world.clients[1].session.speak(now, conversation, "ждёт", None, &[]).unwrap();
    deletes(&mut world, 0, room).unwrap();
    let bodies = |world: &World, who: usize| -> Vec<(String, RoomId)> {
        let items = world.clients[who].session.items().into_iter();
        items
            .filter_map(|item| match item {
                TimelineItem::Message(message) => {
                    Some((message.body.to_string(), message.conversation.room()))
                }
                TimelineItem::SystemEvent { .. } => None,
            })
            .collect()
    };
    assert!(bodies(&world, 0).is_empty());
    world.connect(1);
    world.settle();
    world.pass(STEP * 8);
    let waited = vec![("ждёт".to_owned(), RoomId::MAIN)];
    assert_eq!((bodies(&world, 0), bodies(&world, 1)), (waited.clone(), waited));
}

#[test]
fn who_tells_of_the_rooms_takes_nothing_away_that_was_said() {
    let mut world = circle_of(6, 2);
    let room = makes_room(&mut world, 1, "поход");
    let now = world.time();
    world.clients[1].session.speak(now, ConversationId::Room(room), "сказано", None, &[]).unwrap();
    world.settle();
    let mut withheld = 0;
    world.relabel = Some(Box::new(move |who, frame| {
        if who == 2 && is_message(&frame) && withheld == 0 {
            withheld += 1;
            return Vec::new();
        }
        vec![frame]
    }));
    deletes(&mut world, 1, room).unwrap();
    world.say(0, "what comes next shows the gap").unwrap();
    world.settle();
    world.pass(STEP * 8);
    assert_eq!(world.happened(2, |h| matches!(h, SystemEvent::Gap { .. })), 1);
    // Whoever let them back in left the room out. That it was deleted is not shown by anything that can be verified.
    assert_eq!(rooms(&world, 2), [RoomId::MAIN]);
    let stays = world.clients[2].session.items().into_iter().any(|item| {
        matches!(item, TimelineItem::Message(message) if message.conversation == ConversationId::Room(room))
    });
    assert!(stays);
}

#[test]
fn the_main_room_is_called_as_it_is_whatever_a_changed_program_says() {
    let mut world = circle_of(7, 1);
    let name = |world: &World| world.clients[0].session.rooms().first().unwrap().name.to_string();
    let before = name(&world);
    says(&mut world, 1, Content::RoomRenamed { room: RoomId::MAIN, name: "чужая".into() });
    assert_eq!(name(&world), before);
    assert_eq!(world.happened(0, |h| matches!(h, SystemEvent::RoomRenamed { .. })), 0);
}
