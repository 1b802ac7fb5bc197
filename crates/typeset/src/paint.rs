//! Paints text that was laid out.

use std::ops::Range;

use parley::{GlyphRun, PositionedLayoutItem};

use crate::glyphs::{GlyphPicture, Wanted};
use crate::layout::{Brush, Laid, Paragraph, Typesetter};
use crate::span::{Colour, Span, Style};

/// The most screen pixels along one side of an image.
const MOST_PIXELS: u32 = 16_384;

/// The height of one part of a long text, in screen pixels. The window's renderers draw nothing of an image higher than
/// some 4,000.
pub const PART_PIXELS: f32 = 1_024.0;

/// The advance of an emoji in the font, relative to its size.
const EMOJI_ADVANCE: f32 = 1.245;

/// An image: red, green, blue and alpha in a byte each, premultiplied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// The pixels, row by row.
    pub pixels: Vec<u8>,
}

/// A rectangle of pixels. It may extend beyond the image.
#[derive(Clone, Copy)]
struct Area {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Area {
    fn up_by(self, pixels: f32) -> Self {
        Self { top: self.top - pixels, bottom: self.bottom - pixels, ..self }
    }
}

/// Lines that are painted together: their top and bottom, in screen pixels.
struct Part {
    lines: Range<usize>,
    top: f32,
    bottom: f32,
}

/// Groups whole lines into parts of about [`PART_PIXELS`].
fn parts_of(laid: &Laid) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (at, line) in laid.layout.lines().enumerate() {
        let bottom = line.metrics().block_max_coord.ceil();
        match parts.last_mut() {
            Some(part) if bottom - part.top <= PART_PIXELS => {
                part.lines.end = at + 1;
                part.bottom = bottom;
            }
            Some(_) | None => {
                let top = parts.last().map_or(0.0, |part| part.bottom);
                parts.push(Part { lines: at..at + 1, top, bottom });
            }
        }
    }
    parts
}

impl Typesetter {
    /// Paints a text into an image of this width, with a selected part. For text higher than an image can be, use
    /// [`Self::paint_parts`].
    pub fn paint(&mut self, laid: &Laid, width: f32, selected: Option<(&Range<usize>, Colour)>) -> Picture {
        let all = Part { lines: 0..laid.lines(), top: 0.0, bottom: laid.layout.height() };
        self.paint_part(laid, &all, width * laid.scale, selected)
    }

    /// Paints a text as images one below the other: whole lines, about [`PART_PIXELS`] high, no wider than the lines.
    /// Returns each with its top, in logical pixels.
    pub fn paint_parts(
        &mut self,
        laid: &Laid,
        width: f32,
        selected: Option<(&Range<usize>, Colour)>,
    ) -> Vec<(f32, Picture)> {
        let parts = parts_of(laid);
        let is_one = parts.len() == 1;
        parts
            .into_iter()
            .map(|part| {
                let lines = part.lines.clone().filter_map(|at| laid.layout.get(at));
                let widest =
                    lines.map(|line| line.metrics().offset + line.metrics().advance).fold(0.0, f32::max);
                // Something is drawn around the letters, too.
                let wide = (widest + 8.0 * laid.scale).min(width * laid.scale);
                let wide = if is_one { width * laid.scale } else { wide };
                (part.top / laid.scale, self.paint_part(laid, &part, wide, selected))
            })
            .collect()
    }

