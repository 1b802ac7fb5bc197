//! Who is connected to the relay here: what its operator can see, and do.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use shepot_app::confirmation::Confirmation;
use shepot_hosting::{Standing, Visitor};
use shepot_relay::{ConnectionStatistics, Statistics};
use shepot_view::{clock, size};
use shepot_window as ui;
use slint::{ComponentHandle as _, TimerMode};

use crate::models::{model, update};
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{dialogs, hosting, invitation, menu, room};

/// How often the page is drawn anew.
const REFRESH: Duration = Duration::from_millis(500);

/// A bar of a chart stands for so long.
const BAR: Duration = Duration::from_secs(180);

/// Bars of a chart: an hour.
const BARS: usize = 20;

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
    /// By the steady clock.
    last: Option<Duration>,
    /// Who is behind each line.
    lines: BTreeMap<i32, Visitor>,
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

/// A line of the table, and who it is.
struct Row {
    line: ui::ConnectionLine,
    visitor: Visitor,
}

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Connections, on_filter_chosen, |program, _index| refresh(&program));
    on!(program, Connections, on_address_edited, |program, _text| refresh(&program));
    on!(program, Connections, on_disconnect, |program, id| {
        if let Some(visitor) = visitor(&program, id) {
            dialogs::confirm(&program, Confirmation::Disconnect(visitor));
        }
    });
    on!(program, Connections, on_ban, |program, id| {
        if let Some(visitor) = visitor(&program, id) {
            ban(&program, &visitor);
        }
    });
    on!(program, Connections, on_lift, |program, id| {
        if let Some(visitor) = visitor(&program, id) {
            lift(&program, &visitor);
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
        dialogs::confirm(&program, Confirmation::StopHosting);
        refresh(&program);
    });
    on!(program, Connections, on_host, |program| hosting::start(&program));
    on!(program, Connections, on_forget, |program| dialogs::confirm(&program, Confirmation::ForgetHosting));
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
    let now = program.now().steady;
    let due = program.host.borrow().charts.last.is_none_or(|last| now.saturating_sub(last) >= BAR);
    if !due {
        return;
    }
    let totals = program.host.borrow().hosted().map(|hosted| totals(&hosted.visitors().statistics));
    let mut host = program.host.borrow_mut();
    host.charts.last = Some(now);
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
        refused: statistics.refused.turned_away(),
    }
}

pub(crate) fn refresh(program: &Rc<Program>) {
    let page = program.app.global::<ui::Connections>();
    let Some(hosted) = program.host.borrow().hosted().cloned() else {
        page.set_is_hosting(false);
        page.set_can_forget(hosting::is_known(program));
        page.set_below("".shown());
        page.set_lines(model(Vec::new()));
        page.set_cards(model(Vec::new()));
        return;
    };
    let visitors = hosted.visitors();
    let l10n = program.l10n();
    page.set_is_hosting(true);
    let name = program
        .host
        .borrow()
        .server()
        .and_then(|id| program.desk.borrow().server(id).map(|known| known.title().to_owned()));
    let uptime = l10n.tr("ui-op-uptime", &[("t", &size::duration(&l10n, visitors.statistics.uptime))]);
    let listening: Vec<String> = hosted.addresses.iter().map(ToString::to_string).collect();
    page.set_below(format!("{} · {} · {uptime}", name.unwrap_or_default(), listening.join(", ")).shown());
    page.set_cards(model(cards(program, &visitors.statistics)));
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
    let (state, state_text) = match &visitor.standing {
        Standing::Connected(connection) if visitor.is_idle() => {
            let idle = size::duration(&l10n, connection.idle);
            (SILENT, format!("{} {idle}", l10n.tr("ui-op-s-idle", &[])))
        }
        Standing::Connected(_) => (ACTIVE, l10n.tr("ui-op-s-active", &[])),
        Standing::Refused => (REFUSED, l10n.tr("ui-op-s-refused", &[])),
        Standing::Banned => (BANNED, l10n.tr("ui-op-s-banned", &[])),
    };
    let line = ui::ConnectionLine {
        since: time(program, visitor.since).shown(),
        address: visitor.address.to_string().shown(),
        rooms: of_connection(&|one| one.circles.to_string()),
        received: of_connection(&|one| size::bytes(&l10n, one.bytes_in)),
        sent: of_connection(&|one| size::bytes(&l10n, one.bytes_out)),
        state,
        state_text: state_text.shown(),
        refused: visitor.refused.to_string().shown(),
        is_own: visitor.is_own,
        can_ban: visitor.can_be_banned,
        ..ui::ConnectionLine::default()
    };
    Row { line, visitor: *visitor }
}

