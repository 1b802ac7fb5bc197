//! The page of settings. They take effect at once, and are stored only if the person allows it.

use std::rc::Rc;

use shepot_app::{OutsideMsg, OverMsg, Page, PageMsg};
use shepot_preferences::{
    ABOUT_A_SERVER, About, Density, LOCK_MINUTES, LogLevel, Preferences, Renderer, Theme,
};
use shepot_sanitise::Sanitised;
use shepot_view::Language;
use shepot_view::command::Command;
use shepot_view::settings::Section;
use shepot_view::tile::Tiles;
use shepot_view::timer::TIMERS;
use shepot_view::{posture, size};
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::choices::{choices, chosen};
use crate::models::{model, update};
use crate::program::Program;
use crate::saving::saved;
use crate::shown::Shown;
use crate::{faces, file_dialog, profile, rail};

/// The most lines of the log that are shown.
const MOST_LINES: usize = 500;

/// What the program contains that has a licence, with the text or the address of each licence.
const LICENCES: [(&str, &str); 5] = [
    ("Shepot · AGPL-3.0-or-later", include_str!("../../../LICENSE")),
    ("Inter, JetBrains Mono NL, Noto · SIL OFL 1.1", include_str!("../../typeset/fonts/OFL.txt")),
    ("Lucide · ISC", include_str!("../../window/ui/icons/LICENSE")),
    (
        "Slint · GPL-3.0-only",
        "https://slint.dev · Copyright © SixtyFPS GmbH. GNU General Public License, version 3.",
    ),
    ("emojibase-data · MIT", "https://emojibase.dev · Copyright © Miles Johnson. MIT License."),
];

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Settings, on_changed_any, |program| changed(&program));
    on!(program, Settings, on_section_chosen, |program, section| section_chosen(&program, section));
    on!(program, Settings, on_theme_chosen, |program, at| {
        let kept = program.preferences();
        let theme = chosen(Theme::OFFERED, at, kept.theme);
        program.send(PageMsg::SetPreferences(Box::new(Preferences { theme, ..kept })));
    });
    on!(program, Settings, on_close, |program| {
        program.send(PageMsg::OpenPage(Page::Room));
    });
    on!(program, Settings, on_clear_all, |program| program.send(OverMsg::AskToClearAll));
    on!(program, Settings, on_set_passphrase, |program| program.send(OverMsg::AskPassphrase));
    on!(program, Settings, on_server_about, |program, id, about| {
        let id = rail::server_id(id);
        program.send(PageMsg::NotifyAbout(id, chosen(ABOUT_A_SERVER, about, None)));
    });
    on!(program, Settings, on_copy_log, |program| {
        let text =
            program.options.log.as_ref().map(|log| log.lines(MOST_LINES).join("\n")).unwrap_or_default();
        program.send(OverMsg::Copy(Sanitised::of(&text)));
    });
    on!(program, Settings, on_save_log, |program| save_log(&program));
    on!(program, Settings, on_clear_log, |program| {
        let cleared = program.options.log.as_ref().is_none_or(|log| log.clear().is_ok());
        if !cleared {
            program.send(OutsideMsg::Problem(program.tr("ui-save-failed", &[])));
        }
        show_log(&program);
    });
    on!(program, Settings, on_open_licence, |program, index| {
        let text = usize::try_from(index).ok().and_then(|index| LICENCES.get(index)).map(|(_, text)| *text);
        let page = program.app.global::<ui::Settings>();
        let shown = page.get_licence_text();
        let text = text.unwrap_or_default();
        page.set_licence_text(if shown == text { "".shown() } else { text.shown() });
    });
}

fn page(program: &Program) -> ui::Settings<'_> {
    program.app.global::<ui::Settings>()
}

/// The section as the component tree names it.
pub(crate) const fn section_of(section: Section) -> ui::SettingsSection {
    match section {
        Section::Profile => ui::SettingsSection::Profile,
        Section::Look => ui::SettingsSection::Look,
        Section::Privacy => ui::SettingsSection::Privacy,
        Section::Notifications => ui::SettingsSection::Notifications,
        Section::Logs => ui::SettingsSection::Logs,
        Section::Keys => ui::SettingsSection::Keys,
        Section::About => ui::SettingsSection::About,
    }
}

/// Opens a section of the settings.
pub(crate) fn open_section(program: &Rc<Program>, section: ui::SettingsSection) {
    page(program).set_section(section);
    page(program).set_section_open(program.app.global::<ui::Shell>().get_one_column());
    program.send(PageMsg::OpenPage(Page::Settings));
    section_chosen(program, section);
    program.app.invoke_focus_page();
}

/// Opens the settings in the section where they were.
pub(crate) fn opened(program: &Rc<Program>) {
    page(program).set_section_open(false);
    section_chosen(program, page(program).get_section());
}

