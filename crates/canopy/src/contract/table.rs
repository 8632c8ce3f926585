//! The table: a row is an operation.

use super::{Access, Answer, Body, Method, Repeat, Row, Scope};

/// Makes [`Operation`] and its rows of the table below, so that none has a row too few or too many.
macro_rules! operations {
    ($($name:ident $id:literal $method:ident $access:ident $scope:ident $body:ident $repeat:ident $answer:ident $path:literal)*) => {
        /// What can be asked of Canopy.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Operation {
            $(#[doc = concat!("`", $id, "`")] $name,)*
        }

        impl Operation {
            /// Every operation, in the table's order.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }

        const ROWS: &[Row] = &[$(Row {
            id: $id,
            method: Method::$method,
            access: Access::$access,
            scope: Scope::$scope,
            body: Body::$body,
            repeat: Repeat::$repeat,
            answer: Answer::$answer,
            path: $path,
        }),*];
    };
}

operations! {
    // name              operationId                       method access scope     body      repeat answer  path

    // Anybody may ask
    GetHealth            "get-health"                      Get    Open   Read      NoBody    Safe   AsIs    "/health"
    GetTerms             "get-tos"                         Get    Open   Read      NoBody    Safe   AsIs    "/tos"
    GetCarriers          "get-carriers"                    Get    Open   Read      NoBody    Safe   AsIs    "/carriers"
    GetCarrier           "get-carrier"                     Get    Open   Read      NoBody    Safe   AsIs    "/carriers/{carrierId}"
    // A pull's beginning
    PostConsent          "post-consent"                    Post   Client Write     Json      Once   AsIs    "/consent"
    ConsentAndConnect    "post-consent-and-connect"        Post   Client Write     Json      Once   PullJwt "/widget/pull/consentAndConnect"
    ConsentAndDocuments  "post-consent-and-documents"      Post   Client Write     Multipart Once   PullJwt "/widget/pull/consentAndDocuments"
    SearchPolicy         "post-policy-search"              Post   Client Write     Json      Once   PullJwt "/teams/{teamId}/policySearch"
    // The consumer's calls on it
    Connect              "post-connect"                    Post   Pull   Write     Json      Once   AsIs    "/widget/pull/{pullId}/connect"
    ChooseIdentityOption "post-idvoptions"                 Post   Pull   Write     Json      Once   AsIs    "/widget/pull/{pullId}/idvoptions"
    EnterIdentityCode    "post-idv"                        Post   Pull   Write     Json      Once   AsIs    "/widget/pull/{pullId}/idv"
    ConfirmServicing     "post-servicing-action"           Post   Pull   Servicing Json      Once   AsIs    "/widget/pull/{pullId}/servicingAction"
    UseReconnectToken    "post-reconnect-token"            Post   Client Write     Json      Once   PullJwt "/widget/pull/reconnectToken"
    // Pulls
    GetPulls             "get-pulls"                       Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/pulls"
    GetPull              "get-pull-by-id"                  Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/pulls/{pullId}"
    PatchPull            "patch-pull-by-id"                Patch  Client Write     Json      Same   AsIs    "/teams/{teamId}/pulls/{pullId}"
    GetDocument          "download-document-by-id"         Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/pulls/{pullId}/documents/{documentId}"
    GetDocumentPdf       "get-document-by-id"              Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/pulls/{pullId}/documents/{documentId}/pdf"
    GetFile              "download-file-by-id"             Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/pulls/{pullId}/answers/{answerId}/files/{fileId}"
    GetPolicyForm        "download-policy-form-by-id"      Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/policyForms/{policyFormId}"
    GetPolicyFormPdf     "get-policy-form-by-id"           Get    Client Read      NoBody    Safe   AsIs    "/policyforms/{policyFormId}/pdf"
    CheckPull            "post-pull-policy-check"          Post   Client Write     Json      Once   AsIs    "/teams/{teamId}/pulls/{pullId}/policyCheck"
    GetPullCheckPdf      "get-pull-policy-check-pdf"       Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/pulls/{pullId}/policyCheck/pdf"
    // Monitoring
    GetMonitorings       "get-monitorings"                 Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/monitorings"
    CreateMonitoring     "post-monitoring"                 Post   Client Write     Json      Once   AsIs    "/teams/{teamId}/monitorings"
    GetMonitoring        "get-monitoring"                  Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/monitorings/{monitoringId}"
    PatchMonitoring      "patch-monitoring"                Patch  Client Write     Json      Same   AsIs    "/teams/{teamId}/monitorings/{monitoringId}"
    DeleteMonitoring     "delete-monitoring"               Delete Client Write     NoBody    Same   AsIs    "/teams/{teamId}/monitorings/{monitoringId}"
    RefreshMonitoring    "post-monitoring-refresh"         Post   Client Write     NoBody    Once   AsIs    "/teams/{teamId}/monitorings/{monitoringId}/refresh"
    GetMonitoringEvents  "get-monitoring-events"           Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/monitorings/{monitoringId}/events"
    GetReconnectToken    "get-monitoring-reconnect-token"  Get    Client Write     NoBody    Safe   AsIs    "/teams/{teamId}/monitorings/{monitoringId}/reconnectToken"
    // Servicing
    GetServicings        "get-servicings"                  Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/servicings"
    CreateServicings     "post-servicings"                 Post   Client Servicing Json      Once   PullJwt "/teams/{teamId}/servicings"
    GetServicing         "get-servicing"                   Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/servicings/{servicingActionId}"
    // Enrichment
    GetPropertyData      "get-property-data"               Get    Client Write     NoBody    Safe   AsIs    "/teams/{teamId}/enrich/propertyData"
    GetDriverLicense     "get-enrichment-driverlicense"    Get    Client Write     NoBody    Safe   AsIs    "/teams/{teamId}/enrich/driverLicense"
    GetDrivingRecord     "get-enrichment-drivingrecordiq"  Get    Client Write     NoBody    Safe   AsIs    "/teams/{teamId}/enrich/drivingRecordIq"
    GetHousehold         "get-enrichment-household"        Get    Client Write     NoBody    Safe   AsIs    "/teams/{teamId}/enrich/household"
    // The team
    GetCheckSettings     "get-policy-check-team-settings"  Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/policyChecks/settings"
    SetCheckSettings     "post-policy-check-team-settings" Post   Client Admin     Json      Same   AsIs    "/teams/{teamId}/policyChecks/settings"
    GetWebhooks          "get-webhooks"                    Get    Client Read      NoBody    Safe   Secret  "/teams/{teamId}/webhooks"
    CreateWebhook        "post-webhooks"                   Post   Client Admin     Json      Once   Secret  "/teams/{teamId}/webhooks"
    PatchWebhook         "patch-webhook"                   Patch  Client Admin     Json      Same   AsIs    "/teams/{teamId}/webhooks/{webhookId}"
    DeleteWebhook        "delete-webhook"                  Delete Client Admin     NoBody    Same   AsIs    "/teams/{teamId}/webhooks/{webhookId}"
    GetWidgets           "get-widgets"                     Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/widgets"
    CreateWidget         "post-widgets"                    Post   Client Admin     Json      Once   AsIs    "/teams/{teamId}/widgets"
    GetWidget            "get-widgetId"                    Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}/widgets/{widgetId}"
    PatchWidget          "patch-widgetId"                  Patch  Client Admin     Json      Same   AsIs    "/teams/{teamId}/widgets/{widgetId}"
    DeleteWidget         "delete-widgetId"                 Delete Client Admin     NoBody    Same   AsIs    "/teams/{teamId}/widgets/{widgetId}"
    PutWidgetLogo        "put-widgetId-logo"               Put    Client Admin     Multipart Same   AsIs    "/teams/{teamId}/widgets/{widgetId}/logo"
    PutWidgetIcon        "put-widgetId-icon"               Put    Client Admin     Multipart Same   AsIs    "/teams/{teamId}/widgets/{widgetId}/icon"
    GetTeam              "get-team"                        Get    Client Read      NoBody    Safe   AsIs    "/teams/{teamId}"
    CreateTeam           "create-team"                     Post   Client Admin     Json      Once   Secret  "/teams"
    DeleteTeam           "delete-team"                     Delete Client Admin     NoBody    Same   AsIs    "/teams/{teamId}"
}

impl Operation {
    /// What the table says of it.
    #[must_use]
    pub const fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The operation of an `operationId`.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.row().id == id)
    }
}

/// Older paths of the consumer's calls, still served: the pull is named by its `pull-jwt` only.
/// Source: contract, "Components".
pub const OLDER_FORMS: [(&str, Operation); 4] = [
    ("/widget/pull/connect", Operation::Connect),
    ("/widget/pull/idv", Operation::EnterIdentityCode),
    ("/widget/pull/idvoptions", Operation::ChooseIdentityOption),
    ("/widget/pull/servicingAction", Operation::ConfirmServicing),
];
