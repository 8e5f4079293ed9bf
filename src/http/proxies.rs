//! Where a request comes from: the peer of its connection or, where that is a proxy of the operator's, whom the proxy
//! names. Anybody can write these headers: they are believed of those proxies alone.

use crate::domain::client::ClientAddress;
use crate::error::{Error, Result};
use axum::extract::ConnectInfo;
use axum::http::header::FORWARDED;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::warn;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The proxies that are believed.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    networks: Vec<IpNet>,
    has_warned: Arc<AtomicBool>,
}

impl Proxies {
    /// Those of a list of addresses and networks, `10.0.0.0/8`. `INVALID_INPUT` where one is neither.
    pub fn parse(list: &[impl AsRef<str>]) -> Result<Self> {
        let networks = list.iter().map(|text| network(text.as_ref().trim())).collect::<Result<_>>()?;
        Ok(Self { networks, has_warned: Arc::default() })
    }

    /// Whence the request comes.
    pub(super) fn client(&self, parts: &Parts) -> ClientAddress {
        let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() else {
            return ClientAddress::UNKNOWN;
        };
        let peer = peer.ip().to_canonical();
        if !self.trust(peer) {
            self.warn_of_strange_proxy(peer, &parts.headers);
            return peer.into();
        }
        self.named(peer, &parts.headers).into()
    }

    /// Whom a proxy names. A proxy writes one of the two headers and may let pass what a client has put into the other:
    /// where they do not agree, neither is believed.
    fn named(&self, proxy: IpAddr, headers: &HeaderMap) -> IpAddr {
        let said = headers.contains_key(X_FORWARDED_FOR).then(|| self.origin(proxy, x_forwarded_for(headers)));
        let also_said = headers.contains_key(FORWARDED).then(|| self.origin(proxy, forwarded(headers)));
        match (said, also_said) {
            (Some(one), Some(other)) if one != other => proxy,
            (said, also_said) => said.or(also_said).unwrap_or(proxy),
        }
    }

    /// The last of the hops that is not a proxy's own: what stands before it, the client may have made up. Where a proxy has
    /// not said whom it heard, that proxy.
    fn origin(&self, proxy: IpAddr, hops: Vec<Option<IpAddr>>) -> IpAddr {
        let mut nearest = proxy;
        for hop in hops.into_iter().rev() {
            let Some(hop) = hop else { break };
            nearest = hop;
            if !self.trust(hop) {
                break;
            }
        }
        nearest
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Says once that all who come by way of a proxy count as one, where it looks as though the operator had one.
    fn warn_of_strange_proxy(&self, peer: IpAddr, headers: &HeaderMap) {
        let is_near = match peer {
            IpAddr::V4(peer) => peer.is_loopback() || peer.is_private(),
            IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local(),
        };
        let names_others = headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(FORWARDED);
        if is_near && names_others && !self.has_warned.swap(true, Ordering::Relaxed) {
            warn!(%peer, "a proxy that NATTERJACK_TRUSTED_PROXIES (--trusted-proxies) does not name: \
                all who come by way of it share one limit on guessing");
        }
    }
}

fn network(text: &str) -> Result<IpNet> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network
        .map_err(|_| Error::invalid("proxies", format!("`{text}` is neither an address nor a network like 10.0.0.0/8")))
}

/// The values of a header's lines, which are one list (RFC 9110, section 5.3).
fn lines(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default())
}

fn x_forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    lines(headers, X_FORWARDED_FOR).flat_map(|line| line.split(',')).map(address).collect()
}

/// RFC 7239, section 4: elements with commas between them, in each pairs with semicolons between them.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let element = |element: &str| {
        unquoted(element, ';').into_iter().find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            name.trim().eq_ignore_ascii_case("for").then(|| address(value.trim().trim_matches('"')))
        })?
    };
    // A quotation without an end, which a client may send, would swallow what the proxy has added: it names nobody.
    let is_whole = |line: &str| line.matches('"').count().is_multiple_of(2);
    let elements = |line| if is_whole(line) { unquoted(line, ',') } else { vec![""] };
    lines(headers, FORWARDED).flat_map(elements).map(element).collect()
}

