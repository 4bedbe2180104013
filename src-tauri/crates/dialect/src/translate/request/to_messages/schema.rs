//! Schemas for answers and arguments that must match exactly.
//!
//! The API compiles such a schema to a grammar, and refuses what it can't compile: bounds of numbers, texts
//! and lists, open objects, recursion, and more of some things than its limits allow. A request that another
//! vendor would have answered must not fail for that, so here a schema is made to fit: bounds move into the
//! description, where the model still reads them. What can't be made to fit without accepting other values
//! (an open object, say) is left to the caller, who has weaker means of asking for the same.
//!
//! Limits and keywords: <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>, November
//! 2026.

use std::collections::BTreeSet;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::canon::Json;

mod walk;

use walk::Walk;

/// Exact tools in a request.
const MOST_TOOLS: usize = 20;
/// Properties that may be left out, in all exact schemas of a request.
const MOST_OPTIONAL: usize = 24;
/// Places where the type is one of several, in all exact schemas of a request.
const MOST_UNIONS: usize = 16;

/// What one request may still have compiled.
#[derive(Debug, Default)]
pub(super) struct Grammar {
    tools: usize,
    optional: usize,
    unions: usize,
}

/// A schema that fits.
#[derive(Debug)]
pub(super) struct Fitted {
    pub(super) schema: Json,
    /// Keywords that became words.
    pub(super) moved: BTreeSet<String>,
}

impl Grammar {
    /// Fits the schema of a tool's arguments, if it can be fitted and there is room for it.
    pub(super) fn tool(&mut self, schema: &RawValue) -> Option<Fitted> {
        if self.tools == MOST_TOOLS {
            return None;
        }
        let fitted = self.fit(schema)?;
        self.tools += 1;
        Some(fitted)
    }

    /// Fits a schema, if it can be fitted and there is room for it.
    pub(super) fn fit(&mut self, schema: &RawValue) -> Option<Fitted> {
        let root: Map<String, Value> = serde_json::from_str(schema.get()).ok()?;
        let mut walk = Walk::default();
        let root = walk.root(root)?;
        let (optional, unions) = (self.optional + walk.optional, self.unions + walk.unions);
        if walk.refers_in_circles() || optional > MOST_OPTIONAL || unions > MOST_UNIONS {
            return None;
        }
        let schema = serde_json::value::to_raw_value(&root).ok()?;
        (self.optional, self.unions) = (optional, unions);
        Some(Fitted { schema, moved: walk.moved })
    }
}
