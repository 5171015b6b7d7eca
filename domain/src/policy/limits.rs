//! The limits of the language. They bound what one decision may cost, so a
//! hostile policy or resource is refused before any work is done on it.

/// Segments in one specifier or resource.
pub const SEGMENTS_MAX: usize = 8;
/// Bytes in the text of one specifier.
pub const SPECIFIER_BYTES_MAX: usize = 1024;
/// Bytes in the text of one concrete resource.
pub const RESOURCE_BYTES_MAX: usize = 2048;
/// Bytes in one name, tag, property key or property value. Placeholders are not counted.
pub const NAME_BYTES_MAX: usize = 255;
/// Tags and properties on one segment.
pub const SELECTORS_MAX: usize = 16;
/// Placeholders in one specifier.
pub const PLACEHOLDERS_MAX: usize = 4;
/// Statements in one policy.
pub const STATEMENTS_MAX: usize = 128;
/// Statements that base permissions may add to a role's own.
const BASE_STATEMENTS_MAX: usize = 8;
/// Entries in one list (resources or actions) of a statement.
pub const ENTRIES_MAX: usize = 256;
/// Bytes in all specifiers and actions of one policy together.
pub const POLICY_BYTES_MAX: usize = 65_536;
/// Bytes in one action or action pattern.
pub const ACTION_BYTES_MAX: usize = 128;
/// Specifiers that freezing one policy may make out of placeholders.
pub const FROZEN_SPECIFIERS_MAX: usize = 1024;
/// Bytes in all specifiers and actions of one frozen policy together.
pub const FROZEN_POLICY_BYTES_MAX: usize = 1_048_576;
/// Keys in one set of role attributes.
pub const ATTRIBUTES_MAX: usize = 64;
/// Values of one role attribute.
pub const ATTRIBUTE_VALUES_MAX: usize = 100;
/// Characters in the key or in one value of a role attribute.
pub const ATTRIBUTE_CHARS_MAX: usize = 256;

/// A value of a role attribute in bytes: every character may take four.
pub(super) const VALUE_BYTES_MAX: usize = 4 * ATTRIBUTE_CHARS_MAX;

/// A bound and the name by which an error and the documentation call it.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub(super) max: usize,
    pub(super) name: &'static str,
}

/// The bounds that differ between a policy somebody writes and one that was
/// stored: freezing lengthens texts and lists, and its result must stay readable.
pub(super) struct Limits {
    pub(super) statements: Limit,
    pub(super) policy_bytes: Limit,
    pub(super) entries: Limit,
    pub(super) specifier_bytes: Limit,
    pub(super) name_bytes: Limit,
}

/// For policies as they come from a user.
pub(super) const WRITTEN: Limits = Limits {
    statements: Limit {
        max: STATEMENTS_MAX,
        name: "STATEMENTS_MAX",
    },
    policy_bytes: Limit {
        max: POLICY_BYTES_MAX,
        name: "POLICY_BYTES_MAX",
    },
    entries: Limit {
        max: ENTRIES_MAX,
        name: "ENTRIES_MAX",
    },
    specifier_bytes: Limit {
        max: SPECIFIER_BYTES_MAX,
        name: "SPECIFIER_BYTES_MAX",
    },
    name_bytes: Limit {
        max: NAME_BYTES_MAX,
        name: "NAME_BYTES_MAX",
    },
};

const FROZEN_BYTES: usize = SPECIFIER_BYTES_MAX + PLACEHOLDERS_MAX * VALUE_BYTES_MAX;

/// For policies as they come out of an event or of `Policy::freeze`.
pub(super) const STORED: Limits = Limits {
    // A role's policy as it is asked has the statements of its base permissions behind its own.
    statements: Limit {
        max: STATEMENTS_MAX + BASE_STATEMENTS_MAX,
        name: "STATEMENTS_MAX with base permissions",
    },
    policy_bytes: Limit {
        max: FROZEN_POLICY_BYTES_MAX,
        name: "FROZEN_POLICY_BYTES_MAX",
    },
    entries: Limit {
        max: ENTRIES_MAX + FROZEN_SPECIFIERS_MAX,
        name: "ENTRIES_MAX + FROZEN_SPECIFIERS_MAX",
    },
    specifier_bytes: Limit {
        max: FROZEN_BYTES,
        name: "SPECIFIER_BYTES_MAX when frozen",
    },
    // A value may be longer than any name; such a specifier simply never matches.
    name_bytes: Limit {
        max: FROZEN_BYTES,
        name: "SPECIFIER_BYTES_MAX when frozen",
    },
};
