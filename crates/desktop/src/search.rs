//! Searching what was said in this session.

use std::rc::Rc;

use shepot_app::Msg;
use shepot_typeset::{Colour, Style, Weight};
use shepot_view::desk::{Place, Server, matches, normal};
use shepot_view::{L10n, markdown, palette, sentence};
use shepot_window as ui;
use slint::ComponentHandle as _;
use slint::platform::Key as Named;

use crate::keys;
use crate::memory::SearchMemory;
use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::timeline::face;

/// Messages that are shown.
const MOST: usize = 100;

/// Pixels of a face in the list.
const FACE: f32 = 28.0;
/// The width of an excerpt.
const WIDE: f32 = 210.0;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Search, on_edited, |program, wanted| fill(&program, &wanted));
    on!(program, Search, on_chosen, |program, index| {
        let index = usize::try_from(index).unwrap_or(0);
        choose(&program, index);
    });
    on!(program, Search, on_close, |program| {
        close(&program);
        program.app.invoke_focus_composer();
    });
    on!(program, Search, on_key, |program, text| key(&program, &text));
}

pub(crate) fn toggle(program: &Rc<Program>) {
    if close(program) {
        return program.app.invoke_focus_composer();
    }
    let shell = program.app.global::<ui::Shell>();
    shell.set_side(ui::Side::None);
    let wanted = program.app.global::<ui::Search>().get_wanted();
    fill(program, &wanted);
    shell.set_side(ui::Side::Search);
}

/// Nothing that was looked for stays.
pub(crate) fn forget(program: &Rc<Program>) {
    close(program);
    program.app.global::<ui::Search>().set_wanted("".shown());
    fill(program, "");
}

/// Closes it; false when it was not open.
pub(crate) fn close(program: &Rc<Program>) -> bool {
    let shell = program.app.global::<ui::Shell>();
    if shell.get_side() != ui::Side::Search {
        return false;
    }
    let shows_members = !shell.get_side_floats() && program.frame.wants_members.get();
    shell.set_side(if shows_members { ui::Side::Members } else { ui::Side::None });
    program.app.global::<ui::Search>().set_wanted("".shown());
    fill(program, "");
    true
}

/// What was found is not kept longer than what it was found in.
pub(crate) fn refresh(program: &Rc<Program>) {
    let is_open = program.app.global::<ui::Shell>().get_side() == ui::Side::Search;
    if is_open || !program.search.borrow().hits.is_empty() {
        let wanted = program.app.global::<ui::Search>().get_wanted();
        fill(program, if is_open { &wanted } else { "" });
    }
}

fn fill(program: &Rc<Program>, wanted: &str) {
    let search = program.app.global::<ui::Search>();
    let l10n = program.l10n();
    let hits = program.state().desk.search(wanted, MOST);
    let wanted = normal(wanted.trim());
    let mut rows = Vec::new();
    let mut y = 0.0;
    {
        let state = program.state();
        let (desk, clock) = (&state.desk, &state.clock);
        let mut painter = program.painter.borrow_mut();
        let theme = painter.palette();
        let plain = Style { colour: Colour::of(theme.t2), ..Style::default() };
        for hit in &hits {
            let Some(server) = desk.server(hit.place.server) else { continue };
            let Some(message) = server.timeline().get(&hit.message) else { continue };
            let text = palette::excerpt(&markdown::plain(&message.body), &wanted);
            let spans = painter.marked(&text, &matches(&text, &wanted), plain);
            let laid = painter.lay(&spans, Some(WIDE), 13.0, 18.0);
            let h = 40.0 + laid.height();
            let colour = server.colour_of(&message.author);
            let ink = painter.person(colour);
            rows.push(ui::HitRow {
                id: i32::try_from(rows.len()).unwrap_or_default(),
                face: face(server, &message.author, &message.nick, message.mood, FACE, &mut painter),
                nick: painter.name(&message.nick, 14.0, Weight::SemiBold, ink),
                colour: i32::from(colour),
                time: place_and_time(server, hit.place, state.place, clock.time(message.at), &l10n).shown(),
                text: painter.paint(&laid, WIDE, None),
                plain: text.shown(),
                h,
                y,
            });
            y += h;
        }
    }
    let count = if wanted.is_empty() {
        String::new()
    } else if hits.is_empty() {
        l10n.tr("ui-sw-none", &[])
    } else {
        format!("{} · {}", l10n.tr("ui-search-room", &[]), hits.len())
    };
    search.set_count(count.shown());
    search.set_content_height(y);
    search.set_hits(model(rows));
    let chosen = {
        let state = program.search.borrow();
        state.current.and_then(|at| state.hits.get(at)).map(|hit| hit.message)
    };
    let current = chosen.and_then(|chosen| hits.iter().position(|hit| hit.message == chosen));
    search.set_current(current.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1));
    *program.search.borrow_mut() = SearchMemory { hits, current };
    program.with_list(|list, tools| {
        list.mark(&wanted);
        list.repaint_all(tools);
    });
}

/// Where it was said, if that is not the room that is open, and when.
fn place_and_time(server: &Server, place: Place, open: Option<Place>, time: String, l10n: &L10n) -> String {
    if open == Some(place) {
        return time;
    }
    let room = sentence::room_name(l10n, place.room(), &server.rooms);
    if open.is_some_and(|open| open.server == place.server) {
        return format!("#{room} · {time}");
    }
    format!("{}, #{room} · {time}", server.title())
}

fn choose(program: &Rc<Program>, index: usize) {
    let Some(hit) = program.search.borrow().hits.get(index).copied() else { return };
    program.send(Msg::GoToMessage(hit.place, hit.message));
    program.search.borrow_mut().current = Some(index);
    program.app.global::<ui::Search>().set_current(i32::try_from(index).unwrap_or(-1));
    let shell = program.app.global::<ui::Shell>();
    if shell.get_is_narrow() {
        // It lies over what was found; what was looked for stays.
        shell.set_side(ui::Side::None);
    }
}

fn key(program: &Rc<Program>, text: &str) -> bool {
    let (count, current) = {
        let state = program.search.borrow();
        (state.hits.len(), state.current)
    };
    let is_down = keys::is(text, Named::DownArrow);
    if count == 0 || !(is_down || keys::is(text, Named::UpArrow)) {
        return false;
    }
    let next = match current {
        None => 0,
        Some(at) if is_down => (at + 1).min(count - 1),
        Some(at) => at.saturating_sub(1),
    };
    choose(program, next);
    true
}
