//! Keeps every cell in its place, however wide a terminal believes a character to be.
//!
//! Terminals disagree about the width of some characters, such as joined emoji and letters with vowel signs. One that
//! disagrees with us would shift the rest of the line, and leave parts of it behind. So what follows such a character
//! is positioned explicitly, and its line is written again with every frame.
//!
//! Must never: change what is drawn.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::layout::{Position, Size};
use shepot_sanitise::is_mark_of_any_script;

use crate::cells::width;
use crate::hyperlink::{self, Hyperlink};

/// Whether terminals may disagree about the width: everything that is more than a letter with accents, and pictures,
/// since new ones come every year.
fn is_uncertain(symbol: &str) -> bool {
    let is_picture = |c: char| c >= '\u{2600}' && !c.is_alphanumeric();
    symbol.chars().skip(1).any(|c| !is_mark_of_any_script(c)) || symbol.chars().any(is_picture)
}

/// Has lines with such characters written in full, now and once more when they are gone.
pub(crate) fn renew_uncertain_lines(buffer: &mut Buffer) {
    let columns = usize::from(buffer.area.width).max(1);
    for line in buffer.content.chunks_mut(columns) {
        if line.iter().any(|cell| is_uncertain(cell.symbol())) {
            for cell in line.iter_mut().filter(|cell| cell.diff_option != CellDiffOption::Skip) {
                cell.set_diff_option(CellDiffOption::AlwaysUpdate);
            }
        }
    }
}

/// Shows no half of a wide character: the cell after one looks like it and is never written separately, and one that is
/// partly covered is removed.
pub(crate) fn settle(buffer: &mut Buffer) {
    let columns = usize::from(buffer.area.width).max(1);
    for line in buffer.content.chunks_mut(columns) {
        let mut rest = line;
        while let Some((cell, behind)) = std::mem::take(&mut rest).split_first_mut() {
            let hidden = width(cell.symbol()).saturating_sub(1).min(behind.len());
            if behind.iter().take(hidden).any(|one| one.symbol() != " ") {
                cell.set_symbol(" ");
                rest = behind;
                continue;
            }
            let (hidden, after) = behind.split_at_mut(hidden);
            for one in hidden {
                one.set_style(cell.style());
                one.set_diff_option(CellDiffOption::Skip);
            }
            rest = after;
        }
    }
}

/// The toolkit's backend, with less trust in the terminal.
pub(crate) struct Placed<W: Write> {
    inner: CrosstermBackend<W>,
    hyperlinks: Hyperlinks,
}

/// The links of the frame that is written, which only its drawing knows.
pub(crate) type Hyperlinks = Rc<RefCell<Vec<Hyperlink>>>;

impl<W: Write> Placed<W> {
    pub(crate) const fn new(writer: W, hyperlinks: Hyperlinks) -> Self {
        Self { inner: CrosstermBackend::new(writer), hyperlinks }
    }

    /// Cells that all lead to the same place, or nowhere.
    fn run(&mut self, cells: &mut Vec<(u16, u16, &Cell)>, link: Option<&Hyperlink>) -> io::Result<()> {
        if cells.is_empty() {
            return Ok(());
        }
        if let Some(link) = link {
            self.inner.write_all(link.begins().as_bytes())?;
        }
        let drawn = self.inner.draw(cells.drain(..));
        if link.is_some() {
            // Also where the drawing broke off: what comes next leads nowhere.
            self.inner.write_all(hyperlink::ENDS.as_bytes())?;
        }
        drawn
    }
}

