//! What can go wrong with a practice provider, and how a person says so.

use std::{fmt, time::Duration};

/// `retry-after` of [`Fault::RateLimited`].
const RETRY_AFTER: Duration = Duration::from_secs(20);

/// No fault waits longer: a typing mistake such as `slow 300h` would look like a program that hangs.
const LONGEST: Duration = Duration::from_hours(1);

/// One way of failing. It holds from the next request on; requests in flight keep the fault they met, except
/// that [`Fault::BreakStream`] also drops the streams that are under way.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Fault {
    /// Answers as it should.
    #[default]
    None,
    /// 503 with the vendor's general server error.
    Down,
    /// 529 `overloaded_error`.
    Overloaded,
    /// 401, as after the key was revoked.
    Revoked,
    /// 429 with `retry-after: 20`.
    RateLimited,
    /// 429 with a `retry-after` of one's own, in whole seconds (rounded up).
    RateLimitedFor(Duration),
    /// The first token, or the whole answer where nothing is streamed, comes after this long.
    Slow(Duration),
    /// Accepts, reads the request and never answers. Ends, by closing the connection, when the client goes
    /// or the fault is changed.
    Hang,
    /// Drops the connection after this many events of a stream (a body that is not a stream: half-way; with
    /// 0, before its first byte). A stream with fewer events ends as it should.
    BreakStream(u32),
    /// 200 with broken JSON.
    Garbage,
    /// Connections are refused; open ones are closed as soon as they are idle.
    Refuse,
    /// 503 with this probability (0 to 1), drawn from a seeded generator that starts afresh when it is set.
    Flaky(f64),
}

/// Why a fault could not be understood; the message names the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No fault has this name.
    #[error(
        "There is no fault \"{name}\". The faults are: {}.\nFor example: evenkeel practice fault practice-a slow 3s",
        Known
    )]
    UnknownName {
        /// What was typed.
        name: String,
    },
    /// The fault says nothing without a value.
    #[error("The fault \"{fault}\" needs {needs}, for example: evenkeel practice fault practice-a {example}")]
    MissingValue {
        /// The fault.
        fault: &'static str,
        /// What its value is.
        needs: &'static str,
        /// Fault and value as they are typed.
        example: &'static str,
    },
    /// The value is not what this fault takes.
    #[error(
        "The fault \"{fault}\" takes {needs}, not \"{value}\", for example: evenkeel practice fault practice-a {example}"
    )]
    BadValue {
        /// The fault.
        fault: &'static str,
        /// What was typed.
        value: String,
        /// What its value is.
        needs: &'static str,
        /// Fault and value as they are typed.
        example: &'static str,
    },
    /// The fault takes no value, and was given one.
    #[error(
        "The fault \"{fault}\" takes no value (it was given \"{value}\"): evenkeel practice fault practice-a {fault}"
    )]
    UnexpectedValue {
        /// The fault.
        fault: &'static str,
        /// What was typed.
        value: String,
    },
}

/// One row for each name: what value it takes, and an example. The order is the one people read.
struct Row {
    name: &'static str,
    value: Option<&'static str>,
    needs: &'static str,
    example: &'static str,
}

const fn row(
    name: &'static str,
    value: Option<&'static str>,
    needs: &'static str,
    example: &'static str,
) -> Row {
    Row { name, value, needs, example }
}

const ROWS: [Row; 11] = [
    row("none", None, "", "none"),
    row("down", None, "", "down"),
    row("overloaded", None, "", "overloaded"),
    row("revoked", None, "", "revoked"),
    row("rate-limited", Some("[SECONDS]"), "the seconds of retry-after (at most 3600)", "rate-limited 5"),
    row("slow", Some("DURATION"), "a duration of at most an hour", "slow 3s"),
    row("hang", None, "", "hang"),
    row("break-stream", Some("N"), "the number of chunks to send first", "break-stream 3"),
    row("garbage", None, "", "garbage"),
    row("refuse", None, "", "refuse"),
    row("flaky", Some("P"), "a probability from 0 to 1", "flaky 0.3"),
];

