//! Queries and mutations.

use crate::Failure;
use graphql_client::{GraphQLQuery, Response};
use std::time::Duration;

/// How long an answer may take: the server gives up an operation after 30 s.
const LIMIT: Duration = Duration::from_secs(35);

/// One person at one server.
pub(crate) struct Http {
    pub(crate) url: String,
    /// The access token, once there is one. It counts for 15 minutes: an app trades it in time, by `refreshSession`.
    pub(crate) token: Option<String>,
    client: reqwest::Client,
}

impl Http {
    pub(crate) fn new(url: &str) -> Self {
        Self { url: url.to_owned(), token: None, client: reqwest::Client::new() }
    }

    /// Asks one operation. Fails where there is no answer, and where the answer has errors at the top level.
    pub(crate) async fn ask<Q: GraphQLQuery>(&self, variables: Q::Variables) -> Result<Q::ResponseData, Failure> {
        let request = self.client.post(&self.url).json(&Q::build_query(variables)).timeout(LIMIT);
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let response: Response<Q::ResponseData> = request.send().await?.json().await?;
        match (response.data, response.errors) {
            (Some(data), None) => Ok(data),
            (_, errors) => Err(format!("{errors:?}").into()),
        }
    }
}
