//! Keeps the window within the part of the screen that is free for windows, at any scale.
//!
//! Must never: make a window larger than it was wanted.

use slint::ComponentHandle as _;
use slint::winit_030::winit::event_loop::ActiveEventLoop;
use slint::winit_030::winit::monitor::MonitorHandle;
use slint::winit_030::{CustomApplicationHandler, EventResult};
use slint::{LogicalSize, PhysicalSize};

use crate::program::{Program, each};
use shepot_window as ui;

/// The wanted size if the person has not chosen one, in logical pixels.
const WANTED: (f32, f32) = (1280.0, 800.0);

/// The height of the Windows task bar in logical pixels, which the toolkit does not tell.
const TASK_BAR: f32 = if cfg!(windows) { 48.0 } else { 0.0 };

/// Fits windows into the screen as soon as the screens are known, before the windows are made.
#[derive(Debug)]
pub struct Fitting;

impl CustomApplicationHandler for Fitting {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) -> EventResult {
        let screen = event_loop.primary_monitor().or_else(|| event_loop.available_monitors().next());
        if let Some(screen) = screen {
            each(|program| fit(program, &screen, None));
        }
        EventResult::Propagate
    }
}

/// Fits the window into a screen. `now`: its size, if it exists already.
#[allow(clippy::cast_precision_loss, reason = "pixels of a screen")]
pub(crate) fn fit(program: &Program, screen: &MonitorHandle, now: Option<LogicalSize>) {
    // As the toolkit takes it.
    let set = std::env::var("SLINT_SCALE_FACTOR").ok().and_then(|scale| scale.parse::<f32>().ok());
    #[allow(clippy::cast_possible_truncation, reason = "a scale")]
    let scale = set.filter(|scale| *scale > 0.0).unwrap_or(screen.scale_factor() as f32);
    let whole = PhysicalSize::new(screen.size().width, screen.size().height);
    let place = work_area()
        .map_or(whole, |area| PhysicalSize::new(area.width.min(whole.width), area.height.min(whole.height)));
    if place.width == 0 || place.height == 0 {
        // A screen that does not tell.
        return;
    }
    let most = (place.width as f32 / scale, place.height as f32 / scale - TASK_BAR);
    let shell = program.app.global::<ui::Shell>();
    shell.set_most_width(most.0);
    shell.set_most_height(most.1);
    // What is kept is written over by whatever the toolkit takes for the size before the window is there.
    let kept = program.frame.size_kept.get().map(|(width, height)| (width as f32, height as f32));
    let wanted = now.map(|size| (size.width, size.height)).or(kept).unwrap_or(WANTED);
    let fitting = (wanted.0.min(most.0), wanted.1.min(most.1));
    if now.is_none() || fitting != wanted {
        program.app.window().set_size(LogicalSize::new(fitting.0, fitting.1));
    }
}

/// The area that panels leave free on an X11 screen, if the window manager says so.
#[cfg(target_os = "linux")]
fn work_area() -> Option<PhysicalSize> {
    use x11rb::connection::Connection as _;
    use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _};
    if std::env::var_os("WAYLAND_DISPLAY").is_some() {
        return None;
    }
    let (connection, screen) = x11rb::connect(None).ok()?;
    let root = connection.setup().roots.get(screen)?.root;
    let name = connection.intern_atom(true, b"_NET_WORKAREA").ok()?.reply().ok()?.atom;
    let asked = connection.get_property(false, root, name, AtomEnum::CARDINAL, 0, 4).ok()?;
    let area: Vec<u32> = asked.reply().ok()?.value32()?.collect();
    let [_, _, width, height] = area.try_into().ok()?;
    Some(PhysicalSize::new(width, height)).filter(|area| area.width > 0 && area.height > 0)
}

#[cfg(not(target_os = "linux"))]
const fn work_area() -> Option<PhysicalSize> {
    None
}
