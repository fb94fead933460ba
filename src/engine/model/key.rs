//! An API key, and how a text is kept free of it.

use crate::http::segment;
use crate::text::{self, replace};
use std::rc::Rc;

/// Fewer characters of a key that was cut reveal nothing: the kind of key begins so.
const MIN_SHOWN_KEY: usize = 4;
/// So few characters of base64 stand in other texts as well.
const MIN_BASE64: usize = 8;
/// A shorter key, such as a test's, may be a word of a prompt or a part of an id: it stays in what is read as data.
const MIN_UNMISTAKABLE: usize = 12;

/// An API key. It shows in no output: there is no way to print it. Behind it stands what a server makes of it that logs or repeats its
/// requests: in an address, or within base64, as of a login.
#[derive(Clone)]
pub struct Key(Rc<Vec<String>>);

impl Key {
    /// Keeps a key that was checked.
    pub(crate) fn new(text: String) -> Self {
        let address = segment(&text);
        let mut forms = vec![text.clone()];
        add(&mut forms, replace(&address, "%3A", "%3a"));
        add(&mut forms, address);
        for before in 0..3 {
            let within = within_base64(&text, before);
            add(&mut forms, replace(&replace(&within, "+", "-"), "/", "_"));
            add(&mut forms, within);
        }
        Key(Rc::new(forms))
    }

    /// The secret itself, for the one header that carries it.
    pub(crate) fn reveal(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// All forms in which it may come back.
    fn forms(&self) -> &[String] {
        &self.0
    }

    /// The forms that stand in a provider's data only if it gave the key back. None of a short key.
    pub fn unmistakable_forms(&self) -> &[String] {
        if self.reveal().len() < MIN_UNMISTAKABLE { &[] } else { self.forms() }
    }

    /// `text` without the key, should a server or a runtime have put it there.
    pub(crate) fn remove_from(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in self.forms() {
            text = replace(&text, form, "[key]");
        }
        redact_secret(&text, self.reveal(), "[key]")
    }
}

/// `text` with a placeholder for a secret. Where a long text was cut, the beginning of the secret goes as well.
pub fn redact_secret(text: &str, secret: &str, placeholder: &str) -> String {
    let text = replace(text, secret, placeholder);
    let Some((before, after)) = text::split_at_first(&text, text::CUT) else { return text };
    let begins = |length: &usize| secret.get(..*length).is_some_and(|start| before.ends_with(start));
    let Some(length) = (MIN_SHOWN_KEY..secret.len()).rev().find(begins) else { return text };
    text::concat(&[before.get(..before.len() - length).unwrap_or_default(), placeholder, text::CUT, after])
}

fn add(forms: &mut Vec<String>, form: String) {
    if form.len() >= MIN_BASE64 && !forms.contains(&form) {
        forms.push(form);
    }
}

/// The characters of base64 that the key alone decides, where so many bytes stand before it.
fn within_base64(key: &str, before: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // Of a byte before it 2 bits are in the first character, of two 4: that one is no part of it.
    let (mut out, mut bits, mut held, mut shared) = (String::new(), 0, 2 * before, before > 0);
    for byte in key.bytes() {
        bits = (bits << 8) | usize::from(byte);
        held += 8;
        while held >= 6 {
            held -= 6;
            match ALPHABET.get((bits >> held) & 63) {
                Some(digit) if !shared => out.push(char::from(*digit)),
                _ => shared = false,
            }
        }
        bits &= 63;
    }
    out
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
        assert!(!key.unmistakable_forms().is_empty());
        assert!(Key::new("tiger".to_owned()).unmistakable_forms().is_empty());
    }
}
