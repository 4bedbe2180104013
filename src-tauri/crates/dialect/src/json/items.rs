//! The elements of lists.

use super::{Fields, Raw, fields, scan};

/// The elements of a list, one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Items<'a> {
    list: &'a str,
    at: usize,
}

/// One element, its fields read at once if it is an object: looking for its end is the same work.
#[derive(Debug)]
pub(crate) enum Element<'a> {
    Object(Fields<'a>),
    Other(Raw<'a>),
}

impl<'a> Items<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        let bytes = self.list.as_bytes();
        matches!(bytes.get(scan::space(bytes, self.at + 1)), None | Some(b']'))
    }

    /// Every element, objects with their fields.
    pub(crate) fn read(mut self) -> impl Iterator<Item = Element<'a>> {
        std::iter::from_fn(move || {
            self.next_by(|list, start| {
                if let Some((fields, end)) = fields(list, start, scan::skip) {
                    return Some((Element::Object(fields), end));
                }
                let end = scan::skip(list.as_bytes(), start)?;
                Some((Element::Other(Raw(&list[start..end])), end))
            })
        })
    }

    /// The elements that are objects.
    pub(crate) fn objects(self) -> impl Iterator<Item = Fields<'a>> {
        self.read().filter_map(|element| match element {
            Element::Object(fields) => Some(fields),
            Element::Other(_) => None,
        })
    }

    /// The next element, by whatever says where it ends.
    fn next_by<T>(&mut self, read: impl FnOnce(&'a str, usize) -> Option<(T, usize)>) -> Option<T> {
        let bytes = self.list.as_bytes();
        // At the opening bracket or at the comma behind the element before.
        let start = scan::space(bytes, self.at + 1);
        if matches!(bytes.get(start), None | Some(b']')) {
            return None;
        }
        let (element, end) = read(self.list, start)?;
        self.at = scan::space(bytes, end);
        if bytes.get(self.at) == Some(&b']') {
            self.at = bytes.len();
        }
        Some(element)
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Raw<'a>;

    fn next(&mut self) -> Option<Raw<'a>> {
        self.next_by(|list, start| {
            let end = scan::skip(list.as_bytes(), start)?;
            Some((Raw(&list[start..end]), end))
        })
    }
}

/// The elements of a value, if it is a list.
pub(crate) fn items(value: Raw<'_>) -> Option<Items<'_>> {
    value.is_list().then_some(Items { list: value.0, at: 0 })
}

/// The elements of a value, if it is a list of objects.
pub(crate) fn objects(value: Raw<'_>) -> Option<Vec<Fields<'_>>> {
    let object = |element| match element {
        Element::Object(fields) => Some(fields),
        Element::Other(_) => None,
    };
    items(value)?.read().map(object).collect()
}
