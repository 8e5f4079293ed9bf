//! Limits that clients may count on. Each is told to them by `Server.limits` or by the error that names it.

use std::time::Duration;

/// Characters (Unicode scalar values) in one message's text.
pub const MAX_TEXT_LENGTH: usize = 20_000;
/// Items on one page of any list.
pub const MAX_PAGE_SIZE: u32 = 100;
/// Unread messages are counted up to here, and no further.
pub const MAX_UNREAD: u32 = 1_000;
/// Unseen notifications are counted up to here, and no further.
pub const MAX_UNSEEN: u32 = 1_000;
/// Attachments of one message.
pub const MAX_ATTACHMENTS: usize = 20;
/// Characters in an attachment's name.
pub const MAX_ATTACHMENT_NAME_LENGTH: usize = 255;
/// Characters in a media type (RFC 6838, section 4.2: twice 127 and a slash).
pub const MAX_CONTENT_TYPE_LENGTH: usize = 255;
/// Bytes of a message's metadata, as JSON.
pub const MAX_METADATA_BYTES: usize = 8 * 1024;
/// People that one message mentions.
pub const MAX_MENTIONS: usize = 100;
/// Different emoji with which people react to one message.
pub const MAX_EMOJI: usize = 100;
/// Characters in the reason for a report.
pub const MAX_REASON_LENGTH: usize = 1_000;
/// Characters in the id that a client's device gives a message.
pub const MAX_CLIENT_ID_LENGTH: usize = 128;
/// Characters in a username, at least and at most.
pub const USERNAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=32;
/// Characters in a display name.
pub const MAX_DISPLAY_NAME_LENGTH: usize = 64;
/// Characters in a group's name.
pub const MAX_GROUP_NAME_LENGTH: usize = 100;
/// Characters in a group's description.
pub const MAX_DESCRIPTION_LENGTH: usize = 1_000;
/// Characters in what a person says of themselves.
pub const MAX_ABOUT_LENGTH: usize = 500;
/// Characters in an email address (RFC 5321, section 4.5.3.1.3, less its brackets).
pub const MAX_EMAIL_LENGTH: usize = 254;
/// Characters in a device's name.
pub const MAX_DEVICE_NAME_LENGTH: usize = 100;
/// Characters in an address of a picture.
pub const MAX_URL_LENGTH: usize = 2_048;
/// Characters in a password, at least (NIST SP 800-63B, section 5.1.1.2).
pub const MIN_PASSWORD_LENGTH: usize = 8;
/// Bytes in a password, at most: argon2id takes more, an attacker's gigabytes we do not.
pub const MAX_PASSWORD_BYTES: usize = 256;
/// Characters in a text to look names up by.
pub const MAX_MATCHING_LENGTH: usize = 100;
/// Characters in a text to look messages up by.
pub const MAX_SEARCH_LENGTH: usize = 200;
/// Ids in one list of them.
pub const MAX_IDS: usize = 1_000;
/// Conversations whose positions a client may give when it comes back.
pub const MAX_POSITIONS: usize = 10_000;
/// For how long a one-time code counts.
pub const CODE_TTL: Duration = Duration::from_mins(10);
/// Codes that may be tried against the one that was sent, the right one among them. So many guesses at one of a million.
pub const CODE_TRIES: u8 = 5;
