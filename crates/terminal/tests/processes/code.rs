//! The QR code of an invitation, as a camera sees the terminal: on dark and on light, with colours and without.

use shepot_testkit::Terminal;
use shepot_testkit::binaries::program;
use shepot_testkit::terminal::CommandBuilder;
use vt100::Color;

/// Pixels of a module.
const MODULE: usize = 4;

/// Whether a colour is light in a terminal whose own ground is light, or dark.
fn is_light(colour: Color, own: bool) -> bool {
    match colour {
        Color::Default => own,
        Color::Idx(number) => !matches!(number, 0 | 8 | 16),
        Color::Rgb(red, ..) => red > 127,
    }
}

/// What a camera reads, in a terminal with this ground.
fn read(terminal: &Terminal, has_light_ground: bool) -> Option<String> {
    let screen = terminal.screen();
    let (rows, columns) = screen.size();
    let (rows, columns) = (usize::from(rows.get()), usize::from(columns.get()));
    let light = |x: usize, y: usize| {
        let (column, line) = (x / MODULE, y / MODULE);
        let row = u16::try_from(line / 2).unwrap();
        let Some(cell) = screen.cell(row, u16::try_from(column).unwrap()) else { return has_light_ground };
        let (ink, paper) =
            (is_light(cell.fgcolor(), !has_light_ground), is_light(cell.bgcolor(), has_light_ground));
        let is_upper = line % 2 == 0;
        match cell.contents() {
            "█" => ink,
            "▀" => {
                if is_upper {
                    ink
                } else {
                    paper
                }
            }
            "▄" => {
                if is_upper {
                    paper
                } else {
                    ink
                }
            }
            _ => paper,
        }
    };
    let grey = |x, y| if light(x, y) { 255 } else { 0 };
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(columns * MODULE, rows * 2 * MODULE, grey);
    picture.detect_grids().first().and_then(|grid| grid.decode().ok()).map(|(_, text)| text)
}

#[test]
fn a_camera_reads_the_code_on_dark_and_on_light_with_colours_and_without() {
    for no_colour in [false, true] {
        let mut command = CommandBuilder::new(program("shepot-terminal", "shepot-tui"));
        command.args(["--nick", "anna", "--language", "en", "--host", "--listen", "127.0.0.1:0"]);
        command.env("LANG", "en_US.UTF-8");
        command.env_remove("LC_ALL");
        command.env_remove("NO_COLOR");
        if no_colour {
            command.env("NO_COLOR", "1");
        }
        let mut anna = Terminal::start(command, (100, 44));
        anna.sees("shepot://127.0.0.1");
        anna.types("\t");
        for has_light_ground in [false, true] {
            anna.until("the code", |_| read(&anna, has_light_ground).is_some());
            let read = read(&anna, has_light_ground).unwrap_or_default();
            assert!(read.starts_with("shepot://127.0.0.1:"), "{no_colour} {has_light_ground}: {read}");
        }
    }
}
