//! Who is connected to the relay here: what its operator can see, and do.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use shepot_hosting::Hosted;
use shepot_relay::{ConnectionId, ConnectionStatistics, Statistics, same_origin};
use shepot_view::size;
use shepot_window as ui;
use slint::{ComponentHandle as _, TimerMode};

use crate::models::{model, update};
use crate::program::Program;
use crate::{dialogs, hosting, invitation, menu, room};

/// How often the page is drawn anew.
const REFRESH: Duration = Duration::from_millis(500);

/// A bar of a chart stands for so long.
const BAR: Duration = Duration::from_secs(180);

/// Bars of a chart: an hour.
const BARS: usize = 20;

/// After so long without a word a connection counts as idle.
const IDLE: Duration = Duration::from_secs(60);

/// Refused addresses that are listed.
const MOST_REFUSED: usize = 20;

/// The states of a connection, as the component tree numbers them.
const ACTIVE: i32 = 0;
const SILENT: i32 = 1;
const REFUSED: i32 = 3;
const BANNED: i32 = 4;

/// Filters, as the component tree numbers them.
const ALL: i32 = 0;
const ONLY_ACTIVE: i32 = 1;
const ONLY_REFUSED: i32 = 2;

/// What the charts remember: the totals at the end of each bar.
#[derive(Default)]
pub(crate) struct Charts {
    totals: VecDeque<Totals>,
    last: Option<std::time::Instant>,
    /// The connection or address behind each line.
    lines: BTreeMap<i32, Line>,
    sorted_by: i32,
    sorted_down: bool,
}

#[derive(Clone, Copy, Default)]
struct Totals {
    connections: u64,
    published: u64,
    bytes: u64,
    refused: u64,
}

#[derive(Clone, Copy)]
enum Line {
    Connection(ConnectionId, IpAddr),
    Refused(IpAddr),
    Banned(IpAddr),
}

/// A line of the table, and what it is sorted by.
struct Row {
    line: ui::ConnectionLine,
    what: Line,
    since: SystemTime,
    rooms: u64,
    received: u64,
    sent: u64,
    refused: u64,
}

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Connections, on_filter_chosen, |program, _index| refresh(&program));
    on!(program, Connections, on_address_edited, |program, _text| refresh(&program));
    on!(program, Connections, on_disconnect, |program, id| {
        if let Some(line) = line(&program, id) {
            disconnect(&program, line);
        }
    });
    on!(program, Connections, on_ban, |program, id| {
        if let Some(line) = line(&program, id) {
            ban(&program, line);
        }
    });
    on!(program, Connections, on_lift, |program, id| {
        if let Some(line) = line(&program, id) {
            lift(&program, line);
        }
    });
    on!(program, Connections, on_sort, |program, column| {
        {
            let mut host = program.host.borrow_mut();
            let charts = &mut host.charts;
            charts.sorted_down = charts.sorted_by == column && !charts.sorted_down;
            charts.sorted_by = column;
        }
        refresh(&program);
    });
    on!(program, Connections, on_menu, |program, id, x, y| open_menu(&program, id, (x, y)));
    on!(program, Connections, on_invite, |program| {
        let server = program.host.borrow().server();
        if let Some(server) = server {
            room::show_server(&program, server);
            invitation::open(&program);
        }
    });
    on!(program, Connections, on_stop, |program| {
        dialogs::stop_hosting(&program);
        refresh(&program);
    });
    on!(program, Connections, on_host, |program| hosting::start(&program));
    on!(program, Servers, on_host, |program| hosting::start(&program));
}

/// The page is opened.
pub(crate) fn opened(program: &Rc<Program>) {
    refresh(program);
}

/// Looks at the relay while it runs.
pub(crate) fn watch(program: &Rc<Program>) {
    let here = Rc::downgrade(program);
    let host = program.host.borrow();
    host.timer.start(TimerMode::Repeated, REFRESH, move || {
        if let Some(program) = here.upgrade() {
            remember(&program);
            if program.app.global::<ui::Shell>().get_page() == ui::Page::Connections {
                refresh(&program);
            }
        }
    });
}

/// Puts the totals down when a bar is full.
fn remember(program: &Program) {
    let due = program.host.borrow().charts.last.is_none_or(|last| last.elapsed() >= BAR);
    if !due {
        return;
    }
    let totals = program.host.borrow().hosted().map(|hosted| totals(&hosted.relay().statistics()));
    let mut host = program.host.borrow_mut();
    host.charts.last = Some(std::time::Instant::now());
    if let Some(totals) = totals {
        host.charts.totals.push_back(totals);
        if host.charts.totals.len() > BARS + 1 {
            host.charts.totals.pop_front();
        }
    }
}

