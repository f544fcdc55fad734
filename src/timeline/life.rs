//! Where a candidate stands, and the legal moves between.
//! When a move happens is the engine's to say.

/// Where a candidate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum Status {
    /// Has not submitted a profile yet.
    #[default]
    NotYet,
    /// In the pool, and may be invited.
    InPool,
    /// Holds a live invitation.
    Invited,
    /// Accepted an invitation and left for good.
    Accepted,
    /// Let an invitation lapse and left with it.
    Lapsed,
    /// Left at the end of the profile's 365 days, uninvited or after declining.
    Expired,
    /// Withdrew the profile.
    Withdrawn,
}

impl Status {
    /// How many there are.
    pub const COUNT: usize = 7;

    /// Whether a candidate may go from here to `next`.
    pub const fn may_become(self, next: Status) -> bool {
        use Status::*;
        matches!(
            (self, next),
            (NotYet, InPool)
                | (InPool, Invited | Expired | Withdrawn)
                | (Invited, Accepted | Lapsed | InPool | Expired | Withdrawn)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Status::*;

    #[test]
    fn nobody_comes_back_from_outside_and_nobody_is_invited_twice() {
        for gone in [Accepted, Lapsed, Expired, Withdrawn] {
            for next in [
                NotYet, InPool, Invited, Accepted, Lapsed, Expired, Withdrawn,
            ] {
                assert!(!gone.may_become(next));
            }
        }
        assert!(!Invited.may_become(Invited));
        assert!(!NotYet.may_become(Invited));
        assert!(Invited.may_become(InPool));
    }
}
