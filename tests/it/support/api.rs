//! A small client: one credential, and answers that are easy to assert on.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

/// Calls with one credential.
#[derive(Clone)]
pub struct Api {
    http: Client,
    base: String,
    headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as JSON; null when there is none or it is something else.
    pub json: Value,
    /// The body as it came.
    pub body: String,
}

impl Api {
    /// Calls without a credential.
    pub fn anonymous(base: &str) -> Self {
        // The client wants to know whose TLS it has, though nobody speaks it here.
        let _chosen_before = rustls::crypto::ring::default_provider().install_default();
        Self {
            // A redirect is an answer to look at.
            http: Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("a client"),
            base: base.to_owned(),
            headers: Vec::new(),
        }
    }

    /// The same with one more header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.retain(|(known, _)| known != name);
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    /// The same with a token.
    pub fn token(&self, secret: &str) -> Self {
        self.with("Authorization", secret)
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request
    }

    /// Sends, and fails the test when no answer comes.
    pub async fn send(request: RequestBuilder) -> Answer {
        Self::try_send(request).await.expect("an answer")
    }

    /// Sends.
    pub async fn try_send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let body = response.text().await?;
        Ok(Answer {
            status,
            headers,
            json: serde_json::from_str(&body).unwrap_or(Value::Null),
            body,
        })
    }

    pub async fn get(&self, path: &str) -> Answer {
        Self::send(self.request(Method::GET, path)).await
    }

    /// Asks again until the answer has this status: for what another process wrote, which this server
    /// learns by looking at the log from time to time.
    pub async fn eventually(&self, path: &str, status: u16) -> Answer {
        let start = std::time::Instant::now();
        loop {
            let answer = self.get(path).await;
            if answer.status == status || start.elapsed() > std::time::Duration::from_secs(30) {
                return answer.expect(status);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Self::send(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Self::send(self.request(Method::POST, path).json(body)).await
    }

    /// A form, as a browser sends it.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        Self::send(self.request(Method::POST, path).form(fields)).await
    }

    /// A POST without a body.
    pub async fn post_nothing(&self, path: &str) -> Answer {
        Self::send(self.request(Method::POST, path)).await
    }

    /// A semantic patch.
    pub async fn instruct(&self, path: &str, instructions: &Value) -> Answer {
        let body = serde_json::json!({"comment": "why", "instructions": instructions});
        let request = self
            .request(Method::PATCH, path)
            .header(
                "Content-Type",
                "application/json; domain-model=launchdarkly.semanticpatch",
            )
            .body(body.to_string());
        Self::send(request).await
    }

    /// An upload of a file, as a browser's form sends it.
    pub async fn upload(&self, path: &str, file: &str) -> Answer {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"members.csv\"\r\n\
             Content-Type: text/csv\r\n\r\n{file}\r\n--b--\r\n"
        );
        let request = self
            .request(Method::POST, path)
            .header("Content-Type", "multipart/form-data; boundary=b")
            .body(body);
        Self::send(request).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        Self::send(self.request(Method::PATCH, path).json(body)).await
    }
}

impl Answer {
    /// Requires a status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Requires an error in the vendor's shape, whose message contains `message`.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str, message: &str) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.json["code"], code, "{}", self.body);
        let said = self.json["message"].as_str().expect("a message");
        assert!(said.contains(message), "{said:?} does not say {message:?}");
        let media = self.header("content-type").expect("a content type");
        assert!(media.starts_with("application/json"), "{media}");
        self
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let name = name.to_lowercase();
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The position of a write.
    #[track_caller]
    pub fn position(&self) -> i64 {
        let position = self.header("X-Keyledger-Position").expect("a position");
        position.parse().expect("a number")
    }

    /// A text in the body.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        let found = self.json.pointer(pointer).and_then(Value::as_str);
        found
            .unwrap_or_else(|| panic!("no text at {pointer} in {}", self.body))
            .to_owned()
    }

    /// A number in the body: an integer, never a text or a fraction.
    #[track_caller]
    pub fn integer(&self, pointer: &str) -> i64 {
        let found = self.json.pointer(pointer).and_then(Value::as_i64);
        found.unwrap_or_else(|| panic!("no integer at {pointer} in {}", self.body))
    }

    /// The items of a collection, by one of their fields.
    #[track_caller]
    pub fn items(&self, field: &str) -> Vec<String> {
        let items = self.json["items"].as_array().expect("items");
        items
            .iter()
            .map(|item| item[field].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}
