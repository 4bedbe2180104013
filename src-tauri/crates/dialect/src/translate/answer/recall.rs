//! What the request's translation changed, changed back: the answer must fit what the client asked.

use crate::canon::{Event, Finish, FinishReason};
use crate::translate::Memory;

/// Stands between the reader and the writer of an answer.
#[derive(Debug)]
pub(super) struct Recall {
    renamed: Vec<(String, String)>,
    form: Option<Form>,
    /// The client's ordinal of each of the provider's calls; `None`: the client sees no call in it.
    ordinals: Vec<Option<usize>>,
    /// How many calls the client sees.
    calls: usize,
}

/// An answer that the model was made to give as the arguments of a tool.
#[derive(Debug)]
struct Form {
    tool: String,
    /// What was said before it. Put in front of the answer it would spoil its JSON; kept for the case that the
    /// model doesn't use the tool at all.
    preamble: String,
    state: Filling,
}

#[derive(Debug, PartialEq, Eq)]
enum Filling {
    NotYet,
    Open { ordinal: usize, empty: bool },
    Done,
}

impl Recall {
    pub(super) fn new(memory: Memory) -> Self {
        // What else a tool is called at the client's is for the writer of its dialect.
        let Memory { renamed_tools, answer_tool, tools: _ } = memory;
        let form = answer_tool.map(|tool| Form { tool, preamble: String::new(), state: Filling::NotYet });
        Self { renamed: renamed_tools, form, ordinals: Vec::new(), calls: 0 }
    }

    /// Shows `event` as the client is to see it, or something else, or nothing.
    pub(super) fn pass(&mut self, event: Event, show: &mut impl FnMut(Event)) {
        match event {
            Event::CallStart { ordinal, id, name } => {
                if let Some(form) = &mut self.form {
                    if form.tool == name {
                        form.open(ordinal);
                        self.ordinals.push(None);
                        return;
                    }
                    form.give_up(show);
                }
                let ordinal = self.calls;
                self.ordinals.push(Some(ordinal));
                self.calls += 1;
                show(Event::CallStart { ordinal, id, name: self.own_name(name) });
            }
            Event::CallArguments { ordinal, fragment } => match self.ordinal(ordinal) {
                Some(ordinal) => show(Event::CallArguments { ordinal, fragment }),
                None => self.form.iter_mut().for_each(|form| form.add(ordinal, &fragment, show)),
            },
            Event::CallEnd { ordinal } => match self.ordinal(ordinal) {
                Some(ordinal) => show(Event::CallEnd { ordinal }),
                None => self.form.iter_mut().for_each(|form| form.close(ordinal, show)),
            },
            Event::Text(text) => match &mut self.form {
                Some(form) if form.state == Filling::NotYet => form.preamble.push_str(&text),
                Some(_) => {}
                None => show(Event::Text(text)),
            },
            Event::Finish(Finish { reason, stop_sequence }) => {
                self.form.iter_mut().for_each(|form| form.give_up(show));
                show(Event::Finish(Finish { reason: self.reason(reason), stop_sequence }));
            }
            Event::Start { .. } | Event::Thinking(_) | Event::Refusal(_) | Event::Usage(_) | Event::End => {
                show(event);
            }
        }
    }

    fn ordinal(&self, provider: usize) -> Option<usize> {
        self.ordinals.get(provider).copied().flatten()
    }

    fn own_name(&self, sent: String) -> String {
        match self.renamed.iter().find(|(name, _)| *name == sent) {
            Some((_, own)) => own.clone(),
            None => sent,
        }
    }

    /// A client waits for results if and only if there are calls: hosts that stop "normally" after calls, and
    /// an answer that came as a call, would leave it hanging or make it leave.
    fn reason(&self, reason: FinishReason) -> FinishReason {
        match (reason, self.calls) {
            (FinishReason::ToolCalls, 0) => FinishReason::Stop,
            (FinishReason::Stop, 1..) => FinishReason::ToolCalls,
            (reason, _) => reason,
        }
    }
}

impl Form {
    /// The tool is called. A second time would be a second answer behind the first.
    fn open(&mut self, ordinal: usize) {
        if self.state == Filling::NotYet {
            self.state = Filling::Open { ordinal, empty: true };
        }
    }

    fn add(&mut self, ordinal: usize, fragment: &str, show: &mut impl FnMut(Event)) {
        match &mut self.state {
            Filling::Open { ordinal: open, empty } if *open == ordinal => {
                *empty = false;
                show(Event::Text(fragment.to_owned()));
            }
            _ => {}
        }
    }

    fn close(&mut self, ordinal: usize, show: &mut impl FnMut(Event)) {
        match self.state {
            Filling::Open { ordinal: open, empty } if open == ordinal => {
                self.state = Filling::Done;
                if empty {
                    show(Event::Text("{}".to_owned()));
                }
            }
            _ => {}
        }
    }

    /// The tool wasn't called, so what was said is the answer.
    fn give_up(&mut self, show: &mut impl FnMut(Event)) {
        let said = std::mem::take(&mut self.preamble);
        if self.state == Filling::NotYet && !said.is_empty() {
            show(Event::Text(said));
        }
    }
}
