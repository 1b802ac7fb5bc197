#![allow(clippy::cast_precision_loss)]

use proptest::prelude::*;

use super::*;

fn lay(typesetter: &mut Typesetter, text: &str, width: Option<f32>, scale: f32) -> Laid {
    let spans = [Span::new(text, Style { colour: Colour::of(0x00FF_FFFF), ..Style::default() })];
    typesetter.lay(&Paragraph { spans: &spans, width, scale, size: 15.0, line_height: 22.0 })
}

fn colours(picture: &Picture) -> usize {
    let (pixels, _) = picture.pixels.as_chunks::<4>();
    pixels.iter().filter(|[red, green, blue, alpha]| *alpha > 0 && (red != green || green != blue)).count()
}

#[test]
fn a_line_is_as_high_as_asked_at_every_scale() {
    let mut typesetter = Typesetter::default();
    for scale in [1.0, 1.25, 1.5, 2.0] {
        for text in ["one line", "строка", "👍🏽 hi", "שלום", "مرحبا"] {
            let laid = lay(&mut typesetter, text, Some(600.0), scale);
            assert_eq!(laid.lines(), 1, "{text}");
            assert!((laid.height() - 22.0).abs() <= 1.0, "{text} at {scale}: {}", laid.height());
        }
    }
}

#[test]
fn long_words_stay_in_the_column() {
    let mut typesetter = Typesetter::default();
    let laid = lay(&mut typesetter, &"w".repeat(400), Some(200.0), 1.0);
    assert!(laid.lines() > 5 && laid.width() <= 200.0, "{} lines, {} wide", laid.lines(), laid.width());
}

#[test]
fn emoji_are_painted_in_colour_flags_and_families_as_one() {
    let mut typesetter = Typesetter::default();
    let one = lay(&mut typesetter, "😀", None, 1.0).width();
    for emoji in ["🇷🇺", "👩‍💻", "👍🏽", "❤️", "🏳️‍🌈", "1️⃣"] {
        let laid = lay(&mut typesetter, emoji, None, 1.0);
        assert!((laid.width() - one).abs() < 2.0, "{emoji} is one picture: {} and {one}", laid.width());
        let picture = typesetter.paint(&laid, laid.width(), None);
        assert!(colours(&picture) > 10, "{emoji} has colours");
    }
    let letters = lay(&mut typesetter, "plain", None, 1.0);
    assert_eq!(colours(&typesetter.paint(&letters, 100.0, None)), 0, "white letters have none");
    let boxed = typesetter.emoji("🦀", 40.0, Colour::default());
    assert_eq!((boxed.width, boxed.height), (40, 40));
    assert!(colours(&boxed) > 400, "an emoji fills its square");
}

#[test]
fn points_and_places_belong_together() {
    let mut typesetter = Typesetter::default();
    let text = "первое слово и second word";
    let laid = lay(&mut typesetter, text, Some(600.0), 2.0);
    let word = laid.boxes(&(13..23))[0];
    let (x, y) = ((word[0] + word[2]) / 2.0, (word[1] + word[3]) / 2.0);
    assert_eq!(&text[laid.word(x, y)], "слово");
    assert!((13..23).contains(&laid.place(x, y)));
    assert_eq!(laid.place(-5.0, 5.0), 0);
    assert_eq!(laid.place(2_000.0, 5.0), text.len());
    assert_eq!(laid.letter(2_000.0, 5.0), None);
}

#[test]
fn a_selection_shows() {
    let mut typesetter = Typesetter::default();
    let laid = lay(&mut typesetter, "select me", Some(200.0), 1.0);
    let plain = typesetter.paint(&laid, 200.0, None);
    let selected = typesetter.paint(&laid, 200.0, Some((&(0..6), Colour::of(0x0000_00FF))));
    assert_eq!(colours(&plain), 0);
    assert!(colours(&selected) > 100);
}

#[test]
fn right_to_left_text_begins_at_the_right() {
    let mut typesetter = Typesetter::default();
    let laid = lay(&mut typesetter, "שלום עולם", Some(400.0), 1.0);
    let first = laid.boxes(&(0..2))[0];
    let last = laid.boxes(&("שלום עול".len().."שלום עולם".len()))[0];
    assert!(first[0] > last[0], "{first:?} {last:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_written_is_painted(text in "\\PC{0,80}", width in 1.0_f32..300.0, scale in 0.5_f32..3.0) {
        let mut typesetter = Typesetter::default();
        let laid = lay(&mut typesetter, &text, Some(width), scale);
        let picture = typesetter.paint(&laid, width, Some((&(0..text.len()), Colour::default())));
        prop_assert_eq!(picture.pixels.len(), picture.width as usize * picture.height as usize * 4);
        prop_assert!(laid.place(width, laid.height()) <= text.len());
        let everything = laid.boxes(&(0..text.len()));
        prop_assert!(everything.iter().flatten().all(|edge| edge.is_finite()));
    }
}

#[test]
fn a_text_of_any_height_is_painted_in_parts_that_screens_can_show() {
    let mut typesetter = Typesetter::default();
    for scale in [1.0, 2.0] {
        // As many lines as a message can have, short and long ones.
        let text = "ж\n".repeat(2_000) + &"слово ".repeat(600);
        let spans = [Span::new(text, Style::default())];
        let laid = typesetter.lay(&Paragraph {
            spans: &spans,
            width: Some(300.0),
            scale,
            size: 20.0,
            line_height: 29.0,
        });
        let parts = typesetter.paint_parts(&laid, 300.0, None);
        let mut bottom = 0.0_f32;
        for (top, picture) in &parts {
            assert!((top * scale - bottom).abs() < 1.5, "they stand one below the other: {top} {bottom}");
            #[allow(clippy::cast_precision_loss, reason = "pixels")]
            let height = picture.height as f32;
            assert!(height <= PART_PIXELS + 29.0 * scale, "{height}");
            assert!(picture.pixels.iter().any(|byte| *byte != 0), "something is seen in each");
            bottom += height;
        }
        assert!((bottom - laid.height() * scale).abs() < 2.0);
        let bytes: usize = parts.iter().map(|(_, picture)| picture.pixels.len()).sum();
        assert!(bytes < 64 << 20, "short lines take little: {bytes}");
    }
}

#[test]
fn parts_show_what_one_picture_shows() {
    let mut typesetter = Typesetter::default();
    let spans = [Span::new("строка, line ąж\n".repeat(120), Style::default())];
    let laid = typesetter.lay(&Paragraph {
        spans: &spans,
        width: Some(300.0),
        scale: 1.0,
        size: 15.0,
        line_height: 22.0,
    });
    let selected = 40..900;
    let colour = Colour::of(0x0000_00FF);
    let whole = typesetter.paint(&laid, 300.0, Some((&selected, colour)));
    let parts = typesetter.paint_parts(&laid, 300.0, Some((&selected, colour)));
    assert!(parts.len() > 1);
    let line = |picture: &Picture, y: u32| -> Vec<u8> {
        let bytes = usize::try_from(picture.width * 4).unwrap();
        picture.pixels[usize::try_from(y).unwrap() * bytes..][..bytes].to_vec()
    };
    let mut y = 0;
    for (_, part) in &parts {
        // Where two parts meet, letters may reach from one into the other.
        for row in 2..part.height - 2 {
            let whole = line(&whole, y + row);
            let part = line(part, row);
            assert_eq!(part, whole[..part.len()], "line {} of {}", y + row, parts.len());
        }
        y += part.height;
    }
}
