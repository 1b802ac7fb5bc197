//! Draws the dashboard, from wide to narrow, with as many colours as the terminal has.

mod log;
mod over;
mod table;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Sparkline};
use shepot_console::cells::{gap, span, width};
use shepot_console::theme::{Ink, Paper, Theme};
use shepot_l10n::clock::WallClock;
use shepot_l10n::{L10n, size};

use super::board::{Board, Invited, Over};
use log::draw_log_below;
use over::draw_over;
use shepot_relay::operator::Sample;
use table::draw_table;

/// Below this width the cards are in two rows, and the table has fewer columns.
const WIDE: u16 = 100;

/// Below this width there are no cards.
const MEDIUM: u16 = 70;

/// Lines of the journal below the table.
const LOG_LINES: u16 = 6;

/// Below this height there are no cards and no journal.
const TALL: u16 = 24;

/// From this height on cards can be in two rows, and the journal is longer.
const VERY_TALL: u16 = 30;

/// How many hexadecimal digits of the pin are shown.
const PIN_DIGITS: usize = 16;

/// What drawing needs apart from the board.
pub(super) struct Look<'a> {
    pub(super) l10n: &'a L10n,
    pub(super) clock: WallClock,
    pub(super) theme: Theme,
}

impl Look<'_> {
    fn tr(&self, name: &str, values: &[(&str, &str)]) -> String {
        self.l10n.tr(name, values)
    }

    fn ink(&self, ink: Ink) -> Style {
        self.theme.ink(ink)
    }

    fn span(&self, text: impl AsRef<str>, ink: Ink) -> Span<'static> {
        span(text, self.ink(ink))
    }

    fn bold(&self, text: impl AsRef<str>, ink: Ink) -> Span<'static> {
        span(text, self.theme.bold(ink))
    }

    fn bytes(&self, bytes: u64) -> String {
        size::bytes(self.l10n, bytes)
    }

    fn number(&self, number: u64) -> String {
        size::number(self.l10n.language(), number)
    }

    fn boxed(&self, title: Line<'static>) -> Block<'static> {
        Block::bordered().border_style(self.ink(Ink::Line)).title(title)
    }
}

/// Draws the whole dashboard.
pub(super) fn draw(frame: &mut Frame<'_>, board: &mut Board, look: &Look<'_>) {
    let area = frame.area();
    frame.buffer_mut().set_style(area, look.theme.paper(Paper::Ground).patch(look.ink(Ink::Text)));
    let is_tall = area.height >= TALL;
    let is_very_tall = area.height >= VERY_TALL;
    let cards = match area.width {
        WIDE.. if is_tall => 5,
        MEDIUM.. if is_very_tall => 9,
        _ => 0,
    };
    let log = match area.height {
        VERY_TALL.. => LOG_LINES + 2,
        TALL.. => LOG_LINES,
        _ => 0,
    };
    let [head, cards, table, note, log, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(cards),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(log),
        Constraint::Length(1),
    ])
    .areas(area);
    draw_head(frame, head, board, look);
    draw_cards(frame, cards, board, look);
    draw_table(frame, table, board, look);
    draw_note(frame, note, board, look);
    draw_log_below(frame, log, board, look);
    draw_keys(frame, keys, board, look);
    draw_over(frame, area, board, look);
}

fn draw_head(frame: &mut Frame<'_>, area: Rect, board: &Board, look: &Look<'_>) {
    let status = &board.seen.status;
    let addresses: Vec<String> = status.listening.iter().map(ToString::to_string).collect();
    let up = format!("{}  ", look.tr("top-up", &[("t", &clock_of(status.uptime_s))]));
    let entry = if status.open { "top-anybody" } else { "top-invitation-only" };
    let (dot, ink) = if board.is_lost || status.open { ("○ ", Ink::Warn) } else { ("● ", Ink::Ok) };
    let pin = status.pin.get(..PIN_DIGITS).unwrap_or_default();
    let pin: Vec<String> =
        pin.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    let identity = look.tr("top-identity", &[("pin", &pin.join(" "))]);
    let left = vec![
        span(format!(" {} ", look.tr("top-title", &[])), look.theme.paper(Paper::Accent)),
        gap(2),
        look.bold(addresses.join(", "), Ink::Text),
        gap(2),
        look.span(if area.width < MEDIUM { String::new() } else { up }, Ink::Faint),
        look.span(format!("{dot}{}", look.tr(entry, &[])), ink),
    ];
    frame.buffer_mut().set_style(area, look.theme.paper(Paper::Raised));
    let used: usize = left.iter().map(|span| width(&span.content)).sum();
    frame.render_widget(Line::from(left), area);
    if used + width(&identity) + 3 <= usize::from(area.width) {
        frame.render_widget(Line::from(look.span(format!("{identity} "), Ink::Faint)).right_aligned(), area);
    }
}

