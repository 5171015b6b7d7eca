//! One route: which requests it is for, and what they ask.

use keyledger_domain::policy::{ACTION_BYTES_MAX, Resource, is_name};
use serde::Deserialize;

use super::original::Original;

/// The most captures of a path.
const CAPTURES_MAX: usize = 16;

/// A route as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteForm {
    host: Option<String>,
    methods: Option<Vec<String>>,
    path: String,
    action: String,
    resource: String,
}

/// A part of a path's pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// This segment.
    Plain(String),
    /// Any segment, under a name.
    Capture(String),
    /// Any one segment.
    Any,
    /// Whatever follows, nothing too, under a name if it has one. The last part.
    Rest(Option<String>),
}

/// A part of a resource's template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Plain(String),
    /// What was captured, by its number.
    Captured(usize),
}

/// A route, checked.
#[derive(Debug, Clone)]
pub(super) struct Route {
    host: Option<String>,
    methods: Option<Vec<String>>,
    parts: Vec<Part>,
    action: String,
    resource: Vec<Piece>,
}

impl Route {
    /// Checks a route.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn new(form: RouteForm) -> Result<Self, String> {
        let parts = parts(&form.path)?;
        let names: Vec<&str> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Capture(name) | Part::Rest(Some(name)) => Some(name.as_str()),
                Part::Plain(_) | Part::Any | Part::Rest(None) => None,
            })
            .collect();
        if names.len() > CAPTURES_MAX {
            return Err(format!(
                "path: captures {}, {CAPTURES_MAX} are the most",
                names.len()
            ));
        }
        if let Some(twice) = (1..names.len()).find(|at| {
            let before = names.get(..*at).unwrap_or_default();
            names.get(*at).is_some_and(|name| before.contains(name))
        }) {
            let name = names.get(twice).copied().unwrap_or_default();
            return Err(format!("path: captures {{{name}}} twice"));
        }
        let resource = pieces(&form.resource, &names)?;
        // What a name of one letter makes of it shows whether the rest is a resource.
        let example = render(&resource, &vec!["x"; names.len()]);
        Resource::parse(&example).map_err(|error| format!("resource: {error}"))?;
        if form.action.is_empty() || form.action.len() > ACTION_BYTES_MAX {
            return Err(format!("action: has 1 to {ACTION_BYTES_MAX} bytes"));
        }
        Ok(Self {
            host: form.host.map(|host| host.to_ascii_lowercase()),
            methods: form.methods,
            parts,
            action: form.action,
            resource,
        })
    }

    /// What a request asks, if this route is for it: the action, and the resource unless what the path holds cannot
    /// stand in one.
    pub(super) fn ask(
        &self,
        original: &Original<'_>,
        segments: &[impl AsRef<str>],
    ) -> Option<(&str, Option<String>)> {
        if let Some(methods) = &self.methods
            && !methods.iter().any(|method| method == original.method)
        {
            return None;
        }
        if let Some(host) = &self.host
            && !original.host.is_some_and(|asked| is_host(asked, host))
        {
            return None;
        }
        let rest;
        let mut captured: [&str; CAPTURES_MAX] = [""; CAPTURES_MAX];
        let mut count = 0;
        let mut capture = |text| {
            if let Some(place) = captured.get_mut(count) {
                *place = text;
                count += 1;
            }
        };
        let mut left = segments.iter();
        for part in &self.parts {
            match part {
                Part::Plain(plain) => (left.next()?.as_ref() == plain).then_some(())?,
                Part::Capture(_) => capture(left.next()?.as_ref()),
                Part::Any => {
                    left.next()?;
                }
                Part::Rest(name) => {
                    let texts: Vec<&str> = left.by_ref().map(AsRef::as_ref).collect();
                    rest = texts.join("/");
                    if name.is_some() {
                        capture(&rest);
                    }
                    break;
                }
            }
        }
        if left.next().is_some() {
            return None;
        }
        let captured = captured.get(..count).unwrap_or_default();
        let safe = captured.iter().all(|text| is_name(text));
        let resource = safe.then(|| render(&self.resource, captured));
        Some((&self.action, resource))
    }
}

/// Whether an authority is a host, whatever its case and port.
fn is_host(asked: &str, host: &str) -> bool {
    let name = match asked.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => asked,
    };
    name.eq_ignore_ascii_case(host)
}

fn parts(path: &str) -> Result<Vec<Part>, String> {
    let rest = path
        .strip_prefix('/')
        .ok_or_else(|| "path: begins with /".to_owned())?;
    let mut parts: Vec<Part> = Vec::new();
    for segment in rest.split('/') {
        if matches!(parts.last(), Some(Part::Rest(_))) {
            return Err(format!(
                "path: nothing follows {{…}} of the rest, as {segment:?} does"
            ));
        }
        let inner = segment
            .strip_prefix('{')
            .and_then(|inner| inner.strip_suffix('}'));
        match (segment, inner) {
            ("", _) => {}
            ("*", _) => parts.push(Part::Any),
            ("**", _) => parts.push(Part::Rest(None)),
            (_, Some(name)) => {
                let part = match name.strip_suffix("...") {
                    Some(name) => Part::Rest(Some(known_name(name)?)),
                    None => Part::Capture(known_name(name)?),
                };
                parts.push(part);
            }
            (plain, None) if plain.contains(['{', '}', '*', '%', ';', '\\', '?', '#']) => {
                return Err(format!(
                    "path: {plain:?} is neither a segment as it is decoded, nor {{name}}, {{name...}}, * or **"
                ));
            }
            (plain, None) => parts.push(Part::Plain(plain.to_owned())),
        }
    }
    Ok(parts)
}

