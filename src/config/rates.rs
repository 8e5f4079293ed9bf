//! How often and how much one person, and all at one address, may ask of a node.

use crate::domain::attempt::Allowance;
use crate::rate::{Each, RateSettings, allowance};
use clap::Args;

/// What holds while limits are on. A rate is written `50/s burst 500`.
#[derive(Clone, Debug, Args)]
pub struct Rates {
    /// Operations of one person: so many in a second (min, h) one by one, and a burst at once.
    #[arg(long, global = true, env = "NATTERJACK_REQUESTS_PER_VIEWER", value_name = "RATE", default_value = "50/s burst 1000", value_parser = allowance)]
    pub requests_per_viewer: Allowance,

    /// Operations, and sockets that are opened, from one address, behind which there may be many people.
    #[arg(long, global = true, env = "NATTERJACK_REQUESTS_PER_ADDRESS", value_name = "RATE", default_value = "500/s burst 20000", value_parser = allowance)]
    pub requests_per_address: Allowance,

    /// Messages of one person, and whatever else of theirs others hear of.
    #[arg(long, global = true, env = "NATTERJACK_SENDS_PER_VIEWER", value_name = "RATE", default_value = "10/s burst 200", value_parser = allowance)]
    pub sends_per_viewer: Allowance,

    /// The same from one address.
    #[arg(long, global = true, env = "NATTERJACK_SENDS_PER_ADDRESS", value_name = "RATE", default_value = "200/s burst 5000", value_parser = allowance)]
    pub sends_per_address: Allowance,

    /// People and groups that one person looks for by a part of what they are called, or by an email or a mobile number.
    #[arg(long, global = true, env = "NATTERJACK_LOOK_UPS_PER_VIEWER", value_name = "RATE", default_value = "2/s burst 300", value_parser = allowance)]
    pub look_ups_per_viewer: Allowance,

    /// The same from one address.
    #[arg(long, global = true, env = "NATTERJACK_LOOK_UPS_PER_ADDRESS", value_name = "RATE", default_value = "50/s burst 5000", value_parser = allowance)]
    pub look_ups_per_address: Allowance,

    /// Sockets that one person may have open at once.
    #[arg(long, global = true, env = "NATTERJACK_SOCKETS_PER_VIEWER", value_name = "COUNT", default_value = "50", value_parser = clap::value_parser!(u32).range(1..))]
    pub sockets_per_viewer: u32,

    /// The same from one address.
    #[arg(long, global = true, env = "NATTERJACK_SOCKETS_PER_ADDRESS", value_name = "COUNT", default_value = "2000", value_parser = clap::value_parser!(u32).range(1..))]
    pub sockets_per_address: u32,

    /// Subscriptions that one person may have open at once.
    #[arg(long, global = true, env = "NATTERJACK_SUBSCRIPTIONS_PER_VIEWER", value_name = "COUNT", default_value = "1000", value_parser = clap::value_parser!(u32).range(1..))]
    pub subscriptions_per_viewer: u32,

    /// The same from one address.
    #[arg(long, global = true, env = "NATTERJACK_SUBSCRIPTIONS_PER_ADDRESS", value_name = "COUNT", default_value = "20000", value_parser = clap::value_parser!(u32).range(1..))]
    pub subscriptions_per_address: u32,
}

impl Rates {
    /// As what counts takes them.
    pub fn settings(&self) -> RateSettings {
        RateSettings {
            requests: Each { viewer: self.requests_per_viewer, address: self.requests_per_address },
            sends: Each { viewer: self.sends_per_viewer, address: self.sends_per_address },
            look_ups: Each { viewer: self.look_ups_per_viewer, address: self.look_ups_per_address },
            sockets: Each { viewer: self.sockets_per_viewer, address: self.sockets_per_address },
            subscriptions: Each { viewer: self.subscriptions_per_viewer, address: self.subscriptions_per_address },
        }
    }
}
