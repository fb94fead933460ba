//! What things are called there: jobs, references to files, and both of them in a path.

use crate::simulator::calendar::timestamp;
use crate::simulator::jobs::Job;
use crate::simulator::limits::Kind;

use super::create::account_of;

/// The number of the key's owner. It is a part of every name.
const USER: &str = "u12345";

/// `j0326140530123456789v-u12345-email:me@example.com-video:<uuid>-bot:luma`: month to nanosecond of its creation, `v` or
/// `i`, and Luma's own id, by which the job and its files are kept here.
pub(super) fn job(job: &Job) -> String {
    let digits: String = timestamp(job.created).chars().filter(char::is_ascii_digit).skip("2026".len()).collect();
    let (letter, word) = match job.kind {
        Kind::Video => ('v', "video"),
        Kind::Image => ('i', "image"),
    };
    format!("j{digits}000{letter}-{USER}-email:{}-{word}:{}-bot:luma", account_of(job), job.id)
}

/// Luma's id in a job's name.
pub(super) fn luma_id(name: &str) -> Option<&str> {
    Some(name.strip_suffix("-bot:luma")?.rsplit_once(':')?.1)
}

/// What names an uploaded file in requests.
pub(super) fn reference(email: &str, uuid: &str) -> String {
    format!("{USER}-email:{email}-image:{uuid}")
}

/// One segment of a path without its percent-encoding.
pub(super) fn decoded(segment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
