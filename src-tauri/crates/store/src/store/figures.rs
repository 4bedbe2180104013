//! The store's figures: as [`Reader`] reads them, after everything recorded before the call is written.

use jiff::Timestamp;

use crate::{
    error::StoreError,
    figures::{BadRequest, By, CacheUse, Observed, Point, RecentRequest, Scope, SeriesUse, Share, Window},
    promise::Promise,
    queue::Change,
    read::Reader,
    rows::Mode,
    span::Resolution,
};

use super::Store;

impl Store {
    /// Makes exactly these the promises that requests are counted for, from the next request on. To be called at
    /// each start and after each change of the configuration; costs nothing where nothing changed. False if so.
    ///
    /// A promise that was never seen, or comes back, is told in the background of what the ledger still has; see
    /// [`is_catching_up`](Self::is_catching_up). One with another target keeps its past as it was judged then.
    pub async fn set_promises(&self, promises: Vec<Promise>) -> Result<bool, StoreError> {
        self.change(Change::SetPromises(promises)).await
    }

    /// What one promise counted in a time; see [`Reader::promise_window`].
    pub async fn promise_window(
        &self,
        promise: Promise,
        mode: Mode,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Window, StoreError> {
        self.read(move |reader| reader.promise_window(&promise, mode, from, to)).await
    }

    /// The same by minutes, hours or days; see [`Reader::promise_points`].
    pub async fn promise_points(
        &self,
        promise: Promise,
        mode: Mode,
        resolution: Resolution,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Point>, StoreError> {
        self.read(move |reader| reader.promise_points(&promise, mode, resolution, from, to)).await
    }

    /// Who had how much of a time; see [`Reader::breakdown`].
    pub async fn breakdown(
        &self,
        mode: Mode,
        by: By,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Share>, StoreError> {
        self.read(move |reader| reader.breakdown(mode, by, from, to)).await
    }

    /// Points of a chart; see [`Reader::points`].
    pub async fn points(
        &self,
        scope: Scope,
        resolution: Resolution,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Point>, StoreError> {
        self.read(move |reader| reader.points(&scope, resolution, from, to)).await
    }

    /// The counted requests of late; see [`Reader::recent`].
    pub async fn recent(
        &self,
        promise: Promise,
        mode: Mode,
        since: Timestamp,
    ) -> Result<Vec<RecentRequest>, StoreError> {
        self.read(move |reader| reader.recent(&promise, mode, since)).await
    }

    /// What the error budget was spent on; see [`Reader::bad_requests`].
    pub async fn bad_requests(
        &self,
        promise: Promise,
        mode: Mode,
        from: Timestamp,
        to: Timestamp,
        most: u32,
    ) -> Result<Vec<BadRequest>, StoreError> {
        self.read(move |reader| reader.bad_requests(&promise, mode, from, to, most)).await
    }

    /// What the cache did for requests since a time; see [`Reader::cache_use`].
    pub async fn cache_use(&self, mode: Mode, since: Timestamp) -> Result<CacheUse, StoreError> {
        self.read(move |reader| reader.cache_use(mode, since)).await
    }

    /// How much of a time Evenkeel was there to see; see [`Reader::observed`].
    pub async fn observed(&self, from: Timestamp, to: Timestamp) -> Result<Observed, StoreError> {
        self.read(move |reader| reader.observed(from, to)).await
    }

    /// Whether there are more combinations than are told apart; see [`Reader::series_use`].
    pub async fn series_use(&self, mode: Mode) -> Result<SeriesUse, StoreError> {
        self.read(move |reader| reader.series_use(mode)).await
    }

    /// Whether older requests are still being added to the roll-ups; see [`Reader::is_catching_up`].
    pub async fn is_catching_up(&self) -> Result<bool, StoreError> {
        self.read(Reader::is_catching_up).await
    }
}
