//! Small charts held to the byte, and what must hold of any.

use jiff::{SignedDuration, Timestamp};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn scene(shape: Shape) -> Scene {
    let (from, to) = (at("2026-10-21T14:32:00Z"), at("2026-11-20T14:32:00Z"));
    Scene {
        about: "Everything".to_owned(),
        from,
        to,
        shape,
        awake: vec![(from, at("2026-10-31T09:00:00Z")), (at("2026-11-02T07:30:00Z"), to)],
        marks: vec![
            mark(MarkKind::Failover, "2026-11-06T10:42:00Z", "Switched to practice-b."),
            mark(MarkKind::Deploy, "2026-11-14T16:05:00Z", "Deploy you declared: new prompt."),
            mark(MarkKind::Alert, "2026-11-18T09:12:00Z", "8 of 38 requests failed."),
        ],
    }
}

fn mark(kind: MarkKind, when: &str, text: &str) -> Mark {
    Mark { at: at(when), kind, text: text.to_owned() }
}

/// A month of days, without those of the gap.
fn line(unit: Unit, target: u64, values: impl Fn(i64) -> u64) -> Line {
    let first = at("2026-10-22T00:00:00Z").as_second();
    let points = (0..30)
        .filter(|day| !(10..=11).contains(day))
        .map(|day| Point {
            start: Timestamp::from_second(first + day * 86_400).expect("a day"),
            value: values(day),
            n: 280,
        })
        .collect();
    Line { unit, target, bucket: SignedDuration::from_hours(24), points }
}

fn success() -> Line {
    line(Unit::Success, 995_000, |day| if day == 15 { 976_000 } else { 998_000 })
}

fn budget() -> Budget {
    let step = |when: &str, bad, why: &str| Step { at: at(when), bad, why: why.to_owned() };
    Budget {
        n: 8_412,
        allowed: 42,
        left: 18,
        steps: vec![
            step("2026-11-06T10:42:00Z", 12, "provider outage"),
            step("2026-11-14T16:05:00Z", 7, "deploy"),
            step("2026-11-16T18:40:00Z", 5, "own network"),
        ],
        outlook: Outlook::Gone { from: at("2026-11-28T00:00:00Z"), to: Some(at("2026-12-06T00:00:00Z")) },
    }
}

fn causes() -> Shares {
    let share = |name: &str, value| Share { name: name.to_owned(), value, n: value };
    Shares::Causes {
        parts: vec![share("own network", 5), share("provider outage", 12), share("deploy", 7)],
        n: 8_412,
    }
}

fn drawn(shape: Shape, subject: Subject) -> Picture {
    draw(&Chart { scene: scene(shape), subject }).expect("it can be drawn")
}

fn all(shape: Shape) -> Vec<Picture> {
    vec![
        drawn(shape, Subject::Line(success())),
        drawn(shape, Subject::Line(line(Unit::P95, 2_500, |day| 1_700 + day.unsigned_abs() * 31))),
        drawn(shape, Subject::Line(line(Unit::Cost, 15_000, |day| 7_000 + day.unsigned_abs() * 40))),
        drawn(shape, Subject::Budget(budget())),
        drawn(shape, Subject::Shares(causes())),
    ]
}

#[test]
fn a_small_line_is_drawn_like_this() {
    let mut line = success();
    line.points.truncate(3);
    let picture = drawn(Shape::Spark, Subject::Line(line));
    insta::assert_snapshot!(picture.svg);
}

#[test]
fn the_budget_is_drawn_like_this() {
    let picture = drawn(Shape::Full(USUAL), Subject::Budget(budget()));
    insta::assert_snapshot!(picture.svg);
    assert_eq!(
        picture.description,
        "Everything, 21 Oct – 20 Nov 2026 UTC: 18 of 42 failures left, from 8,412 requests. Largest steps: provider \
         outage −12 on 6 Nov, deploy −7 on 14 Nov, own network −5 on 16 Nov. At this pace gone 28 Nov – 6 Dec. \
         Not running 31 Oct 09:00 – 2 Nov 07:30. Marked: failover 6 Nov 10:42, deploy 14 Nov 16:05, alert 18 Nov \
         09:12."
    );
    assert_eq!(picture.rows[0], ["16 Nov 18:40", "own network", "5", "18"]);
    assert_eq!(picture.rows[2], ["6 Nov 10:42", "provider outage", "12", "30"]);
}

#[test]
fn causes_are_drawn_like_this() {
    let picture = drawn(Shape::Full(400), Subject::Shares(causes()));
    insta::assert_snapshot!(picture.svg);
}