impl<W: Write> Backend for Placed<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let hyperlinks = Rc::clone(&self.hyperlinks);
        let hyperlinks = hyperlinks.borrow();
        // The backend places the first cell of what it is given, and what does not follow the cell before.
        let mut run = Vec::new();
        let mut link = None;
        for (x, y, cell) in content {
            let leads = hyperlink::at(&hyperlinks, x, y);
            if leads != link {
                self.run(&mut run, link)?;
                link = leads;
            }
            if !is_uncertain(cell.symbol()) {
                run.push((x, y, cell));
                continue;
            }
            self.run(&mut run, link)?;
            // If it is narrower there, nothing shows beside it.
            let mut blank = cell.clone();
            blank.set_symbol(&" ".repeat(width(cell.symbol())));
            self.inner.draw(std::iter::once((x, y, &blank)))?;
            self.run(&mut vec![(x, y, cell)], link)?;
        }
        self.run(&mut run, link)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.inner.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

impl<W: Write> Write for Placed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.inner)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::{Read as _, Seek as _};

    use ratatui::layout::Rect;
    use ratatui::style::Style;
    use ratatui::{Terminal, TerminalOptions, Viewport};

    use super::*;
    use crate::cells::span;

    /// What is left of these frames in a terminal that knows nothing of joined emoji.
    fn shown<B: Backend + Write>(
        frames: &[[&str; 2]],
        backend: impl FnOnce(std::fs::File) -> B,
        prepare: fn(&mut Buffer),
    ) -> Vec<String> {
        let mut file = tempfile::tempfile().unwrap();
        let area = Rect::new(0, 0, 24, 2);
        let options = TerminalOptions { viewport: Viewport::Fixed(area) };
        let mut terminal = Terminal::with_options(backend(file.try_clone().unwrap()), options)
            .map_err(|_| "no terminal")
            .unwrap();
        for lines in frames {
            let drawn = terminal.draw(|frame| {
                for (line, place) in lines.iter().zip(area.rows()) {
                    frame.render_widget(span(line, Style::new()), place);
                }
                prepare(frame.buffer_mut());
            });
            assert!(drawn.is_ok());
        }
        let mut bytes = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut bytes).unwrap();
        let size = |cells| std::num::NonZero::new(cells).unwrap();
        let mut screen = vt100::Parser::new(size(2), size(24), 0);
        screen.process(&bytes);
        screen.screen().rows(0, 24).map(|row| row.trim_end().to_owned()).collect()
    }

    #[test]
    fn no_half_of_a_wide_character_is_seen() {
        let ground = Style::new().bg(ratatui::style::Color::Blue);
        let area = Rect::new(0, 0, 6, 1);
        let drawn = |over: Option<(u16, &str)>| {
            let mut buffer = Buffer::empty(area);
            buffer.set_style(area, ground);
            buffer.set_span(0, 0, &span("a🚀🚀b", Style::new()), 6);
            if let Some((x, text)) = over {
                buffer.set_span(x, 0, &span(text, Style::new()), 1);
            }
            settle(&mut buffer);
            buffer
        };
        let looks_alike =
            |buffer: &Buffer| buffer.content.iter().all(|cell| cell.bg == ratatui::style::Color::Blue);
        let whole = drawn(None);
        assert!(looks_alike(&whole));
        let is_skipped = |x: u16| whole[(x, 0)].diff_option == CellDiffOption::Skip;
        assert_eq!((0..6).map(is_skipped).collect::<Vec<_>>(), [false, false, true, false, true, false]);
        // Drawn over by halves, the right one or the left one: what was drawn is seen, and no other half.
        let symbols = |buffer: &Buffer| buffer.content.iter().map(Cell::symbol).collect::<String>();
        assert_eq!(symbols(&drawn(Some((2, "|")))), "a |🚀 b");
        assert_eq!(symbols(&drawn(Some((1, "|")))), "a| 🚀 b");
    }

    #[test]
    fn no_part_of_a_line_stays_in_another() {
        let frames = [["👨‍👩‍👧‍👦 |", "বাংলা | end"], ["plain", "line"]];
        let trusting = shown(&frames, CrosstermBackend::new, |_| {});
        assert_ne!(trusting, ["plain", "line"], "control: this terminal thinks otherwise");
        let placed = |file| Placed::new(file, Hyperlinks::default());
        assert_eq!(shown(&frames, placed, renew_uncertain_lines), ["plain", "line"]);
    }
}
