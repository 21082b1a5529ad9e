//! What many runs come to.

/// The one in the middle; of an even number, what lies between the two. Zero of none.
pub(crate) fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    match times.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => times[middle],
        _ => f64::midpoint(times[middle - 1], times[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "these are exact")]
    fn the_middle_is_not_moved_by_one_slow_run() {
        assert_eq!(median(&mut [5.0, 400.0, 4.0]), 5.0);
        assert_eq!(median(&mut [4.0, 6.0]), 5.0);
        assert_eq!(median(&mut []), 0.0);
    }
}