#[test]
fn the_same_input_gives_the_same_bytes_in_whatever_order_it_comes() {
    let (mut scene, mut budget) = (scene(Shape::Full(USUAL)), budget());
    let first = draw(&Chart { scene: scene.clone(), subject: Subject::Budget(budget.clone()) });
    scene.marks.reverse();
    budget.steps.reverse();
    let second = draw(&Chart { scene, subject: Subject::Budget(budget) });
    assert_eq!(first.expect("drawn"), second.expect("drawn"));
}

#[test]
fn a_gap_breaks_the_line_and_is_hatched() {
    let picture = drawn(Shape::Full(USUAL), Subject::Line(success()));
    let measured = picture.svg.split("class=\"measured\"").nth(1).expect("a line");
    assert_eq!(measured.matches("<polyline").count(), 2, "{measured}");
    assert_eq!(picture.svg.matches("class=\"asleep\"").count(), 1);
    assert!(picture.svg.contains("not running"));
    let asleep: Vec<_> = picture.rows.iter().filter(|row| row[1] == "not running").collect();
    assert_eq!(asleep.len(), 1, "1 November is the one day that was slept through: {:?}", picture.rows);
}

#[test]
fn a_line_that_never_slept_has_no_hatch() {
    let mut scene = scene(Shape::Full(USUAL));
    scene.awake = vec![(scene.from, scene.to)];
    let picture = draw(&Chart { scene, subject: Subject::Line(success()) }).expect("drawn");
    assert!(!picture.svg.contains("asleep"));
    assert!(!picture.description.contains("Not running"));
}

#[test]
fn what_happened_is_marked_once_where_it_happened() {
    let picture = drawn(Shape::Full(USUAL), Subject::Line(success()));
    let kinds: Vec<_> = picture.marks.iter().map(|mark| mark.kind).collect();
    assert_eq!(kinds, [MarkKind::Failover, MarkKind::Deploy, MarkKind::Alert]);
    assert!(picture.svg.contains("<g class=\"mark failover\""));
    assert!(picture.svg.contains("<title>6 Nov 10:42: Switched to practice-b.</title>"));
    assert!(picture.marks.windows(2).all(|pair| pair[0].x < pair[1].x));

    let mut crowded = scene(Shape::Full(USUAL));
    crowded.marks = (0..500)
        .map(|n| Mark {
            at: crowded.from + SignedDuration::from_mins(80 * n),
            kind: MarkKind::Drill,
            text: "x".repeat(900),
        })
        .collect();
    let crowded = draw(&Chart { scene: crowded, subject: Subject::Line(success()) }).expect("drawn");
    assert!(crowded.marks.len() < 60, "{}", crowded.marks.len());
    assert!(crowded.marks.iter().all(|mark| mark.text.contains("more")));
}

#[test]
fn nothing_measured_says_so_and_draws_no_zero() {
    let nothing = [
        Subject::Line(Line { points: Vec::new(), ..success() }),
        Subject::Budget(Budget { n: 0, allowed: 0, left: 0, steps: Vec::new(), outlook: Outlook::Unknown }),
        Subject::Shares(Shares::Providers { parts: Vec::new() }),
        Subject::Shares(Shares::Causes { parts: Vec::new(), n: 0 }),
    ];
    for subject in nothing {
        let picture = drawn(Shape::Full(USUAL), subject);
        assert!(picture.empty);
        assert!(picture.svg.contains("not measured yet"), "{}", picture.svg);
        assert!(picture.description.contains("not measured yet"), "{}", picture.description);
        assert!(!picture.svg.contains("class=\"measured\""), "{}", picture.svg);
    }
    let fine = drawn(Shape::Full(USUAL), Subject::Shares(Shares::Causes { parts: Vec::new(), n: 12 }));
    assert!(fine.svg.contains("nothing failed") && !fine.empty);
}

#[test]
fn a_hostile_name_stays_text() {
    let name = "\"><script>alert(1)</script>\u{0}\u{202E}& ' ]]>";
    let mut scene = scene(Shape::Full(USUAL));
    scene.about = name.to_owned();
    scene.marks = vec![mark(MarkKind::Deploy, "2026-11-14T16:05:00Z", name)];
    let share = Share { name: name.to_owned(), value: 3, n: 3 };
    let step = Step { at: at("2026-11-06T10:42:00Z"), bad: 3, why: name.to_owned() };
    for subject in [
        Subject::Line(success()),
        Subject::Budget(Budget { steps: vec![step], ..budget() }),
        Subject::Shares(Shares::Providers { parts: vec![share] }),
    ] {
        let svg = draw(&Chart { scene: scene.clone(), subject }).expect("drawn").svg;
        assert!(!svg.contains("<script") && !svg.contains("]]>"), "{svg}");
        assert!(!svg.contains('\u{0}') && !svg.contains('\u{202E}'), "{svg}");
        assert!(svg.contains("&lt;script&gt;"), "{svg}");
    }
}

