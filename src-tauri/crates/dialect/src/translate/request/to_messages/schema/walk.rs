//! One schema, node by node. `None` everywhere means: can't be made to fit.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

/// Formats that the grammar knows.
const FORMATS: [&str; 10] =
    ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];
/// Says nothing about a value.
const SILENT: [&str; 9] = [
    "$schema",
    "$id",
    "$comment",
    "$anchor",
    "$vocabulary",
    "readOnly",
    "writeOnly",
    "deprecated",
    "examples",
];
/// Changes which values match in ways that words don't make up for.
const DECISIVE: [&str; 13] = [
    "patternProperties",
    "prefixItems",
    "additionalItems",
    "contains",
    "propertyNames",
    "dependentSchemas",
    "dependencies",
    "if",
    "then",
    "else",
    "not",
    "$dynamicRef",
    "$recursiveRef",
];
/// Repetitions in a pattern above this make a grammar explode.
const MOST_REPEATED: u32 = 64;

#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) moved: BTreeSet<String>,
    /// Properties that may be left out.
    pub(super) optional: usize,
    /// Places where the type is one of several.
    pub(super) unions: usize,
    /// The definition that is being walked through.
    within: Option<String>,
    /// Which definition refers to which.
    refers: HashMap<String, Vec<String>>,
}

impl Walk {
    /// The whole schema. Definitions are only looked for here, where every reference leads.
    pub(super) fn root(&mut self, mut root: Map<String, Value>) -> Option<Value> {
        let mut definitions = Vec::new();
        for place in ["$defs", "definitions"] {
            let Some(found) = root.shift_remove(place) else { continue };
            let Value::Object(found) = found else { return None };
            let mut fitted = Map::new();
            for (name, node) in found {
                let path = format!("#/{place}/{name}");
                self.refers.entry(path.clone()).or_default();
                self.within = Some(path);
                fitted.insert(name, self.node(node)?);
            }
            self.within = None;
            definitions.push((place, fitted));
        }
        let Value::Object(mut root) = self.node(Value::Object(root))? else { return None };
        for (place, fitted) in definitions {
            root.insert(place.to_owned(), Value::Object(fitted));
        }
        Some(Value::Object(root))
    }

    /// Whether a definition leads back to itself. Takes away what refers to nothing that is left, until
    /// nothing more can be taken away; what remains goes in circles.
    pub(super) fn refers_in_circles(&self) -> bool {
        let mut waits_for: HashMap<&str, usize> = HashMap::new();
        let mut referred_by: HashMap<&str, Vec<&str>> = HashMap::new();
        for (from, to) in &self.refers {
            waits_for.insert(from, to.len());
            for to in to {
                referred_by.entry(to).or_default().push(from);
            }
        }
        let mut free: Vec<&str> =
            waits_for.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
        let mut left = waits_for.len();
        while let Some(name) = free.pop() {
            left -= 1;
            for from in referred_by.remove(name).unwrap_or_default() {
                if let Some(count) = waits_for.get_mut(from) {
                    *count -= 1;
                    if *count == 0 {
                        free.push(from);
                    }
                }
            }
        }
        left > 0
    }

    fn node(&mut self, node: Value) -> Option<Value> {
        // `true` is any value at all, and `false` none.
        let Value::Object(node) = node else { return None };
        if let Some(reference) = node.get("$ref") {
            return self.reference(reference.as_str()?);
        }
        let mut fitted = Map::new();
        let mut moved = Vec::new();
        for (keyword, value) in node {
            self.keyword(&keyword, value, &mut fitted, &mut moved)?;
        }
        self.close(&mut fitted)?;
        let says_something = ["type", "anyOf", "enum", "const"].iter().any(|word| fitted.contains_key(*word));
        if !says_something {
            return None;
        }
        describe(&mut fitted, &moved);
        self.moved.extend(moved.into_iter().map(|(keyword, _)| keyword));
        Some(Value::Object(fitted))
    }

    /// What stands beside a reference is dropped; readers of schemas disagree about what it means.
    fn reference(&mut self, path: &str) -> Option<Value> {
        let name = path.strip_prefix("#/$defs/").or_else(|| path.strip_prefix("#/definitions/"))?;
        if name.contains('/') {
            return None;
        }
        if let Some(within) = &self.within {
            self.refers.entry(within.clone()).or_default().push(path.to_owned());
        }
        let mut node = Map::new();
        node.insert("$ref".to_owned(), Value::from(path));
        Some(Value::Object(node))
    }

