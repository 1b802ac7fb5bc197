//! What the dashboard knows of an evening, and what keys do to it.

use super::*;
use shepot_relay::operator::{EndCause, Incident, Sample};
use shepot_relay::{Attempt, ConnectionId};

use crate::control::{Ban, Connection, Pause, Status};

fn refused(attempts: u64, paused_until: Option<u64>) -> Incident {
    let address = "192.0.2.200".parse().unwrap();
    Incident::Refused { address, cause: Attempt::WrongProof, attempts, paused_until }
}

/// An evening of a small server.
#[allow(clippy::too_many_lines, reason = "figures of one evening")]
pub(crate) fn watched() -> Watched {
    const EVENING: u64 = 1_795_631_467;
    let connection =
        |number, since, address: &str, circles, bytes_in, bytes_out, idle_s, refused| Connection {
            connection: number,
            since: EVENING + since,
            address: address.parse().unwrap(),
            circles,
            seats: circles,
            bytes_in,
            bytes_out,
            idle_s,
            invitation: String::new(),
            refused,
        };
    let entry = |number, at, incident| JournalEntry { number, at: EVENING + at, incident };
    let mib = 1024 * 1024;
    Watched {
        status: Status {
            uptime_s: 11_564,
            listening: vec!["0.0.0.0:4433".parse().unwrap()],
            pin: "9b1f4c77d2aa03e5".repeat(4),
            connections: 5,
            connections_limit: 64,
            unauthenticated: 1,
            published: 1_284,
            bytes_in: 7 * mib,
            bytes_out: 28 * mib + mib / 2,
            circle_bytes: 3 * mib,
            memory_bytes: 38 * mib,
            held_bytes: 4 * mib,
            circle_bytes_limit: 256 * mib,
            ..Status::default()
        },
        rows: vec![
            Row::Connected(connection(1, 0, "203.0.113.58:50001", 2, 4 * mib, 9 * mib, 1, 0)),
            Row::Connected(connection(2, 33, "198.51.100.23:50002", 2, mib, 8 * mib, 3, 0)),
            Row::Connected(connection(4, 115, "[2001:db8:41::9]:50003", 3, 900 * 1024, 6 * mib, 2, 0)),
            Row::Connected(connection(5, 284, "198.51.100.104:50004", 1, 212 * 1024, 3 * mib, 360, 1)),
            Row::Connected(connection(9, 785, "203.0.113.77:50005", 2, 96 * 1024, mib, 9, 0)),
            Row::Refused(Pause {
                address: "192.0.2.200".parse().unwrap(),
                last: EVENING + 1_623,
                attempts: 17,
                until: Some(EVENING + 2_223),
            }),
            Row::Banned(Ban {
                address: "203.0.113.9".parse().unwrap(),
                since: EVENING - 1_100,
                until: None,
                attempts: 5,
            }),
        ],
        entries: vec![
            entry(1, 50, Incident::Banned { address: "203.0.113.9".parse().unwrap(), until: None }),
            entry(
                2,
                785,
                Incident::Admitted {
                    connection: ConnectionId(9),
                    address: "203.0.113.77:50005".parse().unwrap(),
                },
            ),
            entry(
                3,
                1_653,
                Incident::Ended {
                    connection: ConnectionId(3),
                    address: "198.51.100.61:50006".parse().unwrap(),
                    after_s: 1_260,
                    bytes: mib,
                    cause: EndCause::Gone,
                },
            ),
            entry(4, 1_883, refused(17, Some(EVENING + 2_223))),
            entry(5, 1_900, Incident::Issued { label: "table".into() }),
        ],
        history: (0..20)
            .map(|n| Sample {
                connections: [1, 2, 3, 3, 4, 5, 5, 6, 7, 5][n % 10],
                published: 1_188 + 4 * n as u64 + [0, 6, 2, 9][n % 4],
                bytes_in: (n as u64) * mib / 4,
                bytes_out: (n as u64) * mib + [0, mib, 0][n % 3],
                held_bytes: (2 + n as u64 / 8) * mib,
                refused: 0,
            })
            .collect(),
    }
}

