//! The pictures of the person and of servers.

use shepot_app::profile;
use shepot_preferences::AvatarKind;
use shepot_typeset::{Colour, Weight};
use shepot_view::desk::Server;
use shepot_view::tile::Tiles;
use shepot_view::{colour, emoji, mood};
use shepot_window as ui;

use crate::painter::FaceOf;
use crate::program::Program;
use crate::shown::Shown as _;

/// The person's colour while no circle knows it.
const NOBODYS: u8 = 7;

/// The person's own picture, also while no circle knows it.
pub(crate) fn own(program: &Program, nick: &str, side: f32) -> ui::Face {
    let state = program.state();
    let profile = &state.preferences.profile;
    let colour = own_colour(program);
    let mut painter = program.painter.borrow_mut();
    if let Some(emoji) = state.mood.and_then(mood::emoji) {
        return painter.face(FaceOf::Emoji(emoji), nick, colour, side);
    }
    let picture = profile::picture(profile).filter(|_| profile.avatar == AvatarKind::Picture);
    let face = match (profile.avatar, &picture) {
        (AvatarKind::Emoji, _) if !profile.emoji.is_empty() => FaceOf::Emoji(&profile.emoji),
        (AvatarKind::Picture, Some(bytes)) => FaceOf::Picture(bytes),
        (AvatarKind::Picture | AvatarKind::Emoji | AvatarKind::Letter, _) => FaceOf::Letter,
    };
    painter.face(face, nick, colour, side)
}

/// The person's colour on the open server.
pub(crate) fn own_colour(program: &Program) -> u8 {
    let shown = program.shown();
    let own = shown.as_deref().and_then(Server::own);
    own.map_or(NOBODYS, |own| shown.as_deref().map_or(NOBODYS, |server| server.colour_of(&own.key)))
}

/// How a server looks: the picture of its circle, an emoji at the beginning of its name, or letters.
pub(crate) fn tile(program: &Program, server: &Server, tiles: &Tiles, side: f32) -> (ui::Name, String, i32) {
    let name = &server.name;
    let first: String = name.chars().take_while(|c| !c.is_whitespace()).collect();
    let colour = name.bytes().fold(0_u8, u8::wrapping_add) % colour::COLOURS;
    let colour = i32::from(colour);
    let mut painter = program.painter.borrow_mut();
    if let Some(picture) = server.picture().and_then(|bytes| painter.round(bytes, side)) {
        return (ui::Name { text: name.shown(), picture, width: side }, String::new(), colour);
    }
    if emoji::alone(&first) == Some(1) {
        let side = (side * 0.55).round();
        let picture = painter.emoji(&first, side);
        return (ui::Name { text: first.shown(), picture, width: side }, String::new(), colour);
    }
    (ui::Name::default(), tiles.letters(server.id).to_owned(), colour)
}

/// The state of a server as a sign and in words.
pub(crate) fn state_of(program: &Program, server: &Server) -> (ui::ServerState, String) {
    if program.state().hosting.is_of(server.id) && server.is_connected() {
        return (ui::ServerState::Hosted, program.tr("ui-st-host", &[]));
    }
    if server.is_connected() {
        (ui::ServerState::Connected, program.tr("ui-st-on", &[]))
    } else if server.is_connecting() {
        (ui::ServerState::Connecting, program.tr("ui-st-conn", &[]))
    } else {
        (ui::ServerState::Offline, program.tr("ui-st-off", &[]))
    }
}

/// A name, painted as an image if it has emoji.
pub(crate) fn name(program: &Program, text: &str, size: f32, weight: Weight) -> ui::Name {
    let mut painter = program.painter.borrow_mut();
    let ink = Colour::of(painter.palette().t1);
    painter.name(text, size, weight, ink)
}
