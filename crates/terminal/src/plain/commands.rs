//! The meaning of a line that the person typed: the message with the number in it, and commands that only lines have.

use std::io::IsTerminal as _;

use shepot_app::{Msg, PageMsg};
use shepot_client::model::CommandError;
use shepot_view::slash::{self, Meaning, Prompt, Slash, SlashLine};
use shepot_view::{posture, sentence};

use super::Plain;
use crate::input::TERMINAL_LINE_BYTES;

impl Plain {
    pub(super) fn line(&mut self, line: &str) -> Result<(), String> {
        if line.len() >= TERMINAL_LINE_BYTES && std::io::stdin().is_terminal() {
            return self.print_tr("terminal-line-cut", &[("most", &TERMINAL_LINE_BYTES.to_string())]);
        }
        match slash::parse(Prompt::Lines, line) {
            Ok(Meaning::Command(SlashLine { slash: Slash::Servers, .. })) => self.list_servers(),
            Ok(Meaning::Command(SlashLine { slash: Slash::Posture, .. })) => {
                self.print(&posture::report(&self.app.l10n).join("\n"))?;
                self.send(PageMsg::AskForMemory);
                Ok(())
            }
            Ok(Meaning::Command(SlashLine { slash: Slash::Remove, .. }))
                if self.app.server.is_some_and(|id| self.app.hosting.is_of(id)) =>
            {
                self.print_tr("terminal-remove-hosted", &[])
            }
            Ok(meaning) => self.obey(meaning),
            Err(error) => self.print(&slash::error(&self.app.l10n, &error)),
        }
    }

    fn obey(&mut self, meaning: Meaning) -> Result<(), String> {
        let mut about = None;
        if let Meaning::Command(SlashLine { slash, number: Some(number), .. }) = &meaning
            && slash.is_about_a_message()
        {
            let printed = self.app.server.and_then(|server| self.printed.get(&server));
            about = printed.and_then(|printed| printed.transcript.message(*number));
            if about.is_none() {
                return self.print(&sentence::command_error(&self.app.l10n, &CommandError::NoSuchMessage));
            }
        }
        self.send(Msg::Line(meaning, about));
        // Whoever writes a line in full means it.
        self.show(true)
    }
}
