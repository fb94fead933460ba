//! Files of the Agents API: handed over whatever goes wrong, listed, read and removed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use luma_edge::engine::{Answer, FetchError, Query};
use luma_edge::error::{Code, ProblemCode};
use luma_edge::http::{Body, Headers, Method, Response};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::provider::{ApiCall, File, FileFilter, FileQuery, ProviderId, Upload};
use luma_edge::request::GenerationRequest;
use luma_edge::simulator::{Options, Simulator};

use crate::virtual_time::{self, World, ask};
use crate::{carried, of};

const KEY: &str = "luma-api-0123456789";

fn options() -> Json {
    json!({ "provider": "agents", "baseUrl": "https://simulator.example/agents/v1", "apiKey": KEY })
}

fn heron(size: f64) -> File {
    let (name, media_type) = ("heron.png".into(), "image/png".into());
    File { name, media_type, size, account: None, base64: None, details: None, form_type: None }
}

/// The same as a form, as far as a script sees.
fn as_form() -> File {
    File { form_type: Some("multipart/form-data; boundary=x".into()), ..heron(6.0) }
}

/// What it holds. On the wire of these tests content is JSON, and this has six bytes.
fn content() -> virtual_time::Upload {
    virtual_time::Upload { content: json!("0123"), form: json!("a form") }
}

/// What comes after these answers, in short.
fn next(file: &File, answers: &[Json]) -> Json {
    match of(ProviderId::Agents).upload(file, answers) {
        None => json!(null),
        Some(Upload::Send(ApiCall { method, path, body, headers })) => {
            json!([method.as_str(), path, carried(body), headers])
        }
        Some(Upload::Poll(ApiCall { method, path, .. })) => json!({ "poll": [method.as_str(), path] }),
        Some(Upload::Failed(reason)) => json!({ "failed": reason }),
        Some(Upload::Done(reference)) => reference,
    }
}

/// What went out, as `METHOD path`.
fn sent(world: &World) -> Vec<String> {
    let sent = world.sent.borrow();
    let path = |url: &str| url.split('/').skip(3).collect::<Vec<_>>().join("/");
    sent.iter().map(|request| format!("{} {}", request.method.as_str(), path(&request.url))).collect()
}

/// How many of what went out begin so.
fn count(world: &World, beginning: &str) -> usize {
    sent(world).iter().filter(|line| line.starts_with(beginning)).count()
}

#[test]
fn a_small_file_goes_in_one_request_and_a_large_one_with_what_is_noted() {
    let form = json!(["POST", "files", "the form", [["content-type", "multipart/form-data; boundary=x"]]]);
    assert_eq!(next(&as_form(), &[]), form);
    let details = json!({ "filename": "Heron, 2.png", "purpose": "reference", "expires_at": "T", "user_id": "u" });
    let noted = File { details: Some(details.clone()), ..heron(6.0) };
    let mut expected = json!({ "mime_type": "image/png", "size_bytes": 6 });
    expected.as_object_mut().unwrap().extend(details.as_object().unwrap().clone());
    assert_eq!(next(&noted, &[]), json!(["POST", "files", expected, []]));
}

#[test]
fn what_becomes_of_a_file_is_in_the_last_answer() {
    let place = json!({ "id": "f/1", "state": "pending", "upload": { "url": "https://store.example/f" } });
    let file = |state: &str| json!({ "id": "f/1", "state": state, "failure_reason": "No picture" });
    let within = |state: &str| json!({ "id": "f/1", "state": state, "file": file(state) });
    let poll = json!({ "poll": ["GET", "files/f%2F1"] });
    let done = json!({ "file_id": "f/1" });
    let failed = json!({ "failed": "No picture" });
    for (state, expected) in
        [("ready", &done), ("pending", &poll), ("failed", &failed), ("deleted", &failed), ("newer", &done)]
    {
        assert_eq!(&next(&as_form(), &[within(state)]), expected, "{state}");
        assert_eq!(&next(&as_form(), &[within("pending"), file(state)]), expected, "{state}");
        for polls in 0..3 {
            let mut answers = vec![place.clone(), json!({})];
            answers.extend(vec![file("pending"); polls]);
            answers.push(file(state));
            assert_eq!(&next(&heron(6.0), &answers), expected, "{state} after {polls}");
        }
    }
    assert_eq!(next(&as_form(), &[json!({ "id": "f", "state": "failed" })]), json!({ "failed": "failed" }));
}

