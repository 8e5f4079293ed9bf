//! Calls others over HTTP: one client for all that this server posts and fetches.

mod key_sets;

pub use key_sets::{KeySetFile, KeySetPage};

use crate::error::{Code, Error, Result};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use hyper::http::request;
use hyper::{HeaderMap, Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// An address that is called. Follows no redirects: what is meant for one address is not for another.
pub struct Endpoint {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    address: Uri,
}

impl Endpoint {
    /// The one of that address. Fails where that is none that can be called, holds a name or a password, or is one of `https`
    /// while this machine holds no certificates to know others by.
    pub fn new(address: &str) -> Result<Self> {
        let refused = |reason: &str| Error::new(Code::InvalidInput, reason.to_owned());
        let address: Uri = address.parse().map_err(|_| refused("is no address that can be called"))?;
        if address.authority().is_none_or(|authority| authority.as_str().contains('@')) {
            return Err(refused("must not hold a name or a password"));
        }
        let tls = tls(address.scheme_str() == Some("https"))?;
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Ok(Self { client, address })
    }

    /// Posts a JSON body with those headers. Goes well once the other side has answered, within the limit, that it did.
    pub async fn post(
        &self,
        headers: impl IntoIterator<Item = (&'static str, String)>,
        json: Vec<u8>,
        limit: Duration,
    ) -> Result<(), String> {
        let request = Request::post(self.address.clone()).header(CONTENT_TYPE, "application/json");
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        self.send(request, json.into(), limit).await
    }

    /// Posts a body whose headers say what it is. Goes well as [`Endpoint::post`] does.
    pub async fn post_as(&self, headers: &HeaderMap, body: Bytes, limit: Duration) -> Result<(), String> {
        let others = headers.iter().filter(|(name, _)| **name != USER_AGENT);
        let request = Request::post(self.address.clone());
        let request = others.fold(request, |request, (name, value)| request.header(name, value));
        self.send(request, body, limit).await
    }

    async fn send(&self, request: request::Builder, body: Bytes, limit: Duration) -> Result<(), String> {
        timeout(limit, self.call(request, body)).await.map_err(|_| too_slow())?.map(drop)
    }

    /// Fetches what is there, if it is whole within the limit and has at most so many bytes.
    pub async fn get(&self, max_bytes: usize, limit: Duration) -> Result<Vec<u8>, String> {
        let fetched = async {
            let request = Request::get(self.address.clone()).header(ACCEPT, "application/json");
            let body = self.call(request, Bytes::new()).await?.into_body();
            let body = Limited::new(body, max_bytes).collect().await.map_err(|error| told(&*error))?;
            Ok(body.to_bytes().to_vec())
        };
        timeout(limit, fetched).await.map_err(|_| too_slow())?
    }

    async fn call(&self, request: request::Builder, body: Bytes) -> Result<Response<Incoming>, String> {
        let request = request.header(USER_AGENT, concat!("natterjack/", env!("CARGO_PKG_VERSION")));
        let request = request.body(Full::from(body)).map_err(|error| error.to_string())?;
        let answer = self.client.request(request).await.map_err(|error| told(&error))?;
        if answer.status().is_success() { Ok(answer) } else { Err(format!("it answered {}", answer.status())) }
    }
}

/// What tells that the other side is who it says: the certificates that this machine trusts.
fn tls(is_needed: bool) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    if is_needed {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            let missing = "this machine holds no certificates to know others by (ca-certificates)";
            return Err(Error::new(Code::InvalidInput, missing));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(versions.map_err(Error::internal)?.with_root_certificates(roots).with_no_client_auth())
}

fn too_slow() -> String {
    "it has not answered in time".to_owned()
}

/// A failure with its causes, without which it says little.
fn told(error: &dyn StdError) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}
