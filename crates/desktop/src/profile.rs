//! The person: nick, picture, mood.

use std::rc::Rc;
use std::time::Duration;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use shepot_client::model::ServerId;
use shepot_client::{Action, Command};
use shepot_preferences::{AvatarKind, Profile};
use shepot_typeset::Weight;
use shepot_view::{colour, emoji, mood};
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::model;
use crate::painter::FaceOf;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{avatar, composer, emoji_picker, picture_file, settings, sidebar, toast};

/// Emoji that are offered as a picture.
const OFFERED: [&str; 10] = ["🦉", "🙂", "😎", "🤩", "👽", "😈", "🦔", "🐙", "🍵", "🌊"];

/// Pixels of an emoji in the picture that is sent.
const SENT_EMOJI: f32 = 84.0;

/// Newcomers get the picture when no more of them come: so long after the last.
const AFTER_JOINS: Duration = Duration::from_millis(1_500);

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Settings, on_nick_edited, |program, nick| nick_edited(&program, &nick));
    on!(program, Settings, on_nick_accepted, |program, nick| nick_accepted(&program, &nick));
    on!(program, Settings, on_avatar_kind_chosen, |program, index| kind_chosen(&program, index));
    on!(program, Settings, on_avatar_emoji_chosen, |program, index| {
        if let Some(chosen) = usize::try_from(index).ok().and_then(|index| OFFERED.get(index)) {
            set_emoji(&program, chosen);
        }
    });
    on!(program, Settings, on_more_avatars, |program| {
        emoji_picker::open(&program, emoji_picker::For::Avatar, (520.0, 260.0));
    });
}

/// The person's own face where no circle knows it yet.
pub(crate) fn own_face(program: &Program, nick: &str, side: f32) -> ui::Face {
    let profile = program.preferences().profile;
    let colour = own_colour(program);
    let mut painter = program.painter.borrow_mut();
    if let Some(emoji) = program.mood.get().and_then(mood::emoji) {
        return painter.face(FaceOf::Emoji(emoji), nick, colour, side);
    }
    match profile.avatar {
        AvatarKind::Emoji if !profile.emoji.is_empty() => {
            painter.face(FaceOf::Emoji(&profile.emoji), nick, colour, side)
        }
        AvatarKind::Picture => match picture(&profile) {
            Some(bytes) => painter.face(FaceOf::Picture(&bytes), nick, colour, side),
            None => painter.face(FaceOf::Letter, nick, colour, side),
        },
        AvatarKind::Emoji | AvatarKind::Letter => painter.face(FaceOf::Letter, nick, colour, side),
    }
}

/// The person's colour on the server that is shown.
pub(crate) fn own_colour(program: &Program) -> u8 {
    let desk = program.desk.borrow();
    let own = program.server.get().and_then(|id| desk.server(id)?.own());
    own.map_or(7, |own| colour::of(&own.fingerprint))
}

fn picture(profile: &Profile) -> Option<Vec<u8>> {
    // A file of preferences is text: the digits of its bytes.
    let bytes = HEXLOWER_PERMISSIVE.decode(profile.picture.as_bytes()).ok()?;
    Some(bytes).filter(|bytes| !bytes.is_empty())
}

/// The picture that others get.
fn sent_picture(program: &Program) -> Option<Vec<u8>> {
    let profile = program.preferences().profile;
    match profile.avatar {
        AvatarKind::Picture => picture(&profile),
        AvatarKind::Emoji if !profile.emoji.is_empty() => {
            let painted = {
                let mut setter = shepot_typeset::Typesetter::default();
                setter.emoji(&profile.emoji, SENT_EMOJI, shepot_typeset::Colour::default())
            };
            avatar::of_emoji(&painted)
        }
        AvatarKind::Emoji | AvatarKind::Letter => None,
    }
}

