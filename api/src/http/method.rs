//! The method of a request, where it is not what the request line says.

use poem::Request;
use poem::http::Method;

use crate::error::ApiError;

/// The header of a POST that stands for another method, from where only GET and POST get through.
pub(super) const METHOD_OVERRIDE: &str = "X-HTTP-Method-Override";
/// What a POST may stand for.
const OVERRIDES: [Method; 3] = [Method::PATCH, Method::PUT, Method::DELETE];
/// The methods that some path might take. HEAD is not among them: it is answered as GET is.
pub(super) const ROUTED: [Method; 8] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
    Method::CONNECT,
    Method::TRACE,
];

/// Gives a request the method that it means.
///
/// # Errors
/// 400 when a POST is to stand for something else than PATCH, PUT or DELETE.
pub(super) fn settle(request: &mut Request, in_api: bool) -> Result<(), ApiError> {
    if in_api && request.method() == Method::POST {
        let mut values = request.headers().get_all(METHOD_OVERRIDE).iter();
        if let Some(value) = values.next() {
            let named = |method: &&Method| method.as_str().as_bytes() == value.as_bytes();
            let method = OVERRIDES.iter().find(named);
            let method = method.filter(|_| values.next().is_none()).ok_or_else(|| {
                ApiError::invalid(format!("{METHOD_OVERRIDE}: is PATCH, PUT or DELETE, once"))
            })?;
            request.set_method(method.clone());
        }
    }
    // No path takes a method that is in no standard. One that none takes either says what the path does take.
    if *request.method() != Method::HEAD && !ROUTED.contains(request.method()) {
        request.set_method(Method::TRACE);
    }
    Ok(())
}
