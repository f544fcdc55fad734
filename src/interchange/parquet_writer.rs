//! A pool as Parquet: pages are made in parallel, in fixed tasks, and a row group is written while
//! the next one is made. How pages are encoded is said in `pages`, what a cell holds in `columns`.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use arrow_schema::{Field as ArrowField, Schema};
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

use crate::observe::Observer;
use crate::output::columnar::{data_type, properties};
use crate::output::table::Kind;
use crate::output::{NewFile, OutputError};
use crate::pool::Pool;
use crate::rules::candidate::{
    CanadianEducation, Candidate, Education, FirstLanguage, Gender, JobOffer, Named,
};
use crate::rules::{Points, Rules, countries, noc};

use super::columns::{COLUMNS, Field};
use super::pages::{Chunk, DataPage, Dictionary, NONE, chunk};
use super::values::Lists;

/// Rows of a row group.
const ROWS_PER_GROUP: usize = 1 << 18;
/// Rows of a page, which one task makes for every column.
const ROWS_PER_PAGE: usize = 1 << 13;

/// Writes a pool.
///
/// # Errors
/// When the file cannot be written.
pub fn write(
    pool: &Pool,
    rules: &Rules,
    file: NewFile,
    observer: &dyn Observer,
) -> Result<(), OutputError> {
    observer.begin("writing", pool.len() as u64);
    write_groups(pool, rules, &file, observer)
        .map_err(|error| OutputError::parquet(file.target(), error))?;
    observer.end();
    file.finish()
}

