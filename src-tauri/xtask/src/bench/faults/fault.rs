//! The list of faults: what the primary does, and what must come of it.

/// How a provider misbehaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// It doesn't; the row to hold the others against.
    None,
    ServerError503,
    Overloaded,
    /// The first try of every request gets a 500, the next one an answer.
    ErrorThenFine,
    Revoked,
    QuotaGone,
    RateLimited {
        says_when: bool,
    },
    /// Reads the request and says nothing.
    Hang,
    /// Sends a good head and nothing more.
    HangAfterHead,
    /// Begins the stream as both vendors do, without a word of text, and falls silent.
    RoleOnly,
    /// Keeps the connection busy with comments and never answers.
    PingsForEver,
    /// 200 with JSON that breaks off.
    Garbage,
    /// 200 with a page for people, as a proxy in between sends it.
    Html,
    /// 200 without a body.
    Empty,
    /// An event stream whose first event is an error.
    ErrorFirst,
    /// Nobody listens.
    Refused,
    /// The connection is cut in the middle of the TLS handshake.
    TlsCut,
    /// Its host name doesn't exist.
    NoName,
    /// Begins, and then sends a word in more time than the idle time-out allows.
    Drip,
    /// Begins, and drops the connection after a few words.
    Drop,
    /// 503 to 30 % of the tries, at random.
    Flaky,
}

/// What has to come of a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Goal {
    /// Every client gets a whole answer.
    Served,
    /// A stream that broke in the client's hands ends in an error event, and everything else is a whole answer.
    BreaksAreTold,
    /// Every client gets the true error at once.
    TrueError,
}

/// One row of the table; four cells.
#[derive(Debug)]
pub(super) struct Row {
    /// As it is typed to choose it.
    pub(super) name: &'static str,
    /// The primary's fault.
    pub(super) fault: Fault,
    /// The secondary has it too.
    pub(super) both: bool,
    goal: Goal,
}

impl Row {
    /// An answer in one piece can be had from the other provider however late the first one breaks, so only a
    /// stream ever breaks in the client's hands.
    pub(super) fn goal(&self, stream: bool) -> Goal {
        if self.goal == Goal::BreaksAreTold && !stream { Goal::Served } else { self.goal }
    }
}

const fn row(name: &'static str, fault: Fault) -> Row {
    Row { name, fault, both: false, goal: Goal::Served }
}

const fn breaks(name: &'static str, fault: Fault) -> Row {
    Row { goal: Goal::BreaksAreTold, ..row(name, fault) }
}

/// In the order in which they are shown.
pub(super) const ROWS: &[Row] = &[
    row("none", Fault::None),
    row("503", Fault::ServerError503),
    row("529", Fault::Overloaded),
    row("500-then-fine", Fault::ErrorThenFine),
    row("401-revoked", Fault::Revoked),
    row("429-quota", Fault::QuotaGone),
    row("429-retry-after", Fault::RateLimited { says_when: true }),
    row("429", Fault::RateLimited { says_when: false }),
    row("hang", Fault::Hang),
    row("hang-after-head", Fault::HangAfterHead),
    row("role-only", Fault::RoleOnly),
    row("pings", Fault::PingsForEver),
    row("garbage", Fault::Garbage),
    row("html", Fault::Html),
    row("empty", Fault::Empty),
    row("error-first", Fault::ErrorFirst),
    row("refused", Fault::Refused),
    row("tls-cut", Fault::TlsCut),
    row("no-name", Fault::NoName),
    breaks("drip", Fault::Drip),
    breaks("drop", Fault::Drop),
    row("flaky-30", Fault::Flaky),
    Row { name: "both-down", fault: Fault::ServerError503, both: true, goal: Goal::TrueError },
];
