//! Random numbers of the distributions that the model uses: normal, Poisson, chi-squared.
//! Where random bits come from lives in `random`, what the numbers mean with whoever draws them.
//!
//! The methods, and so the values, are those of the `rand_distr` package, which a test holds these
//! against. It calls the system's logarithms; here they are [`portable`](crate::portable)'s, so
//! that a stream gives the same bits on every machine.

use std::array;
use std::f64::consts::PI;
use std::sync::LazyLock;

use rand::distr::Open01;
use rand::{Rng, RngExt};

use crate::portable::{exp, ln, pow, squared};
use crate::random::Stream;

/// Layers of a ziggurat.
const LAYERS: usize = 256;

/// Layers of one area under a density that falls from 1 at 0 (Marsaglia and Tsang 2000; as Doornik
/// 2005 has it): most draws are one product and one comparison.
struct Ziggurat {
    /// Right ends of the layers, the lowest first; its own reaches as far as its area with the tail.
    ends: [f64; LAYERS + 1],
    /// The density at the ends.
    heights: [f64; LAYERS + 1],
}

impl Ziggurat {
    /// One with that width of the lowest layer, and the place where its tail begins.
    fn new(
        lowest: f64,
        tail: f64,
        density: impl Fn(f64) -> f64,
        inverse: impl Fn(f64) -> f64,
    ) -> Self {
        let area = lowest * density(tail);
        let mut end = tail;
        let ends = array::from_fn(|layer| match layer {
            0 => lowest,
            1 => tail,
            LAYERS => 0.0,
            _ => {
                end = inverse(area / end + density(end));
                end
            }
        });
        let heights = ends.map(density);
        Ziggurat { ends, heights }
    }

    /// A layer and a place in it, from `bits` and a number that they gave.
    #[inline]
    fn place(&self, bits: u64, unit: f64) -> (usize, f64) {
        let layer = bits as usize % LAYERS;
        (layer, unit * self.ends[layer])
    }

    /// Whether a place within a layer, not the lowest, lies below the density.
    fn below(&self, layer: usize, density: f64, stream: &mut Stream) -> bool {
        let (low, high) = (self.heights[layer], self.heights[layer + 1]);
        high + (low - high) * stream.random::<f64>() < density
    }
}

const NORMAL_TAIL: f64 = 3.654_152_885_361_009;
static NORMAL: LazyLock<Ziggurat> = LazyLock::new(|| {
    let density = |x: f64| exp(-x * x / 2.0);
    let inverse = |height: f64| (-2.0 * ln(height)).sqrt();
    Ziggurat::new(3.910_757_959_537_09, NORMAL_TAIL, density, inverse)
});

const EXPONENTIAL_TAIL: f64 = 7.697_117_470_131_05;
static EXPONENTIAL: LazyLock<Ziggurat> = LazyLock::new(|| {
    let density = |x: f64| exp(-x);
    let inverse = |height: f64| -ln(height);
    Ziggurat::new(EXPONENTIAL_TAIL + 1.0, EXPONENTIAL_TAIL, density, inverse)
});

/// A number in [1, 2) of the upper 52 bits.
#[inline]
fn mantissa(bits: u64) -> f64 {
    f64::from_bits(1.0f64.to_bits() | bits >> 12)
}

/// A standard normal number.
pub fn normal(stream: &mut Stream) -> f64 {
    let ziggurat = &*NORMAL;
    loop {
        let bits = stream.next_u64();
        let unit = mantissa(bits) * 2.0 - 3.0;
        let (layer, x) = ziggurat.place(bits, unit);
        if x.abs() < ziggurat.ends[layer + 1] {
            return x;
        }
        if layer == 0 {
            let beyond = normal_beyond_tail(stream);
            return if unit < 0.0 { -beyond } else { beyond };
        }
        if ziggurat.below(layer, exp(-x * x / 2.0), stream) {
            return x;
        }
    }
}

fn normal_beyond_tail(stream: &mut Stream) -> f64 {
    loop {
        let x = ln(stream.sample(Open01)) / NORMAL_TAIL;
        let y = ln(stream.sample(Open01));
        if -2.0 * y >= x * x {
            return NORMAL_TAIL - x;
        }
    }
}

/// An exponential number of mean 1.
fn exponential(stream: &mut Stream) -> f64 {
    let ziggurat = &*EXPONENTIAL;
    loop {
        let bits = stream.next_u64();
        let unit = mantissa(bits) - (1.0 - f64::EPSILON / 2.0);
        let (layer, x) = ziggurat.place(bits, unit);
        if x < ziggurat.ends[layer + 1] {
            return x;
        }
        if layer == 0 {
            return EXPONENTIAL_TAIL - ln(stream.random::<f64>());
        }
        if ziggurat.below(layer, exp(-x), stream) {
            return x;
        }
    }
}

/// A chi-squared number of at least 2 degrees of freedom (Marsaglia and Tsang 2000).
pub fn chi_squared(freedom: f64, stream: &mut Stream) -> f64 {
    let d = freedom / 2.0 - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(stream);
        let root = 1.0 + c * x;
        if root <= 0.0 {
            continue;
        }
        let v = root * root * root;
        let unit: f64 = stream.sample(Open01);
        let square = x * x;
        if unit < 1.0 - 0.0331 * square * square || ln(unit) < 0.5 * square + d * (1.0 - v + ln(v))
        {
            return v * (d * 2.0);
        }
    }
}

