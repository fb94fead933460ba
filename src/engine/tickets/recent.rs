//! What was seen lately, found without a walk.

use super::ticket::MAX_REMEMBERED;
use std::mem::take;

/// The newest texts of one kind: [`MAX_REMEMBERED`] of them at least, about twice as many at most, whatever a server says. There are two
/// generations: when the young one is full it becomes the old one, and what was the old one is forgotten.
#[derive(Default)]
pub struct Recent {
    /// Both in the order of the texts.
    young: Vec<String>,
    old: Vec<String>,
}

impl Recent {
    pub fn insert(&mut self, text: &str) {
        enter(&mut self.young, text);
        if self.young.len() > MAX_REMEMBERED {
            self.old = take(&mut self.young);
        }
    }

    pub fn contains(&self, text: &str) -> bool {
        search(&self.young, text).is_ok() || search(&self.old, text).is_ok()
    }
}

/// A text takes its place in a list that is in order, once. The library's sorting weighs more than it is worth here.
pub fn enter(list: &mut Vec<String>, text: &str) {
    if let Err(at) = search(list, text) {
        list.insert(at, text.to_owned());
    }
}

/// Where a text is in a list that is in order, or would be.
pub fn search(list: &[String], text: &str) -> Result<usize, usize> {
    list.binary_search_by(|other| other.as_str().cmp(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_known_and_no_more_than_twice_as_many_are_kept() {
        let mut recent = Recent::default();
        for number in 0..10 * MAX_REMEMBERED {
            recent.insert(&(number * 7919 % 100_003).to_string());
            recent.insert(&(number * 7919 % 100_003).to_string());
            assert!(recent.young.len() + recent.old.len() <= 2 * MAX_REMEMBERED + 1);
            for back in 0..number.min(3) {
                assert!(recent.contains(&((number - back) * 7919 % 100_003).to_string()));
            }
            if number >= MAX_REMEMBERED {
                assert!(recent.contains(&((number - MAX_REMEMBERED + 1) * 7919 % 100_003).to_string()));
            }
        }
        assert!(!recent.contains("0") && !recent.contains(""));
    }
}
