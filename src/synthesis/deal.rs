//! Personal histories dealt from a segment of a profile: age, study, work, spouse and the rest,
//! but languages, occupation and citizenship.
//! How candidates are put together from them lives in `sampler`.

use crate::random::Stream;
use crate::rules::candidate::{CanadianEducation, Candidate, Education, Gender, JobOffer};

use super::profile::Segment;
use super::tables::{Deck, bell};

/// Dealt personal histories of a segment.
pub(super) const HISTORIES: usize = 1 << 12;

/// Years between 18 and the end of the studies for each level of education.
const STUDY_YEARS: [u8; 8] = [0, 0, 1, 2, 4, 4, 5, 8];

/// Deals the personal histories of a segment: every share is exact to one in their number.
pub(super) fn histories(segment: &Segment, numbers: &mut Stream) -> Vec<Candidate> {
    let mut deck = || Deck::new(HISTORIES, numbers);
    let (women, spouse, education, study) = (deck(), deck(), deck(), deck());
    let (canadian, foreign, certificate, offer) = (deck(), deck(), deck(), deck());
    let (sibling, in_canada, spouse_education, spouse_work) = (deck(), deck(), deck(), deck());
    let education = education.among(&segment.education);
    let study = study.among(&segment.canadian_education);
    let canadian = canadian.among(&segment.canadian_work);
    let foreign = foreign.among(&segment.foreign_work);
    let offer = offer.among(&segment.job_offer);
    let spouse_education = spouse_education.among(&segment.spouse_education);
    let spouse_work = spouse_work.among(&segment.spouse_work);
    (0..HISTORIES)
        .map(|at| {
            let mut person = Candidate::blank();
            person.age = bell(&segment.age, numbers);
            person.noc_months = bell(&segment.noc_months, numbers);
            person.gender = if women.within(at, segment.women) {
                Gender::Woman
            } else {
                Gender::Man
            };
            let by_age = match person.age {
                ..30 => segment.spouse[0],
                30..35 => segment.spouse[1],
                35.. => segment.spouse[2],
            };
            person.accompanying_spouse = spouse.within(at, by_age);
            person.education = Education::from_bits(education[at]);
            person.canadian_education =
                fitting_study(person.education, CanadianEducation::from_bits(study[at]));
            person.canadian_work_years = canadian[at];
            let left = person
                .age
                .saturating_sub(18 + STUDY_YEARS[person.education as usize])
                .saturating_sub(person.canadian_work_years);
            person.foreign_work_years = foreign[at].min(left);
            person.trade_certificate = certificate.within(at, segment.certificate);
            person.job_offer = JobOffer::from_bits(offer[at]);
            person.sibling_in_canada = sibling.within(at, segment.sibling);
            person.noc_in_canada =
                person.canadian_work_years > 0 && in_canada.within(at, segment.noc_in_canada);
            if person.accompanying_spouse {
                person.spouse_education = Education::from_bits(spouse_education[at]);
                person.spouse_canadian_work_years = spouse_work[at];
            }
            person
        })
        .collect()
}

/// Study in Canada cannot be longer than the highest credential.
fn fitting_study(education: Education, study: CanadianEducation) -> CanadianEducation {
    match education {
        Education::None | Education::Secondary => CanadianEducation::None,
        Education::OneYear | Education::TwoYear => study.min(CanadianEducation::OneOrTwoYear),
        _ => study,
    }
}
