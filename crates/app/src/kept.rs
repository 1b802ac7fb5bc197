//! What is kept of servers, and what is being added.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use shepot_client::model::ServerId;
use shepot_client::{EntryError, RequestId};
use shepot_preferences::SavedServer;
use zeroize::Zeroizing;

/// From where a server is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// What is written where there is no room to write in.
    Composer,
    /// A question, or a command.
    Asked,
    /// The first page, by an invitation.
    Invitation,
    /// The first page, by an address.
    Address,
    /// The list of servers.
    List,
    /// A new invitation, in the place of this server's.
    InPlaceOf(ServerId),
    /// A relay in this process.
    Host,
    /// It was kept.
    Kept,
}

/// What is wrong with what was typed to add a server: sentences, empty where nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryErrors {
    /// With the nick.
    pub nick: String,
    /// With the invitation on the first page.
    pub invitation: String,
    /// With the address there.
    pub address: String,
    /// On the list of servers.
    pub list: String,
    /// Why no relay was started.
    pub hosting: String,
}

impl EntryErrors {
    /// With what was typed there; nowhere, where what is wrong is not said beside a field.
    pub(crate) const fn beside(&mut self, origin: Origin) -> Option<&mut String> {
        match origin {
            Origin::Invitation => Some(&mut self.invitation),
            Origin::Address => Some(&mut self.address),
            Origin::List => Some(&mut self.list),
            Origin::Composer | Origin::Asked | Origin::InPlaceOf(_) | Origin::Host | Origin::Kept => None,
        }
    }
}

/// Servers that are being added, and what is kept.
#[derive(Default)]
pub struct Adding {
    pub(crate) waiting: BTreeMap<RequestId, (Origin, SavedServer)>,
    pub(crate) kept: BTreeMap<ServerId, SavedServer>,
    /// Kept ones that the engine has not been given yet.
    pub(crate) pending: VecDeque<SavedServer>,
    /// Kept ones that the engine did not take: they stay in the file.
    pub(crate) refused: Vec<SavedServer>,
    /// What is wrong with what was typed, there: to be said in another language.
    pub(crate) wrong: Vec<(Origin, EntryError)>,
    /// Servers that the person has added and that have never let us in.
    pub(crate) attempts: BTreeSet<ServerId>,
    /// An invitation that was pasted before the person had a nick.
    pub(crate) until_named: Option<Zeroizing<String>>,
    /// What another start handed over while nobody could be asked about it.
    pub(crate) until_asked: Option<Zeroizing<String>>,
    /// An entry that takes the place of this server's, once the person has agreed.
    pub(crate) replacement: Option<(ServerId, Zeroizing<String>)>,
}

impl Adding {
    /// What is kept of a server; nothing of one that is hosted here.
    #[must_use]
    pub fn kept(&self, id: ServerId) -> Option<&SavedServer> {
        self.kept.get(&id)
    }
}
