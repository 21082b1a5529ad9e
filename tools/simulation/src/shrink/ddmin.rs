//! Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).

/// The fewest of `items`, in their order, with which `holds` still holds; no single one can be left out, if `holds` says
/// the same each time and is never tired. It holds for all of them.
pub(super) fn ddmin<T: Clone>(items: &[T], mut holds: impl FnMut(&[T]) -> bool) -> Vec<T> {
    if items.is_empty() || holds(&[]) {
        return Vec::new();
    }
    let mut kept = items.to_vec();
    let mut parts = 2;
    while kept.len() > 1 {
        let length = kept.len().div_ceil(parts);
        let starts = (0..kept.len()).step_by(length);
        // The last is left out first: what is late is seldom a cause.
        let mut smaller = starts.rev().map(|start| {
            let end = (start + length).min(kept.len());
            [&kept[..start], &kept[end..]].concat()
        });
        match smaller.find(|it| holds(it)) {
            Some(found) => {
                kept = found;
                parts = (parts - 1).max(2);
            }
            None if length == 1 => break,
            None => parts = (2 * parts).min(kept.len()),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_left() {
        let items: Vec<u64> = (0..100).collect();
        for needed in [vec![], vec![0], vec![99], vec![3, 50], vec![7, 8, 9, 77]] {
            let mut tries = 0;
            let left = ddmin(&items, |kept| {
                tries += 1;
                needed.iter().all(|it| kept.contains(it))
            });
            assert_eq!(left, needed);
            assert!(tries < 120, "{tries} for {needed:?}");
        }
        assert_eq!(ddmin(&[], |_: &[u64]| false), [0; 0]);
    }
}
