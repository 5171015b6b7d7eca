//! How long this machine waits for memory: a chase of pointers through more and more of it. The floor of everything that
//! looks something up among many.

use std::hint::black_box;
use std::time::Instant;

/// Looks in one measurement.
const LOOKS: u32 = 5_000_000;
/// A cache line.
type Line = [u32; 16];

fn main() {
    for megabytes in [1, 2, 4, 8, 16, 32, 64, 128, 256] {
        let lines: usize = megabytes * (1 << 20) / size_of::<Line>();
        let mut order: Vec<u32> = (0..lines as u32).collect();
        let mut random = 88_172_645_463_325_252_u64;
        for at in (1..lines).rev() {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            order.swap(at, (random % (at as u64 + 1)) as usize);
        }
        let mut memory: Vec<Line> = vec![[0; 16]; lines];
        for at in 0..lines {
            memory[order[at] as usize][0] = order[(at + 1) % lines];
        }
        let mut place = 0;
        for _ in 0..lines.min(2_000_000) {
            place = memory[place as usize][0];
        }
        let start = Instant::now();
        for _ in 0..LOOKS {
            place = memory[place as usize][0];
        }
        let each = start.elapsed().as_nanos() as f64 / f64::from(LOOKS);
        println!("{megabytes:4} MiB: {each:6.1} ns ({})", black_box(place));
    }
}
