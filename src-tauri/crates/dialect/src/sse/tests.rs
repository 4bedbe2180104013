//! Framing: every kind of line end, every way to cut the bytes.

use proptest::prelude::*;

use super::*;

/// All frames of `chunks`, the last one without its blank line included.
fn frames(chunks: &[&[u8]]) -> Vec<Frame> {
    let mut framer = Framer::default();
    let mut found = Vec::new();
    for chunk in chunks {
        framer.push(Bytes::copy_from_slice(chunk));
        while let Some(frame) = framer.next().unwrap() {
            found.push(frame);
        }
    }
    found.extend(framer.finish());
    found
}

/// Event name and data of what a client would be handed.
fn events(chunks: &[&[u8]]) -> Vec<(Option<String>, String)> {
    let text = |frame: Frame| (frame.event, String::from_utf8(frame.data.to_vec()).unwrap());
    frames(chunks).into_iter().filter(|frame| !frame.is_comment()).map(text).collect()
}

fn data(text: &str) -> (Option<String>, String) {
    (None, text.to_owned())
}

#[test]
fn case_31_line_feeds_carriage_returns_and_both_end_lines() {
    let named = vec![(Some("ping".to_owned()), "1".to_owned()), data("2")];
    assert_eq!(events(&[b"event: ping\ndata: 1\n\ndata: 2\n\n"]), named);
    assert_eq!(events(&[b"event: ping\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n"]), named);
    assert_eq!(events(&[b"event: ping\rdata: 1\r\rdata: 2\r\r"]), named);
    assert_eq!(events(&[b"event: ping\r\ndata: 1\n\r\ndata: 2\r\n\n"]), named);
}

#[test]
fn a_carriage_return_and_its_line_feed_in_two_chunks_are_one_line_end() {
    assert_eq!(events(&[b"data: 1\r", b"\ndata: 2\r\n\r", b"\ndata: 3\n\n"]), [data("1\n2"), data("3")]);
    let raw: Vec<_> =
        frames(&[b"data: 1\r\n\r", b"\ndata: 2\r\n\r\n"]).into_iter().map(|frame| frame.raw).collect();
    assert_eq!(raw, [&b"data: 1\r\n\r\n"[..], b"data: 2\r\n\r\n"]);
}

#[test]
fn a_stream_of_lone_carriage_returns_does_not_wait_for_the_next_event() {
    let mut framer = Framer::default();
    framer.push(Bytes::from_static(b"data: now\r\r"));
    assert_eq!(&framer.next().unwrap().unwrap().data[..], b"now");
}

#[test]
fn a_blank_line_of_a_crlf_stream_is_handed_out_whole() {
    let mut framer = Framer::default();
    framer.push(Bytes::from_static(b"data: x\r\n\r"));
    assert_eq!(framer.next(), Ok(None));
    framer.push(Bytes::from_static(b"\n"));
    assert_eq!(&framer.next().unwrap().unwrap().raw[..], b"data: x\r\n\r\n");
}

#[test]
fn a_line_feed_belongs_to_the_carriage_return_before_it_even_in_a_mixed_stream() {
    let raw = |bytes: &[u8]| frames(&[bytes]).into_iter().map(|frame| frame.raw).collect::<Vec<_>>();
    assert_eq!(raw(b"data: 1\n\r\ndata: 2\n\n"), [&b"data: 1\n\r\n"[..], b"data: 2\n\n"]);
    assert_eq!(raw(b"data: 1\r\r\ndata: 2\r\r"), [&b"data: 1\r\r"[..], b"\ndata: 2\r\r"]);
}

