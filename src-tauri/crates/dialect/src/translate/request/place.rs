//! Where something stands in a client's request, as the client would write it: `messages[3].content[0]`.
//!
//! Kept as steps from the inside out and written out only where somebody is told, for most of a request is as
//! it should be.

use std::fmt;

/// A place, and the places around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    within: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Field(&'a str),
    Element(usize),
}

impl<'a> Place<'a> {
    /// A field of the body.
    pub(super) const fn of(field: &'a str) -> Self {
        Self { within: None, step: Step::Field(field) }
    }

    pub(super) fn field<'b>(&'b self, name: &'b str) -> Place<'b> {
        Place { within: Some(self), step: Step::Field(name) }
    }

    pub(super) fn element(&self, index: usize) -> Place<'_> {
        Place { within: Some(self), step: Step::Element(index) }
    }

    /// The same without numbers: all places of this kind. In a long conversation one name says it for every
    /// message.
    pub(super) fn anywhere(&self) -> impl fmt::Display {
        struct Anywhere<'a>(&'a Place<'a>);
        impl fmt::Display for Anywhere<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.write(f, false)
            }
        }
        Anywhere(self)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, numbered: bool) -> fmt::Result {
        if let Some(within) = self.within {
            within.write(f, numbered)?;
        }
        match self.step {
            Step::Field(name) if self.within.is_none() => f.write_str(name),
            Step::Field(name) => write!(f, ".{name}"),
            Step::Element(index) if numbered => write!(f, "[{index}]"),
            Step::Element(_) => f.write_str("[]"),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, true)
    }
}