/// Goes one step back: from a section to the list of sections in a narrow window. Returns false if the settings have to
/// be left.
pub(crate) fn step_back(program: &Rc<Program>) -> bool {
    let is_open = program.state().page == Page::Settings && page(program).get_section_open();
    if is_open {
        page(program).set_section_open(false);
        program.app.invoke_focus_page();
    }
    is_open
}

fn section_chosen(program: &Rc<Program>, section: ui::SettingsSection) {
    // What is not seen is painted when it is opened: at the start every millisecond is seen.
    if program.state().page != Page::Settings {
        return;
    }
    match section {
        ui::SettingsSection::Profile => {
            profile::refresh(program);
            refresh_memory(program);
        }
        ui::SettingsSection::Privacy => {
            refresh_memory(program);
            page(program).set_remember_note(program.state().remember_note().shown());
            program.send(PageMsg::AskForMemory);
            refresh_posture(program);
        }
        ui::SettingsSection::Notifications => refresh_servers(program),
        ui::SettingsSection::Logs => show_log(program),
        ui::SettingsSection::Look | ui::SettingsSection::Keys | ui::SettingsSection::About => {}
    }
}

/// Fills the page from the preferences.
pub(crate) fn fill(program: &Program) {
    let state = program.state();
    let kept = &state.preferences;
    let page = page(program);
    let themes = Theme::OFFERED.iter().map(|(theme, name)| ui::ThemeLine {
        name: program.tr(name, &[]).shown(),
        left_is_dark: *theme != Theme::Light,
        right_is_dark: *theme == Theme::Dark,
        is_chosen: *theme == kept.theme,
    });
    page.set_themes(update(page.get_themes(), themes.collect()));
    page.set_text_size(i32::from(kept.text_size));
    page.set_density(choices(program, page.get_density(), Density::OFFERED, kept.density));
    page.set_language(choices(program, page.get_language(), Language::OFFERED, state.l10n.language()));
    page.set_twenty_four(kept.twenty_four_hours);
    page.set_still(kept.reduce_motion);
    page.set_system_frame(kept.system_frame);
    page.set_renderer(choices(program, page.get_renderer(), Renderer::OFFERED, kept.renderer));
    page.set_vanish(choices(program, page.get_vanish(), &TIMERS, kept.disappears_after_s));
    page.set_lock_after(choices(program, page.get_lock_after(), LOCK_MINUTES, kept.lock_after_minutes));
    page.set_wipes(kept.wipe_after_wrong);
    page.set_shows_typing(kept.shows_typing);
    page.set_clears_clipboard(kept.clears_clipboard);
    page.set_can_hide_window(cfg!(any(windows, target_os = "macos")));
    page.set_hides_window(kept.hides_window);
    page.set_remembers(state.may_keep());
    page.set_remember_note(state.remember_note().shown());
    page.set_incognito(state.is_incognito);
    page.set_panic_forgets(kept.panic_forgets);
    page.set_notifies(kept.notifies);
    let most = shepot_app::SMALL_CIRCLE.to_string();
    page.set_about_note(program.tr("ui-n-size-note", &[("n", &most)]).shown());
    program.app.global::<ui::Shell>().set_is_incognito(!state.may_keep());
    page.set_about(choices(program, page.get_about(), About::OFFERED, kept.about));
    page.set_sound(kept.sound);
    page.set_badge(kept.badge);
    page.set_logs(kept.logs);
    page.set_level(choices(program, page.get_level(), LogLevel::OFFERED, kept.log_level));
    page.set_version(env!("CARGO_PKG_VERSION").shown());
    page.set_has_passphrase(state.lock.has_passphrase());
    page.set_keys(model(keys(program)));
    page.set_licences(model(LICENCES.iter().map(|(name, _)| name.shown()).collect()));
    let sidebar = program.app.global::<ui::Sidebar>();
    sidebar.set_moods_open(kept.moods_open);
    if let Some(log) = &program.options.log {
        log.set(kept.logs && !state.is_incognito, level(kept.log_level));
    }
}

/// How the keys of a command are pressed.
fn pressed(command: Command) -> Option<String> {
    let written = command.chord()?.written();
    Some(if command == Command::Panic { format!("{written} ×2") } else { written })
}

/// Every key and what it does.
fn keys(program: &Program) -> Vec<ui::KeyLine> {
    let more = [
        ("ui-key-servers", "Ctrl+1 … Ctrl+9"),
        ("ui-key-send", "Enter"),
        ("ui-key-line", "Shift+Enter"),
        ("ui-key-edit", "↑"),
        ("ui-key-complete", "Tab"),
        ("ui-key-bold", "Ctrl+B"),
        ("ui-key-italic", "Ctrl+Shift+I"),
        ("ui-key-code", "Ctrl+Shift+X"),
        ("ui-key-move", "↑ ↓"),
        ("ui-key-reply", "R"),
        ("ui-key-react", "E"),
        ("ui-key-copy", "Ctrl+C"),
        ("ui-key-delete", "Del"),
        ("ui-key-newest", "End"),
    ];
    let commands = Command::ALL.iter().filter_map(|command| Some((command.word(), pressed(*command)?)));
    let line = |(name, keys): (&str, String)| ui::KeyLine {
        name: program.tr(name, &[]).shown(),
        keys: keys.shown(),
        headline: false,
    };
    commands.chain(more.map(|(name, keys)| (name, keys.to_owned()))).map(line).collect()
}

