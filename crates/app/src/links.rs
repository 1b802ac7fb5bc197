//! Opens links from messages in the browser.
//!
//! Must never: open a link that the person has not seen in full, if it is the first to a site or may deceive.

use shepot_view::L10n;
use shepot_view::link::{self, Doubt};

use crate::confirmation::Question;
use crate::effect::Effect;
use crate::overlay::Overlay;
use crate::state::State;

/// The most sites that are remembered. Links to others are asked about every time.
const MOST_SITES: usize = 256;

impl State {
    /// Opens a link, or asks first.
    pub(crate) fn open_link(&mut self, link: String) {
        if link::is_invitation(&link) {
            self.asks_about_invitation(&link, false);
            return;
        }
        // What a browser does not understand it is not given.
        let Some(site) = link::site(&link) else { return self.complain(self.tr("ui-link-no-site", &[])) };
        if link::doubt(&link).is_none() && self.sites.contains(&site) {
            return self.effect(Effect::OpenLink(link));
        }
        self.lay(Overlay::Link(link));
    }

    /// Opens a link that the person has seen, and remembers its site.
    pub(crate) fn link_agreed(&mut self, link: String) {
        let site = link::site(&link).filter(|_| link::doubt(&link).is_none());
        if let Some(site) = site.filter(|_| self.sites.len() < MOST_SITES) {
            self.sites.insert(site);
        }
        self.effect(Effect::OpenLink(link));
    }
}

/// The question before a link is opened, in words.
#[must_use]
pub fn question(l10n: &L10n, link: &str) -> Question {
    let site = link::site(link).unwrap_or_default();
    let leads = l10n.tr("ui-link-body", &[("site", &site)]);
    let body = match link::doubt(link) {
        None => format!("{leads} {}", l10n.tr("ui-link-once", &[])),
        Some(Doubt::UserInformation) => format!("{} {leads}", l10n.tr("ui-link-user", &[("site", &site)])),
        Some(Doubt::LookAlike) => format!("{} {leads}", l10n.tr("ui-link-look-alike", &[])),
    };
    let (title, yes) = (l10n.tr("ui-link-title", &[]), l10n.tr("ui-link-open", &[]));
    Question { title, body, yes, quoted: link.to_owned(), ..Question::default() }
}