#[test]
fn a_file_that_is_pending_is_waited_for_and_not_for_ever() {
    let (world, _) = World::simulated(1, json!({ "fileLag": 20_000 }));
    let reference = world.run(world.client(options()).upload(heron(6.0), &content())).unwrap();
    assert!(reference["file_id"].is_string());
    assert!((20_000.0..30_000.0).contains(&world.elapsed()), "{}", world.elapsed());
    assert!((3..=8).contains(&count(&world, "GET agents/v1/files/")), "{:?}", sent(&world));

    let (world, _) = World::simulated(1, json!({ "fileLag": 1e9 }));
    let error = world.run(world.client(options()).upload(heron(6.0), &content())).unwrap_err();
    assert_eq!((error.code, error.retryable), (Code::Timeout, true));
    assert!(error.message.contains("heron.png"), "{}", error.message);
    assert!((300_000.0..330_000.0).contains(&world.elapsed()), "{}", world.elapsed());
}

#[test]
fn a_file_that_the_provider_cannot_use_is_told_with_its_reason() {
    let (world, _) = World::simulated(1, json!({ "fileLag": 5_000 }));
    let client = world.client(options());
    let named = File { name: "[fail:file].png".into(), ..heron(6.0) };
    for (file, reason) in [(heron(7.0), "Expected 7 bytes, received 6"), (named, "The file could not be read")] {
        let name = file.name.clone();
        let error = world.run(client.upload(file, &content())).unwrap_err();
        assert_eq!((error.code, error.retryable), (Code::InvalidRequest, false));
        assert_eq!(error.message, format!("agents could not use the file {name}: {reason}"));
    }
}

#[test]
fn a_form_that_the_server_does_not_take_is_no_end() {
    for status in [413, 415] {
        let (world, _) = World::simulated(1, json!({ "faults": format!("agents-upload:{status}@1") }));
        assert!(world.run(world.client(options()).upload(as_form(), &content())).unwrap()["file_id"].is_string());
        let bodies: Vec<Json> = world.sent.borrow().iter().filter_map(|request| request.body.clone()).collect();
        assert_eq!(bodies[0], json!("a form"));
        assert_eq!(bodies[1]["size_bytes"], 6);
        assert_eq!((&bodies[2], sent(&world).len()), (&json!("0123"), 4), "{:?}", sent(&world));
    }
    for (faults, code, requests) in
        [("agents-upload:413", Code::InvalidRequest, 2), ("agents-upload:401", Code::Authentication, 1)]
    {
        let (world, _) = World::simulated(1, json!({ "faults": faults }));
        assert_eq!(
            world.run(world.client(options()).upload(as_form(), &content())).unwrap_err().code,
            code,
            "{faults}"
        );
        assert_eq!(sent(&world).len(), requests, "{faults}");
    }
}

/// A simulator that is sent so many files only when their address has expired.
fn late_storage(requests: u32) -> World {
    let options = Options::from_json(json!({}).into()).unwrap();
    let simulator = RefCell::new(Simulator::new(options));
    let left = Cell::new(requests);
    World::scripted(1, move |now, request| {
        let mut request = request.clone();
        if request.method == Method::Put && left.get() > 0 {
            left.set(left.get() - 1);
            request.url = format!("{}?expires=1", request.url.split('?').next().unwrap());
        }
        ask(&mut simulator.borrow_mut(), now, &request)
    })
}

#[test]
fn an_address_that_has_expired_is_asked_for_anew_once() {
    let world = late_storage(1);
    assert!(world.run(world.client(options()).upload(heron(6.0), &content())).unwrap()["file_id"].is_string());
    let paths = sent(&world);
    assert_eq!((count(&world, "POST agents/v1/files"), count(&world, "PUT ")), (3, 2), "{paths:?}");
    assert_ne!(paths[1], paths[3]);

    let world = late_storage(9);
    let error = world.run(world.client(options()).upload(heron(6.0), &content())).unwrap_err();
    assert_eq!((error.code, error.status), (Code::Gone, Some(403)));
    assert_eq!(count(&world, "PUT "), 2);
    for word in ["key", "<", "expires=", "AccessDenied", KEY] {
        assert!(!error.message.contains(word), "{}", error.message);
    }
}

