//! Programs and who is eligible for them.

/// A program whose members a round may invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Program {
    /// Federal Skilled Worker.
    Fsw,
    /// Canadian Experience Class.
    Cec,
    /// Federal Skilled Trades.
    Fst,
    /// Provincial Nominee Program.
    Pnp,
}

impl Program {
    /// Every program, in the order of the eligibility bits.
    pub const ALL: [Program; 4] = [Program::Fsw, Program::Cec, Program::Fst, Program::Pnp];

    /// The name that scenario files and tables use.
    pub const fn name(self) -> &'static str {
        match self {
            Program::Fsw => "fsw",
            Program::Cec => "cec",
            Program::Fst => "fst",
            Program::Pnp => "pnp",
        }
    }

    /// The bit of [`crate::pool::columns::Eligibility`].
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}
