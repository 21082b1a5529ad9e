use super::*;
use event::{Context, event};
use http::StatusCode;
use lambda_http::RequestExt as _;
use response::response;
use routes::{Routes, not_found};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn context() -> Context {
    Context {
        request_id: "r-1".into(),
        source_ip: "203.0.113.7".into(),
        time: "2026-11-21T04:00:00Z".parse().unwrap(),
    }
}

fn made(request: http::request::Builder, body: &'static [u8]) -> Value {
    let request = request.body(Bytes::from_static(body)).unwrap();
    let parameters = BTreeMap::from([("id".to_owned(), "7".to_owned())]);
    event(&request, "POST /leads/{id}", &parameters, &context())
}

fn post(content_type: &str) -> http::request::Builder {
    Request::post("/leads/7?a=1&a=2&b=x%20y+z&c").header("content-type", content_type)
}

#[test]
fn an_event_has_the_gateways_shape() {
    let request = post("application/json")
        .header("Cookie", "s=1; t=2")
        .header("X-Tag", "a")
        .header("x-tag", "b")
        .header("user-agent", "curl/8");
    let event = made(request, b"{\"name\":\"Rita\"}");
    assert_eq!(
        (&event["version"], &event["routeKey"]),
        (&json!("2.0"), &json!("POST /leads/{id}"))
    );
    assert_eq!(
        (&event["rawPath"], &event["rawQueryString"]),
        (&json!("/leads/7"), &json!("a=1&a=2&b=x%20y+z&c"))
    );
    assert_eq!(event["cookies"], json!(["s=1", "t=2"]));
    assert_eq!(
        event["queryStringParameters"],
        json!({ "a": "1,2", "b": "x y z", "c": "" })
    );
    assert_eq!(event["pathParameters"], json!({ "id": "7" }));
    assert_eq!(
        (&event["headers"]["x-tag"], event["headers"].get("cookie")),
        (&json!("a,b"), None)
    );
    let context = &event["requestContext"];
    assert_eq!(context["time"], "21/Nov/2026:04:00:00 +0000");
    assert_eq!(
        (&context["timeEpoch"], &context["stage"]),
        (&json!(1_795_233_600_000_u64), &json!("$default"))
    );
    assert_eq!(
        context["http"],
        json!({ "method": "POST", "path": "/leads/7", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "curl/8" })
    );
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("{\"name\":\"Rita\"}"), &json!(false))
    );
}

#[test]
fn bodies_travel_as_text_or_in_base64_by_their_type() {
    let cases = [
        ("application/json; charset=utf-8", false),
        ("text/plain", false),
        ("Application/XML", false),
        ("application/javascript", false),
        ("application/x-www-form-urlencoded", true),
        ("application/octet-stream", true),
    ];
    for (kind, encoded) in cases {
        let event = made(post(kind), b"a=1");
        let body = if encoded { "YT0x" } else { "a=1" };
        assert_eq!(
            (&event["isBase64Encoded"], &event["body"]),
            (&json!(encoded), &json!(body)),
            "{kind}"
        );
    }
    assert_eq!(made(Request::post("/leads/7"), b"a=1")["isBase64Encoded"], true);
    assert_eq!(made(post("text/plain"), b"\xff")["body"], "/w==");
    assert_eq!(made(post("text/plain"), b"").get("body"), None);
}

#[test]
fn lambda_http_reads_the_event_as_the_request_it_was() {
    let request = post("application/x-www-form-urlencoded")
        .header("cookie", "s=1; t=2")
        .header("host", "api.test");
    let read = lambda_http::request::from_str(&made(request, b"a=1&b=2").to_string()).unwrap();
    assert_eq!((read.method().as_str(), read.uri().path()), ("POST", "/leads/7"));
    assert_eq!(read.body().as_ref(), b"a=1&b=2");
    assert_eq!(read.path_parameters().first("id"), Some("7"));
    assert_eq!(read.query_string_parameters().all("a"), Some(vec!["1", "2"]));
    assert_eq!(read.headers()["cookie"], "s=1; t=2");
}