/// A time of day as hours, minutes and seconds.
fn clock_of(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// A card: the name of its heading, its content and its bars.
type Card = (&'static str, Vec<Span<'static>>, Vec<u64>);

fn cards(board: &Board, look: &Look<'_>) -> [Card; 4] {
    let status = &board.seen.status;
    let history = &board.seen.history;
    let grown = |of: fn(&Sample) -> u64| -> Vec<u64> {
        let pairs = history.iter().zip(history.iter().skip(1));
        pairs.map(|(before, after)| of(after).saturating_sub(of(before))).collect()
    };
    let hour = history.first().map_or(0, |first| status.published.saturating_sub(first.published));
    let process = look.bytes(status.memory_bytes);
    let of = |n: String| look.tr("operator-of", &[("n", ""), ("most", &n)]);
    [
        (
            "top-connected",
            vec![
                look.bold(look.number(status.connections), Ink::Text),
                look.span(of(look.number(status.connections_limit)), Ink::Faint),
            ],
            history.iter().map(|sample| sample.connections).collect(),
        ),
        (
            "top-messages",
            vec![
                look.bold(look.number(status.published), Ink::Text),
                look.span(
                    format!("  {}", look.tr("top-last-hour", &[("n", &look.number(hour))])),
                    Ink::Faint,
                ),
            ],
            grown(|sample| sample.published),
        ),
        (
            "top-traffic",
            vec![
                look.span("↓ ", Ink::Faint),
                look.bold(look.bytes(status.bytes_in), Ink::Text),
                look.span("  ↑ ", Ink::Faint),
                look.bold(look.bytes(status.bytes_out), Ink::Text),
            ],
            grown(|sample| sample.bytes_in.saturating_add(sample.bytes_out)),
        ),
        (
            "top-memory",
            vec![
                look.bold(look.bytes(status.held_bytes), Ink::Text),
                look.span(format!("  {}", look.tr("top-process", &[("bytes", &process)])), Ink::Faint),
            ],
            history.iter().map(|sample| sample.held_bytes).collect(),
        ),
    ]
}

fn draw_cards(frame: &mut Frame<'_>, area: Rect, board: &Board, look: &Look<'_>) {
    if area.height == 0 {
        return;
    }
    let quarter = Constraint::Ratio(1, if area.width >= WIDE { 4 } else { 2 });
    let rows: Vec<Rect> = if area.width >= WIDE {
        vec![Rect { height: 4, ..area }]
    } else {
        Layout::vertical([Constraint::Length(4), Constraint::Length(4)]).split(area).to_vec()
    };
    let places: Vec<Rect> = rows
        .iter()
        .flat_map(|row| {
            let columns = usize::from(4 / u16::try_from(rows.len()).unwrap_or(1));
            Layout::horizontal(vec![quarter; columns]).spacing(1).split(*row).to_vec()
        })
        .collect();
    for ((title, line, bars), place) in cards(board, look).into_iter().zip(places) {
        let title = Line::from(vec![gap(1), look.bold(look.tr(title, &[]), Ink::Second), gap(1)]);
        let block = look.boxed(title);
        let inside = block.inner(place).inner(Margin::new(1, 0));
        frame.render_widget(block, place);
        let [text, chart] = Layout::vertical([Constraint::Length(1), Constraint::Length(1)]).areas(inside);
        frame.render_widget(Line::from(line), text);
        let bars = spread(&bars, usize::from(chart.width));
        frame.render_widget(Sparkline::default().data(&bars).style(look.ink(Ink::Accent)), chart);
    }
}

/// Spreads the bars over this many cells.
fn spread(bars: &[u64], cells: usize) -> Vec<u64> {
    if bars.is_empty() {
        return Vec::new();
    }
    (0..cells).filter_map(|cell| bars.get(cell * bars.len() / cells.max(1)).copied()).collect()
}

fn draw_note(frame: &mut Frame<'_>, area: Rect, board: &Board, look: &Look<'_>) {
    let filter = || look.tr("top-filter", &[("typed", &board.filter)]);
    let line = if board.is_lost {
        vec![look.bold(format!(" ! {}", look.tr("top-lost", &[])), Ink::Warn)]
    } else if board.is_typing {
        vec![look.span(format!(" {}", filter()), Ink::Accent), span(" ", look.theme.paper(Paper::Accent))]
    } else if !board.filter.is_empty() {
        vec![look.span(format!(" {}", filter()), Ink::Accent)]
    } else {
        let whole = look.tr("top-note", &[]);
        let fits = width(&whole) + 2 <= usize::from(area.width);
        let note = if fits { whole } else { look.tr("top-note-short", &[]) };
        vec![look.span(format!(" {note}"), Ink::Faint)]
    };
    frame.render_widget(Line::from(line), area);
    let waiting = board.seen.status.unauthenticated;
    if waiting > 0 && !board.is_lost && area.width >= MEDIUM {
        let text = look.tr("top-handshakes", &[("n", &look.number(waiting))]);
        frame.render_widget(Line::from(look.span(format!("{text} "), Ink::Warn)).right_aligned(), area);
    }
}

/// How many keys at the end of the line stay at any width.
const LAST_KEYS: usize = 2;

/// The keys that have an effect now.
fn keys_of(board: &Board) -> &'static [(&'static str, &'static str)] {
    match board.over {
        Over::Nothing => &[
            ("↑↓", "top-key-select"),
            ("d", "top-key-disconnect"),
            ("b", "top-key-ban-short"),
            ("u", "top-key-lift"),
            ("i", "top-key-invite-short"),
            ("k", "top-key-keys-short"),
            ("/", "top-key-filter"),
            ("l", "top-key-log"),
            ("?", "top-key-help"),
            ("q", "top-key-quit"),
        ],
        Over::Keys(..) => &[("↑↓", "top-key-select"), ("r", "top-key-revoke"), ("Esc", "top-key-close")],
        Over::Log(_) => &[("↑↓", "top-key-select"), ("Esc", "top-key-close")],
        Over::Invitation(_, Invited::Code) => {
            &[("Tab", "top-key-invite"), ("c", "top-key-copy"), ("Esc", "top-key-close")]
        }
        Over::Invitation(..) => {
            &[("c", "top-key-copy"), ("t", "top-key-bare"), ("Tab", "top-key-code"), ("Esc", "top-key-close")]
        }
        Over::Help | Over::Said(_) => &[("Esc", "top-key-close")],
        Over::Disconnect(..) | Over::Revoke(_) => &[("yes-key", "top-yes"), ("no-key", "top-no")],
        Over::Ban(_) => {
            &[("1", "top-ban-hour"), ("2", "top-ban-day"), ("3", "top-ban-stop"), ("Esc", "top-no")]
        }
    }
}

