//! QR codes: made for invitations, read from pictures.

use image::{GrayImage, ImageReader, Limits, Luma};
use qrcode::{Color, EcLevel, QrCode};
use shepot_typeset::Picture;

/// The white margin, in modules.
const QUIET: u32 = 4;

/// The smallest size of a module, in pixels.
const SMALLEST_MODULE: u32 = 6;

/// The largest side of a picture that is searched for a QR code, in pixels.
const MOST_SIDE: u32 = 8_192;

/// The most bytes of memory for decoding.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// A QR code in black on white, with `module` pixels for each module and no margin. `None` if the text is too long.
#[must_use]
pub fn paint(text: &str, module: u32) -> Option<Picture> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    Some(to_picture(&code, module.max(1), 0))
}

/// The pixels for each module of a QR code that is about `wide` pixels wide.
#[must_use]
pub fn module_for(text: &str, wide: u32) -> u32 {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return SMALLEST_MODULE };
    let modules = u32::try_from(code.width()).unwrap_or(u32::MAX);
    (wide / modules.max(1)).max(4)
}

/// The QR code with its margin, as a PNG file. `None` if the text is too long.
#[must_use]
pub fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let picture = to_picture(&code, SMALLEST_MODULE + 2, QUIET);
    let pixels = image::RgbaImage::from_raw(picture.width, picture.height, picture.pixels)?;
    let mut out = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut out, image::ImageFormat::Png).ok()?;
    Some(out.into_inner())
}

fn to_picture(code: &QrCode, module: u32, margin: u32) -> Picture {
    let modules = u32::try_from(code.width()).unwrap_or(0);
    let side = (modules + 2 * margin) * module;
    let colours = code.to_colors();
    let mut pixels = Vec::with_capacity(usize::try_from(u64::from(side) * u64::from(side) * 4).unwrap_or(0));
    for y in 0..side {
        for x in 0..side {
            let (column, row) = ((x / module).checked_sub(margin), (y / module).checked_sub(margin));
            let is_dark = match (column, row) {
                (Some(column), Some(row)) if column < modules && row < modules => {
                    let at = usize::try_from(row * modules + column).unwrap_or(usize::MAX);
                    colours.get(at) == Some(&Color::Dark)
                }
                _ => false,
            };
            let value = if is_dark { 0x15 } else { 0xFF };
            pixels.extend([value, value, value, 0xFF]);
        }
    }
    Picture { width: side, height: side, pixels }
}

/// The text of the first QR code in a picture file.
#[must_use]
pub fn read_file(bytes: &[u8]) -> Option<String> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_BYTES);
    let mut reader = ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format().ok()?;
    reader.limits(limits);
    read(reader.decode().ok()?.to_luma8())
}

/// The text of the first QR code in pixels (red, green, blue, alpha).
#[must_use]
pub fn read_pixels(width: u32, height: u32, pixels: Vec<u8>) -> Option<String> {
    let picture = image::RgbaImage::from_raw(width, height, pixels)?;
    // Transparent is white: a code without a background is read, too.
    let grey = GrayImage::from_fn(width, height, |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let light = (u32::from(red) * 3 + u32::from(green) * 6 + u32::from(blue)) / 10;
        let on_white = (light * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255;
        Luma([u8::try_from(on_white).unwrap_or(u8::MAX)])
    });
    read(grey)
}

fn read(picture: GrayImage) -> Option<String> {
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    prepared.detect_grids().iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "shepot://203.0.113.24:7443/#AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4_QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYWJjZGVmZ2hpamtsbW5v";

    #[test]
    fn what_is_painted_can_be_read() {
        let file = png(LINK).unwrap();
        assert_eq!(read_file(&file).as_deref(), Some(LINK));
        let picture = image::load_from_memory(&file).unwrap().to_rgba8();
        let (width, height) = picture.dimensions();
        assert_eq!(read_pixels(width, height, picture.into_raw()).as_deref(), Some(LINK));
        assert_eq!(read_file(b"nothing"), None);
    }

    #[test]
    fn modules_are_whole_pixels() {
        let module = module_for(LINK, 300);
        let picture = paint(LINK, module).unwrap();
        assert_eq!(picture.width % module, 0);
        assert!(picture.width <= 300, "{}", picture.width);
    }
}
