//! The person's nick, picture and mood.

use std::rc::Rc;

use shepot_app::{For, Msg, OutsideMsg, OverMsg, PageMsg};
use shepot_client::limits::AVATAR_BYTES;
use shepot_pictures::avatar;
use shepot_preferences::AvatarKind;
use shepot_typeset::{Colour, Typesetter, Weight};
use shepot_view::emoji;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::choices::{choices, chosen};
use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{faces, small_picture};

/// Emoji that are offered as a picture.
const EMOJI: [&str; 10] = ["🦉", "🙂", "😎", "🤩", "👽", "😈", "🦔", "🐙", "🍵", "🌊"];

/// The size of an emoji in the picture that is sent, in pixels.
const SENT_EMOJI: f32 = 84.0;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Settings, on_nick_edited, |program, nick| nick_edited(&program, &nick));
    on!(program, Settings, on_nick_accepted, |program, nick| nick_accepted(&program, &nick));
    on!(program, Settings, on_avatar_kind_chosen, |program| kind_chosen(&program));
    on!(program, Settings, on_avatar_emoji_chosen, |program, index| {
        if let Some(emoji) = usize::try_from(index).ok().and_then(|index| EMOJI.get(index)) {
            set_emoji(&program, emoji);
        }
    });
    on!(program, Settings, on_more_avatars, |program| {
        program.frame.opens_at.set((520.0, 260.0));
        program.send(OverMsg::OpenEmoji(For::Avatar));
    });
}

/// An emoji as the picture that others get.
pub(crate) fn paint(emoji: &str) -> Vec<u8> {
    let painted = Typesetter::default().emoji(emoji, SENT_EMOJI, Colour::default());
    avatar::of_emoji(&painted, AVATAR_BYTES).unwrap_or_default()
}

fn nick_edited(program: &Program, nick: &str) {
    let page = program.app.global::<ui::Settings>();
    let most = *shepot_client::limits::NICK_CHARACTERS.end();
    page.set_counter(format!("{} / {most}", nick.chars().count()).shown());
    if program.state().nick_error(nick).is_none() {
        page.set_nick_error("".shown());
    }
}

fn nick_accepted(program: &Rc<Program>, nick: &str) {
    let error = program.state().nick_error(nick);
    program.app.global::<ui::Settings>().set_nick_error(error.clone().unwrap_or_default().shown());
    if error.is_none() && nick.trim() != program.state().nick {
        program.send(PageMsg::SetNick(nick.trim().to_owned()));
    }
}

fn kind_chosen(program: &Rc<Program>) {
    let place = program.app.global::<ui::Settings>().get_avatar_kind().current;
    let kind = chosen(AvatarKind::OFFERED, place, AvatarKind::default());
    if kind == AvatarKind::Picture {
        small_picture::choose(program, take_picture);
        return refresh(program);
    }
    let has_emoji = !program.state().preferences.profile.emoji.is_empty();
    let first = EMOJI.first().filter(|_| kind == AvatarKind::Emoji && !has_emoji);
    program.send(PageMsg::Look(kind, first.map(|emoji| (*emoji).to_owned()), None));
}

fn set_emoji(program: &Rc<Program>, emoji: &str) {
    program.send(PageMsg::Look(AvatarKind::Emoji, Some(emoji.to_owned()), None));
}

/// Puts on the next of the offered emoji. The first page has one button for that.
pub(crate) fn next_avatar(program: &Rc<Program>) {
    let now = program.preferences().profile.emoji;
    let next = EMOJI.iter().position(|offered| *offered == now).map_or(0, |at| (at + 1) % EMOJI.len());
    if let Some(emoji) = EMOJI.get(next) {
        set_emoji(program, emoji);
    }
}

/// Takes a prepared picture. `None`: it could not be prepared.
fn take_picture(program: &Rc<Program>, prepared: Option<Vec<u8>>) {
    let error = if prepared.is_none() { program.tr("ui-p-bad", &[]) } else { String::new() };
    program.app.global::<ui::Settings>().set_avatar_error(error.as_str().shown());
    program.send(match prepared {
        Some(picture) => Msg::from(PageMsg::Look(AvatarKind::Picture, None, Some(picture))),
        None => Msg::from(OutsideMsg::Problem(error)),
    });
}

/// Updates the page with the profile.
pub(crate) fn refresh(program: &Program) {
    let state = program.state();
    let profile = &state.preferences.profile;
    let page = program.app.global::<ui::Settings>();
    page.set_nick(profile.nick.as_str().shown());
    nick_edited(program, &profile.nick);
    page.set_face(faces::own(program, &profile.nick, 96.0));
    page.set_small_face(faces::own(program, &profile.nick, 36.0));
    let index = faces::own_colour(program);
    page.set_colour(i32::from(index));
    page.set_avatar_kind(choices(program, page.get_avatar_kind(), AvatarKind::OFFERED, profile.avatar));
    let l10n = program.l10n();
    let mut painter = program.painter.borrow_mut();
    let ink = painter.person(index);
    page.set_shown_nick(painter.name(&profile.nick, 14.0, Weight::SemiBold, ink));
    let has_mood = state.mood.is_some();
    let note = if has_mood { state.tr("ui-p-mood-first", &[]) } else { String::new() };
    page.set_mood_note(note.shown());
    page.set_offers_emoji(profile.avatar == AvatarKind::Emoji);
    let cells = EMOJI
        .iter()
        .filter(|_| profile.avatar == AvatarKind::Emoji)
        .map(|text| ui::EmojiCell {
            text: (*text).shown(),
            picture: painter.emoji(text, 28.0),
            name: emoji::find(text).map(|known| known.name(l10n.language())).unwrap_or_default().shown(),
            ..ui::EmojiCell::default()
        })
        .collect();
    page.set_avatar_emoji(model(cells));
    let place = EMOJI.iter().position(|offered| *offered == profile.emoji);
    page.set_avatar_chosen(place.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1));
    page.set_sample_time(state.clock.time(program.now().unix).shown());
}