/// A Poisson number; 0 for a mean that is not positive and finite.
pub fn poisson(mean: f64, stream: &mut Stream) -> u64 {
    if !mean.is_finite() || mean <= 0.0 {
        0
    } else if mean < 12.0 {
        let least = exp(-mean);
        let mut product = stream.random::<f64>();
        let mut number = 0;
        while product > least {
            product *= stream.random::<f64>();
            number += 1;
        }
        number
    } else {
        NormalPoisson::new(mean).draw(stream) as u64
    }
}

/// Poisson numbers as rounded normal ones, the few that do not fit drawn anew (Ahrens and Dieter
/// 1982; letters are theirs).
struct NormalPoisson {
    mean: f64,
    s: f64,
    c: [f64; 4],
    omega: f64,
}

impl NormalPoisson {
    fn new(mean: f64) -> Self {
        let b1 = 1.0 / 24.0 / mean;
        let b2 = 0.3 * b1 * b1;
        let c3 = 1.0 / 7.0 * b1 * b2;
        NormalPoisson {
            mean,
            s: mean.sqrt(),
            c: [
                1.0 - b1 + 3.0 * b2 - 15.0 * c3,
                b1 - 6.0 * b2 + 45.0 * c3,
                b2 - 15.0 * c3,
                c3,
            ],
            omega: 1.0 / (2.0 * PI).sqrt() / mean.sqrt(),
        }
    }

    fn draw(&self, stream: &mut Stream) -> f64 {
        let drawn = self.mean + self.s * normal(stream);
        if drawn >= 0.0 {
            let number = drawn.floor();
            if number >= (self.mean - 1.1484).floor() {
                return number;
            }
            let unit: f64 = stream.random();
            let short = self.mean - number;
            if 6.0 * (self.mean * self.mean) * unit >= short * short * short {
                return number;
            }
            let [px, py, fx, fy] = self.densities(number);
            if fy * (1.0 - unit) <= py * exp(px - fx) {
                return number;
            }
        }
        loop {
            let e = exponential(stream);
            let unit = stream.random::<f64>() * 2.0 - 1.0;
            let t = 1.8 + e * unit.signum();
            if t > -0.6744 {
                let number = (self.mean + self.s * t).floor();
                let [px, py, fx, fy] = self.densities(number);
                if 0.1069 / self.mean * unit.abs() <= py * exp(px + e) - fy * exp(fx + e) {
                    return number;
                }
            }
        }
    }

    /// Logarithms and factors of the probability of a number, and of the normal density there.
    fn densities(&self, number: f64) -> [f64; 4] {
        const FACTORIALS: [f64; 10] = [
            1.0, 1.0, 2.0, 6.0, 24.0, 120.0, 720.0, 5040.0, 40320.0, 362880.0,
        ];
        // Their table 1.
        const A: [f64; 10] = [
            -0.5000000002,
            0.3333333343,
            -0.2499998565,
            0.1999997049,
            -0.1666848753,
            0.1428833286,
            -0.1241963125,
            0.1101687109,
            -0.1142650302,
            0.1055093006,
        ];
        let (px, py) = if number < 10.0 {
            (
                -self.mean,
                pow(self.mean, number) / FACTORIALS[number as usize],
            )
        } else {
            let delta = 1.0 / (12.0 * number);
            let delta = delta - 4.8 * (delta * delta * delta);
            let v = (self.mean - number) / number;
            let px = if v.abs() <= 0.25 {
                let series = A.iter().rev().fold(0.0, |sum, a| sum * v + a);
                number * squared(v) * series - delta
            } else {
                number * ln(1.0 + v) - (self.mean - number) - delta
            };
            (px, 1.0 / (2.0 * PI).sqrt() / number.sqrt())
        };
        let x = (number - self.mean + 0.5) / self.s;
        let [c0, c1, c2, c3] = self.c;
        let fy = self.omega * (((c3 * x * x + c2) * x * x + c1) * x * x + c0);
        [px, py, -0.5 * x * x, fy]
    }
}

#[cfg(test)]
mod tests {
    use rand_distr::{ChiSquared, Distribution, Exp1, Poisson, StandardNormal};

    use super::*;
    use crate::random::{Purpose, stream};

    /// Both ways through the same stream give the same numbers up to rounding, and leave the stream
    /// at the same place.
    #[track_caller]
    fn assert_same(
        count: usize,
        mut own: impl FnMut(&mut Stream) -> f64,
        peer: impl Distribution<f64>,
    ) {
        let mut numbers = stream(11, Purpose::Resampling, 0, 0);
        let mut peers = numbers.clone();
        for place in 0..count {
            let (own, peer) = (own(&mut numbers), peer.sample(&mut peers));
            let error = (own - peer).abs() / peer.abs().max(1.0);
            assert!(error < 1e-11, "{own} for {peer} at {place}");
        }
        assert_eq!(numbers.next_u64(), peers.next_u64());
    }

    /// 200,000 draws meet every branch: one in 4,000 normal numbers lies in the tail.
    #[test]
    fn deviates_are_those_of_rand_distr() {
        assert_same(200_000, normal, StandardNormal);
        assert_same(200_000, exponential, Exp1);
        for freedom in [2.5, 4.0, 30.0] {
            let peer = ChiSquared::new(freedom).unwrap();
            assert_same(200_000, |numbers| chi_squared(freedom, numbers), peer);
        }
        for mean in [0.01, 3.0, 11.9, 12.0, 14.5, 60.0, 1_000.0, 1e9, 1e16] {
            let peer = Poisson::new(mean).unwrap();
            assert_same(50_000, |numbers| poisson(mean, numbers) as f64, peer);
        }
    }

    #[test]
    fn a_mean_that_is_none_gives_nobody() {
        let mut numbers = stream(1, Purpose::Resampling, 0, 0);
        for mean in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(poisson(mean, &mut numbers), 0);
        }
    }
}
