//! The connections to the relay here: what its operator sees and does.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use shepot_app::{ConnectionAction, Hosting, MenuOf, Msg, OutsideMsg, OverMsg, Page};
use shepot_hosting::Hosted;
use shepot_relay::operator::{HISTORY_SAMPLES, Presence, Sample, Visitor};
use shepot_relay::{ConnectionStatistics, Statistics};
use shepot_view::command::Command;
use shepot_view::{clock, size};
use shepot_window as ui;
use slint::{ComponentHandle as _, TimerMode};

use crate::memory::TableMemory;
use crate::menu;
use crate::models::{model, update};
use crate::program::Program;
use crate::shown::Shown as _;

/// How often the page is updated.
const REFRESH: Duration = Duration::from_millis(500);

/// The filters of the table in order, and the states that each shows. Empty: all.
const FILTERS: [(&str, &[ui::VisitorState]); 4] = [
    ("ui-op-all", &[]),
    ("top-active", &[ui::VisitorState::Active]),
    ("ui-op-refused", &[ui::VisitorState::Refused, ui::VisitorState::Paused]),
    ("ui-op-bans", &[ui::VisitorState::Banned]),
];

fn fits(only: &[ui::VisitorState], line: &ui::ConnectionLine) -> bool {
    only.is_empty() || only.contains(&line.state)
}

/// A line of the table, and its connection.
struct Row {
    line: ui::ConnectionLine,
    visitor: Visitor,
}

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Connections, on_filter_chosen, |program, _index| refresh(&program));
    on!(program, Connections, on_address_edited, |program, _text| refresh(&program));
    on!(program, Connections, on_disconnect, |program, id| act(&program, id, ConnectionAction::Disconnect));
    on!(program, Connections, on_ban, |program, id| act(&program, id, ConnectionAction::Ban));
    on!(program, Connections, on_lift, |program, id| act(&program, id, ConnectionAction::LiftBan));
    on!(program, Connections, on_sort, |program, column| {
        {
            let mut table = program.visitor_table.borrow_mut();
            table.sorted_down = table.sorted_by == column && !table.sorted_down;
            table.sorted_by = column;
        }
        refresh(&program);
    });
    on!(program, Connections, on_menu, |program, id, x, y| {
        if let Some(visitor) = visitor(&program, id) {
            menu::open(&program, MenuOf::Visitor(visitor), (x, y));
        }
    });
    on!(program, Connections, on_invite, |program| {
        program.send(OverMsg::Connection(ConnectionAction::Invite));
    });
    on!(program, Connections, on_stop, |program| program.send(OverMsg::AskToStopHosting { forgets: false }));
    on!(program, Connections, on_host, |program| program.send(Msg::Run(Command::Host)));
    on!(program, Connections, on_forget, |program| program.send(OverMsg::AskToStopHosting { forgets: true }));
}

/// Goes one step back by removing the filter. Returns false if the page has to be left.
pub(crate) fn step_back(program: &Program) -> bool {
    let page = program.app.global::<ui::Connections>();
    let is_narrowed = program.state().page == Page::Connections && !page.get_address().is_empty();
    if is_narrowed {
        page.set_address("".shown());
        refresh(program);
    }
    is_narrowed
}

fn act(program: &Rc<Program>, id: i32, action: ConnectionAction) {
    if let Some(visitor) = visitor(program, id) {
        program.send(OverMsg::Visitor(visitor, action));
    }
}

/// Asks for the connections while the relay runs and the page is open.
pub(crate) fn watch(program: &Rc<Program>) {
    let here = Rc::downgrade(program);
    program.timers.watch.start(TimerMode::Repeated, REFRESH, move || {
        if let Some(program) = here.upgrade() {
            program.send(OutsideMsg::Tick);
        }
    });
}

/// Forgets the connections once the relay is gone.
pub(crate) fn forget(program: &Program) {
    program.timers.watch.stop();
    *program.visitor_table.borrow_mut() = TableMemory::default();
}

pub(crate) fn refresh(program: &Program) {
    let page = program.app.global::<ui::Connections>();
    let state = program.state();
    page.set_is_hosting(state.is_hosting());
    let Some(visitors) = state.visitors.as_ref().filter(|_| state.is_hosting()) else {
        page.set_can_forget(program.relay.borrow().is_known());
        page.set_below("".shown());
        page.set_lines(model(Vec::new()));
        page.set_cards(model(Vec::new()));
        return;
    };
    let Hosting::On(server, _) = state.hosting else { return };
    let name = state.desk.server(server).map(|known| known.title().to_owned()).unwrap_or_default();
    let uptime = size::duration(&state.l10n, visitors.statistics.uptime);
    let uptime = state.tr("ui-op-uptime", &[("t", &uptime)]);
    let relay = program.relay.borrow();
    let addresses = relay.hosted().map(|hosted| hosted.addresses.as_slice()).unwrap_or_default();
    let listening: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    page.set_below(format!("{name} · {} · {uptime}", listening.join(", ")).shown());
    let history = relay.hosted().map(Hosted::history).unwrap_or_default();
    page.set_cards(model(cards(program, &visitors.statistics, &history)));
    let rows: Vec<Row> = visitors.list.iter().map(|visitor| row(program, visitor)).collect();
    tell_filters(program, &rows);
    show_rows(program, rows);
}