const fn level(level: LogLevel) -> tracing::Level {
    match level {
        LogLevel::Errors => tracing::Level::WARN,
        LogLevel::Events => tracing::Level::INFO,
        LogLevel::Everything => tracing::Level::DEBUG,
    }
}

/// Takes all settings from the page.
fn changed(program: &Rc<Program>) {
    let page = page(program);
    let spoken = program.l10n().language();
    let language = chosen(Language::OFFERED, page.get_language().current, spoken);
    if language != spoken {
        program.send(PageMsg::SetLanguage(language));
    }
    let kept = program.preferences();
    let preferences = Preferences {
        text_size: u8::try_from(page.get_text_size()).unwrap_or(kept.text_size),
        density: chosen(Density::OFFERED, page.get_density().current, kept.density),
        twenty_four_hours: page.get_twenty_four(),
        reduce_motion: page.get_still(),
        system_frame: page.get_system_frame(),
        renderer: chosen(Renderer::OFFERED, page.get_renderer().current, kept.renderer),
        disappears_after_s: chosen(&TIMERS, page.get_vanish().current, kept.disappears_after_s),
        lock_after_minutes: chosen(LOCK_MINUTES, page.get_lock_after().current, kept.lock_after_minutes),
        wipe_after_wrong: page.get_wipes(),
        shows_typing: page.get_shows_typing(),
        clears_clipboard: page.get_clears_clipboard(),
        hides_window: page.get_hides_window(),
        remembers: page.get_remembers(),
        panic_forgets: page.get_panic_forgets(),
        notifies: page.get_notifies(),
        about: chosen(About::OFFERED, page.get_about().current, kept.about),
        sound: page.get_sound(),
        badge: page.get_badge(),
        logs: page.get_logs(),
        log_level: chosen(LogLevel::OFFERED, page.get_level().current, kept.log_level),
        ..kept
    };
    program.send(PageMsg::SetPreferences(Box::new(preferences)));
    section_chosen(program, page.get_section());
}

/// Shows what the system may do with memory, and how much of it has messages.
pub(crate) fn refresh_posture(program: &Program) {
    let l10n = program.l10n();
    let held = posture::held(&l10n, program.state().desk.held_bytes());
    let lines = posture::report(&l10n).into_iter().chain([held]);
    page(program).set_posture(model(lines.map(Shown::shown).collect()));
}

/// Shows how much is in memory.
pub(crate) fn refresh_memory(program: &Program) {
    let l10n = program.l10n();
    let messages = program.state().desk.messages();
    let text =
        l10n.tr("ui-v-ram-n", &[("a", &size::number(l10n.language(), u64::try_from(messages).unwrap_or(0)))]);
    page(program).set_in_memory(text.shown());
}

fn refresh_servers(program: &Program) {
    let state = program.state();
    let tiles = Tiles::of(state.desk.servers());
    let lines = state.desk.servers().iter().filter_map(|server| {
        let about = state.about_of(server.id)?;
        let (face, letter, colour) = faces::tile(program, server, &tiles, 32.0);
        Some(ui::NotifyLine {
            id: rail::number(server.id),
            name: server.title().shown(),
            face,
            letter: letter.shown(),
            colour,
            about: choices(program, ui::Choices::default(), ABOUT_A_SERVER, about),
        })
    });
    page(program).set_servers(model(lines.collect()));
    page(program).set_preview_time(state.clock.time(program.now().unix).shown());
}

fn show_log(program: &Program) {
    let Some(log) = &program.options.log else { return };
    let lines = log.lines(MOST_LINES).into_iter().map(|line| {
        let mut parts = line.splitn(3, ' ');
        let (time, level, text) = (parts.next(), parts.next(), parts.next());
        let kind = match level {
            Some("ERROR") => ui::LogKind::Error,
            Some("WARN") => ui::LogKind::Warning,
            Some(_) | None => ui::LogKind::Other,
        };
        ui::LogLine {
            time: time.unwrap_or_default().shown(),
            level: level.unwrap_or_default().shown(),
            kind,
            text: text.unwrap_or_default().shown(),
        }
    });
    page(program).set_lines(model(lines.collect()));
}

fn save_log(program: &Rc<Program>) {
    let Some(log) = program.options.log.clone() else { return };
    let number = program.number;
    let title = program.tr("ui-l-save", &[]);
    program.engine.spawn(async move {
        let lines = log.lines(usize::MAX).join("\n").into_bytes();
        saved(number, file_dialog::save(title, "shepot.log").await, lines);
    });
}
