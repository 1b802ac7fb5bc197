//! Lays out paragraphs, and finds what is where.

use std::ops::Range;

use parley::fontique::{Collection, CollectionOptions};
use parley::{
    Affinity, Alignment, AlignmentOptions, Cursor, FontContext, FontFamily, FontStyle, FontWeight,
    GenericFamily, Layout, LayoutContext, LineHeight, OverflowWrap, RangedBuilder, Selection, StyleProperty,
};

use crate::fonts;
use crate::glyphs::Glyphs;
use crate::span::{Colour, Span, Weight};

/// The most characters that are laid out, far beyond any message. The rest is cut.
const MOST_CHARACTERS: usize = 20_000;

/// The size of monospaced text relative to the text around it, since its letters are wider.
const MONO_SCALE: f32 = 0.88;

/// How to paint a run of text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Brush {
    pub(crate) colour: Colour,
    pub(crate) back: Option<Colour>,
}

/// A text to lay out. Lengths in logical pixels.
#[derive(Clone, Copy, Debug)]
pub struct Paragraph<'a> {
    /// The text in its styles.
    pub spans: &'a [Span],
    /// The greatest width. `None`: lines break only at line ends.
    pub width: Option<f32>,
    /// Screen pixels per logical pixel.
    pub scale: f32,
    /// The size of the letters.
    pub size: f32,
    /// The height of a line.
    pub line_height: f32,
}

/// A text that was laid out.
pub struct Laid {
    pub(crate) layout: Layout<Brush>,
    pub(crate) scale: f32,
    text: String,
}

/// Whether a text reads from right to left: its first strong character decides (UAX 9, rules P2 and P3).
#[must_use]
pub fn is_rtl(text: &str) -> bool {
    matches!(unicode_bidi::get_base_direction(text), unicode_bidi::Direction::Rtl)
}

/// Lays out and paints text. There should be one for each thread, since it is large.
pub struct Typesetter {
    fonts: FontContext,
    layouts: LayoutContext<Brush>,
    pub(crate) glyphs: Glyphs,
}

impl Default for Typesetter {
    fn default() -> Self {
        let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
        fonts::install(&mut collection);
        Self {
            fonts: FontContext { collection, source_cache: parley::fontique::SourceCache::default() },
            layouts: LayoutContext::new(),
            glyphs: Glyphs::default(),
        }
    }
}

impl Typesetter {
    /// Lays out a paragraph.
    pub fn lay(&mut self, paragraph: &Paragraph<'_>) -> Laid {
        let text = text_of(paragraph.spans);
        let mut builder: RangedBuilder<'_, Brush> =
            self.layouts.ranged_builder(&mut self.fonts, &text, paragraph.scale, true);
        builder.push_default(FontFamily::from(GenericFamily::SansSerif));
        builder.push_default(StyleProperty::FontSize(paragraph.size));
        builder.push_default(LineHeight::Absolute(paragraph.line_height));
        // A word that is longer than the line is broken: nothing leaves the column.
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        let mut at = 0;
        for span in paragraph.spans {
            let range = at..(at + span.text.len()).min(text.len());
            at = range.end;
            if range.is_empty() {
                continue;
            }
            dress(&mut builder, span, range, paragraph.size);
        }
        for range in emoji_by_selector(&text) {
            builder.push(FontFamily::from(GenericFamily::Emoji), range);
        }
        let mut layout = builder.build(&text);
        layout.break_all_lines(paragraph.width.map(|width| (width * paragraph.scale).max(1.0)));
        layout.align(Alignment::Start, AlignmentOptions::default());
        Laid { layout, scale: paragraph.scale, text }
    }

    /// Forgets all glyph images.
    pub fn forget(&mut self) {
        self.glyphs = Glyphs::default();
        self.layouts = LayoutContext::new();
    }
}

fn text_of(spans: &[Span]) -> String {
    let whole: String = spans.iter().map(|span| &*span.text).collect();
    match whole.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => whole.get(..end).unwrap_or_default().to_owned(),
        None => whole,
    }
}

