//! Posts notifications over HTTP to where the operator wants them: a webhook, signed as <https://www.standardwebhooks.com>
//! has it, from which a push service (APNs, FCM, Web Push) is fed.

mod signature;

use crate::chat::{POST_LIMIT, PushBody, PushGateway};
use crate::domain::clock::Clock;
use crate::domain::ids::NotificationId;
use crate::error::{Code, Error, Result};
use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use hyper::{Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use signature::Signer;
use std::error::Error as StdError;
use std::sync::Arc;
use tokio::time::timeout;

/// A webhook. Follows no redirects, since what is signed for one address is not for another.
pub struct Webhook {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    address: Uri,
    signer: Signer,
    clock: Arc<dyn Clock>,
}

impl Webhook {
    /// The one at that address, to which posts are signed with that secret. Fails where that is no address to post to, or
    /// one of `https` while this machine holds no certificates to know others by.
    pub fn new(address: &str, secret: &[u8], clock: Arc<dyn Clock>) -> Result<Self> {
        let refused = |reason: &str| Error::new(Code::InvalidInput, reason.to_owned());
        let address: Uri = address.parse().map_err(|_| refused("is no address to post to"))?;
        if address.authority().is_none_or(|authority| authority.as_str().contains('@')) {
            return Err(refused("must not hold a name or a password: what is posted is signed"));
        }
        let tls = tls(address.scheme_str() == Some("https"))?;
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Ok(Self { client, address, signer: Signer::new(secret), clock })
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

#[async_trait]
impl PushGateway for Webhook {
    async fn post(&self, id: NotificationId, body: &PushBody) -> Result<(), String> {
        let body = serde_json::to_vec(body).map_err(|error| error.to_string())?;
        let mut request = Request::post(self.address.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("natterjack/", env!("CARGO_PKG_VERSION")));
        for (name, value) in self.signer.headers(&id.to_string(), self.clock.now(), &body) {
            request = request.header(name, value);
        }
        let request = request.body(Full::from(body)).map_err(|error| error.to_string())?;
        let answer = timeout(POST_LIMIT, self.client.request(request)).await;
        let answer = answer.map_err(|_| "it has not answered in time".to_owned())?;
        let status = answer.map_err(|error| told(&error))?.status();
        if status.is_success() { Ok(()) } else { Err(format!("it answered {status}")) }
    }
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
