//! One request, four providers: what each of some forty canonical requests becomes at each provider, or what is said of it.
//! A provider is a column: a file here that is named after it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod agents;
mod answers;
mod files;
mod piapi;
mod useapi;
#[path = "../virtual_time/mod.rs"]
mod virtual_time;

use luma_edge::error::Problem;
use luma_edge::http::Payload;
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::provider::{Provider, ProviderId, Variant, provider};
use luma_edge::request::GenerationRequest;
use luma_edge::validation::{MODELS, VOCABULARY};
use std::collections::BTreeMap;
use virtual_time::{Calls, KEY, World, answer};

fn of(id: ProviderId) -> Box<dyn Provider> {
    provider(id, Variant::default())
}

/// What a call carries, with a file's bytes by their name.
fn carried(body: Option<Payload>) -> Json {
    match body {
        None => json!(null),
        Some(Payload::Json(body)) => body,
        Some(Payload::File) => json!("the file"),
        Some(Payload::Form) => json!("the form"),
    }
}

/// What a request comes to: `["POST generations", { body }]`, with its warnings behind if it has any, or its problems,
/// `{ "field": "code" }`.
fn outcome(provider: &dyn Provider, request: &Json) -> Json {
    let codes = |problems: Vec<Problem>| -> Json {
        let sentence = |problem: &Problem| problem.message.len() > 10 && !problem.message.ends_with('.');
        assert!(problems.iter().all(sentence), "{problems:?}");
        let codes: BTreeMap<_, _> = problems.into_iter().map(|problem| (problem.path, problem.code)).collect();
        json!(codes)
    };
    match GenerationRequest::read(provider, request, false) {
        Ok((request, warnings)) => {
            let call = provider.create(&request);
            let sent = [json!(format!("{} {}", call.method.as_str(), call.path)), carried(call.body)];
            Json::list(sent.into_iter().chain((!warnings.is_empty()).then(|| codes(warnings))).collect())
        }
        Err(problems) => codes(problems),
    }
}

/// Each request that a provider takes goes out once, as it stands in the table, with these header fields and the key in its own.
#[test]
fn each_request_goes_out_with_the_same_header_fields() {
    let requests: BTreeMap<String, Json> = serde_json::from_str(include_str!("requests.json")).unwrap();
    for (id, base, field, value) in [
        (ProviderId::DreamMachine, "https://api.lumalabs.ai/dream-machine/v1", "authorization", "Bearer "),
        (ProviderId::Agents, "https://agents.lumalabs.ai/v1", "authorization", "Bearer "),
        (ProviderId::Useapi, "https://api.useapi.net/v1/luma", "authorization", "Bearer "),
        (ProviderId::Piapi, "https://api.piapi.ai", "x-api-key", ""),
    ] {
        let world = World::scripted(1, |_, _| answer(400, json!({ "message": "no more" })));
        let client = world.client(json!({ "provider": id, "baseUrl": null }));
        for (name, request) in &requests {
            let Ok((read, _)) = GenerationRequest::read(&*of(id), request, false) else { continue };
            let call = of(id).create(&read);
            world.run(client.create(request, &())).unwrap_err();
            let sent = world.sent.borrow_mut().pop().unwrap();
            assert!(world.sent.borrow().is_empty(), "{name}");
            assert_eq!(sent.url, format!("{base}/{}", call.path), "{name}");
            assert_eq!((sent.method, sent.body), (call.method, Some(carried(call.body))), "{name}");
            let headers: Vec<_> = sent.headers.iter().map(|(name, value)| (name, value.to_owned())).collect();
            let json = || "application/json".to_owned();
            let expected = [("accept", json()), ("content-type", json()), (field, format!("{value}{KEY}"))];
            assert_eq!(headers, expected, "{name}");
        }
    }
}