/// Cuts the text at the separators that stand outside quotation marks.
fn unquoted(text: &str, separator: char) -> Vec<&str> {
    let mut is_quoted = false;
    let is_cut = |c: char| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    };
    text.split(is_cut).collect()
}

/// `192.0.2.1`, `2001:db8::1`, and both with a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. `None` for what hides an
/// address (`unknown`, `_hidden`).
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse().ok().or_else(bare).or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, Request};

    const PEER: &str = "10.0.0.1";

    fn client_by(trusted: &[&str], peer: &str, headers: &[(HeaderName, &str)]) -> ClientAddress {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4711)));
        for (name, value) in headers {
            parts.headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        Proxies::parse(trusted).unwrap().client(&parts)
    }

    fn client(headers: &[(HeaderName, &str)]) -> ClientAddress {
        client_by(&["10.0.0.0/8", "192.0.2.7"], PEER, headers)
    }

    fn at(text: &str) -> ClientAddress {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn a_stranger_names_nobody_but_themselves() {
        let headers = [(X_FORWARDED_FOR, "203.0.113.1"), (FORWARDED, "for=203.0.113.1")];
        assert_eq!(client_by(&[], PEER, &headers), at(PEER));
        assert_eq!(client_by(&["192.0.2.7"], PEER, &headers), at(PEER));
    }

    #[test]
    fn a_proxy_is_believed_up_to_the_last_stranger() {
        for (said, is) in [
            ("203.0.113.1", "203.0.113.1"),
            ("198.51.100.9, 203.0.113.1", "203.0.113.1"),
            ("203.0.113.1, 10.1.1.1,192.0.2.7", "203.0.113.1"),
            ("10.1.1.1, 10.1.1.2", "10.1.1.1"),
            ("203.0.113.1:4711", "203.0.113.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]:4711, ::ffff:10.1.1.1", "2001:db8::1"),
            ("203.0.113.1, unknown", PEER),
            ("203.0.113.1, nonsense, 10.1.1.1", "10.1.1.1"),
            ("", PEER),
        ] {
            assert_eq!(client(&[(X_FORWARDED_FOR, said)]), at(is), "{said}");
        }
        assert_eq!(client(&[]), at(PEER));
    }

    #[test]
    fn several_lines_are_one_list() {
        let lines =
            [(X_FORWARDED_FOR, "198.51.100.9"), (X_FORWARDED_FOR, "203.0.113.1"), (X_FORWARDED_FOR, "10.1.1.1")];
        assert_eq!(client(&lines), at("203.0.113.1"));
    }

    #[test]
    fn the_standard_header_is_read_too() {
        for (said, is) in [
            ("for=203.0.113.1", "203.0.113.1"),
            ("For=198.51.100.9;proto=http, proto=https; FOR=\"203.0.113.1:4711\";by=10.0.0.1", "203.0.113.1"),
            ("for=\"[2001:db8::1]:4711\", for=10.1.1.1", "2001:db8::1"),
            ("for=\"[2001:db8::1]\";host=\"a,b;c\"", "2001:db8::1"),
            ("for=203.0.113.1, for=_hidden", PEER),
            ("for=203.0.113.1, by=10.1.1.1", PEER),
        ] {
            assert_eq!(client(&[(FORWARDED, said)]), at(is), "{said}");
        }
    }

    #[test]
    fn where_the_two_headers_differ_neither_is_believed() {
        let both = |one, other| client(&[(X_FORWARDED_FOR, one), (FORWARDED, other)]);
        assert_eq!(both("203.0.113.1", "for=203.0.113.1"), at("203.0.113.1"));
        assert_eq!(both("203.0.113.1", "for=198.51.100.9"), at(PEER));
        assert_eq!(both("203.0.113.1", "nonsense"), at(PEER));
    }

    #[test]
    fn a_list_holds_addresses_and_networks_only() {
        assert!(Proxies::parse(&["10.0.0.0/8", " 2001:db8::/32", "::1", "127.0.0.1"]).is_ok());
        for text in ["10.0.0.0/33", "proxy.example", "", "*"] {
            assert!(Proxies::parse(&[text]).is_err(), "{text}");
        }
    }
}
