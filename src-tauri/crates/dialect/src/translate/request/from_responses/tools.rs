//! What the model may call.
//!
//! The Responses API knows functions, and beside them: `custom` tools, which take plain text; namespaces of
//! functions; and tools that OpenAI runs or that only its own models know. The first three become functions
//! (their own names come back by [`ToolOrigin`]). Web search is left out, and the client is told: Codex offers
//! it with every request. So are pictures, beside functions of the client's own. All others are what the
//! request is about, so without them it can't be answered.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::ask::{AskError, is_web_search, left_out_beside_functions};
use crate::canon::{Json, Tool, ToolChoice};
use crate::json::{self, Fields, Raw};
use crate::translate::ToolOrigin;
use crate::translate::request::notes::{Notes, plain};
use crate::translate::request::place::Place;
use crate::translate::request::values;

/// A custom tool's only argument.
const TEXT_SCHEMA: &str = r#"{"type":"object","properties":{"input":{"type":"string","description":"The tool's whole input, as plain text."}},"required":["input"],"additionalProperties":false}"#;

/// The namespace in which OpenAI's own models see tools that were declared without one.
const PLAIN: &str = "functions";

/// Namespace and name, as the client writes them.
type Identity = (Option<String>, String);

/// The tools of one request.
#[derive(Default)]
pub(super) struct Tools {
    declared: Vec<Declared>,
    by_identity: HashMap<Identity, usize>,
    /// Names that are taken, and how many tools wanted each.
    names: HashMap<String, usize>,
    /// Only these may be called.
    only: Option<HashSet<usize>>,
    /// Tools that can be left out if the client has functions of its own, and else can't.
    by_the_way: Vec<ByTheWay>,
}

/// Where such a tool stands, with and without numbers.
struct ByTheWay {
    here: String,
    anywhere: String,
}

struct Declared {
    tool: Tool,
    origin: ToolOrigin,
}

impl Tools {
    /// Takes a list of tools. One that was declared before is replaced: Codex declares tools again within the
    /// input when they change.
    pub(super) fn declare(
        &mut self,
        at: &Place<'_>,
        list: Raw<'_>,
        notes: &mut Notes,
    ) -> Result<(), AskError> {
        for tool in values::objects(at, list, "an object with a `type`")? {
            let (index, tool) = tool?;
            self.declare_one(&at.element(index), &tool, notes)?;
        }
        Ok(())
    }

    fn declare_one(&mut self, at: &Place<'_>, tool: &Fields<'_>, notes: &mut Notes) -> Result<(), AskError> {
        let kind = tool.text("type");
        match kind.as_deref() {
            // What is said of the namespace itself is left out: its functions are described one by one, and fifty
            // of them would repeat it fifty times.
            Some("namespace") => {
                let namespace = name_of(tool, at)?;
                let within = tool.items("tools").unwrap_or_default().objects();
                let tools = at.field("tools");
                for (index, tool) in within.enumerate() {
                    self.function(&tools.element(index), &tool, Some(&namespace), notes)?;
                }
                Ok(())
            }
            Some("function" | "custom") => self.function(at, tool, None, notes),
            // Left out: other tools can be called without it. A search for further tools, too: those that
            // were found are declared, and called like any other.
            Some(kind)
                if is_web_search(kind) || ["tool_search", "programmatic_tool_calling"].contains(&kind) =>
            {
                notes.told(at.field(kind).anywhere());
                Ok(())
            }
            Some(kind) if left_out_beside_functions(kind) => {
                let at = at.field(kind);
                self.by_the_way.push(ByTheWay { here: at.to_string(), anywhere: at.anywhere().to_string() });
                Ok(())
            }
            Some(kind) => {
                notes.meaning(at.field(&plain(kind)));
                Ok(())
            }
            None => Err(AskError::missing(at.field("type"), "what the tool is, like \"function\"")),
        }
    }

    fn function(
        &mut self,
        at: &Place<'_>,
        outer: &Fields<'_>,
        namespace: Option<&str>,
        notes: &mut Notes,
    ) -> Result<(), AskError> {
        // Chat Completions has one object more, and clients mix the two up.
        let inner = if outer.get("name").is_none() { outer.object("function") } else { None };
        let tool = inner.as_ref().unwrap_or(outer);
        let kind = outer.text("type");
        let custom = match kind.as_deref() {
            Some("custom") => true,
            Some("function") | None => false,
            Some(kind) => {
                notes.meaning(at.field(&plain(kind)));
                return Ok(());
            }
        };
        let own_name = name_of(tool, at)?;
        let mut description = tool.text("description").map(Cow::into_owned);
        let parameters = if custom {
            if let Some(grammar) = tool.object("format").and_then(|format| grammar_of(&format)) {
                notes.told(at.field("format").anywhere());
                description = Some([description.unwrap_or_default(), grammar].join("\n\n").trim().to_owned());
            }
            serde_json::from_str::<Json>(TEXT_SCHEMA).ok()
        } else {
            tool.get("parameters").filter(|schema| schema.is_object()).map(Raw::to_json)
        };
        let strict = tool.get("strict").filter(|_| !custom).map(Raw::is_true);
        self.add(namespace.map(str::to_owned), own_name, custom, |name| Tool {
            name,
            description,
            parameters,
            strict,
        });
        Ok(())
    }