fn board() -> Board {
    let mut board = Board::default();
    board.take(watched());
    board
}

fn press(board: &mut Board, keys: &str) -> Wanted {
    let mut wanted = Wanted::Nothing;
    for c in keys.chars() {
        let code = match c {
            '↓' => KeyCode::Down,
            '↑' => KeyCode::Up,
            '⏎' => KeyCode::Enter,
            '⎋' => KeyCode::Esc,
            c => KeyCode::Char(c),
        };
        wanted = board.key(KeyEvent::new(code, KeyModifiers::NONE));
    }
    wanted
}

#[test]
fn the_chosen_line_is_acted_upon_after_a_question() {
    let mut board = board();
    assert_eq!(press(&mut board, "↓↓↓d"), Wanted::Nothing);
    assert_eq!(press(&mut board, "n"), Wanted::Nothing);
    assert_eq!(press(&mut board, "d⏎"), Wanted::Nothing, "it needs its letter");
    assert_eq!(press(&mut board, "н"), Wanted::Nothing, "no is no, on whatever key it is");
    assert_eq!(press(&mut board, "внвд"), Wanted::Ask(Request::Kick { who: "5".into() }), "Russian keys do");
    let ban = |seconds| Wanted::Ask(Request::Ban { address: "198.51.100.104".into(), seconds });
    assert_eq!(press(&mut board, "b1"), ban(Some(HOUR)));
    assert_eq!(press(&mut board, "b3"), ban(None));
    assert_eq!(press(&mut board, "b⎋"), Wanted::Nothing);
    assert_eq!(press(&mut board, "4u"), Wanted::Ask(Request::Unban { address: "203.0.113.9".into() }));
    assert_eq!(press(&mut board, "d"), Wanted::Nothing, "nobody is connected from there");
    assert_eq!(press(&mut board, "q"), Wanted::Quit);
    assert_eq!(press(&mut board, "i"), Wanted::Ask(Request::Invite(Wish::default())));
    assert_eq!(press(&mut board, "⎋⎋⎋"), Wanted::Nothing, "one too many ends nothing");
    let key = Key {
        id: "93158571ace86845".into(),
        label: String::new(),
        issued: 0,
        expires: None,
        most_uses: None,
        uses: 0,
        connections: 6,
        good: true,
    };
    board.answered(Answer::Invites(vec![key.clone()]), &L10n::new(shepot_l10n::Language::English));
    assert_eq!(press(&mut board, "r⏎"), Wanted::Nothing, "it is asked");
    assert_eq!(press(&mut board, "y"), Wanted::Ask(Request::Revoke { invitation: key.id }));
}

#[test]
fn lines_are_filtered_by_view_and_address_and_the_choice_stays() {
    let mut board = board();
    assert_eq!(board.counts(), [7, 4, 1, 1]);
    press(&mut board, "↓↓/198.51");
    assert_eq!(board.rows().len(), 2);
    assert_eq!(press(&mut board, "⏎q"), Wanted::Quit);
    press(&mut board, "⎋");
    assert_eq!(board.rows().len(), 7);
    assert_eq!(board.selected(&board.rows()), 2, "it was chosen before");
    board.seen.rows.remove(0);
    assert_eq!(board.selected(&board.rows()), 1, "and moves with its line");
}

#[test]
fn a_refusal_that_goes_on_is_one_entry() {
    let mut board = board();
    let again = |number, count| JournalEntry { number, at: 0, incident: refused(count, None) };
    let before = board.entries.len();
    for n in 0..3 {
        board.take(Watched { entries: vec![again(10 + n, n)], ..watched() });
    }
    assert_eq!((board.entries.len(), board.last_entry()), (before + 1, 12));
    // By turns with another, too.
    let other = |number| JournalEntry { incident: Incident::Reconfigured, ..again(number, 1) };
    board.take(Watched { entries: vec![other(13), again(14, 4)], ..watched() });
    assert_eq!((board.entries.len(), board.last_entry()), (before + 2, 14));
}
