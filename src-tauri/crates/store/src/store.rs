//! The handle that the rest of the program holds.

mod figures;

use std::{fmt, path::Path, sync::Arc, thread::JoinHandle};

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{
    error::{Health, OpenError, StoreError},
    lock::FolderLock,
    open::{self, Options},
    queue::{Change, Command, Op, Used},
    read::Reader,
    rows::{EventRow, LedgerRow, Mode, RequestsPage, RequestsQuery, Spent, Tenant},
    writer::Shared,
};

/// The open data folder. Cheap to clone; the last clone's drop shuts it down.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    reader: Reader,
    running: Mutex<Option<Running>>,
}

/// What a shutdown ends, in the order of the fields: the lock goes last.
pub(crate) struct Running {
    pub(crate) writer: JoinHandle<Result<(), StoreError>>,
    pub(crate) lock: FolderLock,
}

impl Store {
    /// Opens the folder for this process alone, making it, its database and its format as needed. Blocks on the
    /// disk; call it before there are requests.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        open::open(folder, Options::default())
    }

    /// Opens what is there for reading only: no lock, nothing made, nothing changed, whether a router runs or not.
    pub fn read_only(folder: &Path) -> Result<Reader, OpenError> {
        Reader::open(folder)
    }

    pub(crate) fn new(shared: Arc<Shared>, reader: Reader, running: Running) -> Self {
        Self { inner: Arc::new(Inner { shared, reader, running: Mutex::new(Some(running)) }) }
    }

    /// Takes a finished request in. Never waits and never fails loudly: false means that the queue was full or
    /// the store shut down, and that [`dropped`](Self::dropped) has grown by one.
    ///
    /// It is on disk within 50 ms, unless [`health`](Self::health) says otherwise.
    pub fn record(&self, row: impl Into<Arc<LedgerRow>>) -> bool {
        self.inner.shared.queue.push(Op::Row(row.into()))
    }

    /// Takes an event in, as [`record`](Self::record) does a request.
    pub fn note(&self, event: EventRow) -> bool {
        self.inner.shared.queue.push(Op::Event(event))
    }

    /// Rows and events lost since the start.
    pub fn dropped(&self) -> u64 {
        self.inner.shared.queue.dropped()
    }

    /// Whether what is recorded reaches the disk.
    pub fn health(&self) -> Health {
        self.inner.shared.health.lock().clone()
    }

    /// Waits until everything recorded before this call is committed.
    ///
    /// An error while the disk refuses writes: what was recorded still waits and is written later.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.change(Change::Flush).await.map(drop)
    }

    /// A page of requests, newest first; see [`Reader::requests`]. Sees everything recorded before the call,
    /// unless the disk refuses writes: then what it has.
    pub async fn requests(&self, query: RequestsQuery) -> Result<RequestsPage, StoreError> {
        self.read(move |reader| reader.requests(&query)).await
    }

    /// One request with its attempts and its plan.
    pub async fn request(&self, id: String) -> Result<Option<LedgerRow>, StoreError> {
        self.read(move |reader| reader.request(&id)).await
    }

    /// The newest events, newest first.
    pub async fn events(&self, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        self.read(move |reader| reader.events(limit)).await
    }

    /// What was spent since a time, by tenant and route.
    pub async fn spent(&self, mode: Mode, since: Timestamp) -> Result<Vec<Spent>, StoreError> {
        self.read(move |reader| reader.spent(mode, since)).await
    }

    /// All tenants by name.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        // Last uses are written once a second; those still waiting are laid over what the disk says. Looked at
        // before the flush, so that what the writer takes meanwhile is read from the disk.
        let waiting: Used = self.inner.shared.queue.used_now();
        let mut tenants = self.read(Reader::tenants).await?;
        for tenant in &mut tenants {
            tenant.last_used_at = tenant.last_used_at.max(waiting.get(&tenant.name).copied());
        }
        Ok(tenants)
    }

    /// Adds a tenant; [`StoreError::AlreadyThere`] if the name is taken.
    pub async fn add_tenant(&self, tenant: Tenant) -> Result<(), StoreError> {
        let name = tenant.name.clone();
        if self.change(Change::AddTenant(tenant)).await? {
            Ok(())
        } else {
            Err(StoreError::AlreadyThere { name })
        }
    }

    /// Removes a tenant and its key; false if there was none. Its requests stay.
    pub async fn remove_tenant(&self, name: &str) -> Result<bool, StoreError> {
        self.change(Change::RemoveTenant(name.to_owned())).await
    }

    /// Replaces a tenant's key by its [hash](crate::hash_key); false if there is no such tenant.
    pub async fn set_tenant_key(&self, name: &str, hash: [u8; 32]) -> Result<bool, StoreError> {
        self.change(Change::SetTenantKey(name.to_owned(), hash)).await
    }

    /// Remembers that a tenant sent a request. Never waits; written at most once a second.
    pub fn tenant_used(&self, name: &str, at: Timestamp) {
        self.inner.shared.queue.used(name, at);
    }

    /// A setting's value. Not for secrets.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let key = key.to_owned();
        self.read(move |reader| reader.setting(&key)).await
    }

    /// Sets or removes a setting; committed when it returns. Not for secrets.
    pub async fn set_setting(&self, key: &str, value: Option<String>) -> Result<(), StoreError> {
        self.change(Change::SetSetting(key.to_owned(), value)).await.map(drop)
    }

    /// Commits what waits, folds the log into the database, closes it and releases the folder. Blocks, up to a
    /// few seconds on a disk that refuses; an error then says that rows were lost.
    ///
    /// Whatever is called afterwards answers [`StoreError::Closed`], also a second call's reads; a second
    /// shutdown is fine.
    pub fn shut_down(&self) -> Result<(), StoreError> {
        self.inner.shut_down()
    }

    pub(crate) async fn change(&self, change: Change) -> Result<bool, StoreError> {
        let (answer, answered) = oneshot::channel();
        if !self.inner.shared.queue.push_urgent(Op::Command(Command { change, answer })) {
            return Err(StoreError::Closed);
        }
        answered.await.unwrap_or(Err(StoreError::Closed))
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match self.flush().await {
            // With a disk that refuses writes, people need to see what there is all the more.
            Ok(()) | Err(StoreError::Failing { .. }) => {}
            Err(error) => return Err(error),
        }
        let reader = self.inner.reader.clone();
        // Fails only if the runtime is going down.
        tokio::task::spawn_blocking(move || read(&reader)).await.unwrap_or(Err(StoreError::Closed))
    }

    #[cfg(test)]
    pub(crate) fn inspect(&self, look: impl FnOnce(&rusqlite::Connection) + Send + 'static) {
        assert!(self.inner.shared.queue.push_urgent(Op::Inspect(Box::new(look))), "the store is open");
    }
}

impl Inner {
    fn shut_down(&self) -> Result<(), StoreError> {
        let Some(running) = self.running.lock().take() else { return Ok(()) };
        self.reader.close();
        self.shared.queue.close();
        let ended = running.writer.join().unwrap_or_else(|_| {
            Err(StoreError::Failing { message: "the writer stopped at a fault of its own".into() })
        });
        drop(running.lock);
        ended
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Err(error) = self.shut_down() {
            tracing::error!(%error, "the ledger was not closed cleanly");
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("health", &self.health())
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}
