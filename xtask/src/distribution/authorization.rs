//! What a registry wants to be shown before it answers.

use std::fmt;

use super::credentials::Credentials;
use crate::error::{Error, Result};
use crate::http::{Client, Method, Request, Response};

/// The value of the field `Authorization`. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Authorization(String);

impl Authorization {
    pub(super) fn value(&self) -> String {
        self.0.clone()
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorization(…)")
    }
}

/// What the field `WWW-Authenticate` asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// A name and a password (RFC 7617).
    Basic,
    /// A token of this server (RFC 6750, and Docker's "Token Authentication Specification").
    Bearer {
        /// Where tokens are had.
        realm: String,
        /// What the token is for.
        service: Option<String>,
    },
}

impl Challenge {
    pub(super) fn of(response: &Response) -> Option<Self> {
        let text = response.header("www-authenticate")?;
        let (scheme, parameters) = text.split_once(' ').unwrap_or((text, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        Some(Self::Bearer {
            realm: parameter(parameters, "realm")?,
            service: parameter(parameters, "service"),
        })
    }

    /// What to show; `None` if there is nothing to show.
    ///
    /// # Errors
    /// The server of tokens refuses (exit 2), or does not answer (exit 3).
    pub(super) fn answer(
        &self,
        http: &Client<'_>,
        repository: &str,
        actions: &str,
        credentials: Option<&Credentials>,
    ) -> Result<Option<Authorization>> {
        let basic = credentials.map(|it| Authorization(it.basic()));
        let Self::Bearer { realm, service } = self else {
            return Ok(basic);
        };
        let is_local = ["http://127.", "http://localhost", "http://[::1]"];
        if !realm.starts_with("https://") && !is_local.iter().any(|it| realm.starts_with(it)) {
            return Err(Error::missing(format!("{realm} is no server of tokens"))
                .because("a password must not travel without encryption"));
        }
        let join = if realm.contains('?') { '&' } else { '?' };
        let mut url = format!(
            "{realm}{join}scope={}",
            encoded(&format!("repository:{repository}:{actions}"))
        );
        if let Some(service) = service {
            url = format!("{url}&service={}", encoded(service));
        }
        let mut request = Request::new(Method::Get, url);
        if let Some(basic) = &basic {
            request = request.header("Authorization", basic.value());
        }
        let failed = |why: String| Error::missing(format!("{realm} gives no token")).because(why);
        let response = http.ask_one(&request)?.map_err(failed)?;
        if matches!(response.status, 401 | 403) {
            return Err(
                Error::usage(format!("{realm} gives no token for {repository}"))
                    .because(response.complaint())
                    .help("log in as somebody who may read and remove its images: `docker login`"),
            );
        }
        if !response.is_success() {
            return Err(failed(response.complaint()));
        }
        let answer: serde_json::Value =
            serde_json::from_slice(&response.body).map_err(|error| failed(error.to_string()))?;
        let token = answer.get("token").or_else(|| answer.get("access_token"));
        let token = token.and_then(serde_json::Value::as_str);
        match token.filter(|token| !token.is_empty() && !token.contains(char::is_whitespace)) {
            Some(token) => Ok(Some(Authorization(format!("Bearer {token}")))),
            None => Err(failed("there is none in its answer".to_owned())),
        }
    }
}

fn parameter(parameters: &str, name: &str) -> Option<String> {
    let mut rest = parameters;
    while let Some((key, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"')?;
        if key
            .trim_start_matches([',', ' '])
            .eq_ignore_ascii_case(name)
        {
            return Some(value.to_owned());
        }
        rest = after;
    }
    None
}

/// As part of a query (RFC 3986, section 2.1).
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~:/,".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_in_any_order() {
        let text = r#"Bearer service="registry.test",realm="https://registry.test/token",scope="repository:a:pull""#;
        let rest = text.split_once(' ').unwrap().1;
        assert_eq!(
            parameter(rest, "realm").as_deref(),
            Some("https://registry.test/token")
        );
        assert_eq!(parameter(rest, "service").as_deref(), Some("registry.test"));
        assert_eq!(parameter(rest, "error"), None);
        assert_eq!(parameter("realm=\"", "realm"), None);
        assert_eq!(
            encoded("repository:a/b c:pull,push"),
            "repository:a/b%20c:pull,push"
        );
        assert_eq!(
            format!("{:?}", Authorization("Bearer secret".to_owned())),
            "Authorization(…)"
        );
    }
}
