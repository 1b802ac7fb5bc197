//! The window itself: its frame, events of the windowing system, keys in other layouts, dropped files.

use std::rc::Rc;

use shepot_app::{Msg, PageMsg};
use shepot_window as ui;
use slint::platform::WindowEvent as Synthetic;
use slint::winit_030::winit::event::{ElementState, MouseButton, WindowEvent};
use slint::winit_030::winit::keyboard::{Key, KeyCode, NamedKey, PhysicalKey};
use slint::winit_030::{EventResult, WinitWindowAccessor as _};
use slint::{CloseRequestResponse, ComponentHandle as _};

use crate::program::Program;
use crate::shown::typed;
use crate::{clipboard, fitting, notify, qr_entry, reactions, zone};

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Shell, on_minimize, |program| {
        program.app.window().set_minimized(true);
        // The system may say later that the window has the keyboard: the pointer was over it.
        program.send(Msg::Active(false));
    });
    on!(program, Shell, on_maximize, |program| {
        let window = program.app.window();
        window.set_maximized(!window.is_maximized());
    });
    on!(program, Shell, on_close, |program| program.send(Msg::Close));
    on!(program, Shell, on_resized, |program| resized(&program));
    let here = Rc::downgrade(program);
    program.app.window().on_close_requested(move || {
        if let Some(program) = here.upgrade() {
            program.send(Msg::Close);
        }
        CloseRequestResponse::KeepWindowShown
    });
    watch_events(program);
}

/// Handles events that the toolkit does not handle as the program needs.
fn watch_events(program: &Rc<Program>) {
    let here = Rc::downgrade(program);
    let (control, has_focus) = (std::cell::Cell::new(false), std::cell::Cell::new(true));
    let refuses_paste = std::cell::Cell::new(false);
    program.app.window().on_winit_window_event(move |window, event| {
        let Some(program) = here.upgrade() else { return EventResult::Propagate };
        #[allow(clippy::wildcard_enum_match_arm, reason = "the toolkit deals with all the others")]
        match event {
            WindowEvent::ModifiersChanged(modifiers) => {
                let state = modifiers.state();
                control.set(if cfg!(target_os = "macos") { state.super_key() } else { state.control_key() });
            }
            WindowEvent::Focused(is_focused) => {
                has_focus.set(*is_focused);
                tell_activity(&program, *is_focused);
            }
            // It may be seen again.
            WindowEvent::Occluded(_) => tell_activity(&program, has_focus.get()),
            WindowEvent::CursorMoved { .. } => program.send(Msg::Activity),
            // The toolkit pastes what is selected elsewhere, however long it is, when the button is let go.
            WindowEvent::MouseInput { state, button: MouseButton::Middle, .. } => {
                if *state == ElementState::Pressed {
                    refuses_paste.set(clipboard::refuses_selection(&program));
                }
                if refuses_paste.get() {
                    return EventResult::PreventDefault;
                }
            }
            WindowEvent::HoveredFile(_) => program.app.global::<ui::Shell>().set_drag_over(true),
            WindowEvent::HoveredFileCancelled => program.app.global::<ui::Shell>().set_drag_over(false),
            WindowEvent::DroppedFile(path) => {
                program.app.global::<ui::Shell>().set_drag_over(false);
                qr_entry::dropped(&program, path);
            }
            WindowEvent::ScaleFactorChanged { .. } | WindowEvent::ThemeChanged(_) => look_otherwise(&program),
            WindowEvent::KeyboardInput { event, is_synthetic: false, .. } => {
                if event.state == ElementState::Pressed {
                    is_heard(&program, &event.logical_key);
                }
                if !control.get() {
                    return EventResult::Propagate;
                }
                // The toolkit goes by letters: with another layout Ctrl+C would be Ctrl+С.
                if let Some(letter) = latin_of(event.physical_key, &event.logical_key) {
                    let text = typed(letter);
                    window.dispatch_event(match event.state {
                        ElementState::Pressed if event.repeat => Synthetic::KeyPressRepeated { text },
                        ElementState::Pressed => Synthetic::KeyPressed { text },
                        ElementState::Released => Synthetic::KeyReleased { text },
                    });
                    return EventResult::PreventDefault;
                }
            }
            _ => {}
        }
        EventResult::Propagate
    });
}

/// Tells the program whether the person uses the window: it has the focus and is not minimised. On X11 a pointer over a
/// window that was just minimised counts as focus.
fn tell_activity(program: &Rc<Program>, has_focus: bool) {
    let is_away = program.app.window().with_winit_window(|window| window.is_minimized()).flatten();
    program.send(Msg::Active(has_focus && !is_away.unwrap_or(false)));
    if has_focus {
        zone::look(program);
    }
}

/// Handles a key that reached nothing, since what had the focus is gone: focuses the page, and gives it the key.
fn is_heard(program: &Rc<Program>, key: &Key) {
    let before = program.frame.keys_heard.get();
    let text = match key {
        Key::Character(letters) => Some(typed(letters.as_str())),
        Key::Named(NamedKey::Escape) => Some(typed(slint::platform::Key::Escape)),
        Key::Named(NamedKey::Control) => None,
        // The toolkit passes these over, or they go where the letters go.
        Key::Named(_) | Key::Unidentified(_) | Key::Dead(_) => return,
    };
    let here = Rc::downgrade(program);
    slint::Timer::single_shot(std::time::Duration::ZERO, move || {
        let Some(program) = here.upgrade() else { return };
        if program.frame.keys_heard.get() != before {
            return;
        }
        program.app.invoke_find_focus();
        if let Some(text) = text {
            program.app.window().dispatch_event(Synthetic::KeyPressed { text });
        }
    });
}

