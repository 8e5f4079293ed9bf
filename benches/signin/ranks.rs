//! The rank test of H. B. Mann and D. R. Whitney (Annals of Mathematical Statistics 18, 1947), which asks nothing of how the values
//! are spread.

use std::time::Duration;

/// Stops where the test does not tell what is alike from what is not.
pub(crate) fn prove() {
    let millis = |range: std::ops::Range<u64>| range.map(Duration::from_millis).collect::<Vec<_>>();
    assert!(p_of_difference(&millis(0..500), &millis(0..500)) > 0.99);
    assert!(p_of_difference(&millis(0..500), &millis(100..600)) < 1e-6);
    // Shifted by a tenth of their spread. Counted out pair by pair, and with an exact erfc, p is 0.020337.
    let p = p_of_difference(&millis(0..100), &millis(10..110));
    assert!((p - 0.020_337).abs() < 1e-5, "{p}");
}

/// How likely it is that two lists of one kind differ at least so much in their ranks, either way: by the normal distribution, which
/// holds from some 20 values each, with the correction for ties.
pub(crate) fn p_of_difference(one: &[Duration], other: &[Duration]) -> f64 {
    let (m, n) = (one.len() as f64, other.len() as f64);
    let mut all: Vec<(Duration, bool)> =
        one.iter().map(|time| (*time, true)).chain(other.iter().map(|time| (*time, false))).collect();
    all.sort_unstable();
    let (mut rank_sum, mut ties, mut before) = (0.0, 0.0, 0.0);
    for tied in all.chunk_by(|a, b| a.0 == b.0) {
        let count = tied.len() as f64;
        let rank = before + f64::midpoint(count, 1.0);
        rank_sum += rank * tied.iter().filter(|(_, is_of_one)| *is_of_one).count() as f64;
        ties += count.powi(3) - count;
        before += count;
    }
    let u = rank_sum - m * (m + 1.0) / 2.0;
    let all = m + n;
    let deviation = (m * n / 12.0 * ((all + 1.0) - ties / (all * (all - 1.0)))).sqrt();
    if deviation == 0.0 {
        return 1.0;
    }
    // Half a step, as a count is taken for a measure.
    let z = ((u - m * n / 2.0).abs() - 0.5).max(0.0) / deviation;
    complement_of_error(z / std::f64::consts::SQRT_2)
}

/// erfc by Abramowitz and Stegun, 7.1.26; within 1.5e-7 where it is not below 0.
fn complement_of_error(x: f64) -> f64 {
    let t = 1.0 / 0.327_591_1_f64.mul_add(x, 1.0);
    let terms = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let polynomial = terms.iter().fold(0.0, |sum: f64, term| sum.mul_add(t, *term)) * t;
    polynomial * (-x * x).exp()
}
