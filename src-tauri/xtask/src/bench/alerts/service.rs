//! What requests are like.

use evenkeel_slo::alerts::{Answer, Kind, Price, Promise, Request, Speed};
use fastrand::Rng;

/// A service, as the chances of each request.
#[derive(Clone, Copy)]
pub(super) struct Service {
    pub(super) name: &'static str,
    /// Whether a page for it is plainly wrong.
    pub(super) healthy: bool,
    fails: f64,
    slow: f64,
    /// Average cost as a share of the budget.
    cost: f64,
}

/// Well, a little better than promised, and exactly as promised.
pub(super) const SERVICES: [&Service; 3] = [
    &HEALTHY,
    &Service { name: "just better", healthy: false, fails: 0.004, slow: 0.045, cost: 0.95 },
    &Service { name: "on target", healthy: false, fails: 0.005, slow: 0.05, cost: 1.0 },
];

/// What every fault begins from.
pub(super) const HEALTHY: Service =
    Service { name: "healthy", healthy: true, fails: 0.002, slow: 0.03, cost: 0.8 };

/// A fault, and which alert has to find it.
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) finds: Kind,
    pub(super) service: Service,
    goals: Option<[f64; 2]>,
}

impl Fault {
    /// Minutes within which half of these faults have to be found.
    pub(super) fn goal(&self, rate: u32) -> Option<f64> {
        self.goals.map(|[few, many]| if rate < 100 { few } else { many })
    }
}

/// In the order of the table.
pub(super) const FAULTS: [&Fault; 4] = [
    &Fault {
        name: "total outage",
        finds: Kind::Success,
        service: Service { fails: 1.0, ..HEALTHY },
        goals: Some([13.0, 7.0]),
    },
    &Fault {
        name: "20 % failing",
        finds: Kind::Success,
        service: Service { fails: 0.2, ..HEALTHY },
        goals: None,
    },
    &Fault {
        name: "everything slow",
        finds: Kind::P95,
        service: Service { slow: 1.0, ..HEALTHY },
        goals: None,
    },
    &Fault {
        name: "cost doubled",
        finds: Kind::Cost,
        service: Service { cost: 1.6, ..HEALTHY },
        goals: None,
    },
];

/// How widely costs of single requests differ: the sigma of a log-normal distribution. One request in a hundred
/// then costs nearly five times the average.
const SPREAD: f64 = 0.8;

impl Service {
    /// One of its requests.
    pub(super) fn request(&self, promise: &Promise, completed_ms: i64, random: &mut Rng) -> Request {
        if random.f64() < self.fails {
            return Request { completed_ms, answer: Answer::Bad, speed: Speed::Out, price: Price::Out };
        }
        let speed = if random.f64() < self.slow { Speed::Slow } else { Speed::InTime };
        #[expect(clippy::cast_precision_loss, reason = "a budget of some cents")]
        let mean = self.cost * promise.cost_micros as f64;
        let micros = mean * (SPREAD * normal(random) - SPREAD * SPREAD / 2.0).exp();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and a few dollars at most"
        )]
        let price = Price::Micros(micros.round() as u64);
        Request { completed_ms, answer: Answer::Good, speed, price }
    }
}

/// Of the normal distribution, by Box and Muller.
fn normal(random: &mut Rng) -> f64 {
    let (radius, turn) = (1.0 - random.f64(), random.f64());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
}
