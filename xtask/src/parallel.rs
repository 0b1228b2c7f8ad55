//! One function over many items on several threads, the results in the order of the items.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// As many as can run at once on this machine; one where that is not known. To find out takes the reading of several
/// files of the kernel's, so nobody asks twice.
#[must_use]
pub fn threads() -> NonZeroUsize {
    static THREADS: OnceLock<NonZeroUsize> = OnceLock::new();
    *THREADS.get_or_init(|| std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
}

/// `work` on every item, on up to `threads` threads. An item is gone as soon as its work is done.
///
/// Each thread has a part of the items to itself, and takes from the end of the others' once it is done with that. Who
/// goes over the same items twice mostly meets what the same thread made of them before: memory goes back to where it
/// came from, and no thread waits for another's.
///
/// # Panics
/// If `work` does.
pub fn map<T: Send, R: Send>(
    threads: NonZeroUsize,
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let threads = threads.get().min(items.len());
    if threads < 2 {
        return items.into_iter().map(work).collect();
    }
    let count = items.len();
    let shares = Share::of(items, threads);
    let run = |own: usize| {
        let mut done = Vec::with_capacity(count / threads);
        while let Some((index, item)) = shares[own].first() {
            done.push((index, work(item)));
        }
        for other in shares.iter().cycle().skip(own + 1).take(threads - 1) {
            while let Some((index, item)) = other.last() {
                done.push((index, work(item)));
            }
        }
        done
    };
    let run = &run;
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|own| scope.spawn(move || run(own)))
            .collect();
        let mut done = run(0);
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// How many items [`map_in_batches`] works on before it hands the results on.
const BATCH: usize = 512;

/// As [`map`], but `take` gets the results part by part, in order, and how many are still to come: of many items there
/// are never all results at once beside what `take` makes of them.
///
/// # Panics
/// If `work` or `take` does.
pub fn map_in_batches<T: Send, R: Send>(
    threads: NonZeroUsize,
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(Vec<R>, usize),
) {
    let mut items = items.into_iter();
    loop {
        let batch: Vec<T> = items.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return;
        }
        let results = map(threads, batch, &work);
        take(results, items.len());
    }
}

/// The items of one thread that nobody has taken yet, each with its place in the whole.
struct Share<T>(Mutex<std::vec::IntoIter<(usize, T)>>);

impl<T> Share<T> {
    /// Shares of as many items as can be, in order.
    fn of(items: Vec<T>, count: usize) -> Vec<Self> {
        let length = items.len().div_ceil(count);
        let mut items = items.into_iter().enumerate();
        let shares = (0..count).map(|_| items.by_ref().take(length).collect::<Vec<_>>());
        shares
            .map(|share| Self(Mutex::new(share.into_iter())))
            .collect()
    }

    fn first(&self) -> Option<(usize, T)> {
        self.items().next()
    }

    fn last(&self) -> Option<(usize, T)> {
        self.items().next_back()
    }

    fn items(&self) -> MutexGuard<'_, std::vec::IntoIter<(usize, T)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Two different things at once: the first on another thread. For what mostly waits, as programs that are started do.
///
/// # Panics
/// If one of them does.
pub fn both<A: Send, B>(beside: impl FnOnce() -> A + Send, here: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let beside = scope.spawn(beside);
        let here = here();
        match beside.join() {
            Ok(beside) => (beside, here),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_run_at_once() {
        let (send, receive) = std::sync::mpsc::channel();
        // Waits for what is done here.
        let both = both(move || receive.recv(), || send.send(1).map(|()| 2));
        assert_eq!(both, (Ok(1), Ok(2)));
    }

    #[test]
    fn batches_are_all_items_in_order() {
        for count in [0, 1, BATCH, 2 * BATCH + 1] {
            let (mut found, mut batches) = (Vec::new(), 0);
            let threads = NonZeroUsize::new(2).unwrap();
            let take = |mut results: Vec<usize>, left| {
                batches += 1;
                found.append(&mut results);
                assert_eq!(found.len() + left, count);
            };
            map_in_batches(threads, (0..count).collect(), |item| item * 2, take);
            let expected: Vec<usize> = (0..count).map(|item| item * 2).collect();
            assert_eq!((found, batches), (expected, count.div_ceil(BATCH)));
        }
    }

    #[test]
    fn results_come_in_the_order_of_the_items_however_many_threads_there_are() {
        for threads in 1..5 {
            for count in [0, 1, 2, 100] {
                let items: Vec<usize> = (0..count).collect();
                let doubled = map(NonZeroUsize::new(threads).unwrap(), items, |item| item * 2);
                let expected: Vec<usize> = (0..count).map(|item| item * 2).collect();
                assert_eq!(doubled, expected);
            }
        }
    }
}
