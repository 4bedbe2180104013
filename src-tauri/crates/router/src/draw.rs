//! Who is asked first under the weighted strategy: mostly the primary, now and then the other one, so that the
//! spare is proven warm by real traffic.

use evenkeel_config::{Route, Strategy};

use crate::target::Role;

/// The role to begin with. `draw` gives a number below its argument, each with the same chance.
pub(crate) fn first(route: &Route, draw: impl FnOnce(u64) -> u64) -> Role {
    let (Strategy::Weighted, Some(secondary)) = (route.strategy, &route.secondary) else {
        return Role::Primary;
    };
    let (primary, secondary) = (u64::from(route.primary.weight), u64::from(secondary.weight));
    let all = primary + secondary;
    if all == 0 || draw(all) < primary { Role::Primary } else { Role::Secondary }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(strategy: &str, weights: (u32, u32)) -> Route {
        let text = format!(
            "[providers.a]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:1\"\nkey = \"none\"\nmodels = [\"*\"]\n\
             [providers.b]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:2\"\nkey = \"none\"\nmodels = [\"*\"]\n\
             [[routes]]\nname = \"r\"\nstrategy = \"{strategy}\"\n\
             primary = {{ provider = \"a\", weight = {} }}\nsecondary = {{ provider = \"b\", weight = {} }}\n",
            weights.0, weights.1
        );
        let parsed = evenkeel_config::parse(&text).unwrap_or_else(|problems| panic!("{problems:?}"));
        parsed.config.routes[0].clone()
    }

    #[test]
    fn ten_thousand_draws_fall_nine_to_one() {
        let route = route("weighted", (9, 1));
        let mut random = fastrand::Rng::with_seed(9_950);
        let draws = 10_000_u32;
        let secondary =
            (0..draws).filter(|_| first(&route, |all| random.u64(0..all)) == Role::Secondary).count();
        let (seen, expected) = (f64::from(u32::try_from(secondary).expect("few")), f64::from(draws) / 10.0);
        let primary = f64::from(draws) - expected;
        let chi_square = (seen - expected).powi(2) / expected + (seen - expected).powi(2) / primary;
        // One degree of freedom, 1 in 1,000.
        assert!(chi_square < 10.83, "{secondary} of {draws}: chi-square {chi_square}");
    }

    #[test]
    fn ordered_draws_nothing() {
        let route = route("ordered", (9, 1));
        assert_eq!(first(&route, |_| panic!("nothing to draw")), Role::Primary);
    }

    #[test]
    fn every_number_below_the_sum_has_its_role() {
        let route = route("weighted", (2, 1));
        let roles: Vec<Role> = (0..3).map(|number| first(&route, |_| number)).collect();
        assert_eq!(roles, [Role::Primary, Role::Primary, Role::Secondary]);
    }
}
