//! Writes what is made of the Rust types and rule tables: the TypeScript of them and the reference in the docs.
//! `npm run types` runs it; the tests run it with `--check`, which fails when a file is not what this would write.

mod capabilities;
mod reference;
mod refusals;
mod typescript;

use std::process::ExitCode;

const OVERVIEW: &str = "docs/providers/README.md";

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let overview = std::fs::read_to_string(OVERVIEW).unwrap_or_default();
    let files = [
        ("npm/generated/types.ts", typescript::types()),
        ("npm/generated/names.ts", typescript::names()),
        ("npm/generated/capabilities.ts", capabilities::capabilities()),
        ("docs/reference.md", reference::reference()),
        ("docs/providers/reference.md", reference::others()),
        ("docs/refusals.md", refusals::refusals()),
        // A page of prose with one table that is written here.
        (OVERVIEW, capabilities::with_table(&overview).unwrap_or(overview)),
    ];
    // Every file is dealt with, also after one that is wrong.
    let wrong = files.into_iter().filter(|(path, text)| !if check { agrees(path, text) } else { write(path, text) });
    if wrong.count() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn agrees(path: &str, text: &str) -> bool {
    let good = std::fs::read_to_string(path).is_ok_and(|there| there == text);
    if !good {
        eprintln!("{path} is not what the Rust types and tables say: run `npm run types` and commit it");
    }
    good
}

fn write(path: &str, text: &str) -> bool {
    match std::fs::write(path, text) {
        Ok(()) => true,
        Err(error) => {
            eprintln!("{path} could not be written ({error}): run this from the project's root");
            false
        }
    }
}
