//! The list with more messages than are kept: what is read stays where it is, and only what is seen exists.

use shepot_client::Event;
use shepot_client::limits::TIMELINE_ITEMS;
use shepot_client::model::{
    ConnectionState, ConversationId, Delivery, Fingerprint, Message, MessageId, Person, PersonKey, Room,
    RoomId, ServerId,
};
use shepot_sanitise::Sanitised;
use shepot_view::clock::WallClock;
use shepot_view::desk::{Desk, Place, Update};
use shepot_view::{L10n, Language};
use slint::Model as _;

use super::list::{MessageList, Standing};
use super::paint::Tools;
use crate::painter::Painter;

const SERVER: ServerId = ServerId(1);
const VIEW: f32 = 600.0;

/// Twice the view, of rows that are higher than ten pixels each.
const MOST_ROWS: usize = 120;

struct Table {
    desk: Desk,
    painter: Painter,
    l10n: L10n,
    clock: WallClock,
    list: MessageList,
}

impl Table {
    fn new() -> Self {
        let mut table = Self {
            desk: Desk::default(),
            painter: Painter::new(),
            l10n: L10n::new(Language::English),
            clock: WallClock::universal(),
            list: MessageList::new(),
        };
        let (name, address) = ("Lighthouse".into(), "a:1".into());
        table.tell(Event::Added {
            request: None,
            server: SERVER,
            name,
            address,
            is_open: false,
            is_owner: false,
            link_of: None,
        });
        table.tell(Event::State { server: SERVER, state: ConnectionState::Connected });
        let people = vec![person(1, "anna"), person(2, "boris")];
        table.tell(Event::People { server: SERVER, people });
        let rooms = vec![Room {
            id: RoomId::MAIN,
            name: Sanitised::default(),
            disappears_after_s: 0,
            may_delete: false,
        }];
        table.tell(Event::Rooms { server: SERVER, rooms });
        table.with(|list, tools| list.viewport(0.0, VIEW, 700.0, tools));
        table.with(|list, tools| list.open(Some(Place::main(SERVER)), tools));
        table
    }

    fn tell(&mut self, event: Event) -> Vec<Update> {
        self.desk.apply(event, 0)
    }

    fn with<R>(&mut self, use_it: impl FnOnce(&mut MessageList, &mut Tools<'_>) -> R) -> R {
        let mut tools =
            Tools { desk: &self.desk, painter: &mut self.painter, l10n: &self.l10n, clock: &self.clock };
        use_it(&mut self.list, &mut tools)
    }

    /// Boris says something. Gives where the list stands then.
    fn hears(&mut self, n: usize) -> Standing {
        self.hears_text(n, &format!("message {n}"))
    }

    fn hears_text(&mut self, n: usize, body: &str) -> Standing {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&n.to_be_bytes());
        let message = Message {
            id: MessageId(id),
            conversation: ConversationId::MAIN,
            author: PersonKey([2; 32]),
            nick: "boris".into(),
            mood: None,
            body: body.into(),
            reply_to: None,
            mentions: vec![],
            mentions_self: false,
            at: u64::try_from(n).unwrap(),
            is_edited: false,
            is_deleted: false,
            reactions: vec![],
            delivery: Delivery::Received,
            disappears_at: None,
        };
        let updates = self.tell(Event::Message { server: SERVER, message: message.into() });
        let serial = updates
            .iter()
            .find_map(
                |update| if let Update::Appended { serial, .. } = update { Some(*serial) } else { None },
            )
            .unwrap();
        let standing = self.with(|list, tools| list.append(serial, false, tools));
        assert!(self.list.model().row_count() <= MOST_ROWS, "{}", self.list.model().row_count());
        standing
    }

    /// What stands at a height of the window.
    fn read_at(&self, y: f32) -> MessageId {
        let row = self.list.row_under(y).unwrap();
        self.list.message_at(row).unwrap()
    }
}

