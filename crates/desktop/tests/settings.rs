//! What stands chosen on the settings is what was decided: the lists of the component tree are in the order of the types.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use shepot_preferences::{
    About, AvatarKind, Density, LogLevel, Preferences, PreferencesFile, Profile, Renderer, Theme,
};
use shepot_view::timer::TIMERS;
use shepot_view::{L10n, Language};
use slint::ComponentHandle as _;
use slint::platform::Key;
use support::{Person, options, play};

/// What each choice is called, in the order of its type.
const THEMES: [&str; 3] = ["ui-a-system", "ui-a-dark", "ui-a-light"];
const DENSITIES: [&str; 2] = ["ui-a-cozy", "ui-a-compact"];
const RENDERERS: [&str; 3] = ["ui-a-drawing-auto", "ui-a-drawing-cpu", "ui-a-drawing-gpu"];
const ABOUT: [&str; 3] = ["ui-n-all", "ui-n-ment", "ui-n-none"];
const LEVELS: [&str; 3] = ["ui-l-err", "ui-l-info", "ui-l-debug"];
const AVATARS: [&str; 3] = ["ui-p-emoji", "ui-p-upload", "ui-p-initial"];
/// Minutes until it is locked, and what that is called.
const LOCKS: [(u32, &str); 5] = [(0, "Never"), (1, "1 min"), (5, "5 min"), (15, "15 min"), (60, "60 min")];

fn decided(at: usize) -> Preferences {
    Preferences {
        theme: Theme::at(at),
        density: Density::at(at),
        renderer: Renderer::at(at),
        about: About::at(at),
        log_level: LogLevel::at(at),
        disappears_after_s: TIMERS.get(at).map_or(0, |(seconds, _)| *seconds),
        lock_after_minutes: LOCKS[at].0,
        profile: Profile { nick: "nika".into(), avatar: AvatarKind::at(at), ..Profile::default() },
        ..Preferences::default()
    }
}

/// Of those that stand beside each other, the one that is chosen.
fn chosen<'a>(nika: &Person, names: &'a [String]) -> Vec<&'a str> {
    let is_chosen =
        |name: &&String| nika.all(name).iter().any(|found| found.accessible_checked() == Some(true));
    names.iter().filter(is_chosen).map(String::as_str).collect()
}

/// What stands in a list that opens.
fn value(nika: &Person, list: &str) -> String {
    let values = nika.all(list).into_iter().filter_map(|found| found.accessible_value());
    values.map(String::from).find(|value| !value.is_empty()).unwrap_or_default()
}

#[test]
fn what_stands_chosen_is_what_was_decided() {
    play(|| async {
        let l10n = L10n::new(Language::English);
        let tr = |names: &[&str]| names.iter().map(|name| l10n.tr(name, &[])).collect::<Vec<_>>();
        for (at, (_, lock)) in LOCKS.into_iter().enumerate() {
            let folder = tempfile::tempdir().unwrap();
            PreferencesFile::in_folder(folder.path()).write(&decided(at)).unwrap();
            let nika = Person::sits_down(options(Language::English, Some(folder.path()))).await;
            nika.presses_with(&[Key::Control], ",").await;
            let beside = |nika: &Person, names: &[&str]| {
                let names = tr(names);
                let expected = names.get(at).cloned();
                if let Some(expected) = expected {
                    assert_eq!(chosen(nika, &names), [expected.as_str()]);
                }
            };
            let listed = |nika: &Person, list: &str, names: &[&str]| {
                if let Some(expected) = tr(names).get(at) {
                    assert_eq!(value(nika, &l10n.tr(list, &[])), *expected);
                }
            };
            nika.waits_to_hear("Initial").await;
            beside(&nika, &AVATARS);
            nika.clicks("Appearance").await;
            beside(&nika, &THEMES);
            beside(&nika, &DENSITIES);
            listed(&nika, "ui-a-drawing", &RENDERERS);
            assert_eq!(value(&nika, "Language"), "English");
            nika.clicks("Privacy").await;
            listed(&nika, "ui-v-vanish", &TIMERS.map(|(_, name)| name));
            assert_eq!(value(&nika, &l10n.tr("ui-v-lock", &[])), lock);
            nika.clicks("Notifications").await;
            listed(&nika, "ui-n-when", &ABOUT);
            nika.clicks("Logs").await;
            beside(&nika, &LEVELS);
            nika.program.app.hide().unwrap();
        }
    });
}