    fn keyword(
        &mut self,
        keyword: &str,
        value: Value,
        fitted: &mut Map<String, Value>,
        moved: &mut Vec<(String, Value)>,
    ) -> Option<()> {
        let kept = match (keyword, value) {
            ("description" | "title" | "default" | "required", value) => value,
            ("type", value) => {
                self.unions += usize::from(value.is_array());
                value
            }
            ("enum", Value::Array(values)) if values.iter().all(is_scalar) => Value::Array(values),
            ("const", value) if is_scalar(&value) => value,
            ("anyOf" | "oneOf", Value::Array(nodes)) if !fitted.contains_key("anyOf") => {
                self.unions += 1;
                fitted.insert("anyOf".to_owned(), self.list(nodes)?);
                return Some(());
            }
            // One schema out of one is that schema; older generators write references so. More of them can't
            // all be closed objects at once.
            ("allOf", Value::Array(nodes)) if nodes.len() == 1 && !fitted.contains_key("anyOf") => {
                fitted.insert("anyOf".to_owned(), self.list(nodes)?);
                return Some(());
            }
            ("properties", Value::Object(properties)) => {
                let mut nodes = Map::new();
                for (name, node) in properties {
                    nodes.insert(name, self.node(node)?);
                }
                Value::Object(nodes)
            }
            ("items", node) => self.node(node)?,
            ("additionalProperties", Value::Bool(false)) => Value::Bool(false),
            ("minItems", value) if matches!(value.as_u64(), Some(0 | 1)) => value,
            ("format", Value::String(format)) if FORMATS.contains(&format.as_str()) => Value::String(format),
            ("pattern", Value::String(pattern)) if is_simple(&pattern) => Value::String(pattern),
            ("enum" | "const" | "anyOf" | "oneOf" | "allOf" | "properties" | "additionalProperties", _) => {
                return None;
            }
            ("$defs" | "definitions", _) => return None,
            (word, _) if DECISIVE.contains(&word) => return None,
            (word, _) if SILENT.contains(&word) => return Some(()),
            (word, value) => {
                moved.push((word.to_owned(), value));
                return Some(());
            }
        };
        fitted.insert(keyword.to_owned(), kept);
        Some(())
    }

    fn list(&mut self, nodes: Vec<Value>) -> Option<Value> {
        nodes.into_iter().map(|node| self.node(node)).collect::<Option<_>>().map(Value::Array)
    }

    /// An object must be closed. One that names no properties and is not closed takes any, and closed it
    /// would take none.
    fn close(&mut self, node: &mut Map<String, Value>) -> Option<()> {
        let is_object = match node.get("type") {
            Some(Value::String(kind)) => kind == "object",
            Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
            _ => node.contains_key("properties"),
        };
        if !is_object {
            return Some(());
        }
        if node.contains_key("anyOf") {
            // Each alternative is closed as well, and shuts out the properties beside it.
            return None;
        }
        if let Some(Value::Object(properties)) = node.get("properties") {
            let required = node.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let required: BTreeSet<&str> = required.iter().filter_map(Value::as_str).collect();
            self.optional += properties.keys().filter(|name| !required.contains(name.as_str())).count();
        } else if !node.contains_key("additionalProperties") {
            return None;
        }
        node.insert("additionalProperties".to_owned(), Value::Bool(false));
        Some(())
    }
}

/// Says in the description what the grammar can't hold.
fn describe(node: &mut Map<String, Value>, moved: &[(String, Value)]) {
    if moved.is_empty() {
        return;
    }
    let rules: Vec<String> = moved.iter().map(|(keyword, value)| format!("{keyword} {value}")).collect();
    let rules = format!("Must also satisfy: {}.", rules.join(", "));
    let whole = match node.get("description").and_then(Value::as_str) {
        Some(description) => format!("{description} {rules}"),
        None => rules,
    };
    node.insert("description".to_owned(), Value::String(whole));
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

/// A pattern without what needs more than a grammar: looking around, back references, word boundaries, and
/// classes by their Unicode names.
fn is_simple(pattern: &str) -> bool {
    let looks_around = pattern.contains("(?") && pattern.replace("(?:", "").contains("(?");
    let mut escapes = pattern.split('\\').skip(1);
    let knows = |rest: &str| {
        rest.chars().next().is_none_or(|c| {
            matches!(c, 'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't') || c.is_ascii_punctuation()
        })
    };
    let repeats = pattern
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .flat_map(|(counts, _)| counts.split(','))
        .filter_map(|count| count.trim().parse::<u32>().ok())
        .all(|count| count <= MOST_REPEATED);
    !looks_around && escapes.all(knows) && repeats
}