fn totals(statistics: &Statistics) -> Totals {
    Totals {
        connections: u64::try_from(statistics.connections.len()).unwrap_or(u64::MAX),
        published: statistics.published,
        bytes: statistics.bytes_in + statistics.bytes_out,
        refused: statistics.refused.total() - statistics.refused.gone,
    }
}

fn refresh(program: &Rc<Program>) {
    let page = program.app.global::<ui::Connections>();
    let Some(hosted) = program.host.borrow().hosted().cloned() else {
        page.set_is_hosting(false);
        page.set_below("".into());
        page.set_lines(model(Vec::new()));
        page.set_cards(model(Vec::new()));
        return;
    };
    let statistics = hosted.relay().statistics();
    let words = program.words();
    page.set_is_hosting(true);
    let name = program
        .host
        .borrow()
        .server()
        .and_then(|id| program.desk.borrow().server(id).map(|known| known.title().to_owned()));
    let uptime = words.say("ui-op-uptime", &[("t", &size::duration(&words, statistics.uptime))]);
    let listening: Vec<String> = hosted.addresses.iter().map(ToString::to_string).collect();
    page.set_below(format!("{} · {} · {uptime}", name.unwrap_or_default(), listening.join(", ")).into());
    page.set_cards(model(cards(program, &statistics)));
    let bans = hosted.relay().bans();
    let refusals = hosted.relay().refusals();
    let own = own_connection(&hosted, &statistics);
    let mut rows = Vec::new();
    let now = SystemTime::now();
    for connection in &statistics.connections {
        let refused =
            refusals.iter().find(|one| one.address == connection.address.ip()).map_or(0, |one| one.attempts);
        rows.push(connection_row(program, connection, refused, own, now));
    }
    for ban in &bans {
        let what = Line::Banned(ban.address);
        rows.push(absent_row(program, ban.address, what, ban.since, ban.attempts));
    }
    let is_connected = |ip: IpAddr| statistics.connections.iter().any(|one| one.address.ip() == ip);
    let is_banned = |ip: IpAddr| bans.iter().any(|ban| ban.address == ip);
    for refused in refusals
        .iter()
        .rev()
        .filter(|one| !is_connected(one.address) && !is_banned(one.address))
        .take(MOST_REFUSED)
    {
        let what = Line::Refused(refused.address);
        rows.push(absent_row(program, refused.address, what, refused.last, refused.attempts));
    }
    tell_filters(program, &rows);
    show_rows(program, rows);
}

/// Our own client comes from this computer, and first.
fn own_connection<'a>(hosted: &Hosted, statistics: &'a Statistics) -> Option<&'a ConnectionStatistics> {
    let is_here = |ip: IpAddr| {
        ip.is_loopback() || hosted.addresses.iter().any(|listens| listens.ip().to_canonical() == ip)
    };
    statistics.connections.iter().find(|one| is_here(one.address.ip().to_canonical()))
}

fn connection_row(
    program: &Program,
    connection: &ConnectionStatistics,
    refused: u64,
    own: Option<&ConnectionStatistics>,
    now: SystemTime,
) -> Row {
    let words = program.words();
    let since = now.checked_sub(connection.age).unwrap_or(now);
    let is_idle = connection.idle >= IDLE;
    let state_text = if is_idle {
        format!("{} {}", words.say("ui-op-s-idle", &[]), size::duration(&words, connection.idle))
    } else {
        words.say("ui-op-s-active", &[])
    };
    let line = ui::ConnectionLine {
        since: time(program, since).into(),
        address: connection.address.ip().to_canonical().to_string().into(),
        rooms: connection.circles.to_string().into(),
        received: size::bytes(&words, connection.bytes_in).into(),
        sent: size::bytes(&words, connection.bytes_out).into(),
        state: if is_idle { SILENT } else { ACTIVE },
        state_text: state_text.into(),
        refused: refused.to_string().into(),
        is_own: own.is_some_and(|own| own.id == connection.id),
        can_ban: own.is_none_or(|own| !same_origin(own.address.ip(), connection.address.ip())),
        ..ui::ConnectionLine::default()
    };
    Row {
        line,
        what: Line::Connection(connection.id, connection.address.ip()),
        since,
        rooms: u64::try_from(connection.circles).unwrap_or(u64::MAX),
        received: connection.bytes_in,
        sent: connection.bytes_out,
        refused,
    }
}

/// An address from which nobody is connected.
fn absent_row(program: &Program, address: IpAddr, what: Line, since: SystemTime, refused: u64) -> Row {
    let (state, word) = match what {
        Line::Banned(_) => (BANNED, "ui-op-s-banned"),
        Line::Connection(..) | Line::Refused(_) => (REFUSED, "ui-op-s-refused"),
    };
    let line = ui::ConnectionLine {
        since: time(program, since).into(),
        address: address.to_string().into(),
        rooms: "—".into(),
        received: "—".into(),
        sent: "—".into(),
        state,
        state_text: program.say(word, &[]).into(),
        refused: refused.to_string().into(),
        ..ui::ConnectionLine::default()
    };
    Row { line, what, since, rooms: 0, received: 0, sent: 0, refused }
}

