//! Room for bodies in an isolate's memory, which all of its requests and objects share.
//!
//! Bodies are held as they are read, and let go when they are stored. Small ones are held side by side; of large ones,
//! which cost several times their size while they are sealed or stored, there is one at a time. Who finds no room
//! comes again later. Nothing here waits: a wait across objects would tie their contexts together.

use crate::time::UnixMillis;

/// All bodies together, in bytes. An isolate has 128 MB; a body may stand there three times for a moment.
pub const CAPACITY_BYTES: usize = 32 * 1024 * 1024;

/// A body of more bytes than this is large.
pub const LARGE_BYTES: usize = 2 * 1024 * 1024;

/// How long a body is held at most, in milliseconds. A context that the platform cancels never lets go.
pub const HOLD_MILLIS: u64 = 90_000;

/// Names one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u64);

#[derive(Debug)]
struct Held {
    ticket: Ticket,
    bytes: usize,
    until: UnixMillis,
}

/// What is held.
#[derive(Debug, Default)]
pub struct Room {
    held: Vec<Held>,
    given: u64,
}

impl Room {
    /// Nothing held.
    #[must_use]
    pub const fn new() -> Self {
        Self { held: Vec::new(), given: 0 }
    }

    /// A ticket for a body that is about to come.
    pub fn ticket(&mut self) -> Ticket {
        self.given += 1;
        Ticket(self.given)
    }

    /// Holds `bytes` in all for the ticket; gives whether there is room. Without, it holds what it held.
    pub fn hold(&mut self, ticket: Ticket, bytes: usize, now: UnixMillis) -> bool {
        self.held.retain(|held| held.until > now);
        let others = || self.held.iter().filter(|held| held.ticket != ticket);
        let is_second = bytes > LARGE_BYTES && others().any(|held| held.bytes > LARGE_BYTES);
        let sum: usize = others().map(|held| held.bytes).sum();
        if is_second || sum.saturating_add(bytes) > CAPACITY_BYTES {
            return false;
        }
        let until = now.plus(HOLD_MILLIS);
        match self.held.iter_mut().find(|held| held.ticket == ticket) {
            Some(held) => (held.bytes, held.until) = (bytes, until),
            None => self.held.push(Held { ticket, bytes, until }),
        }
        true
    }

    /// Lets go of the ticket's body.
    pub fn release(&mut self, ticket: Ticket) {
        self.held.retain(|held| held.ticket != ticket);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);
    const MIB: usize = 1024 * 1024;

    #[test]
    fn small_bodies_stand_side_by_side_and_large_ones_one_at_a_time() {
        let mut room = Room::new();
        let tickets = [(); 8].map(|()| room.ticket());
        for ticket in &tickets[..4] {
            assert!(room.hold(*ticket, LARGE_BYTES, NOW));
        }
        assert!(room.hold(tickets[4], 24 * MIB, NOW));
        assert!(!room.hold(tickets[5], LARGE_BYTES + 1, NOW), "a second large one");
        assert!(!room.hold(tickets[5], 1, NOW), "it is full");
        room.release(tickets[4]);
        assert!(room.hold(tickets[5], LARGE_BYTES + 1, NOW));
    }

    #[test]
    fn a_body_grows_as_it_is_read() {
        let mut room = Room::new();
        let (first, second) = (room.ticket(), room.ticket());
        assert!(room.hold(first, LARGE_BYTES, NOW) && room.hold(first, LARGE_BYTES + 1, NOW));
        assert!(room.hold(second, LARGE_BYTES, NOW) && !room.hold(second, LARGE_BYTES + 1, NOW));
        assert!(room.hold(first, CAPACITY_BYTES - LARGE_BYTES, NOW));
        assert!(
            !room.hold(first, CAPACITY_BYTES - LARGE_BYTES + 1, NOW),
            "the second holds on to what it had"
        );
        assert!(!room.hold(first, usize::MAX, NOW));
    }

    #[test]
    fn what_nobody_lets_go_of_expires() {
        let mut room = Room::new();
        let (cancelled, next) = (room.ticket(), room.ticket());
        assert!(room.hold(cancelled, 24 * MIB, NOW));
        assert!(!room.hold(next, 24 * MIB, NOW.plus(HOLD_MILLIS - 1)));
        assert!(room.hold(next, 24 * MIB, NOW.plus(HOLD_MILLIS)));
        room.release(cancelled);
        assert!(
            !room.hold(cancelled, 24 * MIB, NOW.plus(HOLD_MILLIS)),
            "what has expired lets go of nothing else"
        );
    }

    proptest! {
        #[test]
        fn never_more_than_fits_and_never_two_large(
            steps in prop::collection::vec((0..6usize, 0..40 * MIB, 0..40_000u64, any::<bool>()), 1..60),
        ) {
            let mut room = Room::new();
            let tickets = [(); 6].map(|()| room.ticket());
            let mut now = NOW;
            for (at, bytes, millis, releases) in steps {
                now = now.plus(millis);
                if releases { room.release(tickets[at]) } else { let _ = room.hold(tickets[at], bytes, now); }
                prop_assert!(room.held.iter().map(|held| held.bytes).sum::<usize>() <= CAPACITY_BYTES);
                prop_assert!(room.held.iter().filter(|held| held.bytes > LARGE_BYTES).count() <= 1);
            }
        }
    }
}
