//! Times as people read them.

use time::OffsetDateTime;
use time::macros::format_description;

/// A moment, such as `2026-11-26 14:03 UTC`; what is no time is shown as the number that it is.
pub(super) fn moment(ms: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    let at = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1_000));
    let text = at.ok().and_then(|at| at.format(format).ok());
    text.unwrap_or_else(|| format!("{ms} ms"))
}

/// A moment that may never come, or never have come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub(super) Option<i64>);

impl Moment {
    /// Its day, for a table; the whole of it stands behind.
    pub(super) fn day(self) -> String {
        self.0.map_or_else(|| "never".to_owned(), day)
    }

    /// The whole of it.
    pub(super) fn whole(self) -> String {
        self.0.map_or_else(|| "never".to_owned(), moment)
    }
}

/// The day of a moment, such as `2026-11-26`.
pub(super) fn day(ms: i64) -> String {
    let text = moment(ms);
    text.split(' ').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_is_written_in_utc() {
        assert_eq!(moment(1_795_708_787_969), "2026-11-26 15:59 UTC");
        assert_eq!(moment(0), "1970-01-01 00:00 UTC");
        assert_eq!(moment(i64::MAX), "9223372036854775807 ms");
    }
}
