//! What is stored about servers, and which are being added.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use shepot_client::model::ServerId;
use shepot_client::{EntryError, RequestId};
use shepot_preferences::SavedServer;
use zeroize::Zeroizing;

/// Where an entry for a server comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The composer, while there is no room to write in.
    Composer,
    /// A question or a command.
    Asked,
    /// The first page, as an invitation.
    Invitation,
    /// The first page, as an address.
    Address,
    /// The form on the page of servers.
    List,
    /// A new invitation that replaces that of this server.
    InPlaceOf(ServerId),
    /// The relay in this process.
    Host,
    /// The stored preferences.
    Kept,
}

/// The errors of the forms as sentences. Empty: no error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryErrors {
    /// The error of the nick.
    pub nick: String,
    /// The error of the invitation on the first page.
    pub invitation: String,
    /// The error of the address on the first page.
    pub address: String,
    /// The error of the entry on the page of servers.
    pub list: String,
    /// Why no relay was started.
    pub hosting: String,
}

impl EntryErrors {
    /// The error beside the field of this origin. `None` if that shows no error beside a field.
    pub(crate) const fn beside(&mut self, origin: Origin) -> Option<&mut String> {
        match origin {
            Origin::Invitation => Some(&mut self.invitation),
            Origin::Address => Some(&mut self.address),
            Origin::List => Some(&mut self.list),
            Origin::Composer | Origin::Asked | Origin::InPlaceOf(_) | Origin::Host | Origin::Kept => None,
        }
    }
}

/// Servers that are being added, and what is stored about servers.
#[derive(Default)]
pub struct Adding {
    pub(crate) waiting: BTreeMap<RequestId, (Origin, SavedServer)>,
    pub(crate) kept: BTreeMap<ServerId, SavedServer>,
    /// Stored servers that the engine has not been given yet.
    pub(crate) pending: VecDeque<SavedServer>,
    /// Stored servers that the engine refused. They stay stored.
    pub(crate) refused: Vec<SavedServer>,
    /// The errors behind [`EntryErrors`], to say them in another language.
    pub(crate) wrong: Vec<(Origin, EntryError)>,
    /// Servers that the person added and that have never let us in.
    pub(crate) attempts: BTreeSet<ServerId>,
    /// An invitation that was pasted before the person had a nick.
    pub(crate) until_named: Option<Zeroizing<String>>,
    /// What another start of the program handed over while nothing could be asked.
    pub(crate) until_asked: Option<Zeroizing<String>>,
    /// The entry that replaces that of this server, once the person agrees.
    pub(crate) replacement: Option<(ServerId, Zeroizing<String>)>,
}

impl Adding {
    /// What is stored about a server. `None` for the one that is hosted here.
    #[must_use]
    pub fn kept(&self, id: ServerId) -> Option<&SavedServer> {
        self.kept.get(&id)
    }
}
