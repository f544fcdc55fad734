//! Language levels (CLB, NCLC) from which on the law counts or pays more, each in one place: they are the same
//! on every date that the program knows. Points, and minima that changed, stand in `rules/data`.
//! Source: the Comprehensive Ranking System (sections A to D) and the selection grid of the Federal Skilled
//! Worker class, as IRCC publishes them.

/// All four abilities in French: the additional points of section D, and who counts as a French speaker.
pub const FRENCH: u8 = 7;
/// All four abilities in English, with which French earns the higher bonus.
const ENGLISH_BESIDE_FRENCH: u8 = 5;
/// All four abilities in the first official language: the second and the third column of section C.
const TRANSFER: [u8; 2] = [7, 9];
/// The same for a certificate of qualification.
const CERTIFICATE: [u8; 2] = [5, 7];
/// All four abilities of a spouse that make a candidate of FSW adaptable.
pub(super) const SPOUSE: u8 = 4;
/// All four abilities in the second official language that earn points of the FSW grid.
pub(super) const SECOND: u8 = 5;

/// Whether French of this lowest level earns additional points.
#[inline]
pub(super) fn pays_french(lowest: u8) -> bool {
    lowest >= FRENCH
}

/// Which of the two bonuses for French somebody has: 0, or 1 with English of this lowest level beside it.
#[inline]
pub(super) fn french_bonus(english_lowest: u8) -> usize {
    usize::from(english_lowest >= ENGLISH_BESIDE_FRENCH)
}

/// Column of section C of the lowest level of the first official language.
#[inline]
pub(super) fn transfer_column(lowest: u8) -> usize {
    column(TRANSFER, lowest)
}

/// Column of section C for a certificate of qualification, by the same level.
#[inline]
pub(super) fn certificate_column(lowest: u8) -> usize {
    column(CERTIFICATE, lowest)
}

/// How many of the levels are reached.
#[inline]
fn column(levels: [u8; 2], lowest: u8) -> usize {
    let [second, third] = levels.map(|level| usize::from(lowest >= level));
    second + third
}
