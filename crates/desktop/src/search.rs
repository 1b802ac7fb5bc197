//! The search in messages of this session.

use std::rc::Rc;

use shepot_app::PageMsg;
use shepot_typeset::{Colour, Style, Weight};
use shepot_view::desk::{Place, Server, matches, normal};
use shepot_view::{L10n, markdown, palette, sentence};
use shepot_window as ui;
use slint::ComponentHandle as _;
use slint::platform::Key as Named;

use crate::keys;
use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::timeline::face;

/// The size of a face in the list, in logical pixels.
const FACE: f32 = 28.0;
/// The width of an excerpt, in logical pixels.
const WIDE: f32 = 210.0;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Search, on_edited, |program, wanted| program.send(PageMsg::LookFor(wanted.to_string())));
    on!(program, Search, on_chosen, |program, index| choose(&program, index));
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
    // What was looked for stays where a narrow window showed what was found in the place of it.
    let wanted = program.app.global::<ui::Search>().get_wanted();
    program.send(PageMsg::LookFor(wanted.to_string()));
    let shell = program.app.global::<ui::Shell>();
    shell.set_side(ui::Side::None);
    shell.set_side(ui::Side::Search);
}

/// Ends a search whose hits are no longer visible, if the person went to another room or looks at the members.
pub(crate) fn end_unseen(program: &Rc<Program>) {
    let is_seen = program.app.global::<ui::Shell>().get_side() == ui::Side::Search;
    let is_looking = !program.state().search.wanted().is_empty();
    if is_looking && !is_seen {
        program.send(PageMsg::LookFor(String::new()));
    }
}

/// Closes the search. Returns false if it was not open.
pub(crate) fn close(program: &Rc<Program>) -> bool {
    let is_open = put_away(program);
    if is_open {
        program.send(PageMsg::LookFor(String::new()));
    }
    is_open
}

/// Hides the search. Returns false if it was not visible.
pub(crate) fn put_away(program: &Program) -> bool {
    let shell = program.app.global::<ui::Shell>();
    if shell.get_side() != ui::Side::Search {
        return false;
    }
    let shows_members = !shell.get_side_floats() && program.frame.wants_members.get();
    shell.set_side(if shows_members { ui::Side::Members } else { ui::Side::None });
    program.app.global::<ui::Search>().set_wanted("".shown());
    true
}

/// Updates the search and its hits.
pub(crate) fn refresh(program: &Rc<Program>) {
    let search = program.app.global::<ui::Search>();
    let l10n = program.l10n();
    let (typed, hits, chosen) = {
        let found = &program.state().search;
        (found.wanted().to_owned(), found.hits().to_vec(), found.chosen())
    };
    let wanted = normal(typed.trim());
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
    search.set_current(chosen.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1));
    program.with_list(|list, tools| {
        if list.mark(&wanted) {
            list.repaint_all(tools);
        }
    });
}

/// The time of a hit, with its room if that is not the open one.
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

fn choose(program: &Rc<Program>, index: i32) {
    program.send(PageMsg::GoToHit(usize::try_from(index).unwrap_or_default()));
    show_room(program);
}

/// Shows the room instead of the hits in a narrow window. The search stays.
fn show_room(program: &Program) {
    let shell = program.app.global::<ui::Shell>();
    if shell.get_is_narrow() {
        shell.set_side(ui::Side::None);
    }
}

fn key(program: &Rc<Program>, text: &str) -> bool {
    let back = keys::is(text, Named::UpArrow);
    if program.state().search.hits().is_empty() || !(back || keys::is(text, Named::DownArrow)) {
        return false;
    }
    program.send(PageMsg::GoToNextHit { back });
    show_room(program);
    true
}
