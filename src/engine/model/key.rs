//! An API key, and how a text is kept free of it.

use crate::http::segment;
use crate::text::{self, replace};
use std::rc::Rc;

/// Fewer characters of a key that was cut tell nothing of it: the kind of key begins so.
const MIN_SHOWN_KEY: usize = 4;
/// So few characters of base64 stand in other texts as well.
const MIN_BASE64: usize = 8;

/// An API key. It shows in no output: there is no way to print it.
#[derive(Clone)]
pub struct Key(Rc<Forms>);

struct Forms {
    text: String,
    /// What a server makes of it that logs or repeats its requests: in an address, or within base64, as of a login.
    encoded: Vec<String>,
}

impl Key {
    /// Keeps a key that was checked.
    pub(crate) fn new(text: String) -> Self {
        let address = segment(&text);
        let mut encoded = vec![lower_percents(&address), address];
        for before in 0..3 {
            let within = within_base64(&text, before);
            encoded.push(replace(&replace(&within, "+", "-"), "/", "_"));
            encoded.push(within);
        }
        encoded.retain(|form| *form != text && form.len() >= MIN_BASE64);
        Key(Rc::new(Forms { text, encoded }))
    }

    /// The secret itself, for the one header that carries it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0.text
    }

    /// All forms in which it may come back.
    pub(crate) fn forms(&self) -> impl Iterator<Item = &str> {
        [self.reveal()].into_iter().chain(self.0.encoded.iter().map(String::as_str))
    }

    /// `text` without the key, should a server or a runtime have put it there.
    pub(crate) fn remove_from(&self, text: &str) -> String {
        let text = self.forms().fold(text.to_owned(), |text, form| replace(&text, form, "[key]"));
        // Where a long text was cut, the key may have been cut, too.
        let Some((before, after)) = text::split_at_first(&text, text::CUT) else { return text };
        let cut = self.forms().find_map(|form| {
            let begins = |length: &usize| form.get(..*length).is_some_and(|start| before.ends_with(start));
            (MIN_SHOWN_KEY..form.len()).rev().find(begins)
        });
        let Some(length) = cut else { return text };
        text::concat(&[before.get(..before.len() - length).unwrap_or_default(), "[key]", text::CUT, after])
    }
}

/// `%3A` as `%3a`.
fn lower_percents(address: &str) -> String {
    let mut since = 2;
    let lower = |mark: char| {
        since = if mark == '%' { 0 } else { since + 1 };
        if since <= 2 { mark.to_ascii_lowercase() } else { mark }
    };
    address.chars().map(lower).collect()
}

/// The characters of base64 that a text alone decides, where so many bytes stand before it.
fn within_base64(text: &str, before: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |at: usize| text.as_bytes().get(at / 8).map_or(0, |byte| usize::from(byte >> (7 - at % 8)) & 1);
    let (first, end) = ((before * 8).div_ceil(6), (before + text.len()) * 8 / 6);
    let digit = |number: usize| {
        let value = (number * 6..number * 6 + 6).fold(0, |value, at| 2 * value + bit(at - before * 8));
        ALPHABET.get(value).map(|byte| char::from(*byte))
    };
    (first..end).filter_map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_removed_however_a_server_writes_it() {
        let key = Key::new("user:1-Ab?cd>ef~gh".to_owned());
        for shown in [
            "user:1-Ab?cd>ef~gh",
            "user%3A1-Ab%3Fcd%3Eef~gh",
            "user%3a1-Ab%3fcd%3eef~gh",
            // printf '%s' 'user:1-Ab?cd>ef~gh' | base64, and behind one, two and three other bytes.
            "dXNlcjoxLUFiP2NkPmVmfmdo",
            "OnVzZXI6MS1BYj9jZD5lZn5naA==",
            "YTp1c2VyOjEtQWI/Y2Q+ZWZ+Z2g=",
            "YWE6dXNlcjoxLUFiP2NkPmVmfmdo",
            "YTp1c2VyOjEtQWI_Y2Q-ZWZ-Z2g",
        ] {
            let clean = key.remove_from(&text::concat(&["Bad request: ", shown, "."]));
            let rest = clean.len() - "Bad request: .".len() - "[key]".len();
            assert!(clean.contains("[key]") && rest <= 6, "{shown}: {clean}");
        }
        assert_eq!(key.remove_from("Bad request: user:1-A…"), "Bad request: [key]…");
        assert_eq!(key.remove_from("A tiger in snow"), "A tiger in snow");
    }
}
