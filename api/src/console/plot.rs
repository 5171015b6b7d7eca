//! Bars, as SVG that the server draws: they need no script, and the policy of content allows no style of their own.

use super::time::day;

/// How high the bars may be, in units of the drawing.
const HEIGHT: u64 = 100;
/// How wide one bar is with the space beside it.
const STEP: u64 = 20;
const WIDTH: u64 = 14;

/// One column: two bars, the second on top of the first.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) values: [u64; 2],
    pub(super) x: u64,
    pub(super) y: [u64; 2],
    pub(super) height: [u64; 2],
}

impl Bar {
    pub(super) const fn has_two(&self) -> bool {
        let [_, second] = self.values;
        second > 0
    }
}

/// A plot.
#[derive(Debug)]
pub(super) struct Plot {
    pub(super) bars: Vec<Bar>,
    pub(super) width: u64,
    pub(super) bar_width: u64,
    pub(super) most: u64,
}

/// Columns from left to right.
pub(super) fn bars(columns: Vec<(String, [u64; 2])>) -> Plot {
    let sum = |values: &[u64; 2]| values[0].saturating_add(values[1]);
    let most = columns.iter().map(|(_, values)| sum(values)).max();
    let most = most.unwrap_or(0);
    let high = |value: u64| match value {
        0 => 0,
        // What is there is seen.
        value => (value.saturating_mul(HEIGHT) / most.max(1)).max(1),
    };
    let bar = |(number, (label, values)): (u64, (String, [u64; 2]))| {
        let height = values.map(high);
        let low = HEIGHT.saturating_sub(height[0]);
        Bar {
            label,
            values,
            x: number.saturating_mul(STEP).saturating_add(3),
            y: [low, low.saturating_sub(height[1])],
            height,
        }
    };
    let bars: Vec<Bar> = (0_u64..).zip(columns).map(bar).collect();
    Plot {
        width: STEP.saturating_mul(bars.len() as u64),
        bars,
        bar_width: WIDTH,
        most,
    }
}

/// One column for each of the last days, those without a value included.
pub(super) fn by_day(known: &[(String, [u64; 2])], now_ms: i64, days: usize) -> Plot {
    let days = i64::try_from(days).unwrap_or(0);
    let columns = (0..days).rev().map(|ago| {
        let label = day(now_ms.saturating_sub(ago.saturating_mul(86_400_000)));
        let values = known.iter().find(|(day, _)| *day == label);
        let values = values.map_or([0, 0], |(_, values)| *values);
        (label, values)
    });
    bars(columns.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_column_fills_the_height_and_a_little_is_seen() {
        let plot = bars(vec![
            ("a".to_owned(), [1_000, 1_000]),
            ("b".to_owned(), [1, 0]),
            ("c".to_owned(), [0, 0]),
        ]);
        let heights: Vec<_> = plot.bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [[50, 50], [1, 0], [0, 0]]);
        assert_eq!(plot.bars[0].y, [50, 0]);
        assert_eq!((plot.most, plot.width), (2_000, 60));
    }

    #[test]
    fn days_without_a_value_have_a_column() {
        let plot = by_day(&[("2026-11-25".to_owned(), [7, 0])], 1_795_708_787_969, 3);
        let labels: Vec<_> = plot
            .bars
            .iter()
            .map(|bar| (bar.label.as_str(), bar.values[0]))
            .collect();
        assert_eq!(
            labels,
            [("2026-11-24", 0), ("2026-11-25", 7), ("2026-11-26", 0)]
        );
    }
}
