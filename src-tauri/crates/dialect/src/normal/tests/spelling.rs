//! Numbers, names and texts in their one spelling.

use proptest::prelude::*;

use super::super::prose::{self, End};
use super::*;

fn canonical(json: &str) -> String {
    let mut written = String::new();
    written::write(&Tree::read(json).unwrap(), &mut written);
    written
}

/// The numbers of RFC 8785, appendix B, with the spellings that it demands.
#[test]
fn numbers_are_spelt_as_ecmascript_does() {
    for (bits, spelt) in [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ] {
        assert_eq!(canonical(&format!("{:e}", f64::from_bits(bits))), spelt);
    }
}

#[test]
fn integers_beyond_a_double_keep_their_digits() {
    assert_eq!(canonical("9007199254740993"), "9007199254740993");
    assert_eq!(canonical("-18446744073709551617"), "-18446744073709551617");
    assert_eq!(canonical("1e999"), "1e999");
    assert_eq!(canonical("-0"), "0");
    assert_eq!(canonical("10.0"), "10");
}

/// The example of RFC 8785, 3.2.3: in the order of code points the last two would change places.
#[test]
fn names_are_in_the_order_of_their_utf16_units() {
    let json = r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#;
    let sorted =
        "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}";
    assert_eq!(canonical(json), sorted);
}

#[test]
fn texts_have_as_few_escapes_as_can_be() {
    assert_eq!(
        canonical(r#""\u0000\u001f\b\t\n\f\r\"\\\/\u007f\u00e9""#),
        "\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\/\u{7f}é\""
    );
}

#[test]
fn prose_has_no_white_space_at_the_ends_of_lines() {
    for (text, whole, going_on) in [
        ("", "", ""),
        (" ", "", " "),
        ("a ", "a", "a "),
        ("a \nb ", "a\nb", "a\nb "),
        ("a\r\n\r\nb", "a\n\nb", "a\n\nb"),
        ("a\n \n\t\n", "a", "a\n\n\n"),
        ("\n\na", "\n\na", "\n\na"),
        ("a\r", "a", "a\r"),
        ("a\rb", "a\rb", "a\rb"),
        ("e\u{301}\u{a0}\n\u{1100}\u{1161}", "é\n가", "é\n가"),
    ] {
        assert_eq!(prose::normal(text.into(), End::Here), whole, "{text:?}");
        assert_eq!(prose::normal(text.into(), End::GoesOn), going_on, "{text:?}");
    }
}

proptest! {
    #[test]
    fn what_is_normal_stays_as_it_is(text in "([a-z \\t\\r\\n\u{301}\u{e9}\u{1100}\u{1161}\u{a0}\u{2003}]|\\PC)*") {
        for end in [End::Here, End::GoesOn] {
            let once = prose::normal(text.as_str().into(), end).into_owned();
            let twice = prose::normal(once.as_str().into(), end).into_owned();
            prop_assert_eq!(once, twice);
        }
    }

    #[test]
    fn every_spelling_of_a_double_is_one(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
        let spelt = canonical(&format!("{number:e}"));
        // Minus nothing is nothing.
        prop_assert_eq!(spelt.parse::<f64>().unwrap().to_bits(), (number + 0.0).to_bits());
        prop_assert_eq!(canonical(&format!("{number:.20e}")), spelt.as_str());
        // Integers of more than 2^53 have all their digits, so their short spelling may be another number's.
        if number.abs() < 9e15 {
            prop_assert_eq!(canonical(&spelt), spelt);
        }
    }

    #[test]
    fn canonical_json_says_what_it_is_made_of(text in any::<String>(), name in any::<String>()) {
        let json = serde_json::json!({ name: [text, true, null, -7, 0.25] });
        let back: serde_json::Value = serde_json::from_str(&canonical(&json.to_string())).unwrap();
        prop_assert_eq!(back, json);
    }
}