/// Shows the circle how the person looks.
pub(crate) fn show(program: &Program, server: ServerId) {
    if let Some(image) = sent_picture(program) {
        see_oneself(program, server, image.clone());
        program.on(server, Action::SetAvatar { image });
    }
}

/// What others see is what the person sees of itself.
fn see_oneself(program: &Program, server: ServerId, image: Vec<u8>) {
    let own = program.desk.borrow().server(server).and_then(|known| known.own().map(|own| own.key));
    if let Some(person) = own {
        let event = shepot_client::Event::Avatar { server, person, image };
        program.desk.borrow_mut().apply(event, program.now().milliseconds());
    }
}

/// Who is in the circle is known: the person among them.
pub(crate) fn is_known(program: &Program, server: ServerId) {
    let is_missing = {
        let desk = program.desk.borrow();
        desk.server(server)
            .is_some_and(|known| known.own().is_some_and(|own| known.avatar_of(&own.key).is_none()))
    };
    if is_missing && let Some(image) = sent_picture(program) {
        see_oneself(program, server, image);
    }
}

/// Somebody new does not know the picture yet.
pub(crate) fn show_again(program: &Rc<Program>, server: ServerId) {
    let here = Rc::downgrade(program);
    let timer = slint::Timer::default();
    timer.start(slint::TimerMode::SingleShot, AFTER_JOINS, move || {
        if let Some(program) = here.upgrade()
            && program.desk.borrow().server(server).is_some_and(shepot_view::desk::Server::is_connected)
        {
            show(&program, server);
        }
    });
    // Starting anew puts it off.
    *program.settings.borrow_mut().show_again.entry(server).or_default() = timer;
}

/// Tells every circle anew how the person looks.
fn show_everywhere(program: &Rc<Program>) {
    let connected: Vec<ServerId> = {
        let desk = program.desk.borrow();
        desk.servers().iter().filter(|server| server.is_connected()).map(|server| server.id).collect()
    };
    let is_nothing = program.preferences().profile.avatar == AvatarKind::Letter;
    for server in connected {
        if is_nothing {
            program.on(server, Action::SetAvatar { image: Vec::new() });
            see_oneself(program, server, Vec::new());
        } else {
            show(program, server);
        }
    }
    program.refresh_all();
    refresh(program);
}

/// Keeps the nick; the engine is told by whoever asks for this.
pub(crate) fn call_oneself(program: &Program, nick: &str) {
    if program.preferences().profile.nick != nick {
        program.change_preferences(|preferences| nick.clone_into(&mut preferences.profile.nick));
    }
    program.app.global::<ui::Settings>().set_nick(nick.shown());
}

fn nick_edited(program: &Program, nick: &str) {
    let page = program.app.global::<ui::Settings>();
    let most = *shepot_client::limits::NICK_CHARACTERS.end();
    page.set_counter(format!("{} / {most}", nick.chars().count()).shown());
    if program.nick_error(nick).is_none() {
        page.set_nick_error("".shown());
    }
}

fn nick_accepted(program: &Rc<Program>, nick: &str) {
    let page = program.app.global::<ui::Settings>();
    let nick = nick.trim();
    if nick == program.preferences().profile.nick {
        page.set_nick_error("".shown());
        return;
    }
    if let Some(error) = program.nick_error(nick) {
        page.set_nick_error(error.shown());
        return;
    }
    page.set_nick_error("".shown());
    call_oneself(program, nick);
    tell(program);
    refresh(program);
    sidebar::refresh(program);
}

/// Tells the circles the nick and the mood.
fn tell(program: &Program) {
    let nick = program.preferences().profile.nick;
    if !nick.is_empty() {
        program.engine.command(Command::SetProfile { nick, mood: program.mood.get() });
    }
}

/// Puts a mood on, or takes it off when it is on.
pub(crate) fn turn_mood(program: &Rc<Program>, number: u8) {
    let now = (program.mood.get() != Some(number) && number != 0).then_some(number);
    program.mood.set(now);
    tell(program);
    sidebar::refresh(program);
    composer::refresh(program);
}