fn draw_keys(frame: &mut Frame<'_>, area: Rect, board: &Board, look: &Look<'_>) {
    // The letters of an answer are the language's.
    let named = |(key, name): &(&str, &str)| {
        let key = if look.l10n.has(key) { look.tr(key, &[]) } else { (*key).to_owned() };
        (key, look.tr(name, &[]))
    };
    let cells = |(key, name): &(String, String)| width(key) + 1 + width(name) + 2;
    let mut keys: Vec<(String, String)> = keys_of(board).iter().map(named).collect();
    // What leads out, and what explains the others, are the last to go.
    while keys.len() > LAST_KEYS && keys.iter().map(cells).sum::<usize>() > usize::from(area.width) + 1 {
        keys.remove(keys.len() - LAST_KEYS - 1);
    }
    let mut line = vec![gap(1)];
    for (key, name) in keys {
        line.push(look.bold(&key, Ink::Accent));
        line.push(look.span(format!(" {name}  "), Ink::Second));
    }
    frame.render_widget(Line::from(line), area);
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::crossterm::event::KeyCode;
    use shepot_console::theme::Depth;
    use shepot_l10n::Language;

    use super::super::board::tests::watched;
    use super::*;
    use crate::control::{Answer, Invitation, Refusal};
    use crate::control::{Connection, Key, Row};

    const SIZES: [(u16, u16); 3] = [(100, 30), (80, 24), (50, 18)];

    fn drawn(board: &mut Board, language: Language, (columns, rows): (u16, u16)) -> String {
        let l10n = L10n::new(language);
        let look = Look { l10n: &l10n, clock: WallClock::universal(), theme: Theme::new(Depth::True) };
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| draw(frame, board, &look)).unwrap();
        terminal.backend().to_string()
    }

    fn keys() -> Vec<Key> {
        let key = |id: &str, label: &str, expires, most_uses, good| Key {
            id: id.into(),
            label: label.into(),
            issued: 1_795_600_000,
            expires,
            most_uses,
            uses: 2,
            connections: 2,
            good,
        };
        vec![
            key("0a1b2c3d4e5f6071", "", None, None, true),
            key("77aa77aa77aa77aa", "стол у окна", Some(1_795_700_000), Some(5), true),
            key("99ff99ff99ff99ff", "door", None, Some(2), false),
        ]
    }

    fn invitation() -> Invitation {
        Invitation {
            link: "shepot://203.0.113.5:7443/#AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA".into(),
            owner_link: None,
            key: None,
            reach: shepot_relay::Reach::Everywhere,
        }
    }

    /// Every screen, in both languages and three widths.
    #[test]
    fn every_screen_looks_as_it_did() {
        type Prepare = fn(&mut Board, &L10n);
        let screens: [(&str, Prepare); 9] = [
            ("table", |_, _| {}),
            ("empty", |board, _| *board = Board::default()),
            ("lost", |board, _| board.is_lost = true),
            ("help", |board, _| board.over = Over::Help),
            ("log", |board, _| board.over = Over::Log(0)),
            ("ban", |board, _| board.over = Over::Ban("198.51.100.104".parse().unwrap())),
            ("invitation", |board, l10n| {
                board.invited(Ok(invitation()), l10n);
            }),
            ("invitations", |board, _| board.over = Over::Keys(keys(), 1)),
            ("said", |board, l10n| {
                let refusal = Refusal::NotBanned { address: "192.0.2.1".parse().unwrap() };
                board.answered(Answer::Refused(refusal), l10n);
            }),
        ];
        for (name, prepare) in screens {
            for language in Language::ALL {
                for size in SIZES {
                    let mut board = Board::default();
                    board.take(watched());
                    prepare(&mut board, &L10n::new(language));
                    let screen = drawn(&mut board, language, size);
                    insta::assert_snapshot!(format!("{name}-{}-{}", language.code(), size.0), screen);
                }
            }
        }
    }

    #[test]
    fn the_chosen_line_is_always_in_sight() {
        let mut board = Board::default();
        let mut seen = watched();
        let Row::Connected(one) = seen.rows[0].clone() else { panic!("somebody is there") };
        seen.rows = (0..200)
            .map(|n| {
                let address = ([10, 0, 0, 1], 1000 + u16::try_from(n).unwrap()).into();
                Row::Connected(Connection { connection: n, address, ..one.clone() })
            })
            .collect();
        board.take(seen);
        for by in [150_isize, -100, 1, 1_000, -3] {
            board.select(by);
            let screen = drawn(&mut board, Language::English, (100, 30));
            assert!(screen.contains('▌'), "{screen}");
        }
    }

    #[test]
    fn five_of_one_address_are_told_apart() {
        let mut seen = watched();
        let Row::Connected(one) = seen.rows[0].clone() else { panic!("somebody is there") };
        seen.entries.clear();
        seen.rows =
            (1..=5).map(|n| Row::Connected(Connection { connection: 10 + n, ..one.clone() })).collect();
        let mut board = Board::default();
        board.take(seen);
        board.select(2);
        for size in SIZES {
            let screen = drawn(&mut board, Language::English, size);
            let lines: std::collections::BTreeSet<_> =
                screen.lines().filter(|line| line.contains("203.0.113.58")).collect();
            assert_eq!(lines.len(), 5, "{screen}");
        }
        board.key(KeyCode::Char('d').into());
        let screen = drawn(&mut board, Language::Russian, (100, 30));
        assert!(screen.contains("Отключить № 13, 203.0.113.58?"), "{screen}");
    }

    #[test]
    fn the_way_out_is_named_at_any_width() {
        let mut board = Board::default();
        board.take(watched());
        for language in Language::ALL {
            for size in SIZES {
                let screen = drawn(&mut board, language, size);
                let quit = L10n::new(language).tr("top-key-quit", &[]);
                assert!(screen.contains(&format!("q {quit}")), "{screen}");
            }
        }
    }

    #[test]
    fn nothing_falls_over_in_the_smallest_window() {
        for size in [(1, 1), (10, 3), (40, 8), (300, 100)] {
            let mut board = Board::default();
            board.take(watched());
            let code = Over::Invitation(invitation(), Invited::Code);
            for over in [Over::Nothing, Over::Help, Over::Log(3), Over::Keys(keys(), 2), code] {
                board.over = over;
                drawn(&mut board, Language::Russian, size);
            }
        }
    }
}
