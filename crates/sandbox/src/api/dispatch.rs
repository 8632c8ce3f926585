//! Which function is which operation: each of the table has one.

use canopy::contract::Operation;
use serde_json::json;

use super::{
    enrich,
    request::{Outcome, Request, ok},
};
use crate::world::World;

impl World {
    pub(super) fn dispatch(&mut self, operation: Operation, request: &Request<'_>) -> Outcome {
        match operation {
            Operation::GetHealth => ok(&json!({"healthy": true})),
            Operation::GetTerms => Self::terms(),
            Operation::GetCarriers => self.carriers(request),
            Operation::GetCarrier => self.carrier(request),
            Operation::PostConsent => self.consent(request),
            Operation::ConsentAndConnect => self.consent_and_connect(request),
            Operation::ConsentAndDocuments => self.consent_and_documents(request),
            Operation::SearchPolicy => self.policy_search(request),
            Operation::Connect => self.connect(request),
            Operation::ChooseIdentityOption => self.choose_option(request),
            Operation::EnterIdentityCode => self.enter_code(request),
            Operation::ConfirmServicing => self.answer_servicing_action(request),
            Operation::UseReconnectToken => self.use_reconnect_token(request),
            Operation::GetPulls => self.list_pulls(request),
            Operation::GetPull => self.get_pull(request),
            Operation::PatchPull => self.patch_pull(request),
            Operation::CheckPull => self.check_pull(request),
            Operation::GetPullCheckPdf => self.policy_check_pdf(request),
            Operation::GetDocumentPdf => self.document_bytes(request),
            Operation::GetDocument => self.document_link(request),
            Operation::GetFile => self.file_link(request),
            Operation::GetPolicyFormPdf => self.policy_form_bytes(request),
            Operation::GetPolicyForm => self.policy_form_link(request),
            Operation::GetWebhooks => self.list_webhooks(request),
            Operation::CreateWebhook => self.register_webhook(request),
            Operation::PatchWebhook => self.patch_webhook(request),
            Operation::DeleteWebhook => self.delete_webhook(request),
            Operation::GetMonitorings => self.list_monitorings(request),
            Operation::CreateMonitoring => self.create_monitoring(request),
            Operation::GetMonitoring => self.get_monitoring(request),
            Operation::PatchMonitoring => self.patch_monitoring(request),
            Operation::DeleteMonitoring => self.delete_monitoring(request),
            Operation::RefreshMonitoring => self.refresh_monitoring(request),
            Operation::GetMonitoringEvents => self.events_of_monitoring(request),
            Operation::GetReconnectToken => self.reconnect_token(request),
            Operation::GetServicings => self.list_servicings(request),
            Operation::CreateServicings => self.create_servicings(request),
            Operation::GetServicing => self.get_servicing(request),
            Operation::GetPropertyData => enrich::property_data(request),
            Operation::GetDriverLicense => enrich::driver_license(request),
            Operation::GetDrivingRecord => enrich::driving_record(request),
            Operation::GetHousehold => enrich::household(request),
            Operation::GetCheckSettings => self.policy_check_settings(request),
            Operation::SetCheckSettings => self.set_policy_check_settings(request),
            Operation::GetWidgets => self.list_widgets(request),
            Operation::CreateWidget => self.create_widget(request),
            Operation::GetWidget => self.get_widget(request),
            Operation::PatchWidget => self.patch_widget(request),
            Operation::DeleteWidget => self.delete_widget(request),
            Operation::PutWidgetLogo => self.put_widget_image(request, "logo"),
            Operation::PutWidgetIcon => self.put_widget_image(request, "icon"),
            Operation::GetTeam => self.get_team(request),
            Operation::CreateTeam => self.create_team(request),
            Operation::DeleteTeam => self.delete_team(request),
        }
    }
}
