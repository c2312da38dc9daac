//! The results of units that several threads work on, handed over in the order of the units.
//!
//! The unit whose turn it is hands over its results while it is worked on. The others keep theirs, so
//! many at most; then they wait. One that is done before its turn is left here, for the thread that
//! comes to it. So nobody waits without need, and most results are handed over by the thread that made
//! them.
//!
//! A unit may be a [`Claim`] that turns out to be wrong. That is found out when its turn comes, before
//! any of its results is handed over: they are dropped, and the right ones are made.
//!
//! Contract: the unit whose turn it is never waits for one behind it.
//!
//! May use: of this room what a claim is.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::stretch::Claim;
use super::{Piece, Take};
use crate::mailbox::Error;

/// LIMIT: so many results of a unit are kept until its turn comes.
const KEPT: usize = 64;

/// Whose turn it is, and who takes the results.
pub(super) struct Turns<'t, 'a, T> {
    state: Mutex<State<'t, 'a, T>>,
    changed: Condvar,
    /// The number of the unit whose turn it is. It is changed with the state in hand.
    now: AtomicU64,
    /// No more results are wanted.
    is_over: AtomicBool,
    /// LIMIT: so many units are begun and not handed over.
    under_way: u64,
}

struct State<'t, 'a, T> {
    take: &'t mut Take<'a, T>,
    /// How many units were begun.
    begun: u64,
    /// Those that were done before their turn.
    done: BTreeMap<u64, Unit<T>>,
    /// Where the next message begins of the mbox whose stretches come, if one does.
    next: Option<u64>,
}

/// A unit that is worked on.
pub(super) struct Unit<T> {
    number: u64,
    pub(super) claim: Option<Claim>,
    fate: Fate,
    kept: Vec<Result<T, Error>>,
}

/// What becomes of the results of a unit.
enum Fate {
    /// Its turn has not come.
    Open,
    HandedOver,
    /// They are wrong. If messages begin in the stretch, the first one does here.
    Dropped(Option<u64>),
}

/// Nobody wants more.
pub(super) struct Unwanted;

impl<'t, 'a, T> Turns<'t, 'a, T> {
    pub(super) fn new(take: &'t mut Take<'a, T>, under_way: usize) -> Turns<'t, 'a, T> {
        Turns {
            state: Mutex::new(State { take, begun: 0, done: BTreeMap::new(), next: None }),
            changed: Condvar::new(),
            now: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            under_way: under_way as u64,
        }
    }

    /// The next unit, as soon as there are not too many.
    pub(super) fn begin(&self) -> Result<Unit<T>, Unwanted> {
        let are_many = |state: &mut State<'_, '_, T>| {
            !self.is_over() && state.begun - self.now.load(Ordering::Relaxed) >= self.under_way
        };
        let state = self.changed.wait_while(self.lock(), are_many);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        if self.is_over() {
            return Err(Unwanted);
        }
        let number = state.begun;
        state.begun += 1;
        Ok(Unit { number, claim: None, fate: Fate::Open, kept: Vec::new() })
    }

    /// A result of a unit. It says whether more of them are wanted.
    pub(super) fn push(&self, unit: &mut Unit<T>, result: Result<T, Error>) -> ControlFlow<()> {
        if !self.has_turn(unit) && unit.kept.len() < KEPT {
            unit.kept.push(result);
            return if self.is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        }
        let is_early = |_: &mut State<'_, '_, T>| !self.is_over() && !self.has_turn(unit);
        let state = self.changed.wait_while(self.lock(), is_early);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        self.open(&mut state, unit)?;
        self.take(&mut state, result)
    }

    /// A unit is done. If it has its turn, so have those behind it that are done: `redo` makes the
    /// results of a piece in the place of wrong ones.
    pub(super) fn finish(
        &self,
        mut unit: Unit<T>,
        redo: &mut dyn FnMut(Piece<'_>, &mut Take<'_, T>) -> ControlFlow<()>,
    ) where
        T: Send,
    {
        let mut state = self.lock();
        if !self.has_turn(&unit) {
            state.done.insert(unit.number, unit);
            return;
        }
        loop {
            if self.open(&mut state, &mut unit).is_break() && self.is_over() {
                return;
            }
            if let Some(claim) = unit.claim {
                state.next = match unit.fate {
                    Fate::Dropped(None) => state.next,
                    Fate::Dropped(Some(start)) => {
                        drop(state);
                        let piece = claim.piece(start);
                        let _ = redo(piece, &mut |result| self.take(&mut self.lock(), result));
                        state = self.lock();
                        claim.end()
                    }
                    Fate::Open | Fate::HandedOver => claim.end(),
                };
            }
            let next = unit.number + 1;
            self.now.store(next, Ordering::Release);
            self.changed.notify_all();
            match state.done.remove(&next) {
                Some(done) if !self.is_over() => unit = done,
                _ => return,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<'t, 'a, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn has_turn(&self, unit: &Unit<T>) -> bool {
        self.now.load(Ordering::Acquire) == unit.number
    }

    /// The turn of a unit: decides what becomes of its results, and hands over those that were kept.
    fn open(&self, state: &mut State<'_, '_, T>, unit: &mut Unit<T>) -> ControlFlow<()> {
        if self.is_over() {
            return ControlFlow::Break(());
        }
        if let Fate::Open = unit.fate {
            unit.fate = state.fate(unit.claim.as_ref());
        }
        if let Fate::Dropped(_) = unit.fate {
            return ControlFlow::Break(());
        }
        unit.kept.drain(..).try_for_each(|result| self.take(state, result))
    }

    fn take(&self, state: &mut State<'_, '_, T>, result: Result<T, Error>) -> ControlFlow<()> {
        if self.is_over() {
            return ControlFlow::Break(());
        }
        let goes_on = (state.take)(result);
        if goes_on.is_break() {
            self.is_over.store(true, Ordering::Relaxed);
            self.changed.notify_all();
        }
        goes_on
    }
}

impl<T> State<'_, '_, T> {
    fn fate(&mut self, claim: Option<&Claim>) -> Fate {
        let Some(claim) = claim else { return Fate::HandedOver };
        if claim.is_first() {
            self.next = Some(0);
        }
        match self.next.filter(|&next| next < claim.stretch_end()) {
            next if next.is_some() && next == claim.start => Fate::HandedOver,
            next => Fate::Dropped(next),
        }
    }
}
