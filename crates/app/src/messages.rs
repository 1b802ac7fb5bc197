//! Actions on messages.

use shepot_client::Action;
use shepot_client::model::{CommandError, Delivery, Message, MessageId, ServerId};
use shepot_sanitise::Sanitised;
use shepot_view::desk::{Item, Place};

use crate::actions::MessageAction;
use crate::confirmation::Confirmation;
use crate::effect::Effect;
use crate::overlay::{For, Offered, Overlay};
use crate::page::Layout;
use crate::state::State;
use crate::toast::Deleted;

impl State {
    pub(crate) fn act_on(&mut self, id: MessageId, action: MessageAction) {
        match action {
            MessageAction::Open => self.open(id),
            MessageAction::Reply => self.reply(id),
            MessageAction::React => self.pick_reaction(id),
            MessageAction::Edit => self.edit(id),
            MessageAction::Copy => self.copy(id),
            MessageAction::Delete => self.delete(id),
            MessageAction::SendAgain => self.send_again(id),
            MessageAction::Discard => self.act(Action::Discard { message: id }),
        }
    }

    fn message(&self, id: MessageId) -> Option<&Message> {
        self.shown()?.timeline().get(&id)
    }

    /// Whether a message is ours, and its body. Says so, and returns `None`, if it is gone or deleted.
    fn living(&mut self, id: MessageId) -> Option<(bool, Sanitised)> {
        let found = self.shown().and_then(|server| {
            let message = server.timeline().get(&id).filter(|message| !message.is_deleted)?;
            Some((server.is_own(message), message.body.clone()))
        });
        if found.is_none() {
            self.refuse(&CommandError::NoSuchMessage);
        }
        found
    }

    /// The body of our own message. Says so, and returns `None`, if it is gone or not ours.
    fn own(&mut self, id: MessageId) -> Option<Sanitised> {
        let (is_own, body) = self.living(id)?;
        if !is_own {
            self.refuse(&CommandError::NotTheAuthor);
        }
        is_own.then_some(body)
    }

    /// The selected message, or else the last one of the conversation.
    pub(crate) fn meant_message(&self) -> Option<MessageId> {
        let last = || {
            let conversation = self.place?.conversation;
            self.shown()?.timeline().iter().rev().find_map(|(_, item)| match item {
                Item::Message(message) if message.conversation == conversation && !message.is_deleted => {
                    Some(message.id)
                }
                Item::Message(_) | Item::SystemEvent { .. } => None,
            })
        };
        self.selected.or_else(last)
    }

    /// The selected message, or else our last one in the conversation.
    pub(crate) fn meant_own(&self) -> Option<MessageId> {
        self.selected.or_else(|| self.shown()?.last_own(self.place?.conversation))
    }

    /// Returns the focus to the composer.
    fn writes(&mut self) {
        self.selected = None;
    }

    pub(crate) fn edit(&mut self, id: MessageId) {
        if let Some(body) = self.own(id) {
            self.composer.edit(id, &body);
            self.writes();
        }
    }

    pub(crate) fn reply(&mut self, id: MessageId) {
        if self.living(id).is_some() {
            self.composer.reply_to(id);
            self.writes();
        }
    }

    /// Adds a reaction, or takes ours back.
    pub(crate) fn react(&mut self, message: MessageId, emoji: &str) {
        if self.living(message).is_some() {
            let taken_back = self.shown().is_some_and(|server| server.has_reacted(&message, emoji));
            self.act(Action::React { message, emoji: emoji.to_owned(), taken_back });
        }
    }

    pub(crate) fn pick_reaction(&mut self, id: MessageId) {
        if self.living(id).is_some() {
            self.lay(Overlay::list(Offered::Emoji(For::Reaction(id)), 0));
        }
    }

    fn open(&mut self, id: MessageId) {
        let Some(server) = self.shown() else { return };
        let Some(message) = server.timeline().get(&id) else { return };
        let (body, is_own) = (message.body.clone(), server.is_own(message));
        let answered = message.reply_to.filter(|answered| server.timeline().get(answered).is_some());
        match answered {
            Some(answered) => self.reveal(answered),
            None if self.asks_about_invitation(&body, false) => {}
            None if is_own => self.edit(id),
            None => self.reply(id),
        }
    }

    /// Goes to the first message that was held back.
    pub(crate) fn show_held(&mut self) {
        let held = self.shown().and_then(|server| {
            let message = server.timeline().held().next()?;
            Some((Place { server: server.id, conversation: message.conversation }, message.id))
        });
        let Some((place, message)) = held else { return self.complain(self.tr("full-nothing-held", &[])) };
        self.go(place);
        self.reveal(message);
    }

    /// Scrolls to a message, and selects it if the interface selects messages by keys.
    pub(crate) fn reveal(&mut self, message: MessageId) {
        if self.layout == Layout::Over {
            self.selected = Some(message);
        }
        self.changes.reveals = Some(message);
    }

    pub(crate) fn delete(&mut self, id: MessageId) {
        if self.own(id).is_some()
            && let Some(server) = self.server
        {
            self.lay(Overlay::Confirm(Confirmation::Delete(server, id)));
        }
    }

    /// Deletes a message at once. For a moment its text can be sent again.
    pub(crate) fn delete_confirmed(&mut self, server: ServerId, id: MessageId) {
        let said = self.desk.message_of(server, &id).filter(|message| message.delivery == Delivery::Sent);
        let deleted = said.map(|message| Deleted {
            place: Place { server, conversation: message.conversation },
            body: message.body.clone(),
            reply_to: message.reply_to,
            mentions: message.mentions.clone(),
        });
        self.on(server, Action::Delete { message: id });
        self.selected = None;
        if deleted.is_some() {
            self.tell(self.tr("ui-deleted-toast", &[]));
            if let Some(toast) = &mut self.toast {
                toast.undo = deleted;
            }
        }
    }

    /// Sends the text of the deleted message again.
    pub(crate) fn undo(&mut self) {
        let Some(deleted) = self.toast.as_mut().and_then(|toast| toast.undo.take()) else {
            return self.complain(self.tr("ui-nothing-to-undo", &[]));
        };
        self.toast = None;
        self.changes.toast = true;
        let Deleted { place, body, reply_to, mentions } = deleted;
        let text = body.to_string();
        let (conversation, body) = (place.conversation, text.clone());
        let request = self.request_on(place.server, Action::Send { conversation, body, reply_to, mentions });
        self.composer.sent_again(request, place, reply_to, text);
    }

    fn copy(&mut self, id: MessageId) {
        if let Some(body) = self.message(id).map(|message| message.body.clone()) {
            self.effect(Effect::Copy(body));
        }
    }

    pub(crate) fn send_again(&mut self, id: MessageId) {
        let Some((server, message)) = self.server.zip(self.message(id)) else {
            return self.refuse(&CommandError::NoSuchMessage);
        };
        match message.delivery {
            Delivery::Failed => {
                let place = Place { server, conversation: message.conversation };
                let (body, reply_to) = (message.body.to_string(), message.reply_to);
                let mentions = message.mentions.clone();
                let text = body.clone();
                let request = self.request_on(
                    server,
                    Action::Send { conversation: place.conversation, body, reply_to, mentions },
                );
                self.composer.sent_again(request, place, reply_to, text);
                self.act(Action::Discard { message: id });
            }
            // Where it waits for nothing, the engine says so.
            Delivery::Held | Delivery::Pending | Delivery::Sent | Delivery::Received => {
                self.act(Action::Release { message: id });
            }
        }
    }
}
