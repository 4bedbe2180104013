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
    ("exceeded_current_quota_error", Outcome::Billing),
    ("invalid_api_key", Outcome::Credentials),
    ("account_deactivated", Outcome::Credentials),
    ("unsupported_country_region_territory", Outcome::Credentials),
    ("authentication_error", Outcome::Credentials),
    ("model_not_found", Outcome::Unserved),
    ("model_not_available", Outcome::Unserved),
    ("deployment_not_found", Outcome::Unserved),
    ("model_decommissioned", Outcome::Unserved),
    ("invalid_model", Outcome::Unserved),
    ("context_length_exceeded", Outcome::BadRequest),
    ("rate_limit_exceeded", Outcome::RateLimited),
    ("rate_limit_error", Outcome::RateLimited),
    ("overloaded_error", Outcome::Overloaded),
    ("server_is_overloaded", Outcome::Overloaded),
    ("server_overloaded", Outcome::Overloaded),
    ("slow_down", Outcome::Overloaded),
    ("capacity_exceeded", Outcome::Overloaded),
];

/// What stands in the message of a plain 400 or 403 where the account has no money or no right to spend more.
const MONEY: &[&str] =
    &["credit balance", "spend limit", "spending limit", "api usage limits", "any credits yet"];
/// The same for a key that no longer opens anything, or an account that may not be used, or not from here.
const KEY: &[&str] = &[
    "api key not valid",
    "api key expired",
    "incorrect api key",
    "invalid api key",
    "organization has been disabled",
    "user location is not supported",
];
/// And for a model that this host doesn't have, or not for this account. Longer than a word or two, because a
/// model is named as well where it only refuses a parameter.
const MODEL: &[&str] = &[
    "does not exist",
    "not have access",
    "no access to",
    "not supported in this region",
    "model not exist",
    "model not found",
    "not a valid model",
    "invalid model id",
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
    by_message(error).unwrap_or_else(|| by_status(error))
}

fn by_code(name: &str) -> Option<Outcome> {
    BY_CODE.iter().find(|(code, _)| *code == name).map(|(_, outcome)| *outcome)
}

/// The cases where a host puts the account's fault into a plain 400 or 403 and names it only in the message.
fn by_message(error: &ProviderError) -> Option<Outcome> {
    let message = error.message.as_ref()?.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    match error.status {
        400 | 403 if says(MONEY) => Some(Outcome::Billing),
        400 | 403 if says(KEY) => Some(Outcome::Credentials),
        400 | 403 if message.contains("model") && says(MODEL) => Some(Outcome::Unserved),
        // Waiting a little cures a rate limit; this one lasts until somebody pays.
        429 if message.contains("spending limit") => Some(Outcome::Billing),
        _ => None,
    }
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
