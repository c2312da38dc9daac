//! What is seen of long work: a bar on standard error while it lasts, and Ctrl-C that ends it between
//! two messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::out;
use crate::mailbox::Meter;

/// Work that takes no longer than this shows no bar.
const PATIENCE: Duration = Duration::from_millis(400);

/// How often the bar is drawn.
const INTERVAL: Duration = Duration::from_millis(100);

/// What is seen of a run, and how Ctrl-C ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Running {
    /// Somebody reads along: there is no bar, and Ctrl-C ends the process as ever.
    Shown,
    /// There is no bar, and Ctrl-C ends the run between two messages.
    Quiet,
    /// So it does, and a bar is drawn where standard output, which takes the results, is no terminal.
    Piped,
    /// So it does, and a bar is drawn: nothing is printed on standard output.
    Filed,
}

impl Running {
    fn has_bar(self) -> bool {
        match self {
            Running::Shown | Running::Quiet => false,
            Running::Piped => out::has_room_for_a_bar(false),
            Running::Filed => out::has_room_for_a_bar(true),
        }
    }
}

/// How far the work is.
pub(crate) struct Progress {
    /// Octets that were read.
    pub(crate) meter: Meter,
    messages: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
    drawing: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins to show it, if such a run has a bar. `total` is how many
    /// octets there are to read, if that is known.
    pub(crate) fn start(total: Option<u64>, running: Running) -> Progress {
        let mut progress = Progress {
            meter: Meter::default(),
            messages: Arc::default(),
            is_over: Arc::default(),
            drawing: None,
        };
        if running.has_bar() {
            let (meter, messages) = (progress.meter.clone(), Arc::clone(&progress.messages));
            let is_over = Arc::clone(&progress.is_over);
            progress.drawing =
                Some(thread::spawn(move || draw(total, &meter, &messages, &is_over)));
        }
        progress
    }

    /// So many messages more.
    pub(crate) fn messages(&self, count: u64) {
        self.messages.fetch_add(count, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(drawing) = self.drawing.take() {
            drawing.thread().unpark();
            let _ = drawing.join();
        }
    }
}

fn draw(total: Option<u64>, meter: &Meter, messages: &AtomicU64, is_over: &AtomicBool) {
    thread::park_timeout(PATIENCE);
    if is_over.load(Ordering::Relaxed) {
        return;
    }
    let bar = match total {
        Some(total) => ProgressBar::new(total).with_style(style(
            "{wide_bar} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {msg}  {eta} left",
        )),
        None => ProgressBar::new_spinner().with_style(style(
            "{spinner} {decimal_bytes}  {decimal_bytes_per_sec}  {msg}  {elapsed}",
        )),
    };
    out::show_bar(Some(bar.clone()));
    while !is_over.load(Ordering::Relaxed) {
        bar.set_message(format!("{} messages", HumanCount(messages.load(Ordering::Relaxed))));
        bar.set_position(meter.octets());
        bar.tick();
        thread::park_timeout(INTERVAL);
    }
    out::show_bar(None);
    bar.finish_and_clear();
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a template that was tried")
}

/// Set once the user wants no more. The first Ctrl-C sets it, the next ends the process at once.
pub(crate) fn interruptible(running: Running) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    if running == Running::Shown {
        return stop;
    }
    let seen = Arc::clone(&stop);
    // Without a handler Ctrl-C does what it always does.
    let _ = ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
        out::complain("interrupted: finishing the messages that were begun (again: at once)");
    });
    stop
}

/// The exit status of what was interrupted, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_without_a_terminal_shows_nothing() {
        let progress = Progress::start(Some(1), Running::Quiet);
        progress.messages(1);
        assert!(progress.drawing.is_none());
    }

    #[test]
    fn the_bars_can_be_drawn() {
        for total in [Some(10), None] {
            let is_over = AtomicBool::new(false);
            thread::scope(|scope| {
                let drawing =
                    scope.spawn(|| draw(total, &Meter::default(), &AtomicU64::new(3), &is_over));
                drawing.thread().unpark();
                thread::sleep(Duration::from_millis(20));
                is_over.store(true, Ordering::Relaxed);
                drawing.thread().unpark();
            });
        }
    }
}
