//! What makes the parts on an executor: a study is read and prepared once, and its partitions come
//! one after the other. Where they come from is `plan`'s.

use std::ops::Range;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::error::Result as DataFusionResult;
use rayon::prelude::*;
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;

use super::error::ClusterError;
use super::results::pieces;
use super::wire::Study;
use crate::study::RunError;
use crate::study::kept::Parts;

/// What marks that bad input is meant.
pub(super) const INPUT: &str = "input: ";

/// Where parts are made: the study that they were of last, ready for more, and what they may take.
#[derive(Debug, Default)]
pub(super) struct Workshop {
    room: Option<Room>,
    last: Mutex<Option<Maker>>,
}

/// What parts may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// So many are made at once.
    pub slots: usize,
    /// Says why so many bytes of memory are too many, where they are.
    pub lacking: fn(u64) -> Option<String>,
}

impl Workshop {
    pub fn new(room: Room) -> Self {
        Workshop {
            room: Some(room),
            last: Mutex::default(),
        }
    }
}

/// A thread that holds a study; it ends once nobody asks it any more.
#[derive(Debug)]
pub(super) struct Maker {
    study: Arc<[u8]>,
    to: mpsc::Sender<Asked>,
}

/// A partition that is asked for.
struct Asked {
    ranges: Vec<Range<u32>>,
    to: Sender<DataFusionResult<RecordBatch>>,
    done: oneshot::Sender<Result<(), String>>,
}

/// Makes the parts of these ranges and sends them as they are finished; stops when nobody listens
/// any more.
///
/// # Errors
/// When the study that came is not in order, or cannot be made.
pub(super) async fn make(
    study: &Arc<[u8]>,
    workshop: &Workshop,
    ranges: Vec<Range<u32>>,
    to: Sender<DataFusionResult<RecordBatch>>,
) -> Result<(), String> {
    let (done, end) = oneshot::channel();
    let failed = "the program failed while it made the parts";
    {
        let mut last = workshop.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_none_or(|maker| maker.study != *study) {
            let maker = Maker::start(Arc::clone(study), workshop.room);
            *last = Some(maker.map_err(|error| error.to_string())?);
        }
        let asked = Asked { ranges, to, done };
        let sent = last.as_ref().map(|maker| maker.to.send(asked));
        if !matches!(sent, Some(Ok(()))) {
            // Its thread is gone: the next partition begins anew.
            *last = None;
            return Err(failed.to_owned());
        }
    }
    end.await.unwrap_or_else(|_| Err(failed.to_owned()))
}

impl Maker {
    fn start(study: Arc<[u8]>, room: Option<Room>) -> Result<Self, ClusterError> {
        let (to, asked) = mpsc::channel();
        let bytes = Arc::clone(&study);
        std::thread::Builder::new()
            .name("study".to_owned())
            .spawn(move || serve(&bytes, room, &asked))
            .map_err(|error| ClusterError::io("cannot start a thread", error))?;
        Ok(Maker { study, to })
    }
}

/// Prepares the study and makes what is asked for, until nobody can ask any more.
fn serve(bytes: &[u8], room: Option<Room>, asked: &Receiver<Asked>) {
    let served = Study::read(bytes)
        .map_err(|error| error.to_string())
        .and_then(|study| fits(&study, room).map(|()| study))
        .and_then(|study| {
            let served = study.make(|parts| {
                rayon::in_place_scope(|scope| {
                    for asked in asked {
                        scope.spawn(move |_| {
                            let made = make_all(parts, &asked.ranges, &asked.to).map_err(told);
                            // Whoever asked may be gone.
                            let _ = asked.done.send(made);
                        });
                    }
                });
                Ok(())
            });
            served.map_err(told)
        });
    if let Err(why) = served {
        for asked in asked {
            // As above.
            let _ = asked.done.send(Err(why.clone()));
        }
    }
}

/// Whether a part in each slot has room.
fn fits(study: &Study, room: Option<Room>) -> Result<(), String> {
    let Some(Room { slots, lacking }) = room else {
        return Ok(());
    };
    let why = lacking(study.memory(slots as u64));
    why.map_or(Ok(()), |why| {
        Err(format!(
            "an executor that makes a part of this study in each of its {slots} slots {why}; start it \
             with fewer slots (--slots), take smaller partitions of a pool (--partition), or a machine \
             with more memory"
        ))
    })
}

fn make_all(
    parts: &dyn Parts,
    ranges: &[Range<u32>],
    to: &Sender<DataFusionResult<RecordBatch>>,
) -> Result<(), RunError> {
    let gone = || RunError::Listener("nobody waits for the parts any more".into());
    let numbers: Vec<u32> = ranges.iter().cloned().flatten().collect();
    numbers.par_iter().try_for_each(|&number| {
        if to.is_closed() {
            return Err(gone());
        }
        let bytes = parts.part(number)?;
        for piece in pieces(number, &bytes) {
            let piece = piece.map_err(|error| RunError::Listener(error.into()))?;
            to.blocking_send(Ok(piece)).map_err(|_| gone())?;
        }
        Ok(())
    })
}

fn told(error: RunError) -> String {
    match error {
        RunError::Synthesis(error) => format!("{INPUT}{error}"),
        error => error.to_string(),
    }
}