#[test]
fn a_storage_that_fails_is_tried_again_as_any_server() {
    for (fault, code) in [("503", Code::Server), ("429", Code::RateLimited), ("400", Code::Protocol)] {
        let (world, _) = World::simulated(1, json!({ "faults": format!("agents-put:{fault}x1") }));
        let outcome = world.run(world.client(options()).upload(heron(6.0), &content()));
        assert_eq!(outcome.is_ok(), code != Code::Protocol, "{fault}");
        let (world, _) = World::simulated(1, json!({ "faults": format!("agents-put:{fault}") }));
        let error = world.run(world.client(options()).upload(heron(6.0), &content())).unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.message.contains("storage") && !error.message.contains("Simulated"), "{}", error.message);
    }
}

fn filter(options: Json) -> Result<FileFilter, Vec<(String, ProblemCode)>> {
    FileFilter::read(&options).map_err(|found| found.into_iter().map(|problem| (problem.path, problem.code)).collect())
}

#[test]
fn what_is_asked_for_is_checked_and_written_into_the_address() {
    for (options, path) in [
        (json!({}), "files"),
        (json!({ "limit": 100, "signal": {} }), "files?limit=100"),
        (
            json!({ "cursor": "a/b&c", "limit": 1, "purpose": "input", "state": "a newer one" }),
            "files?cursor=a%2Fb%26c&limit=1&purpose=input&state=a%20newer%20one",
        ),
    ] {
        let query = FileQuery::Page(filter(options).unwrap());
        assert_eq!(of(ProviderId::Agents).files(&query).unwrap().path, path);
    }
    for (options, path, code) in [
        (json!({ "limit": 0 }), "limit", ProblemCode::OutOfRange),
        (json!({ "limit": 101 }), "limit", ProblemCode::OutOfRange),
        (json!({ "limit": "9" }), "limit", ProblemCode::InvalidType),
        (json!({ "cursor": "" }), "cursor", ProblemCode::InvalidValue),
        (json!({ "purpose": 1 }), "purpose", ProblemCode::InvalidType),
        (json!({ "state": ["ready"] }), "state", ProblemCode::InvalidType),
    ] {
        assert_eq!(filter(options), Err(vec![(path.to_owned(), code)]));
    }
}

#[test]
fn files_are_listed_read_and_removed() {
    let (world, _) = World::simulated(1, json!({}));
    let client = world.client(options());
    let query = |query| Query::File(query);
    world.run(async {
        let mut ids = Vec::new();
        for purpose in ["input", "reference", "input"] {
            let details = Some(json!({ "purpose": purpose, "user_id": "u", "expires_at": "2030-01-01T00:00:00Z" }));
            let reference = client.upload(File { details, ..heron(6.0) }, &content()).await.unwrap();
            ids.insert(0, reference["file_id"].as_str().unwrap().to_owned());
        }
        let list = async |options: Json| match client.ask(query(FileQuery::Page(filter(options).unwrap()))).await {
            Ok(Answer::Files(page)) => page,
            other => panic!("{other:?}"),
        };
        let first = list(json!({ "limit": 2 })).await;
        let second = list(json!({ "limit": 2, "cursor": first.next_cursor })).await;
        assert_eq!((first.has_more, second.has_more, second.next_cursor), (true, false, None));
        let listed: Vec<_> = first.files.iter().chain(&second.files).map(|file| file.id.clone()).collect();
        assert_eq!(listed, ids);
        let references = list(json!({ "purpose": "reference" })).await.files;
        assert_eq!(references.len(), 1);
        let file = &references[0];
        assert_eq!((file.id.as_str(), file.state.as_str(), file.size_bytes), (ids[1].as_str(), "ready", Some(6.0)));
        assert_eq!((file.mime_type.as_deref(), file.filename.as_deref()), (Some("image/png"), Some("heron.png")));
        assert_eq!((file.user_id.as_deref(), file.expires_at.as_deref()), (Some("u"), Some("2030-01-01T00:00:00Z")));
        assert_eq!((&file.deleted_at, &file.failure_reason, file.raw["deleted_at"].is_null()), (&None, &None, true));

        let one = || query(FileQuery::One(ids[0].clone()));
        let remove = |id: &str| query(FileQuery::Removal(id.to_owned()));
        assert_eq!(client.ask(remove(&ids[0])).await, Ok(Answer::Removed));
        let Ok(Answer::File(removed)) = client.ask(one()).await else { panic!("it is still listed") };
        assert!(removed.state == "deleted" && removed.deleted_at.is_some());
        assert_eq!(list(json!({ "state": "deleted" })).await.files, [removed]);
        assert_eq!(client.ask(remove("nobody")).await.unwrap_err().code, Code::NotFound);
        assert_eq!(client.ask(remove("")).await.unwrap_err().problems[0].path, "id");
    });
}