fn time(program: &Program, at: SystemTime) -> String {
    program.clock.borrow().time_with_seconds(clock::seconds(at))
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
        filters.iter().map(|(name, count)| format!("{} · {count}", program.tr(name, &[])).shown()).collect();
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
        let (first, second) = (&one.visitor, &other.visitor);
        let order = match column {
            1 => one.line.address.cmp(&other.line.address),
            2 => number(first, |one| one.circles).cmp(&number(second, |one| one.circles)),
            3 => number(first, |one| one.bytes_in).cmp(&number(second, |one| one.bytes_in)),
            4 => number(first, |one| one.bytes_out).cmp(&number(second, |one| one.bytes_out)),
            5 => one.line.state.cmp(&other.line.state),
            6 => first.refused.cmp(&second.refused),
            // Who is connected first.
            _ => {
                let is_absent = |visitor: &Visitor| visitor.connection().is_none();
                is_absent(first).cmp(&is_absent(second)).then_with(|| first.since.cmp(&second.since))
            }
        };
        if down { order.reverse() } else { order }
    });
    host.charts.lines.clear();
    let mut lines = Vec::with_capacity(rows.len());
    for (at, Row { mut line, visitor }) in rows.into_iter().enumerate() {
        line.id = i32::try_from(at).unwrap_or(i32::MAX);
        host.charts.lines.insert(line.id, visitor);
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
    let l10n = program.l10n();
    let now = totals(statistics);
    let host = program.host.borrow();
    let before: Vec<Totals> = host.charts.totals.iter().copied().collect();
    let hour_ago = before.first().copied().unwrap_or_default();
    let language = l10n.language();
    let plus = |gained: u64| format!("+{} {}", size::number(language, gained), l10n.tr("ui-op-hour", &[]));
    let limits = shepot_relay::Limits::default();
    let card = |name: &str, value: String, beside: String, bars: Vec<f32>, is_danger: bool| {
        let title = l10n.tr(name, &[]);
        let trend = bars.iter().map(|bar| format!("{:.0}", bar * 100.0)).collect::<Vec<_>>().join(" ");
        ui::StatCard {
            title: title.shown(),
            value: value.shown(),
            beside: beside.shown(),
            bars: model(bars),
            is_danger,
            part: -1.0,
            description: trend.shown(),
        }
    };
    let limit = u64::try_from(limits.connections).unwrap_or(u64::MAX);
    let of_limit = l10n.tr("ui-op-limit", &[("n", &size::number(language, limit))]);
    let circle_bytes = u64::try_from(statistics.circle_bytes).unwrap_or(u64::MAX);
    let most_bytes = u64::try_from(limits.circle_bytes_in_total).unwrap_or(u64::MAX);
    #[allow(clippy::cast_precision_loss, reason = "a part of a bar")]
    let part = circle_bytes as f32 / most_bytes as f32;
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
            size::bytes(&l10n, now.bytes),
            format!("+{}", size::bytes(&l10n, now.bytes - hour_ago.bytes.min(now.bytes))),
            gains(&before, now, |totals| totals.bytes),
            false,
        ),
        ui::StatCard {
            part,
            ..card(
                "ui-op-ram",
                size::bytes(&l10n, circle_bytes),
                l10n.tr("ui-op-limit", &[("n", &size::bytes(&l10n, most_bytes))]),
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

/// A number of a connection; of who is not here none.
fn number<N: Default>(visitor: &Visitor, of: impl Fn(&ConnectionStatistics) -> N) -> N {
    visitor.connection().map(of).unwrap_or_default()
}

fn visitor(program: &Program, id: i32) -> Option<Visitor> {
    program.host.borrow().charts.lines.get(&id).copied()
}

/// The person is sure.
pub(crate) fn disconnect_now(program: &Rc<Program>, visitor: &Visitor) {
    let Some(connection) = visitor.connection() else { return };
    if let Some(hosted) = program.host.borrow().hosted() {
        hosted.disconnect(connection.id);
    }
    refresh(program);
}

fn ban(program: &Rc<Program>, visitor: &Visitor) {
    if visitor.standing == Standing::Banned {
        return;
    }
    if !visitor.can_be_banned {
        return crate::toast::problem(program, &program.tr("ui-op-own", &[]));
    }
    let address = visitor.address;
    let concerned =
        program.host.borrow().hosted().map_or(0, |hosted| hosted.visitors().concerned_by_ban(address));
    dialogs::confirm(program, Confirmation::Ban(*visitor, concerned));
}

/// The person is sure.
pub(crate) fn ban_now(program: &Rc<Program>, address: IpAddr) {
    let is_done = program.host.borrow().hosted().is_none_or(|hosted| hosted.ban(address));
    if !is_done {
        crate::toast::problem(program, &program.tr("ui-op-own", &[]));
    }
    refresh(program);
}

fn lift(program: &Rc<Program>, visitor: &Visitor) {
    if visitor.standing != Standing::Banned {
        return;
    }
    if let Some(hosted) = program.host.borrow().hosted() {
        hosted.lift_ban(visitor.address);
    }
    refresh(program);
}

fn open_menu(program: &Rc<Program>, id: i32, place: (f32, f32)) {
    // The table goes on while the menu is open: what was meant is held, not where it stood.
    let Some(visitor) = visitor(program, id) else { return };
    let mut items = match visitor.standing {
        Standing::Connected(_) => vec![menu::Item::new("ui-op-disc", "unplug")],
        Standing::Refused => Vec::new(),
        Standing::Banned => vec![menu::Item::new("ui-op-unban", "rotate-ccw")],
    };
    if visitor.can_be_banned {
        items.push(menu::Item::new("ui-op-ban", "ban").danger());
    }
    if items.is_empty() {
        return crate::toast::problem(program, &program.tr("ui-op-own", &[]));
    }
    let what: Vec<&'static str> = items.iter().map(|item| item.word).collect();
    menu::open(program, items, place, move |program, chosen| match what.get(chosen).copied() {
        Some("ui-op-disc") => dialogs::confirm(program, Confirmation::Disconnect(visitor)),
        Some("ui-op-ban") => ban(program, &visitor),
        Some("ui-op-unban") => lift(program, &visitor),
        Some(_) | None => {}
    });
}
