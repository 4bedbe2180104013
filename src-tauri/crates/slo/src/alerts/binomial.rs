//! P(X ≥ k) for a binomial X: how likely chance alone is to spoil so many requests.
//!
//! One probability is found by the saddle-point form of C. Loader, "Fast and Accurate Computation of Binomial
//! Probabilities" (2000), which loses no digits at ten million requests where sums of logarithms of factorials do;
//! the rest of the tail follows from it term by term.

#[cfg(test)]
mod tests;

/// P(X ≥ `hits`) where X counts the hits among `n` requests, each one with probability `p`.
///
/// ```
/// use evenkeel_slo::alerts::binomial::tail;
/// assert!((tail(1, 2, 0.5) - 0.75).abs() < 1e-15);
/// ```
pub fn tail(hits: u64, n: u64, p: f64) -> f64 {
    if hits == 0 {
        return 1.0;
    }
    if hits > n || p.is_nan() || p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    let sum = if float(hits) > float(n) * p { upwards(hits, n, p) } else { 1.0 - downwards(hits - 1, n, p) };
    sum.clamp(0.0, 1.0)
}

/// The terms from `from` to `n`, which shrink, for `from` lies above the mean.
fn upwards(from: u64, n: u64, p: f64) -> f64 {
    let odds = p / (1.0 - p);
    let mut term = exactly(from, n, p);
    let mut sum = term;
    for k in from..n {
        term *= float(n - k) / float(k + 1) * odds;
        sum += term;
        if term <= sum * f64::EPSILON {
            break;
        }
    }
    sum
}

/// The terms from `from` down to 0, which shrink, for `from` lies below the mean.
fn downwards(from: u64, n: u64, p: f64) -> f64 {
    let odds = (1.0 - p) / p;
    let mut term = exactly(from, n, p);
    let mut sum = term;
    for k in (1..=from).rev() {
        term *= float(k) / float(n - k + 1) * odds;
        sum += term;
        if term <= sum * f64::EPSILON {
            break;
        }
    }
    sum
}

/// P(X = `k`).
fn exactly(k: u64, n: u64, p: f64) -> f64 {
    let (hits, misses, all) = (float(k), float(n - k), float(n));
    if k == 0 {
        return (all * (-p).ln_1p()).exp();
    }
    if k == n {
        return (all * p.ln()).exp();
    }
    let stirling = stirling_error(n) - stirling_error(k) - stirling_error(n - k);
    let away = deviance(hits, all * p) + deviance(misses, all * (1.0 - p));
    (stirling - away).exp() * (all / (std::f64::consts::TAU * hits * misses)).sqrt()
}

/// ln(n!) less what Stirling's formula gives for it.
fn stirling_error(n: u64) -> f64 {
    let x = float(n);
    if n < 16 {
        let factorial: f64 = (1..=n).map(float).product();
        return factorial.ln() - (0.5 * (std::f64::consts::TAU * x).ln() + x * x.ln() - x);
    }
    let square = x * x;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1_260.0 - 1.0 / (1_680.0 * square)) / square) / square) / x
}

/// x ln(x/m) + m − x without the cancellation where x is close to m.
fn deviance(x: f64, mean: f64) -> f64 {
    let apart = x - mean;
    if apart.abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() - apart;
    }
    // With v = (x − m)/(x + m), ln(x/m) = 2(v + v³/3 + v⁵/5 + …).
    let v = apart / (x + mean);
    let mut sum = apart * v;
    let mut power = 2.0 * x * v;
    let mut odd = 1.0;
    loop {
        power *= v * v;
        odd += 2.0;
        let next = sum + power / odd;
        if (next - sum).abs() <= sum.abs() * f64::EPSILON {
            return next;
        }
        sum = next;
    }
}

#[expect(clippy::cast_precision_loss, reason = "requests of one window are far fewer than 2^53")]
fn float(number: u64) -> f64 {
    number as f64
}