#[test]
fn an_answer_that_is_no_file_is_none() {
    let body = Rc::new(RefCell::new(json!(null)));
    let answer = body.clone();
    let world = World::scripted(1, move |_, _| {
        (10.0, Ok(Response { status: 200, headers: Headers::new(), body: Body::Json(answer.borrow().clone()) }))
    });
    let client = world.client(options());
    let page = || Query::File(FileQuery::Page(FileFilter::default()));
    let one = || Query::File(FileQuery::One("f".into()));
    for (query, odd) in [
        (page(), json!({ "files": [] })),
        (page(), json!([])),
        (one(), json!({ "id": "f" })),
        (one(), json!({ "id": "", "state": "ready" })),
    ] {
        body.replace(odd);
        assert_eq!(world.run(client.ask(query)).unwrap_err().code, Code::Protocol);
    }
    body.replace(json!({ "data": [{ "id": "f", "state": "ready" }, {}, 1] }));
    let Ok(Answer::Files(page)) = world.run(client.ask(page())) else { panic!("a list") };
    assert_eq!((page.files.len(), page.has_more, page.next_cursor), (1, false, None));
}

#[test]
fn a_removal_whose_answer_was_lost_is_one_when_nothing_is_there_any_more() {
    let tries = Rc::new(Cell::new(0));
    let counted = tries.clone();
    let world = World::scripted(1, move |_, _| {
        counted.set(counted.get() + 1);
        let answer = Response { status: 404, headers: Headers::new(), body: Body::Empty };
        (10.0, if counted.get() == 1 { Err(FetchError::Lost("reset".into())) } else { Ok(answer) })
    });
    let client = world.client(options());
    let removal = || Query::File(FileQuery::Removal("f".into()));
    assert_eq!(world.run(client.ask(removal())), Ok(Answer::Removed));
    assert_eq!(tries.get(), 2);
    assert_eq!(world.run(client.ask(removal())).unwrap_err().code, Code::NotFound);
}

#[test]
fn only_agents_tells_of_files() {
    for id in ProviderId::ALL.iter().filter(|id| **id != ProviderId::Agents) {
        let (world, _) = World::simulated(1, json!({}));
        let client = world.client(json!({ "provider": id.as_str() }));
        for query in
            [FileQuery::Page(FileFilter::default()), FileQuery::One("f".into()), FileQuery::Removal("f".into())]
        {
            let error = world.run(client.ask(Query::File(query))).unwrap_err();
            assert_eq!((error.code, error.provider), (Code::Unsupported, Some(*id)), "{}", error.message);
        }
        assert!(world.sent.borrow().is_empty());
    }
}

#[test]
fn content_in_the_request_is_base64_and_of_a_size() {
    const MOST: usize = 50 << 20;
    let digits = |bytes: usize| "A".repeat(bytes.div_ceil(3) * 4);
    for (data, expected) in [
        ("iVBORw0KGgo=".to_owned(), None),
        ("iVBO\r\nRw0K\n".into(), None),
        (digits(MOST - 2), None),
        (digits(MOST + 3), Some(ProblemCode::TooLarge)),
        ("data:image/png;base64,iVBORw0KGgo=".into(), Some(ProblemCode::InvalidValue)),
        ("iVBORw0KGgo".into(), Some(ProblemCode::InvalidValue)),
        ("iVBORw0K=GgoA".into(), Some(ProblemCode::InvalidValue)),
        ("iVBO====".into(), Some(ProblemCode::InvalidValue)),
        ("iVBORw0_".into(), Some(ProblemCode::InvalidValue)),
        (String::new(), Some(ProblemCode::InvalidValue)),
    ] {
        let begins: String = data.chars().take(40).collect();
        let request = json!({ "prompt": "A heron", "image_ref": [{ "data": data, "media_type": "image/png" }], "model": "uni-1" });
        let found = match GenerationRequest::read(&*of(ProviderId::Agents), &request, false) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|problem| (problem.path, problem.code)).collect(),
        };
        let expected: Vec<_> = expected.map(|code| ("image_ref[0].data".to_owned(), code)).into_iter().collect();
        assert_eq!(found, expected, "{begins}");
    }
}
