//! What stands chosen on the settings is what was decided, and what is chosen there is kept.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use shepot_preferences::{
    About, AvatarKind, Density, LogLevel, Preferences, PreferencesFile, Profile, Renderer, Theme,
};
use shepot_testkit::Actor;
use shepot_view::timer::TIMERS;
use shepot_view::{L10n, Language};
use slint::ComponentHandle as _;
use slint::platform::Key;
use support::{Person, options, play};

/// What each choice is called, in the order of its type.
const THEMES: [&str; 3] = ["ui-a-system", "ui-a-dark", "ui-a-light"];
const DENSITIES: [&str; 2] = ["ui-a-cozy", "ui-a-compact"];
const RENDERERS: [&str; 3] = ["ui-a-drawing-auto", "ui-a-drawing-cpu", "ui-a-drawing-gpu"];
const ABOUT: [&str; 4] = ["ui-n-size", "ui-n-all", "ui-n-ment", "ui-n-none"];
const LEVELS: [&str; 3] = ["ui-l-err", "ui-l-info", "ui-l-debug"];
const AVATARS: [&str; 3] = ["ui-p-emoji", "ui-p-upload", "ui-p-initial"];
/// Minutes until it is locked, and what that is called.
const LOCKS: [(u32, &str); 5] = [(0, "Never"), (1, "1 min"), (5, "5 min"), (15, "15 min"), (60, "1 h")];

/// What is offered at a place; the first where nothing is.
fn nth<T: Copy>(offered: &[(T, &str)], at: usize) -> T {
    offered.get(at).unwrap_or(&offered[0]).0
}