#[test]
fn case_31_fields_are_read_as_the_standard_says() {
    let cases: [(&[u8], &str); 8] = [
        (b"data: one space goes\n\n", "one space goes"),
        (b"data:none is fine\n\n", "none is fine"),
        (b"data:  the second stays\n\n", " the second stays"),
        (b"data: a\ndata: b\ndata:\ndata: c\n\n", "a\nb\n\nc"),
        (b"id: 7\nretry: 10\nunknown: x\ndata: y\n\n", "y"),
        (b": comment\ndata: z\n\n", "z"),
        (b"data: a:b: c\n\n", "a:b: c"),
        (b"database: no\ndata: yes\n\n", "yes"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(events(&[bytes]), [data(expected)], "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn case_28_comments_and_blank_lines_are_frames_without_content() {
    let frames = frames(&[b": OPENROUTER PROCESSING\n\n\n: again\n\ndata: x\n\n"]);
    let shown: Vec<_> = frames.iter().map(|frame| (&frame.raw[..], frame.is_comment())).collect();
    assert_eq!(
        shown,
        [
            (&b": OPENROUTER PROCESSING\n\n"[..], true),
            (b"\n", true),
            (b": again\n\n", true),
            (b"data: x\n\n", false)
        ]
    );
}

#[test]
fn case_31_a_byte_order_mark_is_skipped_at_the_start_only() {
    assert_eq!(
        events(&[b"\xef\xbb", b"\xbfdata: x\n\ndata: \xef\xbb\xbfy\n\n"]),
        [data("x"), data("\u{feff}y")]
    );
    let first = &frames(&[b"\xef\xbb\xbfdata: x\n\n"])[0];
    assert_eq!(&first.raw[..], b"\xef\xbb\xbfdata: x\n\n", "what is relayed is what came");
}

#[test]
fn case_31_the_last_event_needs_no_blank_line() {
    let frames = frames(&[b"data: x\n\ndata: [DONE]"]);
    assert_eq!(&frames[1].data[..], b"[DONE]");
    assert!(frames[0].is_closed() && !frames[1].is_closed());
    assert_eq!(events(&[b"data: x\n"]), [data("x")]);
    assert_eq!(events(&[b"data: x\n\n"]).len(), 1, "nothing is left behind a whole event");
}

#[test]
fn case_31_an_event_over_the_cap_is_an_error_and_stays_one() {
    let fits = b"data: 0123456789\n\n";
    for size in [1, 3, 100] {
        let mut framer = Framer::new(fits.len());
        let stream = [&fits[..], b"data: 0123456789+\n\n"].concat();
        let mut seen = Vec::new();
        for chunk in stream.chunks(size) {
            framer.push(Bytes::copy_from_slice(chunk));
            seen.extend(std::iter::from_fn(|| framer.next().transpose()).take(3));
        }
        assert_eq!(seen[0].as_ref().unwrap().raw, &fits[..], "chunks of {size}");
        assert_eq!(seen[1], Err(FrameTooLarge { cap: fits.len() }), "chunks of {size}");
        framer.push(Bytes::from_static(b"data: later\n\n"));
        assert!(framer.next().is_err());
        assert_eq!(framer.finish(), None);
    }
}

/// With a rescan of the line for every byte this would take hours.
#[test]
fn long_lines_byte_by_byte_take_linear_time() {
    let line = [&b"data: "[..], &vec![b'x'; 3 * 1024 * 1024], b"\n\n"].concat();
    let mut framer = Framer::default();
    let mut found = 0;
    for byte in line.chunks(1) {
        framer.push(Bytes::copy_from_slice(byte));
        found += usize::from(framer.next().unwrap().is_some());
    }
    assert_eq!(found, 1);
}

/// The standard's algorithm, taken literally and all at once; an event at the end counts without blank line.
fn reference(text: &[u8]) -> Vec<(Option<String>, Vec<u8>)> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut lines: Vec<Vec<u8>> = vec![Vec::new()];
    let mut bytes = text.iter().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if(|next| **next == b'\n');
                lines.push(Vec::new());
            }
            b'\n' => lines.push(Vec::new()),
            other => lines.last_mut().unwrap().push(*other),
        }
    }
    lines.push(Vec::new());
    let (mut events, mut name, mut data) = (Vec::new(), None, None::<Vec<u8>>);
    for line in lines {
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let field = halves.next().unwrap();
        let value = halves.next().unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"" if line.is_empty() => {
                let (name, data) = (name.take(), data.take().unwrap_or_default());
                if name.is_some() || !data.is_empty() {
                    events.push((name, data));
                }
            }
            b"event" => {
                name = Some(String::from_utf8_lossy(value).into_owned()).filter(|name| !name.is_empty());
            }
            b"data" => match &mut data {
                Some(data) => data.extend([b"\n", value].concat()),
                None => data = Some(value.to_vec()),
            },
            _ => {}
        }
    }
    events
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let pieces = vec![
        "data: ",
        "data:",
        "event: e",
        ":",
        "x",
        "ü",
        "{\"a\":1}",
        "\n",
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        "\r\n\r\n",
        "\r\r",
    ];
    let body = prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat());
    (any::<bool>(), body)
        .prop_map(|(mark, body)| if mark { format!("\u{feff}{body}") } else { body }.into_bytes())
}

/// `bytes` cut at the given places.
fn cut<'a>(bytes: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect()
}

proptest! {
    #[test]
    fn case_32_no_byte_is_lost_and_no_cut_changes_a_frame(bytes in stream(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12)) {
        let whole = frames(&[&bytes]);
        let raw: Vec<u8> = whole.iter().flat_map(|frame| frame.raw.to_vec()).collect();
        prop_assert_eq!(&raw, &bytes);
        prop_assert_eq!(&frames(&cut(&bytes, &cuts)), &whole);
        prop_assert_eq!(&frames(&bytes.chunks(1).collect::<Vec<_>>()), &whole);
    }

    #[test]
    fn clients_are_handed_what_the_standard_says(bytes in stream()) {
        let ours: Vec<_> = frames(&[&bytes]).into_iter().filter(|frame| !frame.is_comment()).map(|frame| (frame.event, frame.data.to_vec())).collect();
        prop_assert_eq!(ours, reference(&bytes));
    }
}