fn time(program: &Program, at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    program.clock.borrow().time_with_seconds(seconds)
}

fn tell_filters(program: &Program, rows: &[Row]) {
    let count = |wanted: &dyn Fn(i32) -> bool| rows.iter().filter(|row| wanted(row.line.state)).count();
    let filters = [
        ("ui-op-all", rows.len()),
        ("ui-op-s-active", count(&|state| state == ACTIVE)),
        ("ui-op-s-refused", count(&|state| state == REFUSED)),
        ("ui-op-bans", count(&|state| state == BANNED)),
    ];
    let texts: Vec<slint::SharedString> =
        filters.iter().map(|(name, count)| format!("{} · {count}", program.say(name, &[])).into()).collect();
    let page = program.app.global::<ui::Connections>();
    if let Some(list) = update(&page.get_filters(), texts) {
        page.set_filters(list);
    }
}

fn show_rows(program: &Program, mut rows: Vec<Row>) {
    let page = program.app.global::<ui::Connections>();
    let (filter, wanted) = (page.get_filter(), page.get_address());
    rows.retain(|Row { line, .. }| {
        let fits = match filter {
            ALL => true,
            ONLY_ACTIVE => line.state == ACTIVE,
            ONLY_REFUSED => line.state == REFUSED,
            _ => line.state == BANNED,
        };
        fits && line.address.contains(wanted.trim())
    });
    let mut host = program.host.borrow_mut();
    let (column, down) = (host.charts.sorted_by, host.charts.sorted_down);
    rows.sort_by(|one, other| {
        let order = match column {
            1 => one.line.address.cmp(&other.line.address),
            2 => one.rooms.cmp(&other.rooms),
            3 => one.received.cmp(&other.received),
            4 => one.sent.cmp(&other.sent),
            5 => one.line.state.cmp(&other.line.state),
            6 => one.refused.cmp(&other.refused),
            // Who is connected first.
            _ => {
                let is_absent = |row: &Row| row.line.state >= REFUSED;
                is_absent(one).cmp(&is_absent(other)).then_with(|| one.since.cmp(&other.since))
            }
        };
        if down { order.reverse() } else { order }
    });
    host.charts.lines.clear();
    let mut lines = Vec::with_capacity(rows.len());
    for (at, Row { mut line, what, .. }) in rows.into_iter().enumerate() {
        line.id = i32::try_from(at).unwrap_or(i32::MAX);
        host.charts.lines.insert(line.id, what);
        lines.push(line);
    }
    drop(host);
    page.set_sorted_by(column);
    page.set_sorted_down(down);
    if let Some(list) = update(&page.get_lines(), lines) {
        page.set_lines(list);
    }
}

fn cards(program: &Program, statistics: &Statistics) -> Vec<ui::StatCard> {
    let words = program.words();
    let now = totals(statistics);
    let host = program.host.borrow();
    let before: Vec<Totals> = host.charts.totals.iter().copied().collect();
    let hour_ago = before.first().copied().unwrap_or_default();
    let language = words.language();
    let plus = |gained: u64| format!("+{} {}", size::number(language, gained), words.say("ui-op-hour", &[]));
    let limits = shepot_relay::Limits::default();
    let card = |name: &str, value: String, beside: String, bars: Vec<f32>, is_danger: bool| {
        let title = words.say(name, &[]);
        let trend = bars.iter().map(|bar| format!("{:.0}", bar * 100.0)).collect::<Vec<_>>().join(" ");
        ui::StatCard {
            title: title.into(),
            value: value.into(),
            beside: beside.into(),
            bars: model(bars),
            is_danger,
            part: -1.0,
            description: trend.into(),
        }
    };
    let limit = u64::try_from(limits.connections).unwrap_or(u64::MAX);
    let of_limit = words.say("ui-op-limit", &[("n", &size::number(language, limit))]);
    let log_bytes = u64::try_from(statistics.log_bytes).unwrap_or(u64::MAX);
    let most_bytes = u64::try_from(limits.log_bytes_in_total).unwrap_or(u64::MAX);
    #[allow(clippy::cast_precision_loss, reason = "a part of a bar")]
    let part = log_bytes as f32 / most_bytes as f32;
    vec![
        card(
            "ui-op-now",
            size::number(language, now.connections),
            of_limit,
            levels(&before, now.connections),
            false,
        ),
        card(
            "ui-op-msgs",
            size::number(language, now.published),
            plus(now.published - hour_ago.published.min(now.published)),
            gains(&before, now, |totals| totals.published),
            false,
        ),
        card(
            "ui-op-traffic",
            size::bytes(&words, now.bytes),
            format!("+{}", size::bytes(&words, now.bytes - hour_ago.bytes.min(now.bytes))),
            gains(&before, now, |totals| totals.bytes),
            false,
        ),
        ui::StatCard {
            part,
            ..card(
                "ui-op-ram",
                size::bytes(&words, log_bytes),
                words.say("ui-op-limit", &[("n", &size::bytes(&words, most_bytes))]),
                Vec::new(),
                false,
            )
        },
        card(
            "ui-op-refused",
            size::number(language, now.refused),
            plus(now.refused - hour_ago.refused.min(now.refused)),
            gains(&before, now, |totals| totals.refused),
            true,
        ),
    ]
}