fn decided(at: usize) -> Preferences {
    Preferences {
        theme: nth(Theme::OFFERED, at),
        density: nth(Density::OFFERED, at),
        renderer: nth(Renderer::OFFERED, at),
        about: nth(About::OFFERED, at),
        log_level: nth(LogLevel::OFFERED, at),
        disappears_after_s: nth(&TIMERS, at),
        lock_after_minutes: LOCKS[at].0,
        profile: Profile { nick: "nika".into(), avatar: nth(AvatarKind::OFFERED, at), ..Profile::default() },
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

/// Where it locks by itself, a passphrase is asked for at the start: none is kept.
async fn puts_the_passphrase_off(nika: &Person) {
    nika.waits_to_hear("Lock passphrase").await;
    nika.presses(Key::Escape).await;
    nika.waits_to_hear("will not lock by itself").await;
}

#[test]
fn what_stands_chosen_is_what_was_decided() {
    play(|| async {
        let l10n = L10n::new(Language::English);
        let tr = |names: &[&str]| names.iter().map(|name| l10n.tr(name, &[])).collect::<Vec<_>>();
        for (at, (_, lock)) in LOCKS.into_iter().enumerate() {
            let folder = tempfile::tempdir().unwrap();
            PreferencesFile::in_folder(folder.path()).write(&decided(at), &decided(at)).unwrap();
            let nika = Person::sits_down(options(Language::English, Some(folder.path()))).await;
            if decided(at).lock_after_minutes > 0 {
                puts_the_passphrase_off(&nika).await;
            }
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

#[test]
fn what_is_chosen_is_kept() {
    play(|| async {
        let folder = tempfile::tempdir().unwrap();
        let file = PreferencesFile::in_folder(folder.path());
        file.write(&decided(0), &decided(0)).unwrap();
        let nika = Person::sits_down(options(Language::English, Some(folder.path()))).await;
        let l10n = L10n::new(Language::English);
        nika.presses_with(&[Key::Control], ",").await;
        let chooses = async |names: &[&str]| {
            for name in names {
                nika.clicks(&l10n.tr(name, &[])).await;
            }
        };
        // In a list that opens, so many lines below the one that is chosen.
        let chooses_below = async |list: &str, lines: usize| {
            nika.clicks(list).await;
            for _ in 0..lines {
                nika.presses(Key::DownArrow).await;
            }
            nika.presses(Key::Return).await;
        };
        nika.waits_to_hear("Initial").await;
        chooses(&[AVATARS[2]]).await;
        nika.clicks("Appearance").await;
        chooses(&[THEMES[1], DENSITIES[1]]).await;
        chooses_below(&l10n.tr("ui-a-drawing", &[]), 2).await;
        nika.clicks("Privacy").await;
        chooses_below(&l10n.tr("ui-v-vanish", &[]), 3).await;
        nika.clicks("Notifications").await;
        chooses_below(&l10n.tr("ui-n-when", &[]), 3).await;
        nika.clicks("Logs").await;
        chooses(&[LEVELS[2]]).await;
        nika.clicks("Appearance").await;
        nika.clicks(&l10n.tr("ui-a-lang", &[])).await;
        nika.presses(Key::Home).await;
        nika.presses(Key::Return).await;
        nika.clicks("Приватность").await;
        chooses_below(&L10n::new(Language::Russian).tr("ui-v-lock", &[]), 3).await;
        let expected = Preferences {
            theme: Theme::Dark,
            density: Density::Compact,
            renderer: Renderer::Graphics,
            about: About::Nothing,
            log_level: LogLevel::Everything,
            disappears_after_s: 300,
            lock_after_minutes: 15,
            language: Some("ru".into()),
            profile: Profile { nick: "nika".into(), avatar: AvatarKind::Letter, ..Profile::default() },
            ..Preferences::default()
        };
        let kept = file.read().unwrap().unwrap();
        assert_eq!(Preferences { window: None, ..kept }, expected);
        nika.program.app.hide().unwrap();
    });
}

/// Whatever stands in the file: what the window does not offer is neither shown as something else nor lost.
#[test]
fn what_is_not_offered_is_kept() {
    play(|| async {
        let folder = tempfile::tempdir().unwrap();
        let file = PreferencesFile::in_folder(folder.path());
        let kept = Preferences { lock_after_minutes: 10, disappears_after_s: 90, ..decided(0) };
        file.write(&kept, &kept).unwrap();
        let nika = Person::sits_down(options(Language::English, Some(folder.path()))).await;
        let l10n = L10n::new(Language::English);
        puts_the_passphrase_off(&nika).await;
        nika.presses_with(&[Key::Control], ",").await;
        nika.clicks("Privacy").await;
        for list in ["ui-v-vanish", "ui-v-lock"] {
            let list = l10n.tr(list, &[]);
            assert!(nika.sees(&list));
            assert_eq!(value(&nika, &list), "");
        }
        nika.clicks(&l10n.tr("ui-v-typing", &[])).await;
        let expected = Preferences { shows_typing: false, window: None, ..kept };
        assert_eq!(Preferences { window: None, ..file.read().unwrap().unwrap() }, expected);
        nika.program.app.hide().unwrap();
    });
}

#[test]
fn a_file_of_a_newer_program_is_left_as_it_is() {
    play(|| async {
        let folder = tempfile::tempdir().unwrap();
        let file = PreferencesFile::in_folder(folder.path()).path();
        let newer = r#"{"version": 1000, "servers": {"in": "another way"}}"#;
        std::fs::write(&file, newer).unwrap();
        let nika = Person::sits_down(options(Language::English, Some(folder.path()))).await;
        nika.waits_to_hear("by a newer version of Shepot").await;
        nika.presses_with(&[Key::Control], ",").await;
        nika.clicks("Privacy").await;
        nika.clicks(&L10n::new(Language::English).tr("ui-v-typing", &[])).await;
        assert_eq!(std::fs::read_to_string(&file).unwrap(), newer);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        nika.program.app.hide().unwrap();
    });
}

#[test]
fn a_server_is_notified_of_otherwise() {
    play(|| async {
        let (_anna, invitation) = Actor::host("anna");
        let nika = Person::sits_down(options(Language::English, None)).await;
        nika.clicks("What should people call you?").await;
        nika.types("nika").await;
        nika.all("I have an invitation").pop().unwrap().set_accessible_value(invitation);
        nika.clicks("Join").await;
        nika.waits_to_hear("Message #main").await;
        nika.presses_with(&[Key::Control], ",").await;
        nika.clicks("Notifications").await;
        // It is called by its address.
        let server = nika.heard("127.0.0.1").pop().unwrap();
        assert_eq!(value(&nika, &server), "As above");
        for words in ["Everything", "Mentions", "Nothing"] {
            nika.clicks(&server).await;
            nika.presses(Key::DownArrow).await;
            nika.presses(Key::Return).await;
            // What stands there when one comes back is what was decided.
            nika.clicks("Logs").await;
            nika.clicks("Notifications").await;
            assert_eq!(value(&nika, &server), words);
        }
        nika.program.app.hide().unwrap();
    });
}

#[test]
fn a_link_is_for_those_nearby_or_elsewhere() {
    play(|| async {
        let nika = Person::hosts(Language::English, "nika").await;
        nika.presses_with(&[Key::Control], "i").await;
        let l10n = L10n::new(Language::English);
        let (list, address) = (l10n.tr("ui-inv-for", &[]), l10n.tr("ui-inv-public", &[]));
        nika.waits_for("the list", |nika| nika.sees(&list)).await;
        assert_eq!(value(&nika, &list), l10n.tr("ui-inv-near", &[]));
        assert!(!nika.sees(&address));
        nika.clicks(&list).await;
        nika.presses(Key::DownArrow).await;
        nika.presses(Key::Return).await;
        assert_eq!(value(&nika, &list), l10n.tr("ui-inv-far", &[]));
        nika.waits_for("the field of the address", |nika| nika.sees(&address)).await;
        // There is no link yet.
        let enabled = |nika: &Person, name: &str| nika.all(&l10n.tr(name, &[]))[0].accessible_enabled();
        for name in ["ui-inv-copy", "ui-inv-save"] {
            assert_eq!(enabled(&nika, name), Some(false));
        }
        nika.all(&address)[0].set_accessible_value("198.51.100.1");
        nika.waits_for("a link", |nika| enabled(nika, "ui-inv-copy") == Some(true)).await;
        nika.program.app.hide().unwrap();
    });
}
