//! The program without a screen: what the engine tells and what the person does goes in, and what is done is looked at.

mod circles;
mod entries;
mod hosting;
mod inviting;
mod joining;
mod lines;
mod outside;
mod overlays;
mod pages;
mod rooms;
mod search;
mod window;
mod writing;

use std::ops::Deref;
use std::time::Duration;

use crate::composer::Bar;
use shepot_client::model::{CommandError, ConnectionState, ConversationId, Message, Room, RoomId, ServerId};
use shepot_client::{Action, Command as ClientCommand, EntryError, Event, OnServer, Outcome, RequestId};
use shepot_testkit::evening::{self, EVENING, HIKE, LIGHTHOUSE, LINK, added, arrival, id, message, talk};
use shepot_view::clock::{Now, WallClock};
use shepot_view::command::Command;
use shepot_view::desk::Place;
use shepot_view::{L10n, Language};

use super::*;

/// A program that is played, and what it wants done.
pub(crate) struct Played {
    app: App,
    now: Now,
    effects: Vec<Effect>,
}

impl Deref for Played {
    type Target = State;

    fn deref(&self) -> &State {
        &self.app
    }
}

/// Of somebody called nika, without a server.
fn program(language: Language) -> Played {
    let now = Now { steady: Duration::ZERO, unix: EVENING + 3_600 };
    let app = App::new(Setup::over(L10n::new(language), WallClock::universal()), now);
    let mut program = Played { app, now, effects: Vec::new() };
    program.send(OutsideMsg::Started("nika".into()));
    program
}

/// In the room where people talk.
fn evening(language: Language) -> Played {
    let mut program = program(language);
    arrival(None).into_iter().for_each(|event| program.tells(event));
    program.goes(Place::in_room(LIGHTHOUSE, HIKE));
    talk().into_iter().for_each(|event| program.tells(event));
    program.effects.clear();
    program
}

/// The same, of the circle's owner.
fn owned(language: Language) -> Played {
    let mut program = program(language);
    for mut event in arrival(None) {
        if let Event::Added { is_owner, .. } = &mut event {
            *is_owner = true;
        }
        program.tells(event);
    }
    program.goes(Place::in_room(LIGHTHOUSE, HIKE));
    talk().into_iter().for_each(|event| program.tells(event));
    program.effects.clear();
    program
}

fn hosted() -> HostedAt {
    HostedAt { address: "192.0.2.2:7443".into(), port: 7443, reach: shepot_relay::Reach::Network }
}

fn on(server: ServerId, action: Action) -> Effect {
    engine(ClientCommand::On(OnServer { server, action }))
}

fn engine(command: ClientCommand) -> Effect {
    Effect::Engine(Box::new(EngineRequest(command.into())))
}

impl Played {
    fn send(&mut self, msg: impl Into<Msg>) {
        self.effects.extend(self.app.update(msg, self.now));
    }

    /// The engine tells something.
    fn tells(&mut self, event: Event) {
        self.send(OutsideMsg::Engine(event));
    }

    fn said(&mut self, message: Message) {
        self.tells(evening::said(message));
    }

    fn goes(&mut self, place: Place) {
        self.send(Msg::Go(place));
    }

    fn types(&mut self, text: &str) {
        for c in text.chars() {
            self.send(Msg::Edit(Edit::Insert(c.into())));
        }
    }

    fn passes(&mut self, time: Duration) {
        self.now.steady += time;
        self.now.unix += time.as_secs();
        self.send(OutsideMsg::Tick);
    }

    fn starts_hosting(&mut self) {
        self.send(Msg::Run(Command::Host));
        let invitation = LINK.to_owned().into();
        self.send(OutsideMsg::Hosted { at: hosted(), invitation, moved_from: None });
    }

    fn stops_hosting(&mut self) {
        self.types("/stop");
        self.send(Msg::Enter);
        self.send(Msg::Enter);
        self.send(OverMsg::Answer(true));
    }

    /// What was wanted since the last call, without the signals of typing and what is to be kept.
    fn effects(&mut self) -> Vec<Effect> {
        let is_typing = |effect: &Effect| {
            *effect == Effect::Keep
                || matches!(effect, Effect::Engine(command)
                if matches!(&command.0.command, ClientCommand::On(OnServer { action: Action::Typing { .. }, .. })))
        };
        std::mem::take(&mut self.effects).into_iter().filter(|effect| !is_typing(effect)).collect()
    }

    /// The name of what was asked of the engine last.
    fn last_request(&self) -> Option<RequestId> {
        self.effects
            .iter()
            .rev()
            .find_map(|effect| if let Effect::Engine(request) = effect { request.0.id } else { None })
    }

    /// The engine does not do what it was asked last.
    fn refuses(&mut self, error: CommandError) {
        let request = self.last_request();
        self.tells(Event::Refused { request, server: Some(LIGHTHOUSE), error });
    }

    #[track_caller]
    fn does(&mut self, expected: &[Effect]) {
        let done = self.effects();
        assert!(done == expected, "{} effects, {} expected", done.len(), expected.len());
    }
}
