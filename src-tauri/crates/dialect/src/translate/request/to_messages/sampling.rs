//! How the next token is drawn, what ends the answer, and for whom it is.

use super::Context;
use crate::canon::Sampling;
use crate::wire::messages as wire;

/// A user's id may not be longer.
const LONGEST_USER: usize = 256;
/// Shorter rows of digits are nobody's telephone number.
const SHORTEST_NUMBER: usize = 7;

/// Fields that are sent. What is dropped is told, unless it is the default anyway, which some libraries send
/// with every request.
pub(super) fn plan(sampling: &Sampling, thinks: bool, context: &mut Context<'_>) -> Sampling {
    let Sampling { mut temperature, mut top_p, mut top_k } = *sampling;
    let traits = context.question.traits;
    let is_one = |value: &Option<f64>| value.is_none_or(|value| (value - 1.0).abs() < f64::EPSILON);
    if !traits.sampling || thinks {
        for (name, is_default) in
            [("temperature", is_one(&temperature)), ("top_p", is_one(&top_p)), ("top_k", top_k.is_none())]
        {
            if !is_default {
                context.losses.tell(name);
            }
        }
        return Sampling::default();
    }
    if let Some(asked) = temperature {
        // OpenAI's scale goes to 2.
        temperature = Some(asked.clamp(0.0, 1.0));
        if temperature != Some(asked) {
            context.losses.tell("temperature");
        }
    }
    if let Some(asked) = top_p {
        top_p = Some(asked.clamp(0.0, 1.0));
        if top_p != Some(asked) {
            context.losses.tell("top_p");
        }
    }
    if top_k == Some(0) {
        // At other hosts: no limit.
        top_k = None;
    }
    if traits.one_of_temperature_and_top_p && temperature.is_some() && top_p.is_some() {
        if is_one(&top_p) {
            top_p = None;
        } else if is_one(&temperature) {
            temperature = None;
        } else {
            top_p = None;
            context.losses.tell("top_p");
        }
    }
    Sampling { temperature, top_p, top_k }
}

/// The API refuses texts of nothing but white space.
pub(super) fn stop(mut stop: Vec<String>, context: &mut Context<'_>) -> Vec<String> {
    let asked = stop.len();
    stop.retain(|text| !text.trim().is_empty());
    if stop.len() < asked {
        context.losses.tell(context.terms.stop);
    }
    stop
}

/// The API refuses ids that look like a person's address or telephone number.
pub(super) fn metadata(user: Option<String>, context: &mut Context<'_>) -> Option<wire::Metadata> {
    let user_id = user.filter(|user| !user.trim().is_empty())?;
    let dials = |c: char| c.is_ascii_digit() || " +-().".contains(c);
    let is_number = user_id.len() >= SHORTEST_NUMBER && user_id.chars().all(dials);
    if user_id.contains('@') || is_number || user_id.chars().count() > LONGEST_USER {
        context.losses.tell(context.terms.user);
        return None;
    }
    Some(wire::Metadata { user_id })
}
