//! The engine's rooms and the crate's vocabulary import downward only, and JavaScript stays at the edge.
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
/// The crates that name JavaScript's values, and where they may be named.
const JAVASCRIPT: [&str; 3] = ["js_sys", "web_sys", "wasm_bindgen"];
const EDGE: [&str; 2] = ["web/", "json/js.rs"];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources(of: &Path) -> Vec<PathBuf> {
    if of.is_file() {
        return vec![of.to_owned()];
    }
    fs::read_dir(of).unwrap().flat_map(|entry| sources(&entry.unwrap().path())).collect()
}

/// A source on one line, without its comments.
fn code(source: &str) -> String {
    let lines = source.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The parts of a group `{a::b, c::{d, e}}`, of which `text` is what follows the opening brace.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(text[from..at].trim());
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// What a source names right after `prefix`, also in groups: `use crate::engine::{model::Host, tickets}` names two.
fn named(source: &str, prefix: &str) -> Vec<String> {
    let code = code(source);
    let mut names = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        // `super::super::` is no `super::` of its own, nor `other_crate::` a `crate::`.
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(parts(group).into_iter().map(word)),
            None => names.push(word(rest)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// What a source names two steps below the crate, as in `use crate::engine::tickets` or `use crate::{engine::tickets}`.
fn named_in(source: &str, module: &str) -> Vec<String> {
    let mut names = named(source, &format!("crate::{module}::"));
    let code = code(source);
    for (at, group) in code.match_indices("crate::{") {
        for part in parts(&code[at + group.len()..]) {
            let Some(rest) = part.strip_prefix(module).and_then(|rest| rest.strip_prefix("::")) else { continue };
            match rest.strip_prefix('{') {
                Some(inner) => names.extend(parts(inner).into_iter().map(word)),
                None => names.push(word(rest)),
            }
        }
    }
    names
}

#[test]
fn imports_are_read_in_every_form() {
    let source =
        "use crate::engine::{model::{Host, Race}, // tickets\n    jobs};\nuse crate::{text, engine::{client}};";
    assert_eq!(named_in(source, "engine"), ["model", "jobs", "client"]);
    assert_eq!(named(source, "crate::"), ["engine", "text", "engine"]);
    assert_eq!(named("use super::super::a; use super::{b, c::d};", "super::"), ["super", "b", "c"]);
}

#[test]
fn a_room_imports_only_those_below_it() {
    let engine = src().join("engine");
    for (level, room) in ROOMS.iter().enumerate() {
        for file in sources(&engine.join(room)) {
            let source = fs::read_to_string(&file).unwrap();
            assert!(!code(&source).contains("super::super"), "{}: name the room instead", file.display());
            let mut imports = named_in(&source, "engine");
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
fn scheduling_does_not_know_providers() {
    for file in sources(&src().join("engine/scheduling")) {
        let imports = named(&fs::read_to_string(&file).unwrap(), "crate::");
        assert!(!imports.contains(&"provider".to_owned()), "{} imports providers", file.display());
    }
}

#[test]
fn a_module_imports_only_those_below_it() {
    let src = src();
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

#[test]
fn only_the_edge_names_javascript() {
    let src = src();
    for file in sources(&src) {
        let path = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        let code = code(&fs::read_to_string(&file).unwrap());
        if !EDGE.iter().any(|edge| path.starts_with(edge)) {
            for name in JAVASCRIPT {
                assert!(!code.contains(name), "src/{path} names {name}");
            }
        }
    }
}
