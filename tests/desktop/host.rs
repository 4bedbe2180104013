//! A desktop's tray, as far as an app can tell: it takes icons, reads their menus and clicks on rows.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use zbus::blocking::{Connection, Proxy};
use zbus::message::Header;
use zbus::zvariant::{Array, Dict, OwnedValue, Structure, Value};

use crate::bus::Bus;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The tray's side of the protocol (`StatusNotifierItem` of freedesktop.org and KDE).
pub(crate) struct Host {
    connection: Connection,
    items: Arc<Mutex<Vec<(String, String)>>>,
}

struct Watcher(Arc<Mutex<Vec<(String, String)>>>);

#[expect(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "the protocol names the methods, and the macro their form"
)]
#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    /// Apps give a bus name, or the path of an object on the connection that calls.
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let item = if service.starts_with('/') {
            (sender, service.to_owned())
        } else {
            (service.to_owned(), "/StatusNotifierItem".to_owned())
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(item);
    }

    fn register_status_notifier_host(&self, service: &str) {
        // One tray is enough here, and it is this one.
        let _ = service;
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let items = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        items.iter().map(|(name, path)| format!("{name}{path}")).collect()
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

impl Host {
    /// Puts a tray on the bus.
    pub(crate) fn open(bus: &Bus) -> Result<Host> {
        let items = Arc::new(Mutex::new(Vec::new()));
        let connection = zbus::blocking::connection::Builder::address(bus.address.as_str())?
            .serve_at("/StatusNotifierWatcher", Watcher(Arc::clone(&items)))?
            .name("org.kde.StatusNotifierWatcher")?
            .build()?;
        Ok(Host { connection, items })
    }

    /// Takes it off the bus, as when a panel crashes.
    pub(crate) fn close(self) -> Result<()> {
        Ok(self.connection.close()?)
    }

    /// The icon that appeared, once one has.
    pub(crate) fn item(&self) -> Result<Item> {
        let first = || self.items.lock().unwrap_or_else(PoisonError::into_inner).first().cloned();
        if !crate::wait(|| first().is_some()) {
            return Err("no icon appeared in the tray".into());
        }
        let (name, path) = first().ok_or("it has gone")?;
        // Icons tell of changes by signals of their own, so nothing may be remembered here.
        let icon: Proxy<'_> = zbus::blocking::proxy::Builder::new(&self.connection)
            .destination(name.clone())?
            .path(path)?
            .interface("org.kde.StatusNotifierItem")?
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()?;
        let menu: zbus::zvariant::OwnedObjectPath = icon.get_property("Menu")?;
        let menu = Proxy::new(&self.connection, name, menu, "com.canonical.dbusmenu")?;
        Ok(Item { icon, menu })
    }
}

/// An icon in the tray, with its menu.
pub(crate) struct Item {
    icon: Proxy<'static>,
    menu: Proxy<'static>,
}

/// One row of a menu.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    id: i32,
    pub(crate) label: String,
    pub(crate) enabled: bool,
    pub(crate) checked: bool,
    pub(crate) rows: Vec<Row>,
}

impl Item {
    /// Its rows as they are now; a separator is "—".
    pub(crate) fn rows(&self) -> Result<Vec<Row>> {
        let nothing: Vec<&str> = Vec::new();
        let (_, layout): (u32, OwnedLayout) = self.menu.call("GetLayout", &(0_i32, -1_i32, nothing))?;
        layout.2.iter().map(|child| row(child)).collect()
    }

    /// Their labels alone.
    pub(crate) fn labels(&self) -> Result<Vec<String>> {
        Ok(self.rows()?.into_iter().map(|row| row.label).collect())
    }

    /// The row at the end of these labels, one a level.
    pub(crate) fn row(&self, path: &[&str]) -> Result<Row> {
        let mut rows = self.rows()?;
        let mut found = None;
        for label in path {
            let seen: Vec<String> = rows.iter().map(|row| row.label.clone()).collect();
            let row = rows.iter().find(|row| row.label == *label).cloned();
            let row = row.ok_or_else(|| format!("no row {label:?} among {seen:?}"))?;
            rows.clone_from(&row.rows);
            found = Some(row);
        }
        found.ok_or_else(|| "no row was named".into())
    }

    /// Clicks on the row at the end of these labels.
    pub(crate) fn click(&self, path: &[&str]) -> Result<()> {
        let row = self.row(path)?;
        self.menu.call::<_, _, ()>("Event", &(row.id, "clicked", Value::from(0_i32), 0_u32))?;
        Ok(())
    }

    /// The left mouse button on the icon itself.
    pub(crate) fn activate(&self) -> Result<()> {
        Ok(self.icon.call::<_, _, ()>("Activate", &(0_i32, 0_i32))?)
    }

    /// The icon's pixels: width, height and the bytes.
    pub(crate) fn picture(&self) -> Result<(i32, i32, Vec<u8>)> {
        let pictures: Vec<(i32, i32, Vec<u8>)> =
            Vec::try_from(self.icon.get_property::<OwnedValue>("IconPixmap")?)?;
        Ok(pictures.into_iter().next().ok_or("the icon is empty")?)
    }
}

type OwnedLayout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

fn row(value: &Value<'_>) -> Result<Row> {
    let value = if let Value::Value(inner) = value { inner } else { value };
    let fields = Structure::try_from(value.try_clone()?)?;
    let [id, properties, children] = fields.fields() else { return Err("a row has three parts".into()) };
    let properties: HashMap<String, Value<'_>> = Dict::try_from(properties.try_clone()?)?.try_into()?;
    let text = |name: &str| properties.get(name).and_then(|value| value.downcast_ref::<String>().ok());
    let number = |name: &str| properties.get(name).and_then(|value| value.downcast_ref::<i32>().ok());
    let separator = text("type").as_deref() == Some("separator");
    let label = if separator { "—".to_owned() } else { text("label").unwrap_or_default() };
    let children = Array::try_from(children.try_clone()?)?;
    Ok(Row {
        id: i32::try_from(id.try_clone()?)?,
        // A single underscore marks a letter, a double one is an underscore.
        label: label.replace("__", "\u{0}").replace('_', "").replace('\u{0}', "_"),
        enabled: properties
            .get("enabled")
            .and_then(|value| value.downcast_ref::<bool>().ok())
            .unwrap_or(true),
        checked: number("toggle-state") == Some(1),
        rows: children.iter().map(row).collect::<Result<_>>()?,
    })
}
