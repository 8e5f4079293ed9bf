//! argon2, in memory that is kept. An allocator keeps what is freed on each of the many threads that work on passwords in turn:
//! so hundreds of sign-ins would take hundreds of megabytes, of which few are in use.

use crate::error::{Error, Result};
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::sync::{Mutex, PoisonError};

/// What OWASP's Password Storage Cheat Sheet asks of argon2id at least: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// The most of each that a hash may ask for which was moved in: what all hashes at once take must have a bound.
const MAX_MEMORY_KIB: u32 = 65_536;
const MAX_PASSES: u32 = 8;
const MAX_LANES: u32 = 8;
/// RFC 9106, section 3.1: 16 bytes are recommended.
const SALT_BYTES: usize = 16;

/// Hashes passwords and checks them.
pub(super) struct Argon {
    current: Argon2<'static>,
    /// What nobody works in: no more than ever were worked on at once.
    free: Mutex<Vec<Vec<Block>>>,
}

impl Argon {
    pub(super) fn new() -> Result<Self> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(Params::DEFAULT_OUTPUT_LEN)).map_err(internal)?;
        Ok(Self { current: Argon2::new(Algorithm::Argon2id, Version::V0x13, params), free: Mutex::default() })
    }

    /// A hash of it in the PHC string format, with a random salt. Takes a core for a while.
    pub(super) fn hash(&self, password: &[u8]) -> Result<String> {
        let salt: [u8; SALT_BYTES] = rand::random();
        let output = self.output(&self.current, password, &salt, Params::DEFAULT_OUTPUT_LEN)?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(self.current.params()).map_err(internal)?,
            salt: Some(Salt::new(&salt).map_err(internal)?),
            hash: Some(output),
        };
        Ok(hash.to_string())
    }

    /// Whether it is the password that was hashed. Takes a core for a while.
    pub(super) fn fits(&self, password: &[u8], hash: &str) -> bool {
        let Some((argon2, hash)) = parse(hash) else { return false };
        let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return false };
        // Compared in a time that does not tell where they differ.
        self.output(&argon2, password, salt, expected.len()).is_ok_and(|output| output == *expected)
    }

    /// Whether the hash is what is made now, but for its salt.
    pub(super) fn is_current(hash: &str) -> bool {
        hash.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"))
    }

    /// Says why a hash cannot be checked here, if so.
    pub(super) fn refuse(hash: &str) -> Option<&'static str> {
        let Some((argon2, _)) = parse(hash) else {
            return Some("is neither an argon2 hash in the PHC string format nor one of bcrypt");
        };
        let params = argon2.params();
        let is_within =
            params.m_cost() <= MAX_MEMORY_KIB && params.t_cost() <= MAX_PASSES && params.p_cost() <= MAX_LANES;
        (!is_within).then_some("is an argon2 hash of more than 64 MiB, 8 passes or 8 lanes")
    }

    fn output(&self, argon2: &Argon2<'_>, password: &[u8], salt: &[u8], bytes: usize) -> Result<Output> {
        let mut output = vec![0; bytes];
        let blocks = argon2.params().block_count();
        let mut memory = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        if memory.len() < blocks {
            memory.resize(blocks, Block::new());
        }
        let made = argon2.hash_password_into_with_memory(password, salt, &mut output, &mut memory);
        // One that was moved in may have asked for more than is kept.
        memory.truncate(self.current.params().block_count());
        memory.shrink_to_fit();
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
        made.map_err(internal)?;
        Output::new(&output).map_err(internal)
    }
}

fn parse(hash: &str) -> Option<(Argon2<'static>, PasswordHash)> {
    let hash = PasswordHash::new(hash).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let params = Params::try_from(&hash).ok()?;
    // Without them it is checked at once, and so tells that it is there.
    hash.salt.as_ref().and(hash.hash.as_ref())?;
    Some((Argon2::new(algorithm, version, params), hash))
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::internal(error.to_string())
}
