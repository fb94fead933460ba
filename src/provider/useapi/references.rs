//! A file belongs to one Luma account, and a request is worked on by one: its files must be of the same (page on assets,
//! 2026-04-06).

use crate::error::{Problem, ProblemCode};
use crate::json::Json;
use crate::text::{before, contains, item, split_at_first};

/// Tells of every file that is of another account than what stands before it.
pub fn check(body: &Json, problems: &mut Vec<Problem>) {
    let mut first = body.text("email").map(|email| ("email".to_owned(), email));
    let mut found = |path: &str, media: &Json| {
        let reference = media.text("file_id").unwrap_or_default();
        let Some(owner) = owner(&reference) else { return };
        match &first {
            Some((other, account)) if !account.eq_ignore_ascii_case(owner) => {
                let message = ["is of another Luma account than ", other, ": all files of a request are of one"];
                problems.push(Problem::of(path, ProblemCode::Conflict, &message));
            }
            Some(_) => {}
            None => first = Some((path.to_owned(), owner.to_owned())),
        }
    };
    for path in &["keyframes.frame0", "keyframes.frame1"] {
        if let Some(media) = body.at(path) {
            found(path, &media);
        }
    }
    for path in &["character_ref.identity0.images", "image_ref"] {
        for (index, media) in body.items_of(path).iter().enumerate() {
            found(&item(path, index), media);
        }
    }
}

/// The account of a file, by its name `u{user}-email:{e-mail}-image:{uuid}`. A name of another form tells nothing.
fn owner(reference: &str) -> Option<&str> {
    let (_, rest) = split_at_first(reference, "-email:")?;
    let named = before(rest, b":");
    let end = named.bytes().rposition(|byte| byte == b'-')?;
    named.get(..end).filter(|email| contains(email, "@"))
}
