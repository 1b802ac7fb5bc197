//! The full-screen client on a screen of its own making: every picture, and what keys, clicks and pasted text do.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use shepot_app::confirmation::Confirmation;
use shepot_app::{HostedAt, Hosting, RelayEffect};
use shepot_client::model::{
    ConnectionError, ConnectionState, ConversationId, Delivery, Message, Room, RoomId, ServerId,
};
use shepot_client::{Action, Command as ClientCommand, EntryError, Event, OnServer, RequestId};
use shepot_console::hyperlink::{Hyperlink, WebAddress};
use shepot_console::theme::{Depth, Theme};
use shepot_relay::ConnectionId;
use shepot_relay::operator::{Presence, Visitors};
use shepot_testkit::evening::{
    EVENING, HIKE, HOME, LIGHTHOUSE, LINK, arrival, code, id, key, link_to, message, people, talk, visitors,
};
use shepot_view::Language;
use shepot_view::clock::{Now, WallClock};
use shepot_view::desk::Place;

use shepot_app::{Ask, COPIED_FOR, EngineRequest, LOOK_AT_LEAST, Offered, Overlay, TOAST, TWICE};

use super::*;

mod hosting;
mod keys;
mod pictures;
mod time;

/// The least time that counts.
const MILLISECOND: Duration = Duration::from_millis(1);

const SIZES: [(u16, u16); 3] = [(100, 30), (80, 24), (42, 18)];

fn hosted() -> HostedAt {
    HostedAt { address: "192.0.2.2:7443".into(), port: 7443, reach: shepot_relay::Reach::Network }
}

/// Who has no nick yet.
fn stranger(language: Language) -> Program {
    let theme = Theme::new(Depth::True);
    let now = Now { steady: Duration::ZERO, unix: EVENING + 3_600 };
    Program::new(Setup::over(L10n::new(language), WallClock::universal()), theme, false, now)
}

fn program(language: Language) -> Program {
    let mut program = stranger(language);
    program.send(OutsideMsg::Started("nika".into()));
    program
}

/// The engine tells something.
fn tells(program: &mut Program, event: Event) {
    program.send(OutsideMsg::Engine(event));
}

fn goes(program: &mut Program, place: Place) {
    program.send(Msg::Go(place));
}

/// The relay here was looked at.
fn sees(program: &mut Program, visitors: Visitors) {
    program.send(OutsideMsg::Visitors(Box::new(visitors)));
}

/// Nothing is shown until "x" is typed.
fn locks(program: &mut Program) {
    ctrl(program, 'l');
    for _ in 0..2 {
        type_text(program, "x");
        plain(program, KeyCode::Enter);
    }
}

/// An invitation was asked for, and is shown.
fn invited(program: &mut Program) {
    ctrl(program, 'g');
    tells(program, Event::Invitation { server: LIGHTHOUSE, link: LINK.into() });
}

fn loses_and_finds(program: &mut Program) {
    let lost = ConnectionState::Reconnecting { retry_in: Duration::from_secs(1), attempt: 1 };
    for state in [lost, ConnectionState::Connected] {
        tells(program, Event::State { server: LIGHTHOUSE, state });
    }
}

/// Time passes, and the loop turns.
fn passes(program: &mut Program, time: Duration) {
    let Now { steady, unix } = program.now;
    program.at(Now { steady: steady + time, unix: unix + time.as_secs() });
    program.send(OutsideMsg::Tick);
}

fn said(program: &mut Program, message: Message) {
    tells(program, shepot_testkit::evening::said(message));
}

/// An evening: two servers, three rooms, seven people, and what they say.
fn evening(language: Language) -> Program {
    let mut program = program(language);
    spend(&mut program, None);
    program
}

/// The same, with the first of the servers in this process.
fn hosting_evening(language: Language) -> Program {
    let mut program = program(language);
    program.send(Msg::Run(Command::Host));
    program.send(OutsideMsg::Hosted { at: hosted(), invitation: LINK.to_owned().into(), moved_from: None });
    let asked = last_request(&program);
    spend(&mut program, asked);
    type_text(&mut program, "/name Маяк");
    plain(&mut program, KeyCode::Enter);
    program.effects.clear();
    program
}

fn spend(program: &mut Program, asked: Option<RequestId>) {
    arrival(asked).into_iter().for_each(|event| tells(program, event));
    goes(program, Place::in_room(LIGHTHOUSE, HIKE));
    talk().into_iter().for_each(|event| tells(program, event));
    program.effects.clear();
}

fn screen(program: &mut Program, (columns, lines): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
    terminal.draw(|frame| drop(draw::draw(frame, program))).unwrap();
    terminal.backend().to_string()
}

fn press(program: &mut Program, code: KeyCode, modifiers: KeyModifiers) {
    program.input(&Input::Key(KeyEvent::new(code, modifiers)));
}

fn plain(program: &mut Program, code: KeyCode) {
    press(program, code, KeyModifiers::NONE);
}

fn ctrl(program: &mut Program, c: char) {
    press(program, KeyCode::Char(c), KeyModifiers::CONTROL);
}

fn type_text(program: &mut Program, text: &str) {
    for c in text.chars() {
        plain(program, KeyCode::Char(c));
    }
}

/// The name of what was asked of the engine last.
fn last_request(program: &Program) -> Option<RequestId> {
    let requests = program.effects.iter().rev();
    requests
        .filter_map(|effect| if let Effect::Engine(request) = effect { request.0.id } else { None })
        .next()
}

/// The effects since the last call, without the signals of typing and what is kept elsewhere.
fn effects(program: &mut Program) -> Vec<Effect> {
    let is_typing = |effect: &Effect| {
        *effect == Effect::Keep
            || matches!(effect, Effect::Engine(command)
            if matches!(&command.0.command, ClientCommand::On(OnServer { action: Action::Typing { .. }, .. })))
    };
    std::mem::take(&mut program.effects).into_iter().filter(|effect| !is_typing(effect)).collect()
}

fn on(server: ServerId, action: Action) -> Effect {
    Effect::Engine(Box::new(EngineRequest(ClientCommand::On(OnServer { server, action }).into())))
}

/// What the engine is told, and that there was something else.
fn told(effects: &[Effect]) -> String {
    let line = |effect: &Effect| {
        let Effect::Engine(request) = effect else { return "no command of the engine".to_owned() };
        if let ClientCommand::On(on) = &request.0.command {
            serde_json::to_string(on).unwrap()
        } else {
            serde_json::to_string(&request.0.command).unwrap()
        }
    };
    effects.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn does(program: &mut Program, expected: &[Effect]) {
    let done = effects(program);
    assert!(done == expected, "done:\n{}\nexpected:\n{}", told(&done), told(expected));
}
