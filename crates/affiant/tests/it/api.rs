//! The API, as programs use it: a pipeline that starts an audit after a deployment, and Prometheus.

use std::time::{Duration, Instant};

use affiant_testbed::{Sites, Testbed};
use hyper::StatusCode;
use serde_json::{Value, json};

use crate::common::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_token_gets_nothing_and_what_is_wrong_is_told() {
    let server = Server::start().await;
    let (cookie, csrf) = server.log_in().await;
    let (reads, writes) =
        (server.token(&cookie, &csrf, "read").await, server.token(&cookie, &csrf, "write").await);
    assert!(reads.starts_with("affiant_") && reads != writes);
    let description = server.call("GET", "/api/v1/openapi.json", None, "").await.2;
    assert_eq!(description["openapi"], "3.1.0");

    // Every operation that the description names wants a token, and one that writes wants one that may.
    let mut operations = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        let address = path.replace("{id}", "x").replace("{other}", "y").replace("{kind}", "tags");
        for method in methods.as_object().unwrap().keys() {
            operations += 1;
            let method = method.to_uppercase();
            for token in [None, Some("affiant_0000"), Some(""), Some("a b")] {
                let (status, asks, problem) = server.call(&method, &address, token, "{}").await;
                assert_eq!(
                    (status, asks.as_str()),
                    (StatusCode::UNAUTHORIZED, "Bearer"),
                    "{method} {path} {token:?}"
                );
                assert_eq!(problem["status"], 401);
            }
            if method != "GET" {
                let (status, _, problem) = server.call(&method, &address, Some(&reads), "{}").await;
                assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path}");
                assert!(problem["detail"].as_str().unwrap().contains("may only read"), "{problem}");
            }
        }
    }
    assert_eq!(operations, 18, "{:#?}", description["paths"].as_object().unwrap().keys());
    // A cookie is no token: another site's page cannot use it.
    assert_eq!(server.ask("/api/v1/properties", Some(&cookie), None).await.status, StatusCode::UNAUTHORIZED);

    let page = |url: &str| json!({ "pages": [url] });
    for (method, path, body, status, says) in [
        ("GET", "/api/v1/nothing", Value::Null, 404, "no such address"),
        ("GET", "/api/v1/properties/shop", Value::Null, 404, "no property of that name"),
        ("GET", "/api/v1/audits/..%2f..%2fetc", Value::Null, 404, "no audit of that name"),
        ("GET", "/api/v1/alerts?most=many", Value::Null, 422, "most"),
        ("GET", "/api/v1/alerts?mots=1", Value::Null, 422, "mots"),
        ("POST", "/api/v1/properties", json!([]), 422, "invalid"),
        (
            "POST",
            "/api/v1/properties",
            json!({ "request": page("no address at all") }),
            422,
            "no address at all",
        ),
        (
            "POST",
            "/api/v1/properties",
            json!({ "request": { "pages": ["https://a.test/"], "page": 1 } }),
            422,
            "unknown field",
        ),
        (
            "POST",
            "/api/v1/properties",
            json!({ "request": { "pages": ["https://a.test/"], "browser": "/bin/sh" } }),
            422,
            "request.browser is for whoever runs the server",
        ),
        (
            "POST",
            "/api/v1/properties",
            json!({ "request": { "pages": ["https://a.test/"], "proxy": "http://10.0.0.1:1" } }),
            422,
            "request.proxy",
        ),
        (
            "POST",
            "/api/v1/properties",
            json!({ "request": { "pages": ["https://a.test/"], "dns": "10.0.0.1:53" } }),
            422,
            "request.dns",
        ),
        (
            "POST",
            "/api/v1/properties",
            json!({ "request": page("https://a.test/"), "schedule": { "cron": "0 3 * *" } }),
            422,
            "is no cron line",
        ),
        (
            "POST",
            "/api/v1/properties",
            json!({ "request": page("https://a.test/"), "schedule": { "cron": "0 3 * * *", "zone": "Mars" } }),
            422,
            "no time zone",
        ),
        ("POST", "/api/v1/channels", json!({ "kind": "pigeon", "target": "loft" }), 422, "pigeon"),
        (
            "POST",
            "/api/v1/channels",
            json!({ "kind": "webhook", "target": "http://169.254.169.254/" }),
            422,
            "private network",
        ),
        (
            "POST",
            "/api/v1/channels",
            json!({ "kind": "email", "target": "a@b.test", "property": "none" }),
            404,
            "no property",
        ),
        ("DELETE", "/api/v1/channels/none", Value::Null, 404, "no channel"),
    ] {
        let (got, _, problem) = server.call(method, path, Some(&writes), &body.to_string()).await;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(got.as_u16() == status && detail.contains(says), "{method} {path} {body}: {got} {problem}");
    }
    assert_eq!(
        server.call("GET", "/api/v1/properties", Some(&reads), "").await.2,
        json!([]),
        "nothing was half added"
    );
    let long = json!({ "name": "x".repeat(3_000_000), "request": page("https://a.test/") }).to_string();
    assert_eq!(
        server.call("POST", "/api/v1/properties", Some(&writes), &long).await.0,
        StatusCode::PAYLOAD_TOO_LARGE
    );

    // A property with a schedule and a secret, which is not told again.
    let new = json!({
        "name": "The shop",
        "request": { "pages": ["https://shop.test/"], "headers": [{ "name": "X-Key", "value": "s3cret" }] },
        "schedule": { "cron": "0 3 * * *", "zone": "Europe/Vienna" }
    });
    let (status, to, made) = server.call("POST", "/api/v1/properties", Some(&writes), &new.to_string()).await;
    assert_eq!((status, to.as_str()), (StatusCode::CREATED, "/api/v1/properties/the-shop"), "{made}");
    assert!(made["schedule"]["next"].as_str().unwrap().ends_with('Z'), "{made}");
    let (_, _, shown) = server.call("GET", &to, Some(&reads), "").await;
    assert_eq!(shown["request"]["headers"][0]["name"], "X-Key");
    assert!(shown == made && !shown.to_string().contains("s3cret"), "{shown}");
    let again = server.call("POST", "/api/v1/properties", Some(&writes), &new.to_string()).await;
    assert!(
        again.0 == StatusCode::UNPROCESSABLE_ENTITY
            && again.2["detail"].as_str().unwrap().contains("already"),
        "{}",
        again.2
    );
    let paused = json!({ "cron": "30 4 * * 1", "paused": true }).to_string();
    let (_, _, when) = server.call("PUT", &format!("{to}/schedule"), Some(&writes), &paused).await;
    assert_eq!(when, json!({ "cron": "30 4 * * 1", "zone": "UTC", "paused": true, "next": null }));
    assert_eq!(
        server.call("DELETE", &format!("{to}/schedule"), Some(&writes), "").await.0,
        StatusCode::NO_CONTENT
    );
    let hook = json!({ "kind": "webhook", "target": "https://hooks.test/in", "property": "the-shop" });
    let (_, _, told) = server.call("POST", "/api/v1/channels", Some(&writes), &hook.to_string()).await;
    assert!(told["secret"].as_str().unwrap().starts_with("whsec_"), "{told}");
    let (_, _, channels) = server.call("GET", "/api/v1/channels", Some(&reads), "").await;
    assert!(channels[0]["id"] == told["id"] && channels[0].get("secret").is_none(), "{channels}");
    assert_eq!(server.call("DELETE", &to, Some(&writes), "").await.0, StatusCode::NO_CONTENT);
    assert_eq!(
        server.call("GET", "/api/v1/channels", Some(&reads), "").await.2,
        json!([]),
        "it went with its property"
    );

    // A token that is taken away is none.
    let page = server.ask("/tokens", Some(&cookie), None).await.text;
    assert!(!page.contains(&reads) && !page.contains(&writes), "a token is shown once");
    for id in page.split("action=\"/tokens/").skip(1).map(|rest| rest.split('/').next().unwrap()) {
        server.ask(&format!("/tokens/{id}/remove"), Some(&cookie), Some(&[("csrf", &csrf)])).await;
    }
    assert_eq!(server.call("GET", "/api/v1/properties", Some(&reads), "").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_audits_what_it_has_deployed() {
    let site = Testbed::start(Sites::only(&["no-banner"])).await.unwrap();
    let server = Server::start().await;
    let (cookie, csrf) = server.log_in().await;
    let token = server.token(&cookie, &csrf, "write").await;
    let call = |method: &'static str, path: String, body: Value| {
        let (server, token) = (&server, &token);
        async move { server.call(method, &path, Some(token), &body.to_string()).await }
    };
    let request = json!({
        "pages": [site.sites().next().unwrap().pages[0]], "max_pages": 1, "scenarios": ["no-choice"], "returns": false,
        "resolve": site.resolve_rules(), "insecure": true
    });
    let (status, at, made) =
        call("POST", "/api/v1/properties".to_owned(), json!({ "name": "Shop", "request": request })).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");

    // After the deployment; a second call before the audit has begun is the same audit.
    let (status, audit, begun) = call("POST", format!("{at}/audits"), Value::Null).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{begun}");
    assert_eq!(audit, format!("/api/v1/audits/{}", begun["audit"].as_str().unwrap()));
    let end = Instant::now() + Duration::from_secs(120);
    let stands = loop {
        let (status, _, stands) = call("GET", audit.clone(), Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{stands}");
        if stands["over"] == true {
            break stands;
        }
        assert!(Instant::now() < end, "{stands:#}\n{}", server.words());
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    assert_eq!((&stands["state"], &stands["complete"]), (&json!("finished"), &json!(1)), "{stands:#}");
    let found = stands["found"].as_array().unwrap();
    assert!(!found.is_empty() && stands["verdicts"].as_object().unwrap().len() > 15, "{stands:#}");

    let (_, _, findings) = call("GET", format!("{at}/findings"), Value::Null).await;
    let of =
        |all: &Value| all.as_array().unwrap().iter().map(|f| f["fingerprint"].clone()).collect::<Vec<_>>();
    assert_eq!(of(&findings).len(), found.len());
    assert!(findings.as_array().unwrap().iter().all(|f| f["standing"] == "new"), "{findings:#}");
    let (_, _, report) = call("GET", format!("{audit}/report"), Value::Null).await;
    assert_eq!(
        (&report["schema"], report["findings"].as_array().unwrap().len()),
        (&json!("affiant-report/1"), found.len())
    );
    let id = begun["audit"].as_str().unwrap();
    let (_, _, same) = call("GET", format!("{audit}/compare/{id}"), Value::Null).await;
    assert_eq!(
        (&same["schema"], same["receivers"].as_array().unwrap().len()),
        (&json!("affiant-compare/1"), 0),
        "{same:#}"
    );
    let (_, _, audits) = call("GET", format!("{at}/audits"), Value::Null).await;
    assert_eq!((&audits[0]["id"], audits.as_array().unwrap().len()), (&json!(id), 1));
    for kind in ["tags", "vendors", "cookies", "hosts"] {
        let (status, _, all) = call("GET", format!("{at}/inventory/{kind}"), Value::Null).await;
        assert!(
            status == StatusCode::OK && all.as_array().unwrap().iter().all(|t| t["audits"] == 1),
            "{kind}: {all}"
        );
    }
    let sheet = server.ask("/properties/shop/hosts.csv", Some(&cookie), None).await;
    assert!(
        sheet.status == StatusCode::OK && sheet.text.starts_with("name,what,first seen (UTC),"),
        "{}",
        sheet.text
    );
    assert_eq!(call("POST", format!("{audit}/stop"), Value::Null).await.0, StatusCode::NO_CONTENT);

    // What watches the server: with a token, and without a site's name.
    assert_eq!(server.call("GET", "/metrics", None, "").await.0, StatusCode::UNAUTHORIZED);
    let (status, _, numbers) = call("GET", "/metrics".to_owned(), Value::Null).await;
    let numbers = numbers.as_str().unwrap();
    assert_eq!(status, StatusCode::OK);
    for line in [
        "affiant_properties 1",
        "affiant_audits{state=\"finished\"} 1",
        "affiant_jobs{kind=\"conclude\",state=\"done\"} 1",
        "affiant_oldest_waiting_job_seconds 0",
        "affiant_schedule_overdue_seconds 0",
        "affiant_http_requests_total{method=\"POST\",route=\"/api/v1/properties\",status=\"201\"} 1",
        "# EOF",
    ] {
        assert!(numbers.contains(line), "{line}\n{numbers}");
    }
    assert!(!numbers.contains("shop") && !numbers.contains(".test"), "{numbers}");
}