    fn add(
        &mut self,
        namespace: Option<String>,
        own_name: String,
        custom: bool,
        tool: impl FnOnce(String) -> Tool,
    ) {
        let identity = (namespace.clone(), own_name.clone());
        if let Some(known) = self.by_identity.get(&identity).and_then(|index| self.declared.get_mut(*index)) {
            known.tool = tool(known.origin.name.clone());
            known.origin.custom = custom;
            return;
        }
        let name = self.take_name(&flat(namespace.as_deref(), &own_name));
        self.by_identity.insert(identity, self.declared.len());
        let origin = ToolOrigin { name: name.clone(), own_name, namespace, custom };
        self.declared.push(Declared { tool: tool(name), origin });
    }

    /// The wanted name, or one like it that no other tool has.
    fn take_name(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        while let Some(count) = self.names.get(wanted).copied().filter(|_| self.names.contains_key(&name)) {
            self.names.insert(wanted.to_owned(), count + 1);
            name = format!("{wanted}_{}", count + 1);
        }
        self.names.insert(name.clone(), 1);
        name
    }

    /// The name under which a tool is sent on, whether it was declared or not.
    pub(super) fn name(&self, namespace: Option<&str>, own_name: &str) -> String {
        match self.index(namespace, own_name).and_then(|index| self.declared.get(index)) {
            Some(known) => known.origin.name.clone(),
            None => flat(namespace, own_name),
        }
    }

    /// Codex calls tools of the plain namespace with and without naming it.
    fn index(&self, namespace: Option<&str>, own_name: &str) -> Option<usize> {
        let get = |namespace: Option<&str>| {
            self.by_identity.get(&(namespace.map(str::to_owned), own_name.to_owned())).copied()
        };
        get(namespace).or_else(|| match namespace {
            None => get(Some(PLAIN)),
            Some(PLAIN) => get(None),
            Some(_) => None,
        })
    }

    /// Reads `tool_choice`; a list of allowed tools leaves only those.
    pub(super) fn choose(&mut self, choice: Raw<'_>, notes: &mut Notes) -> Option<ToolChoice> {
        if let Some(word) = json::text(choice) {
            return mode(&word).or_else(|| {
                notes.meaning("tool_choice");
                None
            });
        }
        let choice = Fields::of(choice)?;
        let kind = choice.text("type");
        match kind.as_deref() {
            Some("function" | "custom") => match self.named(&choice) {
                Some(name) => return Some(ToolChoice::Function(name)),
                None => notes.meaning("tool_choice.name"),
            },
            Some("allowed_tools") => {
                let allowed = choice.items("tools").unwrap_or_default();
                let allowed = allowed.objects().filter_map(|tool| {
                    let (namespace, name) = called(&tool)?;
                    self.index(namespace.as_deref(), &name)
                });
                let allowed: HashSet<usize> = allowed.collect();
                if !allowed.is_empty() {
                    self.only = Some(allowed);
                    return choice.text("mode").and_then(|word| mode(&word));
                }
                notes.meaning("tool_choice.tools");
            }
            // A tool of the provider's own must be used.
            _ => notes.meaning("tool_choice"),
        }
        None
    }

    fn named(&self, choice: &Fields<'_>) -> Option<String> {
        let (namespace, name) = called(choice)?;
        Some(self.name(namespace.as_deref(), &name))
    }

    /// The tools, and those of them that have another name at the client's, or another form.
    pub(super) fn finish(self, notes: &mut Notes) -> (Vec<Tool>, Vec<ToolOrigin>) {
        for ByTheWay { here, anywhere } in &self.by_the_way {
            if self.declared.is_empty() { notes.meaning(here) } else { notes.told(anywhere) }
        }
        let mut tools = Vec::with_capacity(self.declared.len());
        let mut origins = Vec::new();
        for (index, declared) in self.declared.into_iter().enumerate() {
            let Declared { tool, origin } = declared;
            if self.only.as_ref().is_none_or(|only| only.contains(&index)) {
                tools.push(tool);
            }
            if origin.custom || origin.namespace.is_some() || origin.name != origin.own_name {
                origins.push(origin);
            }
        }
        (tools, origins)
    }
}

fn mode(word: &str) -> Option<ToolChoice> {
    match word {
        "auto" => Some(ToolChoice::Auto),
        "required" => Some(ToolChoice::Required),
        "none" => Some(ToolChoice::None),
        _ => None,
    }
}

/// Namespace and name of a tool that is called or chosen; the name one object deeper as in Chat Completions.
fn called(tool: &Fields<'_>) -> Option<(Option<String>, String)> {
    let name = tool.text("name").or_else(|| tool.object("function")?.text("name"))?;
    Some((tool.text("namespace").map(Cow::into_owned), name.into_owned()))
}

/// One name for both, in characters that every vendor allows in a function's name.
fn flat(namespace: Option<&str>, name: &str) -> String {
    match namespace {
        None | Some("" | PLAIN) => name.to_owned(),
        Some(namespace) if namespace.ends_with("__") => format!("{namespace}{name}"),
        Some(namespace) => format!("{namespace}__{name}"),
    }
}

fn name_of(tool: &Fields<'_>, at: &Place<'_>) -> Result<String, AskError> {
    let name = tool.text("name").map(Cow::into_owned);
    name.ok_or_else(|| AskError::missing(at.field("name"), "the tool's name"))
}

/// No other vendor holds a model to a grammar, but a model that has read it keeps to it well enough.
fn grammar_of(format: &Fields<'_>) -> Option<String> {
    let definition = format.text("definition")?;
    let syntax = format.text("syntax").unwrap_or_default();
    Some(format!("The input must match this grammar ({syntax}):\n{definition}"))
}
