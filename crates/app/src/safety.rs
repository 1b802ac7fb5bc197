//! Comparing the safety code.
//!
//! Must never: take an answer about one code for another.

use std::time::Duration;

use shepot_client::Action;
use shepot_client::model::{PersonKey, ServerId};
use shepot_view::desk::{Code, Server};
use shepot_view::people;
use shepot_view::safety::Symbols;

use crate::confirmation::Confirmation;
use crate::overlay::{Comparing, List, Offered, Overlay, Paired};
use crate::page::Layout;
use crate::state::State;
use crate::toast::Sign;

/// How long a code that changed on the screen has to be visible before an answer counts.
pub const LOOK_AT_LEAST: Duration = Duration::from_secs(2);

impl State {
    /// The current code of the open server. `None` if it is not known yet.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        self.shown()?.code
    }

    pub(crate) fn compare(&mut self) {
        self.with_session(|state| {
            state.act(Action::SafetyCode);
            state.lay(Overlay::Code(Comparing { shown: state.code(), ..Comparing::default() }));
        });
    }

    /// Asks the engine for the code of the open server, since the keys changed.
    pub(crate) fn ask_for_code(&mut self, server: ServerId) {
        let is_connected = |server| self.desk.server(server).is_some_and(Server::is_connected);
        if self.server == Some(server) && is_connected(server) {
            self.on(server, Action::SafetyCode);
        }
    }

    pub(crate) fn code_known(&mut self) {
        self.changes.shown = true;
        let current = self.code();
        if let Some(Overlay::Code(comparing)) = &mut self.overlay {
            comparing.shown = comparing.shown.or(current);
            self.changes.overlay = true;
        }
    }

    pub(crate) fn pair_code_known(&mut self, server: ServerId, person: PersonKey, symbols: Symbols) {
        let nick = self.desk.server(server).and_then(|server| {
            let known = server.person(&person)?;
            Some(people::in_a_sentence(&self.l10n, &known.nick, &person, &server.people))
        });
        // Nothing that is being typed into is put away for it.
        if let Some(nick) = nick.filter(|_| self.server == Some(server) && !self.lock.is_locked())
            && matches!(
                self.overlay,
                None | Some(Overlay::List(List { offered: Offered::Members, .. }) | Overlay::PairCode(_))
            )
        {
            self.lay(Overlay::PairCode(Paired { nick, symbols, as_numbers: false }));
        }
    }

    /// Takes the answer whether others see the same code.
    pub(crate) fn code_compared(&mut self, comparing: Comparing, is_same: bool) {
        if is_same {
            return self.code_is_the_same(comparing);
        }
        let Some(server) = self.server else { return };
        if comparing.differs {
            self.uncover_if(|_| true);
            return self.on(server, Action::Disconnect);
        }
        let now = self.now.unix;
        if let Some(known) = self.desk.server_mut(server).filter(|_| comparing.shown.is_some()) {
            known.code_differs(now);
        }
        self.changes.shown = true;
        if self.layout == Layout::Pages {
            return self.lay(Overlay::Code(Comparing { differs: true, ..comparing }));
        }
        self.complain(self.tr("ui-sc-bad", &[]));
        self.lay(Overlay::Confirm(Confirmation::Leave(server)));
    }

    fn code_is_the_same(&mut self, comparing: Comparing) {
        let Some(code) = comparing.shown else { return };
        // A key that is held, or pressed twice, says nothing about a code that has just come.
        if comparing.not_before.is_some_and(|at| at > self.now.steady) {
            return;
        }
        let now = self.now;
        let server = self.server.and_then(|id| self.desk.server_mut(id));
        if server.is_some_and(|server| server.code_is_the_same(code, now.unix)) {
            self.uncover_if(|_| true);
            self.changes.shown = true;
            return self.say(self.tr("ui-sc-same", &[]), Sign::Safety);
        }
        // It is the code of before: the one of now has to be looked at first.
        let not_before = Some(now.steady + LOOK_AT_LEAST);
        self.lay(Overlay::Code(Comparing { shown: self.code(), not_before, ..comparing }));
        self.complain(self.tr("ui-sc-meanwhile", &[]));
    }
}
