//! When the pulls of a local run have something due, as far as this isolate knows: its clock is moved, and alarms are not.

use std::{cell::RefCell, collections::BTreeMap};

use canopy::{id::PullId, time::UnixMillis};

thread_local! {
    static COMING: RefCell<BTreeMap<PullId, Option<UnixMillis>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Something of the pull is due then; nothing for `None`.
pub fn expect(pull_id: &PullId, due: Option<UnixMillis>) {
    COMING.with_borrow_mut(|coming| coming.insert(pull_id.clone(), due));
}

/// What is due by `until`, in no order.
pub fn by(until: UnixMillis) -> Vec<(PullId, UnixMillis)> {
    let due = |(id, due): (&PullId, &Option<UnixMillis>)| {
        due.filter(|due| *due <= until).map(|due| (id.clone(), due))
    };
    COMING.with_borrow(|coming| coming.iter().filter_map(due).collect())
}

/// Whether this isolate knows what is due of the pull.
pub fn knows(pull_id: &PullId) -> bool {
    COMING.with_borrow(|coming| coming.contains_key(pull_id))
}