fn kind_chosen(program: &Rc<Program>, index: i32) {
    let kind = AvatarKind::at(usize::try_from(index).unwrap_or_default());
    if kind == AvatarKind::Picture {
        choose_picture(program);
        refresh(program);
        return;
    }
    program.change_preferences(|preferences| preferences.profile.avatar = kind);
    if kind == AvatarKind::Emoji && program.preferences().profile.emoji.is_empty() {
        set_emoji(program, OFFERED[0]);
    }
    show_everywhere(program);
}

pub(crate) fn set_emoji(program: &Rc<Program>, emoji: &str) {
    program.change_preferences(|preferences| {
        preferences.profile.avatar = AvatarKind::Emoji;
        emoji.clone_into(&mut preferences.profile.emoji);
    });
    show_everywhere(program);
}

/// The next of the emoji that are offered: the first page has one button for it.
pub(crate) fn next_avatar(program: &Rc<Program>) {
    let now = program.preferences().profile.emoji;
    let next = OFFERED.iter().position(|offered| *offered == now).map_or(0, |at| (at + 1) % OFFERED.len());
    if let Some(emoji) = OFFERED.get(next) {
        set_emoji(program, emoji);
    }
    crate::first_run::fill(program);
}

/// Asks for a picture and makes it small.
fn choose_picture(program: &Rc<Program>) {
    let number = program.number;
    let chosen = picture_file::choose(program.tr("ui-p-upload", &[]));
    program.engine.spawn(async move {
        let Some(path) = chosen.await else { return };
        let prepared = picture_file::read(&path).and_then(|bytes| avatar::prepare(&bytes).ok());
        crate::engine_link::on_window(number, move |program| take_picture(program, prepared));
    });
}

/// A picture that is ready, or is none.
pub(crate) fn take_picture(program: &Rc<Program>, prepared: Option<Vec<u8>>) {
    let Some(prepared) = prepared else {
        let text = program.tr("ui-p-bad", &[]);
        program.app.global::<ui::Settings>().set_avatar_error(text.clone().shown());
        return toast::problem(program, &text);
    };
    program.app.global::<ui::Settings>().set_avatar_error("".shown());
    program.change_preferences(|preferences| {
        preferences.profile.avatar = AvatarKind::Picture;
        preferences.profile.picture = HEXLOWER.encode(&prepared);
    });
    show_everywhere(program);
}

/// The page of the profile.
pub(crate) fn refresh(program: &Program) {
    let profile = program.preferences().profile;
    let page = program.app.global::<ui::Settings>();
    page.set_nick(profile.nick.as_str().shown());
    nick_edited(program, &profile.nick);
    page.set_face(own_face(program, &profile.nick, 96.0));
    page.set_small_face(own_face(program, &profile.nick, 36.0));
    let index = own_colour(program);
    page.set_colour(i32::from(index));
    page.set_avatar_kind(i32::try_from(profile.avatar.index()).unwrap_or_default());
    let l10n = program.l10n();
    let mut painter = program.painter.borrow_mut();
    let ink = painter.person(index);
    page.set_shown_nick(painter.name(&profile.nick, 14.0, Weight::SemiBold, ink));
    let cells = OFFERED
        .iter()
        .map(|text| ui::EmojiCell {
            text: (*text).shown(),
            picture: painter.emoji(text, 28.0),
            name: emoji::find(text).map(|known| known.name(l10n.language())).unwrap_or_default().shown(),
            ..ui::EmojiCell::default()
        })
        .collect();
    page.set_avatar_emoji(model(cells));
    let chosen = OFFERED.iter().position(|offered| *offered == profile.emoji);
    page.set_avatar_chosen(chosen.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1));
    page.set_sample_time(program.clock.borrow().time(program.now().unix).shown());
    drop(painter);
    settings::refresh_memory(program);
}
