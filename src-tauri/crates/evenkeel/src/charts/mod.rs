//! Charts of what was measured: figures out of the store, drawn by `evenkeel-kit`.
//!
//! Nothing is drawn on the thread that carries requests: reads go to blocking threads by the store's own habit, and so
//! does the drawing.

mod gather;

use std::time::Duration;

use evenkeel_kit::chart::{self, Picture, Shape};

use crate::{
    app::Running,
    failure::{Code, Failure},
};

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Success,
    P95,
    Cost,
    Budget,
    Causes,
    Providers,
}

impl Name {
    const ALL: [Name; 6] =
        [Name::Budget, Name::Success, Name::P95, Name::Cost, Name::Causes, Name::Providers];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Name::Success => "success",
            Name::P95 => "p95",
            Name::Cost => "cost",
            Name::Budget => "budget",
            Name::Causes => "causes",
            Name::Providers => "providers",
        }
    }

    pub(crate) fn of(name: &str) -> Result<Self, Failure> {
        Self::ALL.into_iter().find(|known| known.as_str() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            Failure::new(Code::UnknownEndpoint, format!("There is no chart \"{name}\"."))
                .hint(format!("There are: {known}."))
        })
    }
}

/// Which figures, and how they should look. Everything may be left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Of this promise; the first one otherwise.
    pub(crate) slo: Option<String>,
    /// Only this tenant's requests.
    pub(crate) tenant: Option<String>,
    /// Only this feature's.
    pub(crate) feature: Option<String>,
    /// Over this time instead of the promised window.
    pub(crate) window: Option<Duration>,
    /// How wide and with how much around it.
    pub(crate) shape: Option<Shape>,
}

impl Running {
    /// One chart, drawn now.
    pub(crate) async fn chart(&self, name: Name, wanted: &Wanted) -> Result<Picture, Failure> {
        let chart = Box::pin(gather::chart(self, name, wanted)).await?;
        let drawn = tokio::task::spawn_blocking(move || chart::draw(&chart)).await;
        drawn
            .map_err(|error| Failure::internal("draw a chart", &error))?
            .map_err(|error| Failure::internal("draw a chart", &error))
    }
}