    /// Paints one part. `width`: in screen pixels.
    fn paint_part(
        &mut self,
        laid: &Laid,
        part: &Part,
        width: f32,
        selected: Option<(&Range<usize>, Colour)>,
    ) -> Picture {
        let mut picture = Picture::empty(pixels(width), pixels(part.bottom - part.top));
        let lines = || part.lines.clone().filter_map(|at| laid.layout.get(at));
        for line in lines() {
            for item in line.items() {
                if let PositionedLayoutItem::GlyphRun(run) = item
                    && let Some(back) = run.style().brush.back
                {
                    let metrics = line.metrics();
                    let pad = 3.0 * laid.scale;
                    let area = Area {
                        left: run.offset() - pad,
                        top: metrics.baseline - metrics.ascent - 1.0,
                        right: run.offset() + run.advance() + pad,
                        bottom: metrics.baseline + metrics.descent + 1.0,
                    };
                    picture.fill(area.up_by(part.top), back, 255);
                }
            }
        }
        if let Some((range, colour)) = selected.filter(|(range, _)| !range.is_empty()) {
            for [left, top, right, bottom] in laid.boxes(range) {
                let [left, top, right, bottom] = [left, top, right, bottom].map(|edge| edge * laid.scale);
                picture.fill(Area { left, top, right, bottom }.up_by(part.top), colour, 120);
            }
        }
        for line in lines() {
            for item in line.items() {
                if let PositionedLayoutItem::GlyphRun(run) = item {
                    self.paint_run(&mut picture, &run, laid.scale, part.top);
                }
            }
        }
        picture
    }

    /// Paints a run of glyphs. `top`: where the image begins in the text.
    fn paint_run(&mut self, picture: &mut Picture, run: &GlyphRun<'_, Brush>, scale: f32, top: f32) {
        let colour = run.style().brush.colour;
        let thickness = scale.round().max(1.0);
        let baseline = run.baseline() - top;
        let rule = |picture: &mut Picture, y: f32| {
            let top = y.round();
            let (left, right) = (run.offset(), run.offset() + run.advance());
            picture.fill(Area { left, top, right, bottom: top + thickness }, colour, 255);
        };
        if run.style().underline.is_some() {
            rule(picture, baseline + 2.0 * scale);
        }
        let (font, size) = (run.run().font(), run.run().font_size());
        let mut x = run.offset();
        for glyph in run.glyphs() {
            let (left, top) = (x + glyph.x, baseline - glyph.y);
            x += glyph.advance;
            let Ok(id) = u16::try_from(glyph.id) else { continue };
            let coordinates = run.run().normalized_coords();
            let wanted = Wanted { font, coordinates, size, glyph: id, x: left };
            if let Some(image) = self.glyphs.picture(&wanted) {
                picture.blend(&image, whole(left.floor()), whole(top.round()), colour);
            }
        }
        if run.style().strikethrough.is_some() {
            rule(picture, baseline - size * 0.3);
        }
    }

    /// An emoji in a square of `side` pixels. Any other text is centred.
    pub fn emoji(&mut self, emoji: &str, side: f32, colour: Colour) -> Picture {
        let is_letter = emoji.chars().all(char::is_alphanumeric);
        let size = if is_letter { side * 0.6 } else { side / EMOJI_ADVANCE };
        let spans = [Span::new(emoji, Style { colour, ..Style::default() })];
        let laid = self.lay(&Paragraph { spans: &spans, width: None, scale: 1.0, size, line_height: side });
        let painted = self.paint(&laid, laid.width().max(side), None);
        painted.cropped_to(pixels(side))
    }
}

impl Picture {
    /// A transparent image.
    #[must_use]
    pub fn empty(width: u32, height: u32) -> Self {
        let bytes = usize::try_from(u64::from(width) * u64::from(height) * 4).unwrap_or(0);
        Self { width, height, pixels: vec![0; bytes] }
    }

