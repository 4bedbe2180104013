//! The light theme's tokens. A page recolours a chart by these very attributes; a test holds them to the stylesheet.

use plotters::style::RGBColor;

/// `--text`.
pub const TEXT: RGBColor = RGBColor(0x1B, 0x1B, 0x1D);
/// `--muted`.
pub const MUTED: RGBColor = RGBColor(0x62, 0x62, 0x6A);
/// `--accent`: the measured line.
pub const ACCENT: RGBColor = RGBColor(0x35, 0x55, 0xD8);
/// `--line`: hairlines.
pub const LINE: RGBColor = RGBColor(0xE4, 0xE4, 0xE2);
/// `--control`: the axis, the target, the hatch.
pub const CONTROL: RGBColor = RGBColor(0x8A, 0x8A, 0x93);
/// `--broken`: an alert.
pub const BROKEN: RGBColor = RGBColor(0xB3, 0x26, 0x1E);

/// Every one of them with its name in the stylesheet.
pub const ALL: [(&str, RGBColor); 6] = [
    ("text", TEXT),
    ("muted", MUTED),
    ("accent", ACCENT),
    ("line", LINE),
    ("control", CONTROL),
    ("broken", BROKEN),
];

/// As it stands in an attribute.
pub fn hex(colour: RGBColor) -> String {
    format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2)
}