#[test]
fn each_request_becomes_the_providers_own_or_names_what_it_has_not() {
    let requests: BTreeMap<String, Json> = serde_json::from_str(include_str!("requests.json")).unwrap();
    let columns = [
        (ProviderId::DreamMachine, include_str!("dream-machine.json")),
        (ProviderId::Agents, include_str!("agents.json")),
        (ProviderId::Useapi, include_str!("useapi.json")),
        (ProviderId::Piapi, include_str!("piapi.json")),
    ];
    let mut wrong = Vec::new();
    for (id, column) in columns {
        let column: BTreeMap<String, Json> = serde_json::from_str(column).unwrap();
        assert!(column.keys().all(|name| requests.contains_key(name)), "{id:?} has a cell for no request");
        for (name, request) in &requests {
            let found = outcome(&*of(id), request);
            if column.get(name) != Some(&found) {
                wrong.push(format!(
                    "{}: {name}\n  {request}\n  gives {found}\n  not   {:?}",
                    id.as_str(),
                    column.get(name)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_field_that_some_provider_lacks_is_in_the_vocabulary() {
    use luma_edge::request::RequestKind;
    let everywhere = ["prompt", "model", "generation_type"];
    for id in ProviderId::ALL {
        for kind in RequestKind::ALL {
            for field in of(*id).form(kind).iter().flat_map(|form| form.fields) {
                let known = VOCABULARY.contains(&field.name) || everywhere.contains(&field.name);
                assert!(known, "{} of {}", field.name, id.as_str());
            }
        }
    }
}

#[test]
fn every_model_that_some_provider_knows_as_its_own_or_as_anothers_is_in_the_list_of_all() {
    use luma_edge::provider::{agents, dream_machine, piapi, useapi};
    let own = (dream_machine::forms::MODELS.iter().map(|model| model.name))
        .chain(agents::forms::MODELS.iter().map(|(name, _)| *name))
        .chain(useapi::forms::MODELS.iter().map(|(name, _)| *name))
        .chain([false, true].into_iter().flat_map(piapi::forms::models).copied());
    let others = [agents::forms::ELSEWHERE, useapi::forms::ELSEWHERE, piapi::forms::ELSEWHERE].concat();
    for model in own.chain(others) {
        assert!(MODELS.contains(&model), "{model}");
    }
}

#[test]
fn what_a_provider_has_not_can_be_left_out() {
    let request = json!({ "model": "ray-2", "prompt": "A tiger walking in snow", "hdr": true, "web_search": true });
    let (request, _) = GenerationRequest::read(&*of(ProviderId::DreamMachine), &request, true).unwrap();
    assert_eq!(request.body, json!({ "model": "ray-2", "prompt": "A tiger walking in snow" }));
    let weighted = json!({ "generation_type": "image", "prompt": "A bear", "image_ref": [{ "url": "https://example.com/a.jpg", "weight": 0.8 }] });
    let (request, _) = GenerationRequest::read(&*of(ProviderId::Agents), &weighted, true).unwrap();
    assert_eq!(request.body["image_ref"], json!([{ "url": "https://example.com/a.jpg" }]));
    let upside_down = json!({ "model": "photon-1", "prompt": "A tiger", "generation_type": "layering" });
    assert!(
        GenerationRequest::read(&*of(ProviderId::DreamMachine), &upside_down, true).is_err(),
        "the kind is never left out"
    );
}

#[test]
fn a_model_of_another_provider_gives_way_where_it_may_be_left_out() {
    use ProviderId::{Agents, DreamMachine, Piapi, Useapi};
    let video = |model: &str| json!({ "model": model, "prompt": "A tiger walking in snow" });
    let media = json!({ "url": "https://example.com/a.mp4" });
    let modified = json!({ "model": "ray-2", "prompt": "Make it snow", "media": media, "mode": "flex_1" });
    let reframed = json!({ "generation_type": "reframe_video", "model": "ray-2", "prompt": "A tiger", "media": media,
        "aspect_ratio": "9:16", "grid_position_x": 0 });
    for (id, request, model) in [
        (Agents, video("ray-2"), Some("ray-3.2")),
        (Agents, video("ray-v3-flash"), Some("ray-3.2")),
        (Agents, video("photon-1"), Some("uni-1")),
        (Agents, modified, Some("ray-3.2")),
        (Agents, reframed, Some("ray-3.2")),
        (Useapi, video("ray-2"), Some("ray-v3-flash")),
        (Useapi, video("uni-1"), Some("photon-v2")),
        (Piapi, video("ray-3.2"), Some("ray-v2")),
        // Newer than anything that is known here.
        (Agents, video("ray-9"), Some("ray-9")),
        (Piapi, video("ray-9"), Some("ray-9")),
        (DreamMachine, video("ray-9"), Some("ray-9")),
        // Its own, for what it does not do: that is a mistake.
        (Agents, json!({ "generation_type": "video", "model": "uni-1", "prompt": "A tiger" }), None),
        (Useapi, json!({ "generation_type": "video", "model": "photon-v2", "prompt": "A tiger" }), None),
        // And what is in its place judges the rest of the words.
        (Agents, json!({ "model": "ray-2", "prompt": "A tiger", "duration": "9s" }), None),
    ] {
        let read = GenerationRequest::read(&*of(id), &request, true);
        let found = read.as_ref().ok().map(|(request, _)| request.body["model"].as_str().unwrap());
        assert_eq!(found, model, "{request} at {id:?}: {read:?}");
    }
    // Refused, it is told what there is, and how to take it.
    for (id, model, words) in [
        (
            Agents,
            "ray-2",
            "agents has no ray-2; for video it has ray-3.2 (without a model, or with unsupported: \"drop\", it is ray-3.2)",
        ),
        (
            Agents,
            "photon-1",
            "for image it has uni-1 and uni-1-max (without a model, or with unsupported: \"drop\", it is uni-1)",
        ),
        (Useapi, "ray-2", "it has ray-v3-flash, ray-v3, ray-v3-reasoning (without"),
        (Piapi, "ray-3.2", "piapi has no ray-3.2; for video it has ray-v2 (without"),
    ] {
        let problems = GenerationRequest::read(&*of(id), &video(model), false).unwrap_err();
        assert!(problems[0].message.contains(words), "{}", problems[0].message);
    }
    let own = json!({ "generation_type": "video", "model": "photon-v2", "prompt": "A tiger" });
    let problems = GenerationRequest::read(&*of(Useapi), &own, false).unwrap_err();
    assert!(!problems[0].message.contains("drop"), "{}", problems[0].message);
}
