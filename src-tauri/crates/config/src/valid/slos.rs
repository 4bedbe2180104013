//! `[[slo]]`: the promises to measure.

use super::word;
use crate::raw::{self, Amount, At};
use crate::report::Report;
use crate::{Slo, Tenant, secret};

pub(super) fn check(
    at: Option<At<Vec<At<raw::Slo>>>>,
    tenants: &[Tenant],
    report: &mut Report<'_>,
) -> Vec<Slo> {
    let Some(At { value: list, .. }) = at else { return vec![Slo::default()] };
    let mut slos: Vec<Slo> = Vec::new();
    for At { value: raw, place } in list {
        let name_place = raw.name.as_ref().map_or_else(|| place.clone(), |at| at.place.clone());
        let slo = slo(raw, tenants, report);
        if slos.iter().any(|other| other.name == slo.name) {
            report.error(
                &name_place,
                format!("Two SLOs are called {}.", secret::quoted(&slo.name)),
                "Give each [[slo]] a name of its own.",
            );
        }
        slos.push(slo);
    }
    slos
}

fn slo(raw: raw::Slo, tenants: &[Tenant], report: &mut Report<'_>) -> Slo {
    let usual = Slo::default();
    let tenant = word::text(raw.tenant);
    if let Some(at) = &tenant
        && at.value.0 != "local"
        && !tenants.iter().any(|tenant| tenant.name == at.value.0)
    {
        report.warning(
            &at.place,
            format!(
                "There is no tenant {} in this file, so this SLO has nothing to measure.",
                secret::quoted(&at.value.0)
            ),
            format!("Create it with `evenkeel tenant add`, or name one of: {}.", known(tenants)),
        );
    }
    Slo {
        name: word::plain(raw.name).unwrap_or(usual.name),
        tenant: tenant.map(|at| at.value.0),
        feature: word::plain(raw.feature),
        success: percent(raw.success, usual.success, report),
        p95: word::time(raw.p95, usual.p95, report),
        latency: raw.latency.map_or(usual.latency, |at| at.value),
        cost: word::usd(raw.cost, report).unwrap_or(usual.cost),
        window: word::time(raw.window, usual.window, report),
    }
}

fn known(tenants: &[Tenant]) -> String {
    let names = tenants.iter().map(|tenant| tenant.name.as_str()).filter(|name| *name != "local");
    std::iter::once("local").chain(names).collect::<Vec<_>>().join(", ")
}

/// A share in percent. Under 50 it can only be a slip, most likely 0.995 for 99.5.
fn percent(at: Option<At<Amount>>, default: f64, report: &mut Report<'_>) -> f64 {
    match at {
        Some(At { value: Amount(share), place }) if !(50.0..=100.0).contains(&share) => {
            let fix = if (0.5..=1.0).contains(&share) {
                format!("Write it in percent: {}.", (share * 100_000.0).round() / 1000.0)
            } else {
                format!("Write a number such as {default}.")
            };
            report.error(&place, "success must be a percentage from 50 to 100.", fix);
            default
        }
        Some(at) => at.value.0,
        None => default,
    }
}