fn body(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

#[test]
fn an_answer_becomes_a_response() {
    let full = response(Some(&json!({
        "statusCode": 202,
        "headers": { "content-type": "application/json", "x-count": 3 },
        "multiValueHeaders": { "x-ignored": ["1"] },
        "cookies": ["a=1", "b=2"],
        "body": "{}",
        "isBase64Encoded": false
    })));
    assert_eq!((full.status(), body(&full)), (StatusCode::ACCEPTED, "{}"));
    assert_eq!(
        (&full.headers()["x-count"], full.headers().get("x-ignored")),
        (&"3".parse().unwrap(), None)
    );
    assert_eq!(full.headers().get_all("set-cookie").iter().count(), 2);

    let binary = response(Some(
        &json!({ "statusCode": 200, "body": "aGk=", "isBase64Encoded": true }),
    ));
    assert_eq!(
        (body(&binary), &binary.headers()["content-type"]),
        ("hi", &"text/plain;charset=UTF-8".parse().unwrap())
    );
    let bare = response(Some(&json!({ "message": "hi" })));
    assert_eq!((bare.status(), body(&bare)), (StatusCode::OK, r#"{"message":"hi"}"#));
    assert_eq!(body(&response(Some(&json!("hi")))), "hi");
}

#[test]
fn what_is_no_answer_is_an_internal_error() {
    let nonsense = [
        json!({ "statusCode": "fine" }),
        json!({ "statusCode": 42 }),
        json!({ "statusCode": 200, "body": "%", "isBase64Encoded": true }),
        json!({ "statusCode": 200, "headers": { "a b": "c" } }),
    ];
    for answer in nonsense.iter().map(Some).chain([None]) {
        let response = response(answer);
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{answer:?}");
        assert_eq!(body(&response), r#"{"message":"Internal Server Error"}"#);
    }
}

#[test]
fn lambda_https_own_answers_are_read() {
    let answer = json!({ "statusCode": 204, "headers": {}, "multiValueHeaders": {}, "body": null, "isBase64Encoded": false, "cookies": [] });
    assert_eq!(response(Some(&answer)).status(), StatusCode::NO_CONTENT);
}

#[test]
fn the_most_specific_route_wins() {
    let mut routes = Routes::new();
    for (method, path) in [
        ("ANY", "/{proxy+}"),
        ("get", "/leads/{id}"),
        ("ANY", "/leads/{id}"),
        ("GET", "/leads/new"),
        ("POST", "/sync/{kind}/{id}"),
    ] {
        routes.add(method, path, ());
    }
    let cases = [
        ("GET", "/leads/new", "GET /leads/new", vec![]),
        ("GET", "/leads/a%2Fb%20c", "GET /leads/{id}", vec![("id", "a/b c")]),
        ("PUT", "/leads/7", "ANY /leads/{id}", vec![("id", "7")]),
        (
            "POST",
            "/sync/owner/7",
            "POST /sync/{kind}/{id}",
            vec![("kind", "owner"), ("id", "7")],
        ),
        ("GET", "/leads/7/", "ANY /{proxy+}", vec![("proxy", "leads/7/")]),
    ];
    for (method, path, key, parameters) in cases {
        let found = routes.find(method, path).unwrap();
        let expected = parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert_eq!((found.key, found.parameters), (key, expected), "{method} {path}");
    }
}

#[test]
fn no_route_is_not_found() {
    let mut routes = Routes::new();
    routes.add("GET", "/leads/{id}", ());
    for (method, path) in [
        ("GET", "/leads"),
        ("GET", "/leads/"),
        ("POST", "/leads/7"),
        ("GET", "/leads/7/x"),
    ] {
        assert_eq!(routes.find(method, path), None, "{method} {path}");
    }
    assert_eq!(body(&not_found()), r#"{"message":"Not Found"}"#);
}

#[tokio::test]
async fn a_payload_over_ten_megabytes_is_refused() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let echo = |request: Request<Bytes>, _| async move { Response::new(request.into_body()) };
    let server = tokio::spawn(serve(listener, echo));
    for (length, status) in [(LARGEST, "200"), (LARGEST + 1, "413")] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!("POST / HTTP/1.1\r\nhost: l\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // The server may answer and close before it has read everything.
        let _ = stream.write_all(&vec![b'x'; length]).await;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer[9..], status.as_bytes());
    }
    server.abort();
}
