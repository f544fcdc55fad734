//! What a table is: its columns with name, type and meaning, written once beside the row struct.
//! CSV headers, Parquet schemas, the data package, `drawsim schema outputs` and the data dictionary
//! are all made from this. Which tables there are is said in `rows`.

use std::borrow::Cow;

use crate::rules::candidate::{CanadianEducation, Education, FirstLanguage, Gender};
use crate::units::{Date, Instant, Score};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text. A cell that a spreadsheet would run as a formula gets a `'` in front.
    Text,
    /// A whole number, never negative.
    Integer,
    /// A number, written with as many digits as give it back exactly.
    Number,
    /// `true` or `false`.
    Boolean,
    /// RFC 3339, UTC, whole seconds.
    Time,
    /// A calendar date, year first.
    Date,
}

impl Kind {
    /// The name that Frictionless schemas and the data dictionary use.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Text => "string",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Boolean => "boolean",
            Kind::Time => "datetime",
            Kind::Date => "date",
        }
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in files.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether a cell may be empty: not known, or nothing to say.
    pub optional: bool,
    /// What it means, in a sentence.
    pub meaning: &'static str,
}

/// A table of the result folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name, and its file's without the extension.
    pub name: &'static str,
    /// The verb that writes it, and after a comma when it does so.
    pub by: &'static str,
    /// What one row stands for.
    pub one_row_per: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
}

/// A column that a table has besides its own, in front of them: what it is called is known only
/// when it is written, as the keys of a sweep are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyColumn {
    /// Its name in files.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// What it means, in a sentence.
    pub meaning: String,
}

/// A row with the cells of its key columns in front.
#[derive(Debug)]
pub struct Keyed<'a, R> {
    /// Cells of the key columns.
    pub keys: &'a [Cell<'a>],
    /// The row.
    pub row: R,
}

impl<R: Row> Row for Keyed<'_, R> {
    const TABLE: &'static Table = R::TABLE;
    fn each_cell<'s>(&'s self, mut visit: impl FnMut(Cell<'s>)) {
        self.keys.iter().for_each(|&cell| visit(cell));
        self.row.each_cell(visit);
    }
}

/// A value on its way into a file.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "the variants are those of `Kind`")]
pub enum Cell<'a> {
    Text(&'a str),
    /// Text of the program's own, which no spreadsheet runs and CSV need not quote.
    Name(&'a str),
    Integer(u64),
    Number(f64),
    Boolean(bool),
    Time(Instant),
    Date(Date),
    /// Not known: an empty cell, a null.
    Unknown,
}

/// A Rust type that a column can hold.
pub trait Value {
    /// The column's type.
    const KIND: Kind;
    /// Whether it may be unknown.
    const OPTIONAL: bool = false;
    /// The value as a cell.
    fn cell(&self) -> Cell<'_>;
}

/// A row struct made by `table!`.
pub trait Row {
    /// The table that it is a row of.
    const TABLE: &'static Table;
    /// Hands out its cells in the order of the table's columns.
    fn each_cell<'s>(&'s self, visit: impl FnMut(Cell<'s>));
}

macro_rules! values {
    ($($type:ty: $kind:ident, $self:ident => $cell:expr;)+) => { $(
        impl Value for $type {
            const KIND: Kind = Kind::$kind;
            #[inline]
            fn cell(&self) -> Cell<'_> { let $self = self; $cell }
        }
    )+ };
}

values! {
    Cow<'_, str>: Text, v => Cell::Text(v);
    u8: Integer, v => Cell::Integer(u64::from(*v));
    u16: Integer, v => Cell::Integer(u64::from(*v));
    u32: Integer, v => Cell::Integer(u64::from(*v));
    u64: Integer, v => Cell::Integer(*v);
    Score: Integer, v => Cell::Integer(u64::from(v.0));
    f64: Number, v => if v.is_finite() { Cell::Number(*v) } else { Cell::Unknown };
    bool: Boolean, v => Cell::Boolean(*v);
    Instant: Time, v => Cell::Time(*v);
    Date: Date, v => Cell::Date(*v);
    Education: Text, v => Cell::Text(v.name());
    CanadianEducation: Text, v => Cell::Text(v.name());
    FirstLanguage: Text, v => Cell::Text(v.name());
    Gender: Text, v => Cell::Text(v.name());
}

impl<T: Value> Value for Option<T> {
    const KIND: Kind = T::KIND;
    const OPTIONAL: bool = true;
    #[inline]
    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Unknown, Value::cell)
    }
}

/// Declares a row struct and its table at once, so that the two cannot differ: the doc comment of
/// a field is the meaning of its column, its type the column's type, its name the column's name
/// unless `as "name"` gives another.
macro_rules! table {
    (
        $(#[doc = $doc:literal])+
        $row:ident $(<$life:lifetime>)? = $file:literal by $by:literal, one row per $per:literal {
            $( $(#[doc = $meaning:literal])+ $field:ident $(as $name:literal)? : $type:ty ),+ $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $row $(<$life>)? {
            $( $(#[doc = $meaning])+ $(#[serde(rename = $name)])? pub $field: $type ),+
        }

        impl $(<$life>)? $crate::output::table::Row for $row $(<$life>)? {
            const TABLE: &'static $crate::output::table::Table = &$crate::output::table::Table {
                name: $file,
                by: $by,
                one_row_per: $per,
                columns: &[$( $crate::output::table::Column {
                    name: $crate::output::table::table!(@name $field $($name)?),
                    kind: <$type as $crate::output::table::Value>::KIND,
                    optional: <$type as $crate::output::table::Value>::OPTIONAL,
                    meaning: concat!($($meaning),+).trim_ascii(),
                } ),+],
            };

            #[inline]
            fn each_cell<'s>(&'s self, mut visit: impl FnMut($crate::output::table::Cell<'s>)) {
                use $crate::output::table::Value;
                $( visit(self.$field.cell()); )+
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $name:literal) => { $name };
}

pub(crate) use table;