fn known_name(name: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || !name.chars().all(fits) {
        return Err(format!(
            "path: {name:?} is no name of letters, digits, - and _"
        ));
    }
    Ok(name.to_owned())
}

/// A template's pieces: `{name}` stands for what the path captured; other braces are properties of the resource.
fn pieces(template: &str, names: &[&str]) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        plain.push_str(before);
        let (inner, tail) = after
            .split_once('}')
            .ok_or_else(|| "resource: a { without its }".to_owned())?;
        match names.iter().position(|name| *name == inner) {
            Some(number) => {
                pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                pieces.push(Piece::Captured(number));
            }
            None if inner.contains(':') => {
                plain.push('{');
                // A property may hold a captured value: `;{owner:{user}}`.
                rest = after;
                continue;
            }
            None => return Err(format!("resource: the path captures no {{{inner}}}")),
        }
        rest = tail;
    }
    plain.push_str(rest);
    pieces.push(Piece::Plain(plain));
    Ok(pieces)
}

fn render(pieces: &[Piece], captured: &[&str]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Plain(text) => text.as_str(),
            Piece::Captured(number) => captured.get(*number).copied().unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(text: &str) -> Result<Route, String> {
        Route::new(toml::from_str(text).map_err(|error| error.to_string())?)
    }

    fn asked(route: &Route, method: &str, host: &str, path: &str) -> Option<Option<String>> {
        let segments: Vec<&str> = path
            .split('/')
            .skip(1)
            .filter(|part| !part.is_empty())
            .collect();
        let host = Some(host);
        let original = Original {
            method,
            host,
            target: path,
        };
        route
            .ask(&original, &segments)
            .map(|(_, resource)| resource)
    }

    #[test]
    fn a_route_is_for_its_methods_hosts_and_paths() {
        let route = route(
            r#"host = "api.acme.example"
               methods = ["GET", "HEAD"]
               path = "/projects/{project}/flags/{flag}"
               action = "viewFlag"
               resource = "proj/{project}:env/production:flag/{flag}""#,
        )
        .unwrap();
        let fits = |method: &str, host: &str, path: &str| asked(&route, method, host, path);
        let found = fits("GET", "API.acme.example:8443", "/projects/web/flags/dark");
        assert_eq!(
            found,
            Some(Some("proj/web:env/production:flag/dark".to_owned()))
        );
        assert_eq!(
            fits("POST", "api.acme.example", "/projects/web/flags/dark"),
            None
        );
        assert_eq!(
            fits("get", "api.acme.example", "/projects/web/flags/dark"),
            None
        );
        assert_eq!(
            fits("GET", "acme.example", "/projects/web/flags/dark"),
            None
        );
        assert_eq!(fits("GET", "api.acme.example", "/projects/web/flags"), None);
        assert_eq!(
            fits("GET", "api.acme.example", "/projects/web/flags/dark/x"),
            None
        );
        // It is for this request, whose resource cannot be named.
        for name in ["a:b", "a,b", "a;b", "{a}", "*", "${x}"] {
            let path = format!("/projects/{name}/flags/dark");
            assert_eq!(fits("GET", "api.acme.example", &path), Some(None), "{name}");
        }
    }

    #[test]
    fn the_rest_of_a_path_may_be_named_or_not() {
        let named = route(
            r#"path = "/files/{path...}"
               action = "viewFile"
               resource = "file/{path}""#,
        )
        .unwrap();
        let found = asked(&named, "GET", "h", "/files/a/b/c");
        assert_eq!(found, Some(Some("file/a/b/c".to_owned())));
        assert_eq!(asked(&named, "GET", "h", "/files"), Some(None));
        let any = route(
            r#"path = "/x/*/**"
               action = "a"
               resource = "acct""#,
        )
        .unwrap();
        assert_eq!(
            asked(&any, "GET", "h", "/x/1"),
            Some(Some("acct".to_owned()))
        );
        assert_eq!(
            asked(&any, "GET", "h", "/x/1/2/3"),
            Some(Some("acct".to_owned()))
        );
        assert_eq!(asked(&any, "GET", "h", "/x"), None);
        let owned = route(
            r#"path = "/u/{user}"
               action = "a"
               resource = "env/production;{owner:{user}}""#,
        )
        .unwrap();
        let found = asked(&owned, "GET", "h", "/u/ada");
        assert_eq!(found, Some(Some("env/production;{owner:ada}".to_owned())));
    }

    #[test]
    fn a_wrong_route_says_what_is_wrong() {
        for (path, action, resource, said) in [
            ("a", "a", "acct", "path: begins with /"),
            ("/{a}/{a}", "a", "acct", "twice"),
            ("/{a b}", "a", "acct", "is no name"),
            ("/**/a", "a", "acct", "nothing follows"),
            ("/a{b}", "a", "acct", "neither a segment"),
            ("/a%2fb", "a", "acct", "neither a segment"),
            ("/a", "", "acct", "action: "),
            ("/a", "a", "nothing", "resource: "),
            ("/{a}", "a", "env/{b}", "captures no {b}"),
            ("/{a}", "a", "env/{a", "without its }"),
        ] {
            let text = format!("path = {path:?}\naction = {action:?}\nresource = {resource:?}");
            let error = route(&text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(route("path = \"/a\"\naction = \"a\"\nresource = \"acct\"\nmore = 1").is_err());
    }
}