#[test]
fn every_chart_can_be_read_aloud_and_takes_its_font_from_the_page() {
    for picture in all(Shape::Full(USUAL)).iter().chain(&all(Shape::Full(NARROWEST))) {
        let svg = &picture.svg;
        assert!(svg.contains("role=\"img\"") && svg.contains("<title id=") && svg.contains("<desc id="));
        assert!(svg.contains("viewBox=\"0 0 "), "{svg}");
        let root = svg.split_once('>').expect("a root").0;
        assert!(!root.contains(" width=") && !root.contains(" height="), "{root}");
        for family in svg.split("font-family=\"").skip(1) {
            assert!(family.starts_with("inherit\""), "{family}");
        }
        for forbidden in ["style=", "<style", "<script", "href", "url("] {
            assert!(!svg.contains(forbidden), "{forbidden} in {svg}");
        }
        assert!(!picture.description.is_empty() && !picture.rows.is_empty());
        assert!(picture.rows.iter().all(|row| row.len() == picture.columns.len()));
    }
}

#[test]
fn every_colour_is_a_token_of_the_stylesheet() {
    let stylesheet = include_str!("../../../../../ui/src/styles/tokens.css");
    let light = stylesheet.split("prefers-color-scheme: dark").next().expect("the light theme");
    for (name, colour) in colour::ALL {
        let token = format!("--{name}: {};", colour::hex(colour));
        assert!(light.contains(&token), "{token}");
    }
    let known: Vec<String> = colour::ALL.iter().map(|(_, colour)| colour::hex(*colour)).collect();
    for picture in all(Shape::Full(USUAL)) {
        for part in picture.svg.split('#').skip(1) {
            let hex = format!("#{}", part.chars().take(6).collect::<String>());
            assert!(known.contains(&hex), "{hex}");
        }
    }
}

#[test]
fn the_busiest_month_stays_under_40_kb() {
    let mut scene = scene(Shape::Full(WIDEST));
    let hour = |n: i64| scene.from + SignedDuration::from_hours(n);
    // Asleep every other hour, something marked every hour, a failure every ten minutes.
    let awake: Vec<_> = (0..360).map(|n| (hour(2 * n), hour(2 * n + 1))).collect();
    let marks = (0..720)
        .map(|n| Mark {
            at: hour(n),
            kind: MarkKind::Failover,
            text: "Switched to the other provider. ".repeat(9),
        })
        .take(500)
        .collect();
    let steps = (0..4_000)
        .map(|n| Step {
            at: scene.from + SignedDuration::from_mins(10 * n),
            bad: 1,
            why: "provider outage".to_owned(),
        })
        .collect();
    scene.awake = awake;
    scene.marks = marks;
    let budget = Budget { allowed: 4_200, left: 200, steps, ..budget() };
    for subject in [Subject::Budget(budget), Subject::Line(success())] {
        let picture = draw(&Chart { scene: scene.clone(), subject }).expect("drawn");
        assert!(picture.svg.len() < 40_000, "{}", picture.svg.len());
    }
    for picture in all(Shape::Full(USUAL)) {
        assert!(picture.svg.len() < 40_000, "{} {}", picture.title, picture.svg.len());
    }
}

#[test]
fn an_overdrawn_budget_goes_below_nothing_and_says_how_far() {
    let spent = Budget { allowed: 20, left: -4, outlook: Outlook::Recovers(None), ..budget() };
    let picture = drawn(Shape::Full(USUAL), Subject::Budget(spent));
    assert!(picture.svg.contains("4 over today"), "{}", picture.svg);
    assert!(picture.description.contains("−4 of 20 failures left"), "{}", picture.description);
}

#[test]
fn figures_at_the_edge_of_their_types_are_drawn_too() {
    let huge = line(Unit::Cost, u64::MAX, |day| if day % 2 == 0 { u64::MAX } else { 0 });
    let step = Step { at: Timestamp::MAX, bad: u64::MAX, why: String::new() };
    let budget = Budget { allowed: u64::MAX, left: i64::MIN, steps: vec![step.clone(), step], ..budget() };
    let share = Share { name: String::new(), value: u64::MAX, n: u64::MAX };
    for subject in [
        Subject::Line(huge),
        Subject::Budget(budget),
        Subject::Shares(Shares::Providers { parts: vec![share.clone(), share] }),
    ] {
        for (from, to) in [
            (Timestamp::MIN, Timestamp::MAX),
            (Timestamp::MAX, Timestamp::MIN),
            (Timestamp::MAX, Timestamp::MAX),
        ] {
            let scene = Scene { from, to, ..scene(Shape::Full(u32::MAX)) };
            draw(&Chart { scene, subject: subject.clone() }).expect("drawn");
        }
    }
}
