//! SIGINT and SIGTERM: a run that is told to stop finishes the documents that it is reading, writes down what
//! it has read, and ends. Told twice, it dies at once, which does no harm either.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Failure;

/// Whether the run was told to stop.
#[derive(Debug, Default)]
pub struct Stop {
    signals: Vec<(&'static str, Arc<AtomicBool>)>,
}

impl Stop {
    /// Listens from now on.
    ///
    /// # Errors
    /// If the operating system does not let it.
    #[cfg(unix)]
    pub fn listen() -> Result<Self, Failure> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        use signal_hook::flag::{register, register_conditional_default};
        let mut stop = Self::default();
        for (name, signal) in [("SIGINT", SIGINT), ("SIGTERM", SIGTERM)] {
            let told = Arc::new(AtomicBool::new(false));
            // The order matters: the second signal finds what the first has set.
            register_conditional_default(signal, Arc::clone(&told)).map_err(Failure::Signals)?;
            register(signal, Arc::clone(&told)).map_err(Failure::Signals)?;
            stop.signals.push((name, told));
        }
        Ok(stop)
    }

    /// Where there are no such signals, nothing stops a run but its end.
    ///
    /// # Errors
    /// Never.
    #[cfg(not(unix))]
    pub fn listen() -> Result<Self, Failure> {
        Ok(Self::default())
    }

    /// Fails if the run was told to stop.
    ///
    /// # Errors
    /// [`Failure::Stopped`].
    pub fn check(&self) -> Result<(), Failure> {
        match self.signals.iter().find(|(_, told)| told.load(Ordering::Relaxed)) {
            Some((signal, _)) => Err(Failure::Stopped { signal }),
            None => Ok(()),
        }
    }
}
