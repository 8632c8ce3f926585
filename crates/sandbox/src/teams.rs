//! Whose is what: a team sees what is its own, and of the others' not even that it exists.

use crate::{rows::Pull, world::World};

impl World {
    /// The pull with this id, if it is this team's.
    #[must_use]
    pub fn pull_of(&self, team_id: &str, pull_id: &str) -> Option<&Pull> {
        self.pulls.get(pull_id).filter(|pull| pull.team_id == team_id)
    }

    /// The link with this alias: its id and its team.
    #[must_use]
    pub fn widget_of(&self, public_alias: &str) -> Option<(String, String)> {
        let configured = self.config.teams.iter().find(|team| team.public_alias == public_alias);
        let configured = configured.map(|team| (team.widget_id(), team.team_id.clone()));
        configured.or_else(|| {
            let made = self.widgets.iter().find(|(_, widget)| widget.shown["public_alias"] == public_alias);
            made.map(|(id, widget)| (id.clone(), widget.team_id.clone()))
        })
    }

    /// The team to whose monitoring this token belongs.
    #[must_use]
    pub fn team_of_reconnect(&self, token: &str) -> Option<&str> {
        let monitoring = self.monitorings.values().find(|it| it.reconnect_token.as_deref() == Some(token))?;
        self.pulls.get(&monitoring.initial_pull_id).map(|pull| pull.team_id.as_str())
    }
}