fn row(program: &Program, visitor: &Visitor) -> Row {
    let l10n = program.l10n();
    let connection = visitor.connection();
    let of_connection = |text: &dyn Fn(&ConnectionStatistics) -> String| {
        connection.map_or_else(|| "—".to_owned(), text).shown()
    };
    let state = match &visitor.presence {
        Presence::Connected(_) if visitor.is_idle() => ui::VisitorState::Idle,
        Presence::Connected(_) => ui::VisitorState::Active,
        Presence::Refused if visitor.can_be_let_in() => ui::VisitorState::Paused,
        Presence::Refused => ui::VisitorState::Refused,
        Presence::Banned => ui::VisitorState::Banned,
    };
    let line = ui::ConnectionLine {
        since: time(program, visitor.since).shown(),
        address: visitor.address.to_string().shown(),
        circles: of_connection(&|one| one.circles.to_string()),
        received: of_connection(&|one| size::bytes(&l10n, one.bytes_in)),
        sent: of_connection(&|one| size::bytes(&l10n, one.bytes_out)),
        state,
        state_text: program.state().standing(visitor).shown(),
        refused: visitor.refused.to_string().shown(),
        is_own: visitor.is_own,
        can_ban: visitor.can_be_banned,
        ..ui::ConnectionLine::default()
    };
    Row { line, visitor: *visitor }
}

fn time(program: &Program, at: SystemTime) -> String {
    program.state().clock.time_with_seconds(clock::seconds(at))
}

fn tell_filters(program: &Program, rows: &[Row]) {
    let texts = FILTERS.map(|(name, only)| {
        let count = rows.iter().filter(|row| fits(only, &row.line)).count();
        format!("{} · {count}", program.tr(name, &[])).shown()
    });
    let page = program.app.global::<ui::Connections>();
    page.set_filters(update(page.get_filters(), texts.to_vec()));
}

fn show_rows(program: &Program, mut rows: Vec<Row>) {
    let page = program.app.global::<ui::Connections>();
    let filter = usize::try_from(page.get_filter()).ok().and_then(|at| FILTERS.get(at));
    let (only, wanted) = (filter.map_or(&[][..], |(_, only)| only), page.get_address());
    rows.retain(|Row { line, .. }| fits(only, line) && line.address.contains(wanted.trim()));
    let mut table = program.visitor_table.borrow_mut();
    let (column, down) = (table.sorted_by, table.sorted_down);
    rows.sort_by(|one, other| {
        let (first, second) = (&one.visitor, &other.visitor);
        let order = match column {
            ui::VisitorColumn::Address => one.line.address.cmp(&other.line.address),
            ui::VisitorColumn::Circles => {
                number(first, |one| one.circles).cmp(&number(second, |one| one.circles))
            }
            ui::VisitorColumn::Received => {
                number(first, |one| one.bytes_in).cmp(&number(second, |one| one.bytes_in))
            }
            ui::VisitorColumn::Sent => {
                number(first, |one| one.bytes_out).cmp(&number(second, |one| one.bytes_out))
            }
            ui::VisitorColumn::State => (one.line.state as usize).cmp(&(other.line.state as usize)),
            ui::VisitorColumn::Refused => first.refused.cmp(&second.refused),
            // Who is connected first.
            ui::VisitorColumn::Since => {
                let is_absent = |visitor: &Visitor| visitor.connection().is_none();
                is_absent(first).cmp(&is_absent(second)).then_with(|| first.since.cmp(&second.since))
            }
        };
        if down { order.reverse() } else { order }
    });
    table.lines.clear();
    let mut lines = Vec::with_capacity(rows.len());
    for (at, Row { mut line, visitor }) in rows.into_iter().enumerate() {
        line.id = i32::try_from(at).unwrap_or(i32::MAX);
        table.lines.push(visitor);
        lines.push(line);
    }
    drop(table);
    page.set_sorted_by(column);
    page.set_sorted_down(down);
    page.set_lines(update(page.get_lines(), lines));
}

