//! Room for bodies in an isolate's memory, which all of its requests and objects share.
//!
//! Bodies are held as they are read, and let go when they are stored. Small ones are held side by side; of large ones
//! there is one at a time: a pull costs several times its size while it is sealed and stored, a document what
//! passes through. Who finds no room comes again later. Nothing here waits: a wait across objects would tie their contexts together.
//!
//! What strangers send at their own pace is lent its room: it never keeps out a webhook or a snapshot, and learns that its room is gone
//! when it asks again.

use crate::time::UnixMillis;

/// All bodies together, in bytes. An isolate has 128 MB; a body may stand there three times for a moment.
pub const CAPACITY_BYTES: usize = 32 * 1024 * 1024;

/// A body of more bytes than this is large.
pub const LARGE_BYTES: usize = 2 * 1024 * 1024;

/// What a large body takes that is passed on in chunks, in bytes: one here, two of JavaScript's, and the part of an upload that is
/// gathered where its length is not known. It is large whatever of it is here at a time.
pub const STREAM_BYTES: usize = 8 * 1024 * 1024;

/// What a stored document takes while it is read out, in bytes: a chunk here and one of JavaScript's. Readers stand side by side.
pub const READ_BYTES: usize = 2 * 1024 * 1024;

/// What is held for a body that is passed on in chunks, `bytes` in all or so far.
#[must_use]
pub const fn of_stream(bytes: usize) -> usize {
    if bytes > STREAM_BYTES { STREAM_BYTES } else { bytes }
}

/// How long a body is held that is not asked for again, in milliseconds. A context that the platform cancels never lets go.
pub const HOLD_MILLIS: u64 = 90_000;

/// The same while it is sent: whoever reads it may hang up unheard.
pub const SEND_MILLIS: u64 = 5_000;

/// Names one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u64);

#[derive(Debug)]
struct Held {
    ticket: Ticket,
    bytes: usize,
    until: UnixMillis,
    is_lent: bool,
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

    /// Holds `bytes` in all for the ticket, `millis` from `now`; gives whether there is room. Without, it holds what it
    /// held. What is lent is in nobody's way: the newest of it goes first.
    pub fn hold(&mut self, ticket: Ticket, bytes: usize, now: UnixMillis, millis: u64) -> bool {
        let has_room = self.take(ticket, bytes, now.plus(millis), now, false);
        while has_room && self.sum() > CAPACITY_BYTES {
            let Some(at) = self.held.iter().rposition(|held| held.is_lent) else { break };
            self.held.remove(at);
        }
        has_room
    }

    /// The same for a body that gives way: beside a large one of the others it finds room, but no second of its own kind does.
    pub fn lend(&mut self, ticket: Ticket, bytes: usize, now: UnixMillis, millis: u64) -> bool {
        self.take(ticket, bytes, now.plus(millis), now, true)
    }

    fn take(
        &mut self,
        ticket: Ticket,
        bytes: usize,
        until: UnixMillis,
        now: UnixMillis,
        is_lent: bool,
    ) -> bool {
        self.held.retain(|held| held.until > now);
        let others = || self.held.iter().filter(|held| held.ticket != ticket);
        let is_large_too = |held: &Held| held.is_lent == is_lent && held.bytes > LARGE_BYTES;
        let is_second = bytes > LARGE_BYTES && others().any(is_large_too);
        let sum: usize = others().filter(|held| is_lent || !held.is_lent).map(|held| held.bytes).sum();
        if is_second || sum.saturating_add(bytes) > CAPACITY_BYTES {
            return false;
        }
        match self.held.iter_mut().find(|held| held.ticket == ticket) {
            Some(held) => (held.bytes, held.until) = (bytes, until),
            None => self.held.push(Held { ticket, bytes, until, is_lent }),
        }
        true
    }

