//! What one request may cost, from the four places that may say so.
//!
//! A narrower place overrides a wider one (tenant, then route, then everybody), also to lift a limit; the
//! request's own header can only lower what holds. Caps on a day's or a month's spending are each kept by the
//! place that set them, so a tenant's cap never stands in for everybody's.

use evenkeel_config::{Config, Guardrails, OnExceed, OnUnpriced, Route, Usd};

use serde::Serialize;

use crate::spend::{Cap, Scope};

/// What holds for one request. Money in micro-dollars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Limits {
    #[serde(rename = "max_cost_micros")]
    pub(crate) cost: Option<i64>,
    #[serde(rename = "max_input_tokens")]
    pub(crate) input: Option<u64>,
    #[serde(rename = "max_output_tokens")]
    pub(crate) output: Option<u64>,
    #[serde(skip)]
    pub(crate) caps: Vec<Cap>,
    #[serde(skip)]
    pub(crate) refuses_unpriced: bool,
    /// What is tried in order when something is over.
    #[serde(skip)]
    pub(crate) steps: Vec<OnExceed>,
}

impl Limits {
    pub(crate) fn of(config: &Config, route: &Route, tenant: &str, asked: Option<Usd>) -> Self {
        let own = config.tenants.iter().find(|known| known.name == tenant).map(|known| &known.guardrails);
        let places: Vec<&Guardrails> =
            own.into_iter().chain([&route.guardrails, &config.guardrails]).collect();
        let configured =
            first(&places, |place| place.max_cost_per_request.map(micros)).filter(|limit| *limit > 0);
        let asked = asked.map(micros);
        let caps = [
            Some((Scope::All, &config.guardrails)),
            Some((Scope::Route(route.name.clone()), &route.guardrails)),
            own.map(|own| (Scope::Tenant(tenant.to_owned()), own)),
        ];
        let positive = |usd: Option<Usd>| usd.map(micros).filter(|limit| *limit > 0);
        Self {
            cost: match (configured, asked) {
                (Some(configured), Some(asked)) => Some(configured.min(asked)),
                (configured, asked) => configured.or(asked),
            },
            input: first(&places, |place| place.max_input_tokens).filter(|limit| *limit > 0),
            output: first(&places, |place| place.max_output_tokens).filter(|limit| *limit > 0),
            caps: caps
                .into_iter()
                .flatten()
                .map(|(scope, place)| Cap {
                    scope,
                    day: positive(place.max_cost_per_day),
                    month: positive(place.max_cost_per_month),
                })
                .filter(|cap| cap.day.is_some() || cap.month.is_some())
                .collect(),
            refuses_unpriced: first(&places, |place| place.on_unpriced) == Some(OnUnpriced::Reject),
            steps: first(&places, |place| place.on_exceed.clone()).unwrap_or_else(|| OnExceed::ALL.to_vec()),
        }
    }

    /// Whether anything at all could be exceeded.
    pub(crate) fn hold(&self) -> bool {
        self.cost.is_some() || self.input.is_some() || self.output.is_some() || !self.caps.is_empty()
    }

    /// Whether money is limited, so that a price has to be known.
    pub(crate) fn money(&self) -> bool {
        self.cost.is_some() || !self.caps.is_empty()
    }
}

fn micros(usd: Usd) -> i64 {
    i64::try_from(usd.micros()).unwrap_or(i64::MAX)
}

fn first<T>(places: &[&Guardrails], pick: impl Fn(&Guardrails) -> Option<T>) -> Option<T> {
    places.iter().find_map(|place| pick(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        let providers = "[providers.a]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:1\"\nkey = \"none\"\nmodels = [\"*\"]\n";
        evenkeel_config::parse(&format!("{text}\n{providers}"))
            .unwrap_or_else(|problems| panic!("{problems:?}"))
            .config
    }

    fn limits(config: &Config, tenant: &str, asked: Option<u64>) -> Limits {
        Limits::of(config, &config.routes[0], tenant, asked.map(Usd::from_micros))
    }

    #[test]
    fn nothing_is_limited_until_somebody_says_so() {
        assert!(!limits(&config(""), "local", None).hold());
    }

    #[test]
    fn the_narrower_place_wins_and_may_lift_a_limit() {
        let config = config(
            "[guardrails]\nmax_cost_per_request = 0.05\nmax_input_tokens = 1000\nmax_output_tokens = 10\n\
             [tenants.acme.guardrails]\nmax_cost_per_request = 0.5\nmax_input_tokens = 0\n\
             [[routes]]\nname = \"r\"\n[routes.guardrails]\nmax_output_tokens = 20\n",
        );
        let acme = limits(&config, "acme", None);
        assert_eq!((acme.cost, acme.input, acme.output), (Some(500_000), None, Some(20)));
        let local = limits(&config, "local", None);
        assert_eq!((local.cost, local.input, local.output), (Some(50_000), Some(1000), Some(20)));
    }

    #[test]
    fn a_requests_own_limit_can_only_lower() {
        let config = config("[guardrails]\nmax_cost_per_request = 0.05\n");
        assert_eq!(limits(&config, "local", Some(20_000)).cost, Some(20_000));
        assert_eq!(limits(&config, "local", Some(90_000)).cost, Some(50_000));
        assert_eq!(limits(&self::config(""), "local", Some(90_000)).cost, Some(90_000));
    }

    #[test]
    fn caps_stay_with_the_place_that_set_them() {
        let config = config(
            "[guardrails]\nmax_cost_per_day = 5\n[tenants.acme.guardrails]\nmax_cost_per_month = 50\n",
        );
        let caps = limits(&config, "acme", None).caps;
        assert_eq!(
            caps,
            [
                Cap { scope: Scope::All, day: Some(5_000_000), month: None },
                Cap { scope: Scope::Tenant("acme".to_owned()), day: None, month: Some(50_000_000) },
            ]
        );
        assert_eq!(limits(&config, "other", None).caps.len(), 1);
    }
}