    /// The part with visible pixels, centred in a square.
    fn cropped_to(&self, side: u32) -> Self {
        let row = |y: u32| -> &[u8] {
            let width = usize::try_from(self.width * 4).unwrap_or(0);
            let start = usize::try_from(y).unwrap_or(0) * width;
            self.pixels.get(start..start + width).unwrap_or_default()
        };
        let is_used_row = |y: &u32| row(*y).iter().any(|byte| *byte != 0);
        let is_used_column = |x: &u32| {
            let at = usize::try_from(x * 4 + 3).unwrap_or(0);
            (0..self.height).any(|y| row(y).get(at).is_some_and(|alpha| *alpha != 0))
        };
        let top = (0..self.height).find(is_used_row).unwrap_or(0);
        let bottom = (0..self.height).rev().find(is_used_row).map_or(0, |y| y + 1);
        let left = (0..self.width).find(is_used_column).unwrap_or(0);
        let right = (0..self.width).rev().find(is_used_column).map_or(0, |x| x + 1);
        let mut cropped = Self::empty(side, side);
        let (used_width, used_height) =
            (right.saturating_sub(left).min(side), bottom.saturating_sub(top).min(side));
        let (out_x, out_y) = ((side - used_width) / 2, (side - used_height) / 2);
        let index = |value: u32| usize::try_from(value).unwrap_or(0);
        for y in 0..used_height {
            let from = row(top + y).get(index(left * 4)..index((left + used_width) * 4)).unwrap_or_default();
            let start = index(((out_y + y) * side + out_x) * 4);
            if let Some(to) = cropped.pixels.get_mut(start..start + from.len()) {
                to.copy_from_slice(from);
            }
        }
        cropped
    }

    fn fill(&mut self, area: Area, colour: Colour, alpha: u8) {
        let across = |edge: f32, most: u32| -> u32 { pixels_from(edge.round()).min(most) };
        let (left, right) = (across(area.left, self.width), across(area.right, self.width));
        let (top, bottom) = (across(area.top, self.height), across(area.bottom, self.height));
        let source = premultiplied(colour, alpha);
        for y in top..bottom {
            for x in left..right {
                if let Some(pixel) = self.pixel(x, y) {
                    over(pixel, source);
                }
            }
        }
    }

    fn blend(&mut self, glyph: &GlyphPicture, x: i32, y: i32, colour: Colour) {
        let (left, top) = (x + glyph.left, y - glyph.top);
        let depth = if glyph.is_coloured { 4 } else { 1 };
        let mut at = glyph.data.chunks_exact(depth);
        for row in 0..glyph.height {
            for column in 0..glyph.width {
                let Some(value) = at.next() else { return };
                let place = (
                    u32::try_from(left.saturating_add_unsigned(column)),
                    u32::try_from(top.saturating_add_unsigned(row)),
                );
                let (Ok(x), Ok(y)) = place else { continue };
                let source = match *value {
                    [alpha] => premultiplied(colour, alpha),
                    [red, green, blue, alpha] => premultiplied(Colour { red, green, blue }, alpha),
                    _ => continue,
                };
                if source[3] != 0
                    && x < self.width
                    && y < self.height
                    && let Some(pixel) = self.pixel(x, y)
                {
                    over(pixel, source);
                }
            }
        }
    }

    fn pixel(&mut self, x: u32, y: u32) -> Option<&mut [u8; 4]> {
        let at = usize::try_from((u64::from(y) * u64::from(self.width) + u64::from(x)) * 4).ok()?;
        self.pixels.get_mut(at..)?.first_chunk_mut()
    }
}

fn premultiplied(colour: Colour, alpha: u8) -> [u8; 4] {
    let part = |value: u8| u8::try_from(u32::from(value) * u32::from(alpha) / 255).unwrap_or(u8::MAX);
    [part(colour.red), part(colour.green), part(colour.blue), alpha]
}

fn over(pixel: &mut [u8; 4], source: [u8; 4]) {
    let rest = 255 - u32::from(source[3]);
    for (below, above) in pixel.iter_mut().zip(source) {
        let sum = u32::from(above) + u32::from(*below) * rest / 255;
        *below = u8::try_from(sum).unwrap_or(u8::MAX);
    }
}

/// The length rounded up to whole pixels, at least one.
fn pixels(length: f32) -> u32 {
    pixels_from(length.ceil()).clamp(1, MOST_PIXELS)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast keeps to the range")]
fn pixels_from(length: f32) -> u32 {
    length.max(0.0) as u32
}

#[allow(clippy::cast_possible_truncation, reason = "the cast keeps to the range")]
fn whole(length: f32) -> i32 {
    length as i32
}
