//! Which class a failure belongs to: from the provider's code, then its type, then the status, then
//! the transport. Decided once, for every caller.
//!
//! Codes and types are those that both vendors document and their SDKs test for; messages change and
//! are matched only where a vendor gives nothing else.

use evenkeel_dialect::fault::ProviderError;

use crate::outcome::Outcome;

/// Codes (and types used like codes) that decide by themselves, whatever the status.
const BY_CODE: &[(&str, Outcome)] = &[
    ("insufficient_quota", Outcome::Billing),
    ("billing_not_active", Outcome::Billing),
    ("billing_hard_limit_reached", Outcome::Billing),
    ("usage_limit_exceeded", Outcome::Billing),
    ("billing_error", Outcome::Billing),
    ("enforced_spend_limit_reached", Outcome::Billing),
    ("contract_spend_limit_reached", Outcome::Billing),
    ("linked_organization_spend_limit_reached", Outcome::Billing),
    ("organization_on_hold", Outcome::Billing),
    ("invalid_api_key", Outcome::Credentials),
    ("account_deactivated", Outcome::Credentials),
    ("unsupported_country_region_territory", Outcome::Credentials),
    ("authentication_error", Outcome::Credentials),
    ("model_not_found", Outcome::Unserved),
    ("model_not_available", Outcome::Unserved),
    ("deployment_not_found", Outcome::Unserved),
    ("context_length_exceeded", Outcome::BadRequest),
    ("rate_limit_exceeded", Outcome::RateLimited),
    ("rate_limit_error", Outcome::RateLimited),
    ("overloaded_error", Outcome::Overloaded),
    ("server_is_overloaded", Outcome::Overloaded),
    ("server_overloaded", Outcome::Overloaded),
];

/// The class of an answer with an error status, or of an error envelope under another one.
pub(crate) fn provider_error(error: &ProviderError) -> Outcome {
    let mut named = [&error.code, &error.kind].into_iter().flatten();
    if let Some(outcome) = named.find_map(|name| by_code(name)) {
        // "model_not_found" and its kin decide on 400, 403 and 404; a 5xx that says so is still a 5xx.
        if !(outcome == Outcome::Unserved && error.status >= 500) {
            return outcome;
        }
    }
    if matches!(error.status, 400 | 403)
        && let Some(outcome) = error.message.as_deref().and_then(by_message)
    {
        return outcome;
    }
    by_status(error)
}

fn by_code(name: &str) -> Option<Outcome> {
    BY_CODE.iter().find(|(code, _)| *code == name).map(|(_, outcome)| *outcome)
}

/// The two cases where a vendor puts the account's fault into a plain 400 or 403 and names it only in
/// the message.
fn by_message(message: &str) -> Option<Outcome> {
    let message = message.to_ascii_lowercase();
    if message.contains("credit balance") || message.contains("spend limit") {
        return Some(Outcome::Billing);
    }
    let about_a_model = message.contains("model");
    let denied = message.contains("does not exist")
        || message.contains("not have access")
        || message.contains("no access to")
        || message.contains("not supported in this region");
    (about_a_model && denied).then_some(Outcome::Unserved)
}

fn by_status(error: &ProviderError) -> Outcome {
    match error.status {
        400 | 405..=407 | 410..=428 | 430..=499 if error.status != 402 => Outcome::BadRequest,
        401 | 403 => Outcome::Credentials,
        402 => Outcome::Billing,
        404 => Outcome::Unserved,
        429 => Outcome::RateLimited,
        529 => Outcome::Overloaded,
        503 if says_overloaded(error) => Outcome::Overloaded,
        408 | 409 | 500..=599 => Outcome::ServerError,
        // Neither success nor error: a redirect, say. No answer of this dialect.
        _ => Outcome::Malformed,
    }
}

fn says_overloaded(error: &ProviderError) -> bool {
    error.message.as_deref().is_some_and(|message| message.to_ascii_lowercase().contains("overloaded"))
}

/// The class of a request that got no answer at all, and what to tell about it.
pub(crate) fn transport(error: &reqwest::Error) -> (Outcome, String) {
    let outcome = if error.is_timeout() { Outcome::FirstTokenTimeout } else { Outcome::Connect };
    (outcome, root_cause(error))
}

/// The innermost error's words: "Connection refused (os error 111)" says more than the layers around
/// it, and unlike them it never repeats a URL.
pub(crate) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests;