/// Bars of how much came in each stretch.
fn gains(before: &[Totals], now: Totals, of: impl Fn(&Totals) -> u64) -> Vec<f32> {
    let mut steps: Vec<u64> = before
        .windows(2)
        .filter_map(|pair| Some(of(pair.get(1)?).saturating_sub(of(pair.first()?))))
        .collect();
    steps.push(of(&now).saturating_sub(before.last().map_or(0, &of)));
    bars(&steps)
}

/// Bars of how many there were.
fn levels(before: &[Totals], now: u64) -> Vec<f32> {
    let steps: Vec<u64> = before.iter().skip(1).map(|totals| totals.connections).chain([now]).collect();
    bars(&steps)
}

fn bars(steps: &[u64]) -> Vec<f32> {
    let most = steps.iter().copied().max().unwrap_or(0).max(1);
    let shown = steps.iter().rev().take(BARS).rev();
    #[allow(clippy::cast_precision_loss, reason = "a part of a bar")]
    let heights = shown.map(|step| *step as f32 / most as f32);
    std::iter::repeat_n(0.0, BARS.saturating_sub(steps.len())).chain(heights).collect()
}

fn line(program: &Program, id: i32) -> Option<Line> {
    program.host.borrow().charts.lines.get(&id).copied()
}

fn disconnect(program: &Rc<Program>, line: Line) {
    let Line::Connection(connection, _) = line else { return };
    if let Some(hosted) = program.host.borrow().hosted() {
        hosted.relay().disconnect(connection);
    }
    refresh(program);
}

fn ban(program: &Rc<Program>, line: Line) {
    let (Line::Connection(_, address) | Line::Refused(address)) = line else { return };
    if is_own_address(program, address) {
        return crate::toast::problem(program, &program.say("ui-op-own", &[]));
    }
    let concerned = program.host.borrow().hosted().map_or(0, |hosted| {
        let statistics = hosted.relay().statistics();
        statistics.connections.iter().filter(|one| same_origin(one.address.ip(), address)).count()
    });
    dialogs::ban(program, address, concerned);
}

/// The person is sure.
pub(crate) fn ban_now(program: &Rc<Program>, address: IpAddr) {
    if let Some(hosted) = program.host.borrow().hosted() {
        hosted.relay().ban(address, None);
    }
    refresh(program);
}

/// Whoever hosts comes from there: a ban would shut the host out.
fn is_own_address(program: &Program, address: IpAddr) -> bool {
    let host = program.host.borrow();
    let Some(hosted) = host.hosted() else { return false };
    let statistics = hosted.relay().statistics();
    own_connection(hosted, &statistics).is_some_and(|own| same_origin(own.address.ip(), address))
}

fn lift(program: &Rc<Program>, line: Line) {
    let Line::Banned(address) = line else { return };
    if let Some(hosted) = program.host.borrow().hosted() {
        hosted.relay().lift_ban(address);
    }
    refresh(program);
}

fn open_menu(program: &Rc<Program>, id: i32, place: (f32, f32)) {
    // The table goes on while the menu is open: what was meant is held, not where it stood.
    let Some(line) = line(program, id) else { return };
    let items = match line {
        Line::Connection(_, address) if is_own_address(program, address) => {
            vec![menu::Item::new("ui-op-disc", "unplug")]
        }
        Line::Connection(..) => {
            vec![menu::Item::new("ui-op-disc", "unplug"), menu::Item::new("ui-op-ban", "ban").danger()]
        }
        Line::Refused(_) => vec![menu::Item::new("ui-op-ban", "ban").danger()],
        Line::Banned(_) => vec![menu::Item::new("ui-op-unban", "rotate-ccw")],
    };
    let what: Vec<&'static str> = items.iter().map(|item| item.word).collect();
    menu::open(program, items, place, move |program, chosen| match what.get(chosen).copied() {
        Some("ui-op-disc") => disconnect(program, line),
        Some("ui-op-ban") => ban(program, line),
        Some("ui-op-unban") => lift(program, line),
        Some(_) | None => {}
    });
}
