//! What each byte may be part of, looked up instead of compared.

/// Of a resource's type.
pub(super) const KIND: u8 = 1;
/// Of a property's key.
pub(super) const KEY: u8 = 2;
/// Of an action.
pub(super) const ACTION: u8 = 4;
/// Of no name as it stands: it ends one, is refused in one, or needs a closer look.
pub(super) const STOP: u8 = 8;

const TABLE: [u8; 256] = table();

/// Whether `byte` belongs to one of `classes`.
#[inline]
pub(super) fn is(byte: u8, classes: u8) -> bool {
    TABLE
        .get(usize::from(byte))
        .is_some_and(|found| found & classes != 0)
}

const fn table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut rest = table.as_mut_slice();
    let mut byte = 0_u8;
    while let Some((first, tail)) = rest.split_first_mut() {
        *first = classes(byte);
        rest = tail;
        byte = byte.wrapping_add(1);
    }
    table
}

const fn classes(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-' => KIND | KEY | ACTION,
        b'.' => KEY | ACTION,
        b':' => ACTION | STOP,
        b';' | b',' | b'{' | b'}' | b'*' | b'$' => STOP,
        // Control characters; U+0080 to U+009F begin with 0xc2.
        0..=0x1f | 0x7f | 0xc2 => STOP,
        _ => 0,
    }
}