fn write_groups(
    pool: &Pool,
    rules: &Rules,
    file: &NewFile,
    observer: &dyn Observer,
) -> Result<(), ParquetError> {
    let fields: Vec<ArrowField> = COLUMNS
        .iter()
        .map(|column| ArrowField::new(column.name, data_type(column.kind()), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let writer = ArrowWriter::try_new(file.file(), schema, Some(properties()))?;
    let (mut writer, _) = writer.into_serialized_writer()?;
    let descriptors = writer.schema_descr().columns().to_vec();
    let groups = pool.len().div_ceil(ROWS_PER_GROUP);
    let mut made: Vec<Chunk> = Vec::new();
    for group in 0..=groups {
        let rows = group * ROWS_PER_GROUP..((group + 1) * ROWS_PER_GROUP).min(pool.len());
        let (next, written) = rayon::join(
            || match group < groups {
                true => make_group(pool, rules, rows.clone(), &descriptors),
                false => Ok(Vec::new()),
            },
            || write_group(&mut writer, made),
        );
        written?;
        made = next?;
        observer.advance(rows.len() as u64);
    }
    writer.close().map(|_| ())
}

/// Writes the column chunks of a row group; nothing where there are none.
fn write_group(
    writer: &mut SerializedFileWriter<&File>,
    chunks: Vec<Chunk>,
) -> Result<(), ParquetError> {
    if chunks.is_empty() {
        return Ok(());
    }
    let mut group = writer.next_row_group()?;
    for chunk in chunks {
        group.append_column(&chunk.bytes, chunk.close)?;
    }
    group.close().map(|_| ())
}

/// Makes the column chunks of the rows of a group.
fn make_group(
    pool: &Pool,
    rules: &Rules,
    rows: Range<usize>,
    descriptors: &[parquet::schema::types::ColumnDescPtr],
) -> Result<Vec<Chunk>, ParquetError> {
    let memberships = Memberships::of(&pool.eligibility[rows.clone()], rules);
    let dictionaries: Vec<Option<Dictionary>> = COLUMNS
        .iter()
        .map(|column| memberships.dictionary(column.field))
        .collect();
    let first = rows.start;
    let tasks = rows.len().div_ceil(ROWS_PER_PAGE);
    let pages: Vec<Vec<DataPage>> = (0..tasks)
        .into_par_iter()
        .map(|task| {
            let from = first + task * ROWS_PER_PAGE;
            let rows = from..(from + ROWS_PER_PAGE).min(rows.end);
            make_pages(pool, rules, rows, &memberships, &dictionaries)
        })
        .collect();
    let mut columns: Vec<Vec<DataPage>> = COLUMNS.iter().map(|_| Vec::new()).collect();
    for page in pages {
        for (column, page) in columns.iter_mut().zip(page) {
            column.push(page);
        }
    }
    columns
        .into_par_iter()
        .zip(&dictionaries)
        .zip(descriptors)
        .map(|((pages, dictionary), descriptor)| {
            chunk(Arc::clone(descriptor), dictionary.as_ref(), pages)
        })
        .collect()
}

/// A page of every column.
fn make_pages(
    pool: &Pool,
    rules: &Rules,
    rows: Range<usize>,
    memberships: &Memberships,
    dictionaries: &[Option<Dictionary>],
) -> Vec<DataPage> {
    let people: Vec<Person> = rows
        .clone()
        .map(|row| {
            let packed = pool.row(row);
            let candidate = packed.candidate();
            Person {
                candidate,
                score: packed.score,
                points: rules.points(&candidate),
                lists: memberships.lists(packed.eligibility),
            }
        })
        .collect();
    let mut indices = Vec::with_capacity(people.len());
    COLUMNS
        .iter()
        .zip(dictionaries)
        .map(|(column, dictionary)| match (column.field, dictionary) {
            (field, Some(dictionary)) => {
                push_indices(field, &people, &mut indices);
                let page = DataPage::of_indices(&indices, dictionary);
                indices.clear();
                page
            }
            (Field::SubmittedAt, None) => {
                let times = people.iter().map(|person| person.candidate.submitted_at);
                DataPage::of_numbers(times.map(|at| i64::from(at.seconds()) * 1_000))
            }
            (_, None) => DataPage::of_texts(people.len(), |row, text| {
                text.extend_from_slice(pool.id(rows.start + row).as_bytes());
            }),
        })
        .collect()
}

/// A candidate with what the rules say.
struct Person {
    candidate: Candidate,
    score: u16,
    points: Points,
    /// Places of the lists of programs and categories among those of [`Memberships`].
    lists: [u32; 2],
}

/// The lists of programs and categories that occur, each once, in order.
struct Memberships {
    programs: Vec<String>,
    categories: Vec<String>,
    places: BTreeMap<u32, [u32; 2]>,
}

impl Memberships {
    fn of(eligibilities: &[u32], rules: &Rules) -> Self {
        let lists = Lists::of(eligibilities.iter().copied(), rules);
        let distinct = |of: usize| {
            let mut texts: Vec<String> = lists
                .iter()
                .map(|(_, texts)| texts[of].clone())
                .filter(|text| !text.is_empty())
                .collect();
            texts.sort_unstable();
            texts.dedup();
            texts
        };
        let (programs, categories) = (distinct(0), distinct(1));
        let place = |texts: &[String], text: &String| {
            texts.binary_search(text).map_or(NONE, |place| place as u32)
        };
        let places = lists
            .iter()
            .map(|(mask, [held, belonging])| {
                let lists = [place(&programs, held), place(&categories, belonging)];
                (mask, lists)
            })
            .collect();
        Memberships {
            programs,
            categories,
            places,
        }
    }

    #[inline]
    fn lists(&self, eligibility: u32) -> [u32; 2] {
        self.places.get(&eligibility).copied().unwrap_or([NONE; 2])
    }

    /// The values of a column by the indices of [`push_indices`]; none for a column whose values
    /// hardly repeat.
    fn dictionary(&self, field: Field) -> Option<Dictionary> {
        fn names<T: Named>() -> Vec<String> {
            let names = T::NAMES.iter().map(|(name, _)| (*name).to_owned());
            names.filter(|name| !name.is_empty()).collect()
        }
        let owned = |code: Option<&str>| code.unwrap_or_default().to_owned();
        let texts = match field {
            Field::CandidateId | Field::SubmittedAt => return None,
            Field::Education | Field::SpouseEducation => names::<Education>(),
            Field::CanadianEducation => names::<CanadianEducation>(),
            Field::FirstLanguage => names::<FirstLanguage>(),
            Field::JobOffer => names::<JobOffer>(),
            Field::Gender => names::<Gender>(),
            Field::Noc => noc::all().map(|index| owned(noc::code(index))).collect(),
            Field::Citizenship => countries::all()
                .map(|index| owned(countries::code(index)))
                .collect(),
            Field::Programs => self.programs.clone(),
            Field::Categories => self.categories.clone(),
            _ if field.column().kind() == Kind::Boolean => return Some(Dictionary::Flags),
            _ => return Some(Dictionary::Numbers),
        };
        Some(Dictionary::Texts(texts))
    }
}

/// Appends the index of each candidate's value in the dictionary of a column.
fn push_indices(field: Field, people: &[Person], to: &mut Vec<u32>) {
    macro_rules! each {
        (|$person:ident| $index:expr) => {
            to.extend(people.iter().map(|$person| $index))
        };
    }
    // The first name of these is the empty one.
    let but_first = |bits: u8| u32::from(bits).checked_sub(1).unwrap_or(NONE);
    let below = |index: usize, count: usize| if index < count { index as u32 } else { NONE };
    match field {
        Field::CandidateId | Field::SubmittedAt => {}
        Field::Age => each!(|p| u32::from(p.candidate.age)),
        Field::AccompanyingSpouse => each!(|p| u32::from(p.candidate.accompanying_spouse)),
        Field::Education => each!(|p| p.candidate.education as u32),
        Field::CanadianEducation => each!(|p| p.candidate.canadian_education as u32),
        Field::EnglishReading => each!(|p| u32::from(p.candidate.english.reading)),
        Field::EnglishWriting => each!(|p| u32::from(p.candidate.english.writing)),
        Field::EnglishListening => each!(|p| u32::from(p.candidate.english.listening)),
        Field::EnglishSpeaking => each!(|p| u32::from(p.candidate.english.speaking)),
        Field::FrenchReading => each!(|p| u32::from(p.candidate.french.reading)),
        Field::FrenchWriting => each!(|p| u32::from(p.candidate.french.writing)),
        Field::FrenchListening => each!(|p| u32::from(p.candidate.french.listening)),
        Field::FrenchSpeaking => each!(|p| u32::from(p.candidate.french.speaking)),
        Field::FirstLanguage => each!(|p| but_first(p.candidate.first_language as u8)),
        Field::CanadianWorkYears => each!(|p| u32::from(p.candidate.canadian_work_years)),
        Field::ForeignWorkYears => each!(|p| u32::from(p.candidate.foreign_work_years)),
        Field::TradeCertificate => each!(|p| u32::from(p.candidate.trade_certificate)),
        Field::SpouseEducation => each!(|p| p.candidate.spouse_education as u32),
        Field::SpouseReading => each!(|p| u32::from(p.candidate.spouse_language.reading)),
        Field::SpouseWriting => each!(|p| u32::from(p.candidate.spouse_language.writing)),
        Field::SpouseListening => each!(|p| u32::from(p.candidate.spouse_language.listening)),
        Field::SpouseSpeaking => each!(|p| u32::from(p.candidate.spouse_language.speaking)),
        Field::SpouseCanadianWorkYears => {
            each!(|p| u32::from(p.candidate.spouse_canadian_work_years))
        }
        Field::SiblingInCanada => each!(|p| u32::from(p.candidate.sibling_in_canada)),
        Field::ProvincialNomination => each!(|p| u32::from(p.candidate.provincial_nomination)),
        Field::JobOffer => each!(|p| p.candidate.job_offer as u32),
        Field::Noc => each!(|p| below(usize::from(p.candidate.noc.0), noc::COUNT)),
        Field::NocMonths => each!(|p| u32::from(p.candidate.noc_months)),
        Field::NocInCanada => each!(|p| u32::from(p.candidate.noc_in_canada)),
        Field::Citizenship => {
            each!(|p| below(usize::from(p.candidate.citizenship.0), countries::COUNT))
        }
        Field::Gender => each!(|p| but_first(p.candidate.gender as u8)),
        Field::CrsScore => each!(|p| u32::from(p.score)),
        Field::CrsCore => each!(|p| u32::from(p.points.core)),
        Field::CrsSpouse => each!(|p| u32::from(p.points.spouse)),
        Field::CrsTransferability => each!(|p| u32::from(p.points.transferability)),
        Field::CrsAdditional => each!(|p| u32::from(p.points.additional)),
        Field::Programs => each!(|p| p.lists[0]),
        Field::Categories => each!(|p| p.lists[1]),
    }
}