fn dress(builder: &mut RangedBuilder<'_, Brush>, span: &Span, range: Range<usize>, size: f32) {
    let style = &span.style;
    builder.push(StyleProperty::Brush(Brush { colour: style.colour, back: style.back }), range.clone());
    let weight = match style.weight {
        Weight::Regular => None,
        Weight::Medium => Some(500.0),
        Weight::SemiBold => Some(600.0),
        Weight::Bold => Some(700.0),
    };
    if let Some(weight) = weight {
        builder.push(StyleProperty::FontWeight(FontWeight::new(weight)), range.clone());
    }
    if style.italic {
        builder.push(StyleProperty::FontStyle(FontStyle::Italic), range.clone());
    }
    let mut scale = style.scale.unwrap_or(1.0);
    if style.mono {
        builder.push(FontFamily::from(GenericFamily::Monospace), range.clone());
        scale *= MONO_SCALE;
    }
    if scale.to_bits() != 1.0_f32.to_bits() {
        builder.push(StyleProperty::FontSize(size * scale), range.clone());
    }
    if style.underline {
        builder.push(StyleProperty::Underline(true), range.clone());
    }
    if style.strike {
        builder.push(StyleProperty::Strikethrough(true), range);
    }
}

/// The characters that a variation selector or a keycap turns into emoji. A font earlier in the order may have letters
/// for them.
fn emoji_by_selector(text: &str) -> Vec<Range<usize>> {
    const SELECTOR: char = '\u{FE0F}';
    const KEYCAP: char = '\u{20E3}';
    let mut found = Vec::new();
    let mut before: Option<usize> = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character == SELECTOR
            && let Some(start) = before
        {
            let mut end = at + character.len_utf8();
            if let Some((_, next)) = characters.peek().filter(|(_, next)| *next == KEYCAP) {
                end += next.len_utf8();
            }
            found.push(start..end);
        }
        before = Some(at);
    }
    found
}

impl Laid {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The height in logical pixels, rounded up to whole screen pixels.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.layout.height().ceil() / self.scale
    }

    /// The width of the widest line, in logical pixels.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.layout.full_width().ceil() / self.scale
    }

    /// The number of lines.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.layout.len()
    }

    /// The byte at which this line ends. The end of the text if there is no such line.
    #[must_use]
    pub fn end_of_line(&self, line: usize) -> usize {
        self.layout.get(line).map_or(self.text.len(), |line| line.text_range().end)
    }

    /// The byte of the text nearest to a point, in logical pixels.
    #[must_use]
    pub fn place(&self, x: f32, y: f32) -> usize {
        Cursor::from_point(&self.layout, x * self.scale, y * self.scale).index()
    }

    /// The byte of the character at a point. `None` beside the text.
    #[must_use]
    pub fn letter(&self, x: f32, y: f32) -> Option<usize> {
        let (x, y) = (x * self.scale, y * self.scale);
        let (cluster, _) = parley::Cluster::from_point_exact(&self.layout, x, y)?;
        Some(cluster.text_range().start)
    }

    /// The word at a point, in bytes.
    #[must_use]
    pub fn word(&self, x: f32, y: f32) -> Range<usize> {
        Selection::word_from_point(&self.layout, x * self.scale, y * self.scale).text_range()
    }

    /// The rectangles (left, top, right, bottom) that a range covers, in logical pixels.
    #[must_use]
    pub fn boxes(&self, range: &Range<usize>) -> Vec<[f32; 4]> {
        let mut found = Vec::new();
        self.selection(range).geometry_with(&self.layout, |area, _| {
            #[allow(clippy::cast_possible_truncation, reason = "pixels of a screen")]
            let edges = [area.x0 as f32, area.y0 as f32, area.x1 as f32, area.y1 as f32];
            found.push(edges.map(|edge| edge / self.scale));
        });
        found
    }

    pub(crate) fn selection(&self, range: &Range<usize>) -> Selection {
        let at = |index: usize, affinity| {
            Cursor::from_byte_index(&self.layout, index.min(self.text.len()), affinity)
        };
        Selection::new(at(range.start, Affinity::Downstream), at(range.end, Affinity::Upstream))
    }
}
