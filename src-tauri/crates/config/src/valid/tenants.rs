//! `[tenants.NAME]`: names and features.

use super::{guardrails, word};
use crate::raw::{self, At, Named};
use crate::report::Report;
use crate::{Tenant, secret};

pub(super) fn check(at: Option<At<Named<raw::Tenant>>>, report: &mut Report<'_>) -> Vec<Tenant> {
    let mut tenants = Vec::new();
    for (name, At { value: raw, place }) in at.map(|at| at.value.0).unwrap_or_default() {
        word::name(&name, "tenant", &place, report);
        let mut features: Vec<String> = Vec::new();
        for At { value: feature, place } in raw.features.map(|at| at.value).unwrap_or_default() {
            word::name(&feature.0, "feature", &place, report);
            if features.contains(&feature.0) {
                let message = format!("The feature {} stands here twice.", secret::quoted(&feature.0));
                report.error(&place, message, "Remove one.");
            } else {
                features.push(feature.0);
            }
        }
        tenants.push(Tenant { name, features, guardrails: guardrails::within(raw.guardrails, report) });
    }
    tenants
}