/// The lower-case letter on the key in the Latin layout, if the current layout has another kind of letter there.
#[allow(clippy::wildcard_enum_match_arm, reason = "all the keys there are")]
fn latin_of(physical: PhysicalKey, logical: &Key) -> Option<char> {
    let Key::Character(typed) = logical else { return None };
    let mut letters = typed.chars();
    if let (Some(letter), None) = (letters.next(), letters.next())
        && letter.is_ascii()
    {
        // Caps Lock: the toolkit knows small letters alone, and Shift by itself.
        return letter.is_ascii_uppercase().then(|| letter.to_ascii_lowercase());
    }
    let PhysicalKey::Code(code) = physical else { return None };
    Some(match code {
        KeyCode::KeyA => 'a',
        KeyCode::KeyB => 'b',
        KeyCode::KeyC => 'c',
        KeyCode::KeyD => 'd',
        KeyCode::KeyE => 'e',
        KeyCode::KeyF => 'f',
        KeyCode::KeyG => 'g',
        KeyCode::KeyH => 'h',
        KeyCode::KeyI => 'i',
        KeyCode::KeyJ => 'j',
        KeyCode::KeyK => 'k',
        KeyCode::KeyL => 'l',
        KeyCode::KeyM => 'm',
        KeyCode::KeyN => 'n',
        KeyCode::KeyO => 'o',
        KeyCode::KeyP => 'p',
        KeyCode::KeyQ => 'q',
        KeyCode::KeyR => 'r',
        KeyCode::KeyS => 's',
        KeyCode::KeyT => 't',
        KeyCode::KeyU => 'u',
        KeyCode::KeyV => 'v',
        KeyCode::KeyW => 'w',
        KeyCode::KeyX => 'x',
        KeyCode::KeyY => 'y',
        KeyCode::KeyZ => 'z',
        KeyCode::Comma => ',',
        _ => return None,
    })
}

fn resized(program: &Rc<Program>) {
    let shell = program.app.global::<ui::Shell>();
    let (width, height) = (shell.get_width(), shell.get_height());
    let narrow = shell.get_is_narrow();
    let changes = program.list.borrow().is_narrow() != narrow;
    if changes {
        // Who reads a room goes on reading it.
        shell.set_narrow_shows_room(program.has_room());
        reactions::look_otherwise(program);
    }
    // The list of members goes where there is no place for it, and comes back if the person had not closed it.
    let floats = shell.get_side_floats();
    if program.frame.side_floated.replace(floats) != floats {
        if floats && shell.get_side() == ui::Side::Members {
            shell.set_side(ui::Side::None);
        } else if !floats && shell.get_side() == ui::Side::None && program.frame.wants_members.get() {
            shell.set_side(ui::Side::Members);
        }
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the size of a window")]
    let size = (width as u32, height as u32);
    program.send(PageMsg::Resized(size.0, size.1));
}

/// The scale or the theme changed. Draws after the toolkit has noticed it, too.
fn look_otherwise(program: &Rc<Program>) {
    let here = Rc::downgrade(program);
    slint::Timer::single_shot(std::time::Duration::ZERO, move || {
        if let Some(program) = here.upgrade() {
            stay_in_the_screen(&program);
            reactions::look_otherwise(&program);
        }
    });
}

/// Fits the window again, since it may be on another screen or at another scale than expected.
fn stay_in_the_screen(program: &Program) {
    let window = program.app.window();
    let screen = window.with_winit_window(|window| window.current_monitor()).flatten();
    if let Some(screen) = screen.filter(|_| !window.is_maximized() && !window.is_fullscreen()) {
        fitting::fit(program, &screen, Some(window.size().to_logical(window.scale_factor())));
    }
}

/// The window is visible: applies what the settings say about it, and adds the tray icon.
pub(crate) fn shown(program: &Rc<Program>) {
    program.app.invoke_focus_page();
    reactions::protect(program);
    let here = Rc::downgrade(program);
    // After the first frame: the tray takes its time.
    slint::Timer::single_shot(std::time::Duration::from_millis(300), move || {
        if let Some(program) = here.upgrade() {
            stay_in_the_screen(&program);
            notify::show_tray(&program);
            reactions::look_otherwise(&program);
        }
    });
}

#[cfg(test)]
mod tests {
    use slint::winit_030::winit::keyboard::SmolStr;

    use super::*;

    #[test]
    fn shortcuts_are_the_same_with_caps_lock_and_in_another_layout() {
        let letter =
            |code, typed: &str| latin_of(PhysicalKey::Code(code), &Key::Character(SmolStr::new(typed)));
        assert_eq!(letter(KeyCode::KeyC, "C"), Some('c'));
        assert_eq!(letter(KeyCode::KeyC, "c"), None, "the toolkit knows it");
        assert_eq!(letter(KeyCode::KeyC, "с"), Some('c'));
        assert_eq!(letter(KeyCode::KeyC, "С"), Some('c'));
        assert_eq!(
            letter(KeyCode::KeyC, "J"),
            Some('j'),
            "the letter of the layout, not the place of the key"
        );
        assert_eq!(letter(KeyCode::Digit1, "1"), None);
    }
}
