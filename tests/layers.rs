//! The engine's rooms and the crate's vocabulary import downward only.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the engine: each imports only those after it.
const ROOMS: [&str; 7] = ["client", "jobs", "recovery", "tickets", "transport", "scheduling", "model"];
/// The modules of the crate, in the same order. Those that stand together may import each other.
const MODULES: [&[&str]; 10] = [
    &["web"],
    &["engine"],
    &["validation"],
    &["provider"],
    &["request"],
    &["rules"],
    &["request_kind", "address", "pricing", "limits", "http"],
    &["error", "generation"],
    &["provider_id", "json"],
    &["text"],
];

fn sources(of: &Path) -> Vec<PathBuf> {
    if of.is_file() {
        return vec![of.to_owned()];
    }
    fs::read_dir(of).unwrap().flat_map(|entry| sources(&entry.unwrap().path())).collect()
}

/// What a source names after `prefix`, comments apart: `use crate::engine::{model::Host, ...}` counts as well.
fn named(source: &str, prefix: &str) -> Vec<String> {
    let code: Vec<&str> = source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    code.match_indices(prefix).map(|(at, _)| word(&code[at + prefix.len()..])).filter(|name| !name.is_empty()).collect()
}

#[test]
fn a_room_imports_only_those_below_it() {
    let engine = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine");
    for (level, room) in ROOMS.iter().enumerate() {
        for file in sources(&engine.join(room)) {
            let source = fs::read_to_string(&file).unwrap();
            let mut imports = named(&source, "crate::engine::");
            if file.ends_with(format!("{room}/mod.rs")) {
                imports.extend(named(&source, "super::"));
            }
            for import in imports {
                let above = ROOMS.iter().take(level).any(|room| *room == import);
                assert!(!above, "{} imports {import}, which is above it", file.display());
            }
        }
    }
}

#[test]
fn a_module_imports_only_those_below_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (level, modules) in MODULES.iter().enumerate() {
        for module in *modules {
            let folder = src.join(module);
            let files = if folder.is_dir() { sources(&folder) } else { sources(&src.join(format!("{module}.rs"))) };
            for file in files {
                for import in named(&fs::read_to_string(&file).unwrap(), "crate::") {
                    let above = MODULES.iter().take(level).any(|modules| modules.contains(&import.as_str()));
                    assert!(!above, "{} imports {import}, which is above it", file.display());
                }
            }
        }
    }
}