fn person(n: u8, nick: &str) -> Person {
    Person {
        key: PersonKey([n; 32]),
        fingerprint: Fingerprint([n; 4]),
        nick: nick.into(),
        mood: None,
        is_self: n == 1,
        is_present: true,
        is_silent: false,
    }
}

#[test]
fn what_is_read_stays_while_ten_thousand_come_and_the_oldest_go() {
    let mut table = Table::new();
    let mut standing = Standing { height: 0.0, at: 0.0 };
    for n in 0..TIMELINE_ITEMS {
        standing = table.hears(n);
    }
    // Whoever is at the end stays there.
    assert!(table.list.sticks());
    assert!((standing.height - standing.at - VIEW).abs() < 1.0, "{standing:?}");

    // Somebody reads in the middle while more come than are kept.
    let middle = standing.height * 0.75;
    table.with(|list, tools| list.viewport(middle, VIEW, 700.0, tools));
    let read = table.read_at(middle + 5.0);
    for n in TIMELINE_ITEMS..TIMELINE_ITEMS + 700 {
        standing = table.hears(n);
        table.with(|list, tools| list.viewport(standing.at, VIEW, 700.0, tools));
        assert_eq!(table.read_at(standing.at + 5.0), read, "after {n}");
    }
    assert_eq!(table.list.newer(), 700);
    // Rows of messages that are gone go too, some at a time.
    assert!(table.list.rows().len() <= TIMELINE_ITEMS + 512, "{}", table.list.rows().len());

    // To the very first, and through everything to the last.
    let mut at = 0.0;
    while at < standing.height {
        if let Some(again) = table.with(|list, tools| list.viewport(at, VIEW, 700.0, tools)) {
            standing = again;
            assert!(at < 1.0, "only where messages are gone the rows are built anew: {at}");
            continue;
        }
        assert!(table.list.model().row_count() > 0, "nothing at {at}");
        assert!(table.list.model().iter().all(|row| !row.label.is_empty()), "an empty row at {at}");
        assert!(table.list.model().row_count() <= MOST_ROWS);
        at += VIEW * 7.0;
    }
    let end = table.with(|list, tools| list.show_end(tools));
    assert!(table.list.sticks() && table.list.newer() == 0);
    assert!(end.at > middle);
}

#[test]
fn a_long_message_is_folded_and_whole_when_it_is_wanted() {
    for body in ["line\n".repeat(300), "слово ".repeat(1_333), format!("```\n{}```", "code\n".repeat(1_500))]
    {
        let mut table = Table::new();
        table.hears(0);
        table.hears_text(1, body.trim());
        let laid = |table: &mut Table| {
            table.with(|list, tools| {
                let at = list.rows().len() - 1;
                list.laid(at, tools).unwrap()
            })
        };
        let folded = laid(&mut table);
        let shown: usize = folded.blocks.iter().map(|block| block.laid.lines()).sum();
        assert!(shown <= 60, "{shown}");
        let at = table.list.rows().len() - 1;
        table.with(|list, tools| list.unfold(at, tools));
        let whole = laid(&mut table);
        let all: usize = whole.blocks.iter().map(|block| block.laid.lines()).sum();
        assert!(all > 80 && whole.height > folded.height, "{all}");
        let text: String = whole.blocks.iter().map(|block| block.laid.text()).collect();
        assert!(body.split_whitespace().last().is_some_and(|last| text.contains(last.trim_matches('`'))));
        // What is painted is as high as what was measured.
        table.with(|list, tools| {
            let row = list.paint(at, tools).unwrap();
            for block in row.blocks.iter() {
                let parts: Vec<_> = block.parts.iter().collect();
                let end = parts.last().map_or(0.0, |part| part.y + part.h);
                assert!(end <= block.h + 1.0 && end >= block.h - 26.0, "{end} of {}", block.h);
                assert!(parts.iter().all(|part| part.h < 1_200.0));
                // Program text has a box around it.
                let around = if block.kind == shepot_window::BlockKind::Code { 14.0 } else { 0.0 };
                assert!(block.y + block.h + around <= row.h, "{} of {}", block.y + block.h, row.h);
            }
        });
    }
}
