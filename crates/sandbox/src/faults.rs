//! Faults on demand: what goes wrong next, and where.

use crate::{
    rows::{Fault, FaultStep},
    world::World,
};

impl World {
    /// Takes the next fault step meant for this operation.
    pub fn take_fault(&mut self, operation: &str) -> FaultStep {
        let wanted = |fault: &Fault| fault.operation == operation || fault.operation == "*";
        let Some(id) = self.faults.iter().find(|(_, fault)| wanted(fault)).map(|(id, _)| id.clone()) else {
            return FaultStep::default();
        };
        let Some(fault) = self.faults.get_mut(&id) else { return FaultStep::default() };
        let step = fault.steps.front().cloned().unwrap_or_default();
        match fault.steps.front_mut().and_then(|front| front.times.as_mut()) {
            Some(times) if *times > 1 => *times -= 1,
            _ => {
                fault.steps.pop_front();
            }
        }
        if fault.steps.is_empty() {
            self.faults.remove(&id);
        }
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn steps_are_used_up_one_call_each_in_order() {
        let mut world = World::new(Config::read(|_| None));
        let fault = serde_json::from_str(
            r#"{"operation":"get-pulls","steps":[{"status":429,"retry_after":2},{"status":500,"times":2},{"hang":true}]}"#,
        );
        world.faults.insert("1", fault.unwrap());
        assert_eq!(world.take_fault("get-tos"), FaultStep::default());
        let statuses: Vec<Option<u16>> = (0..5).map(|_| world.take_fault("get-pulls").status).collect();
        assert_eq!(statuses, [Some(429), Some(500), Some(500), None, None]);
        assert!(world.faults.is_empty());
    }
}
