//! Two numbers for each group, by penalised least squares on the logarithm of people above past
//! cut-offs. What a tilt does to a population is `groups`'.

use super::groups::{Groups, Tilt, Tilts};
use super::history::days_between;
use super::scene::Scene;
use crate::portable::{ln, squared};
use crate::units::Instant;

/// Standard deviation of the logarithm of a count when the profile is right.
const COUNT_NOISE: f64 = 0.15;
/// What a year between a round and the date adds to it.
const YEARLY_DRIFT: f64 = 0.4;
/// Standard deviations of level and slope around no tilt.
const LEVEL_SD: f64 = 1.0;
const SLOPE_SD: f64 = 0.5;
/// The same for programs, whose members are nearly everybody near their cut-offs: bands say how many
/// there are, and what is left is the shape inside the band of 501 to 600, which is the profile's.
const PROGRAM_SDS: (f64, f64) = (0.2, 0.1);
/// Noise of their counts for the same reason.
const PROGRAM_NOISE: f64 = 0.5;
/// Sweeps over all groups, and steps for each in a sweep.
const SWEEPS: usize = 5;
const STEPS: usize = 4;
/// Longest step, and bounds of both numbers.
const LONGEST_STEP: f64 = 0.75;
const BOUND: f64 = 3.0;

/// Fits the tilts of all groups to the scenes of their rounds, as known at `date`.
pub fn fit(groups: &Groups, scenes: &[Scene<'_>], date: Instant) -> Tilts {
    let mut tilts = groups.level();
    for _ in 0..SWEEPS {
        for group in 0..groups.names.len() {
            let own: Vec<&Scene<'_>> = scenes
                .iter()
                .filter(|scene| scene.round.type_name == groups.names[group])
                .collect();
            if groups.names[group] != "general" {
                for _ in 0..STEPS {
                    step(groups, group, &own, &mut tilts, date);
                }
            }
        }
    }
    tilts
}

/// One Gauss-Newton step of one group.
fn step(groups: &Groups, group: usize, scenes: &[&Scene<'_>], tilts: &mut Tilts, date: Instant) {
    const STEP: f64 = 0.05;
    let Tilt { level, slope } = tilts.0[group];
    let is_program = matches!(groups.names[group].as_str(), "cec" | "fsw" | "fst");
    let ((level_sd, slope_sd), noise) = if is_program {
        (PROGRAM_SDS, PROGRAM_NOISE)
    } else {
        ((LEVEL_SD, SLOPE_SD), COUNT_NOISE)
    };
    // Normal equations of the priors: nothing but zero is expected.
    let (level_weight, slope_weight) = (1.0 / squared(level_sd), 1.0 / squared(slope_sd));
    let mut normal = [[level_weight, 0.0], [0.0, slope_weight]];
    let mut right = [-level * level_weight, -slope * slope_weight];
    for scene in scenes {
        let count = |level: f64, slope: f64| {
            let mut tried = tilts.clone();
            tried.0[group] = Tilt { level, slope };
            ln(scene.count(&tried).total())
        };
        let here = count(level, slope);
        let change = [
            (count(level + STEP, slope) - here) / STEP,
            (count(level, slope + STEP) - here) / STEP,
        ];
        let years = days_between(date, scene.round.at) / 365.0;
        let weight = 1.0 / (noise * noise + YEARLY_DRIFT * YEARLY_DRIFT * years);
        let error = ln(scene.round.invitations.max(1) as f64) - here;
        for row in 0..2 {
            for column in 0..2 {
                normal[row][column] += weight * change[row] * change[column];
            }
            right[row] += weight * change[row] * error;
        }
    }
    let [[a, b], [c, d]] = normal;
    let determinant = a * d - b * c;
    let moves = [
        (d * right[0] - b * right[1]) / determinant,
        (a * right[1] - c * right[0]) / determinant,
    ];
    let moved =
        |from: f64, by: f64| (from + by.clamp(-LONGEST_STEP, LONGEST_STEP)).clamp(-BOUND, BOUND);
    tilts.0[group] = Tilt {
        level: moved(level, moves[0]),
        slope: moved(slope, moves[1]),
    };
}