/// The list of faults with their values, for the message.
struct Known;

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, row) in ROWS.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            match row.value {
                Some(value) => write!(f, "{comma}{} {value}", row.name)?,
                None => write!(f, "{comma}{}", row.name)?,
            }
        }
        Ok(())
    }
}

impl Fault {
    /// Reads a fault from its name and value as typed, such as `slow` and `3s`.
    ///
    /// Durations are `250ms`, `3s` or `2m`; a bare number is seconds.
    ///
    /// # Errors
    /// Unknown name; value missing, not understood, or given where none is taken.
    pub fn parse(name: &str, value: Option<&str>) -> Result<Self, FaultError> {
        let Some(row) = ROWS.iter().find(|row| row.name == name) else {
            return Err(FaultError::UnknownName { name: name.to_owned() });
        };
        let fault = row.name;
        match (row.value, value) {
            (None, None) => Ok(without_value(fault)),
            (None, Some(value)) => Err(FaultError::UnexpectedValue { fault, value: value.to_owned() }),
            (Some("[SECONDS]"), None) => Ok(Self::RateLimited),
            (Some(_), None) => {
                Err(FaultError::MissingValue { fault, needs: row.needs, example: row.example })
            }
            (Some(_), Some(typed)) => with_value(fault, typed.trim()).ok_or_else(|| FaultError::BadValue {
                fault,
                value: typed.to_owned(),
                needs: row.needs,
                example: row.example,
            }),
        }
    }

    /// The name as it is typed.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Down => "down",
            Self::Overloaded => "overloaded",
            Self::Revoked => "revoked",
            Self::RateLimited | Self::RateLimitedFor(_) => "rate-limited",
            Self::Slow(_) => "slow",
            Self::Hang => "hang",
            Self::BreakStream(_) => "break-stream",
            Self::Garbage => "garbage",
            Self::Refuse => "refuse",
            Self::Flaky(_) => "flaky",
        }
    }

    /// The value as it is typed, where there is one: [`Fault::parse`] of name and value gives the fault back.
    pub fn value(&self) -> Option<String> {
        match self {
            Self::RateLimitedFor(duration) | Self::Slow(duration) => Some(written(*duration)),
            Self::BreakStream(chunks) => Some(chunks.to_string()),
            Self::Flaky(probability) => Some(probability.to_string()),
            _ => None,
        }
    }

    /// What a rate-limited answer tells the client to wait.
    pub(crate) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited => Some(RETRY_AFTER),
            Self::RateLimitedFor(duration) => Some(*duration),
            _ => None,
        }
    }

    /// After how many events a stream is dropped.
    pub(crate) const fn break_after(&self) -> Option<u32> {
        match self {
            Self::BreakStream(chunks) => Some(*chunks),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        self.value().map_or(Ok(()), |value| write!(f, " {value}"))
    }
}

fn without_value(name: &str) -> Fault {
    match name {
        "down" => Fault::Down,
        "overloaded" => Fault::Overloaded,
        "revoked" => Fault::Revoked,
        "hang" => Fault::Hang,
        "garbage" => Fault::Garbage,
        "refuse" => Fault::Refuse,
        _ => Fault::None,
    }
}

fn with_value(name: &str, typed: &str) -> Option<Fault> {
    match name {
        "rate-limited" => duration(typed).map(Fault::RateLimitedFor),
        "slow" => duration(typed).map(Fault::Slow),
        "break-stream" => typed.parse().ok().map(Fault::BreakStream),
        "flaky" => typed.parse().ok().filter(|p| (0.0..=1.0).contains(p)).map(Fault::Flaky),
        _ => None,
    }
}

fn duration(typed: &str) -> Option<Duration> {
    let digits = typed.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds_each = match typed[digits.len()..].trim() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let number: f64 = digits.trim().parse().ok()?;
    Duration::try_from_secs_f64(number * seconds_each).ok().filter(|duration| *duration <= LONGEST)
}

fn written(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 {
        format!("{}s", duration.as_secs())
    } else {
        format!("{}ms", duration.as_millis())
    }
}

#[cfg(test)]
mod tests;