    fn sum(&self) -> usize {
        self.held.iter().map(|held| held.bytes).sum()
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
            assert!(room.hold(*ticket, LARGE_BYTES, NOW, HOLD_MILLIS));
        }
        assert!(room.hold(tickets[4], 24 * MIB, NOW, HOLD_MILLIS));
        assert!(!room.hold(tickets[5], LARGE_BYTES + 1, NOW, HOLD_MILLIS), "a second large one");
        assert!(!room.hold(tickets[5], 1, NOW, HOLD_MILLIS), "it is full");
        room.release(tickets[4]);
        assert!(room.hold(tickets[5], LARGE_BYTES + 1, NOW, HOLD_MILLIS));
    }

    #[test]
    fn a_large_body_that_passes_through_is_one_of_its_kind_and_leaves_room() {
        let mut room = Room::new();
        let tickets = [(); 14].map(|()| room.ticket());
        assert_eq!(of_stream(LARGE_BYTES), LARGE_BYTES, "a small one counts as it is");
        assert!(room.hold(tickets[0], of_stream(24 * MIB), NOW, HOLD_MILLIS));
        assert!(!room.hold(tickets[1], of_stream(24 * MIB), NOW, HOLD_MILLIS), "a second large one");
        assert!(
            tickets[2..].iter().all(|ticket| room.hold(*ticket, READ_BYTES, NOW, SEND_MILLIS)),
            "readers"
        );
    }

    #[test]
    fn a_body_grows_as_it_is_read() {
        let mut room = Room::new();
        let (first, second) = (room.ticket(), room.ticket());
        assert!(
            room.hold(first, LARGE_BYTES, NOW, HOLD_MILLIS)
                && room.hold(first, LARGE_BYTES + 1, NOW, HOLD_MILLIS)
        );
        assert!(
            room.hold(second, LARGE_BYTES, NOW, HOLD_MILLIS)
                && !room.hold(second, LARGE_BYTES + 1, NOW, HOLD_MILLIS)
        );
        assert!(room.hold(first, CAPACITY_BYTES - LARGE_BYTES, NOW, HOLD_MILLIS));
        assert!(
            !room.hold(first, CAPACITY_BYTES - LARGE_BYTES + 1, NOW, HOLD_MILLIS),
            "the second holds on to what it had"
        );
        assert!(!room.hold(first, usize::MAX, NOW, HOLD_MILLIS));
    }

    #[test]
    fn what_is_lent_keeps_nobody_out() {
        let mut room = Room::new();
        let [upload, second, small, snapshot, webhook] = [(); 5].map(|()| room.ticket());
        assert!(room.lend(upload, 24 * MIB, NOW, HOLD_MILLIS));
        assert!(!room.lend(second, LARGE_BYTES + 1, NOW, HOLD_MILLIS), "a second large one of its kind");
        assert!(room.lend(small, LARGE_BYTES, NOW, HOLD_MILLIS));
        assert!(room.hold(snapshot, 4 * MIB, NOW, HOLD_MILLIS), "a large one of another kind");
        assert!(room.lend(upload, 24 * MIB, NOW, HOLD_MILLIS), "all of it fits");
        assert!(room.hold(webhook, 2 * MIB, NOW, HOLD_MILLIS), "it is full but for what is lent");
        assert!(!room.lend(second, MIB, NOW, HOLD_MILLIS), "and lent no further");
        assert!(room.hold(snapshot, 24 * MIB, NOW, HOLD_MILLIS));
        assert!(!room.lend(upload, 24 * MIB, NOW, HOLD_MILLIS), "it was taken back");
        room.release(snapshot);
        assert!(room.lend(upload, 24 * MIB, NOW, HOLD_MILLIS), "there is room again");
    }

    #[test]
    fn what_nobody_lets_go_of_expires() {
        let mut room = Room::new();
        let (cancelled, next) = (room.ticket(), room.ticket());
        assert!(room.hold(cancelled, 24 * MIB, NOW, HOLD_MILLIS));
        assert!(!room.hold(next, 24 * MIB, NOW.plus(HOLD_MILLIS - 1), HOLD_MILLIS));
        assert!(room.hold(next, 24 * MIB, NOW.plus(HOLD_MILLIS), HOLD_MILLIS));
        room.release(cancelled);
        assert!(
            !room.hold(cancelled, 24 * MIB, NOW.plus(HOLD_MILLIS), HOLD_MILLIS),
            "what has expired lets go of nothing else"
        );
    }

    #[test]
    fn a_body_that_is_sent_is_let_go_of_when_its_reader_stalls() {
        let mut room = Room::new();
        let (sent, next) = (room.ticket(), room.ticket());
        assert!(room.hold(sent, 24 * MIB, NOW, HOLD_MILLIS));
        assert!(room.hold(sent, 24 * MIB, NOW, SEND_MILLIS), "it is read: from here on it is sent");
        assert!(!room.hold(next, 24 * MIB, NOW.plus(SEND_MILLIS - 1), HOLD_MILLIS));
        assert!(room.hold(next, 24 * MIB, NOW.plus(SEND_MILLIS), HOLD_MILLIS));
    }

    proptest! {
        #[test]
        fn never_more_than_fits_and_never_two_large_of_a_kind(
            steps in prop::collection::vec((0..6usize, 0..40 * MIB, 0..40_000u64, any::<bool>()), 1..60),
        ) {
            let (mut room, mut undisturbed) = (Room::new(), Room::new());
            let tickets = [(); 6].map(|()| (room.ticket(), undisturbed.ticket()).0);
            let mut now = NOW;
            for (at, bytes, millis, releases) in steps {
                now = now.plus(millis);
                match (releases, at % 2) {
                    (true, _) => {
                        room.release(tickets[at]);
                        undisturbed.release(tickets[at]);
                    }
                    (false, 0) => drop(room.lend(tickets[at], bytes, now, HOLD_MILLIS)),
                    (false, _) => prop_assert_eq!(
                        room.hold(tickets[at], bytes, now, HOLD_MILLIS),
                        undisturbed.hold(tickets[at], bytes, now, HOLD_MILLIS),
                        "what is lent is in nobody's way"
                    ),
                }
                prop_assert!(room.sum() <= CAPACITY_BYTES);
                for is_lent in [true, false] {
                    let large = |held: &&Held| held.is_lent == is_lent && held.bytes > LARGE_BYTES;
                    prop_assert!(room.held.iter().filter(large).count() <= 1);
                }
            }
        }
    }
}
