//! Widgets: the links consumers open.

use serde_json::{Value, json};

use super::{
    multipart,
    request::{Outcome, Refusal, Request, ok},
};
use crate::{config::Team, ids, rows::Widget, world::World};

const DEFAULT_LIMIT: usize = 100;
/// What a caller may set.
const SETTABLE: [&str; 7] = [
    "intro_title",
    "public_alias",
    "company_name",
    "brand_color_hex",
    "success_message",
    "on_success_redirect_url",
    "cobranded_intro_screen",
];

impl World {
    /// The link of a team's configuration, unless it was changed over the API; for any other team what its links begin as.
    fn first_widget(&self, team_id: &str, origin: &str) -> Value {
        let team = self.config.team(team_id).unwrap_or_else(|| self.config.first());
        let alias = &team.public_alias;
        json!({
            "widget_id": team.widget_id(),
            "intro_title": "Share your insurance",
            "public_alias": alias,
            "company_name": team.company_name,
            "success_message": "Thank you. Your agent has what they need.",
            "on_success_redirect_url": null,
            "is_sandbox": true,
            "brand_color_hex": "405dff",
            "cobranded_intro_screen": false,
            "public_url": format!("{origin}/c/{alias}"),
            "logo_src": null,
            "icon_src": null,
            "agents": [{"agent_id": ids::derived_uuid(&["agent"]), "email": "demo@example.com", "first_name": "John", "last_name": "Doe", "role": "ADMIN"}],
        })
    }

    /// The links of the team that calls, that of the configuration first.
    fn all_widgets(&self, request: &Request<'_>) -> Vec<Value> {
        let team_id = &request.team_id;
        let first = self.config.team(team_id).map(Team::widget_id);
        let configured = first.as_ref().map(|id| match self.widgets.get(id) {
            Some(changed) => changed.shown.clone(),
            None => self.first_widget(team_id, &request.call.origin),
        });
        let made =
            self.widgets.iter().filter(|(id, it)| it.team_id == *team_id && Some(*id) != first.as_ref());
        configured.into_iter().chain(made.map(|(_, widget)| widget.shown.clone())).collect()
    }

    pub(super) fn list_widgets(&self, request: &Request<'_>) -> Outcome {
        let malformed = Refusal("VALIDATION_ERROR");
        let limit = request.number("limit", DEFAULT_LIMIT, DEFAULT_LIMIT, malformed)?;
        let all = self.all_widgets(request);
        let after = match request.call.parameter("before") {
            None => 0,
            Some(before) => all.iter().position(|widget| widget["widget_id"] == before).ok_or(malformed)? + 1,
        };
        let page: Vec<Value> = all.into_iter().skip(after).take(limit).collect();
        ok(&json!({"success": true, "widgets": page}))
    }

    pub(super) fn get_widget(&self, request: &Request<'_>) -> Outcome {
        ok(&json!({"success": true, "widget": self.named_widget(request)?}))
    }

    pub(super) fn create_widget(&mut self, request: &Request<'_>) -> Outcome {
        let body = request.body();
        let alias = body["public_alias"].as_str().map_or_else(ids::random_uuid, str::to_owned);
        if self.widget_of(&alias).is_some() {
            return Err(Refusal("ALREADY_EXISTS"));
        }
        let id = ids::random_uuid();
        let mut widget = self.first_widget(&request.team_id, &request.call.origin);
        widget["widget_id"] = json!(id);
        widget["public_alias"] = json!(alias);
        self.store_widget(request, id, widget, &body)
    }

    pub(super) fn patch_widget(&mut self, request: &Request<'_>) -> Outcome {
        let widget = self.named_widget(request)?;
        let body = request.body();
        if body["public_alias"].as_str().is_some_and(|alias| {
            self.widget_of(alias).is_some_and(|(id, _)| id != request.parameter("widgetId"))
        }) {
            return Err(Refusal("ALREADY_EXISTS"));
        }
        self.store_widget(request, request.parameter("widgetId").to_owned(), widget, &body)
    }

    fn store_widget(
        &mut self,
        request: &Request<'_>,
        id: String,
        mut widget: Value,
        body: &Value,
    ) -> Outcome {
        for field in SETTABLE {
            if !body[field].is_null() {
                widget[field] = body[field].clone();
            }
        }
        widget["public_url"] = json!(format!(
            "{}/c/{}",
            request.call.origin,
            widget["public_alias"].as_str().unwrap_or_default()
        ));
        self.widgets.insert(id, Widget { team_id: request.team_id.clone(), shown: widget.clone() });
        ok(&json!({"success": true, "widget": widget}))
    }

    pub(super) fn delete_widget(&mut self, request: &Request<'_>) -> Outcome {
        self.named_widget(request)?;
        // The link of the configuration goes back to what it was.
        self.widgets.remove(request.parameter("widgetId"));
        ok(&json!({"success": true}))
    }

    pub(super) fn put_widget_image(&mut self, request: &Request<'_>, name: &str) -> Outcome {
        let mut widget = self.named_widget(request)?;
        let form = multipart::fields(request.call).ok_or(Refusal("INVALID_INPUT"))?;
        if form.files.len() != 1 {
            return Err(Refusal("INVALID_IMAGE"));
        }
        let id = request.parameter("widgetId").to_owned();
        widget[format!("{name}_src")] =
            json!(format!("{}/widget-static/img/widget-logos/{id}/{name}.png", request.call.origin));
        self.widgets.insert(id, Widget { team_id: request.team_id.clone(), shown: widget.clone() });
        ok(&json!({"success": true, "widget": widget}))
    }

    fn named_widget(&self, request: &Request<'_>) -> Result<Value, Refusal> {
        let id = request.id("widgetId", Refusal("NOT_FOUND"))?;
        self.all_widgets(request)
            .into_iter()
            .find(|widget| widget["widget_id"] == id)
            .ok_or(Refusal("NOT_FOUND"))
    }
}
