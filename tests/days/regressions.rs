//! Days that once went wrong.

use crate::planted::Planted;
use crate::report;
use crate::simulate;

/// What was wrong, and a seed that showed it.
const FOUND: &[(&str, u64)] = &[];

#[test]
fn what_was_found_stays_mended() {
    for (what, seed) in FOUND {
        assert!(
            simulate(*seed, Planted::Nothing, false).wrong.is_empty(),
            "{what}: {}",
            report(*seed, Planted::Nothing)
        );
    }
}