/// How far the cards look back.
const HOUR: Duration = Duration::from_secs(3_600);

fn cards(program: &Program, statistics: &Statistics, before: &[Sample]) -> Vec<ui::StatCard> {
    let l10n = program.l10n();
    let now = Sample::from(statistics);
    let bytes = |sample: &Sample| sample.bytes_in.saturating_add(sample.bytes_out);
    // A relay that is younger than what is looked back at began with nothing.
    let is_younger = statistics.uptime < HOUR;
    let hour_ago = before.first().copied().filter(|_| !is_younger).unwrap_or_default();
    let language = l10n.language();
    let plus = |gained: u64| format!("+{} {}", size::number(language, gained), l10n.tr("ui-op-hour", &[]));
    let limits = shepot_relay::Limits::default();
    let card = |name: &str, value, beside, bars| card(program, name, value, beside, bars);
    let limit = u64::try_from(limits.connections).unwrap_or(u64::MAX);
    let of_limit = l10n.tr("ui-op-limit", &[("n", &size::number(language, limit))]);
    let circle_bytes = u64::try_from(statistics.circle_bytes).unwrap_or(u64::MAX);
    let most_bytes = u64::try_from(limits.circle_bytes_in_total).unwrap_or(u64::MAX);
    #[allow(clippy::cast_precision_loss, reason = "a part of a bar")]
    let part = circle_bytes as f32 / most_bytes as f32;
    let memory = size::bytes(&l10n, circle_bytes);
    let of_memory = l10n.tr("ui-op-limit", &[("n", &size::bytes(&l10n, most_bytes))]);
    let gained = |of: fn(&Sample) -> u64| plus(of(&now).saturating_sub(of(&hour_ago)));
    let came = size::bytes(&l10n, bytes(&now).saturating_sub(bytes(&hour_ago)));
    let count = |count| size::number(language, count);
    let (published, refused) = (gained(|sample| sample.published), gained(|sample| sample.refused));
    let (messages, turned_away) =
        (gains(before, &now, |sample| sample.published), gains(before, &now, |sample| sample.refused));
    vec![
        card("ui-op-now", count(now.connections), of_limit, levels(before, now.connections)),
        card("ui-op-msgs", count(now.published), published, messages),
        card(
            "ui-op-traffic",
            size::bytes(&l10n, bytes(&now)),
            format!("+{came}"),
            gains(before, &now, bytes),
        ),
        ui::StatCard { part, ..card("ui-op-ram", memory, of_memory, Vec::new()) },
        ui::StatCard { is_danger: true, ..card("ui-op-refused", count(now.refused), refused, turned_away) },
    ]
}

fn card(program: &Program, name: &str, value: String, beside: String, bars: Vec<f32>) -> ui::StatCard {
    let title = program.tr(name, &[]);
    let trend = bars.iter().map(|bar| format!("{:.0}", bar * 100.0)).collect::<Vec<_>>().join(" ");
    ui::StatCard {
        title: title.shown(),
        value: value.shown(),
        beside: beside.shown(),
        bars: model(bars),
        is_danger: false,
        part: -1.0,
        description: trend.shown(),
    }
}

/// Bars for the amount in each interval.
fn gains(before: &[Sample], now: &Sample, of: impl Fn(&Sample) -> u64) -> Vec<f32> {
    let totals: Vec<u64> = before.iter().chain([now]).map(of).collect();
    bars(
        &totals
            .iter()
            .zip(totals.iter().skip(1))
            .map(|(one, next)| next.saturating_sub(*one))
            .collect::<Vec<_>>(),
    )
}

/// Bars for the number at each sample.
fn levels(before: &[Sample], now: u64) -> Vec<f32> {
    bars(&before.iter().skip(1).map(|sample| sample.connections).chain([now]).collect::<Vec<_>>())
}

fn bars(steps: &[u64]) -> Vec<f32> {
    let most = steps.iter().copied().max().unwrap_or(0).max(1);
    let shown = steps.iter().rev().take(HISTORY_SAMPLES).rev();
    #[allow(clippy::cast_precision_loss, reason = "a part of a bar")]
    let heights = shown.map(|step| *step as f32 / most as f32);
    std::iter::repeat_n(0.0, HISTORY_SAMPLES.saturating_sub(steps.len())).chain(heights).collect()
}

/// A figure of a connection. Zero if it is not connected.
fn number<N: Default>(visitor: &Visitor, of: impl Fn(&ConnectionStatistics) -> N) -> N {
    visitor.connection().map(of).unwrap_or_default()
}

fn visitor(program: &Program, id: i32) -> Option<Visitor> {
    program.visitor_table.borrow().lines.get(usize::try_from(id).ok()?).copied()
}
