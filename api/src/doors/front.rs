//! In front of the routes: a request for a door goes there, every other one goes on.

use std::sync::Arc;

use poem::http::{HeaderValue, Method, header};
use poem::{IntoResponse as _, Request, Response};

use super::authzen::{self, Endpoint};
use super::feed::{self, Feed};
use super::gateway::{self, Family};
use super::kubernetes::{access_review, token_review};
use super::oauth::{self, introspect, revoke};
use super::{Doors, native, reply};
use crate::error::ApiError;
use crate::http::{REQUEST_ID, allow_origin};

/// Which door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// `POST /api/v2/decisions`.
    Native,
    /// `/forward-auth/…`.
    Gateway(Family),
    /// `/access/v1/…`, and the document that leads there.
    Authzen(Endpoint),
    /// `POST /kubernetes/token-review`.
    TokenReview,
    /// `POST /kubernetes/subject-access-review`.
    AccessReview,
    /// `/feed/v1/…`.
    Feed(Feed),
    /// `POST /oauth/introspect`.
    Introspect,
    /// `POST /oauth/revoke`.
    Revoke,
}

impl Door {
    /// The door of a request, if it is for one.
    fn of(request: &Request) -> Option<Self> {
        match request.uri().path() {
            // Members who are signed in go by the route.
            native::PATH
                if *request.method() == Method::POST
                    && request.headers().contains_key(header::AUTHORIZATION) =>
            {
                Some(Self::Native)
            }
            token_review::PATH => Some(Self::TokenReview),
            access_review::PATH => Some(Self::AccessReview),
            introspect::PATH => Some(Self::Introspect),
            revoke::PATH => Some(Self::Revoke),
            path => match Family::of(path) {
                Some(family) => Some(Self::Gateway(family)),
                None => Feed::of(path)
                    .map(Self::Feed)
                    .or_else(|| Endpoint::of(path).map(Self::Authzen)),
            },
        }
    }

    async fn answer(self, doors: &Doors, mut request: Request) -> Response {
        let mut id = reply::request_id(request.headers());
        if self == Self::Native {
            // As everywhere in the API, a request that came without an id gets one.
            id = id.or_else(|| HeaderValue::from_str(doors.ids.next().text().as_str()).ok());
        }
        let origin = request.headers().get(header::ORIGIN).cloned();
        let answer = match self {
            Self::Native => native::answer(doors, &mut request).await,
            Self::Authzen(endpoint) => authzen::answer(doors, endpoint, &mut request).await,
            Self::TokenReview => token_review::answer(doors, &mut request).await,
            Self::AccessReview => access_review::answer(doors, &mut request).await,
            Self::Feed(feed) => feed::answer(doors, feed, &mut request).await,
            Self::Introspect => introspect::answer(doors, &mut request).await,
            Self::Revoke => revoke::answer(doors, &mut request).await,
            Self::Gateway(family) => Ok(gateway::answer(doors, family, &request).await),
        };
        let mut response = match answer {
            Ok(response) => response,
            Err(error) => self.refuse(&error, id.as_ref()),
        };
        if self == Self::Native {
            // The others are not for pages in browsers.
            allow_origin(origin, response.headers_mut());
        }
        if let Some(id) = id {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }

    /// An error in the shape of the door.
    fn refuse(self, error: &ApiError, id: Option<&HeaderValue>) -> Response {
        match self {
            Self::Native
            | Self::Gateway(_)
            | Self::TokenReview
            | Self::AccessReview
            | Self::Feed(_) => reply::error(error, id),
            Self::Authzen(_) => authzen::refuse(error),
            Self::Introspect | Self::Revoke => oauth::refuse(error),
        }
    }
}

/// The doors in front of everything else.
pub fn front<E: poem::Endpoint>(
    doors: Arc<Doors>,
    rest: E,
) -> impl poem::Endpoint<Output = Response> {
    Front { doors, rest }
}

struct Front<E> {
    doors: Arc<Doors>,
    rest: E,
}

impl<E: poem::Endpoint> poem::Endpoint for Front<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        match Door::of(&request) {
            Some(door) => Ok(door.answer(&self.doors, request).await),
            None => self
                .rest
                .call(request)
                .await
                .map(|response| response.into_response()),
        }
    }
}
