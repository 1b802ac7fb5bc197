//! Opens links in the browser.

use std::rc::Rc;

use shepot_app::OutsideMsg;

use crate::program::Program;

pub(crate) fn browse(program: &Rc<Program>, link: &str) {
    if !program.options.uses_system {
        return program.send(OutsideMsg::Told(program.tr("ui-link-open", &[])));
    }
    let opened = if cfg!(target_os = "windows") {
        std::process::Command::new("rundll32").arg("url.dll,FileProtocolHandler").arg(link).spawn()
    } else if cfg!(target_os = "macos") {
        std::process::Command::new("open").arg(link).spawn()
    } else {
        std::process::Command::new("xdg-open").arg(link).spawn()
    };
    match opened {
        // Somebody has to hear that it has ended.
        Ok(mut browser) => drop(std::thread::spawn(move || browser.wait())),
        Err(_) => program.send(OutsideMsg::Problem(program.tr("ui-link-failed", &[]))),
    }
}
