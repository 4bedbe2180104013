use super::*;

#[test]
fn every_fault_is_read_back_from_its_own_name_and_value() {
    let faults = [
        Fault::None,
        Fault::Down,
        Fault::Overloaded,
        Fault::Revoked,
        Fault::RateLimited,
        Fault::RateLimitedFor(Duration::from_secs(5)),
        Fault::Slow(Duration::from_secs(3)),
        Fault::Slow(Duration::from_millis(2500)),
        Fault::Hang,
        Fault::BreakStream(3),
        Fault::Garbage,
        Fault::Refuse,
        Fault::Flaky(0.25),
    ];
    for fault in faults {
        let read = Fault::parse(fault.name(), fault.value().as_deref());
        assert_eq!(read, Ok(fault));
    }
}

#[test]
fn durations_are_read_as_people_write_them() {
    let slow = |value| Fault::parse("slow", Some(value));
    assert_eq!(slow("3s"), Ok(Fault::Slow(Duration::from_secs(3))));
    assert_eq!(slow("250ms"), Ok(Fault::Slow(Duration::from_millis(250))));
    assert_eq!(slow("2.5 s"), Ok(Fault::Slow(Duration::from_millis(2500))));
    assert_eq!(slow("2m"), Ok(Fault::Slow(Duration::from_mins(2))));
    assert_eq!(slow("4"), Ok(Fault::Slow(Duration::from_secs(4))));
    for wrong in ["", "s", "-1s", "3 parsecs", "3é", "61m", "1e300s", "NaN"] {
        assert!(slow(wrong).is_err(), "{wrong:?} was taken for a duration");
    }
}

#[test]
fn an_unknown_fault_is_told_all_there_are() {
    let error = Fault::parse("explode", None).unwrap_err().to_string();
    assert_eq!(
        error,
        "There is no fault \"explode\". The faults are: none, down, overloaded, revoked, rate-limited [SECONDS], \
         slow DURATION, hang, break-stream N, garbage, refuse, flaky P.\n\
         For example: evenkeel practice fault practice-a slow 3s"
    );
}

#[test]
fn values_that_are_missing_wrong_or_too_many_name_the_fix() {
    let message = |name, value| Fault::parse(name, value).unwrap_err().to_string();
    assert_eq!(
        message("slow", None),
        "The fault \"slow\" needs a duration of at most an hour, for example: evenkeel practice fault practice-a slow 3s"
    );
    assert_eq!(
        message("flaky", Some("1.5")),
        "The fault \"flaky\" takes a probability from 0 to 1, not \"1.5\", for example: evenkeel practice fault \
         practice-a flaky 0.3"
    );
    assert_eq!(
        message("down", Some("5s")),
        "The fault \"down\" takes no value (it was given \"5s\"): evenkeel practice fault practice-a down"
    );
    assert!(message("break-stream", Some("-1")).contains("break-stream 3"));
    assert!(message("flaky", Some("NaN")).contains("flaky 0.3"));
}

#[test]
fn a_fault_is_shown_as_it_is_typed() {
    assert_eq!(Fault::Slow(Duration::from_secs(3)).to_string(), "slow 3s");
    assert_eq!(Fault::Down.to_string(), "down");
    assert_eq!(Fault::Flaky(0.5).to_string(), "flaky 0.5");
}
