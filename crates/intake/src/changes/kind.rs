//! What kinds of change there are.

use serde::{Serialize, Serializer};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)+) => {
        /// A kind of change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ChangeKind { $($(#[$doc])* $kind,)+ }

        impl ChangeKind {
            /// All.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// What it is called.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                [$($name,)+][self as usize]
            }
        }
    };
}

kinds! {
    /// How the person that shared the pull is called or reached.
    ContactChanged = "contact_changed",
    /// How a person or a business is called or reached, or what it does.
    PersonChanged = "person_changed",
    /// What a driver is: licence, birth date, marital status and the like; excluded from a vehicle, or its primary driver.
    DriverChanged = "driver_changed",
    /// Somebody drives who did not.
    DriverAdded = "driver_added",
    /// Somebody drives no longer.
    DriverRemoved = "driver_removed",
    /// A driver drives another vehicle, too.
    DriverAssigned = "driver_assigned",
    /// A driver drives a vehicle no longer, but is a driver still.
    DriverUnassigned = "driver_unassigned",
    /// A policy is there that was not.
    PolicyAdded = "policy_added",
    /// A policy is there no longer.
    PolicyRemoved = "policy_removed",
    /// What a policy is: its number, type, carrier, state and the like.
    PolicyChanged = "policy_changed",
    /// A policy's status, or the day on which it is cancelled.
    StatusChanged = "status_changed",
    /// A policy's term: both its first and its last day moved on.
    TermRenewed = "term_renewed",
    /// A policy's term in another way.
    TermChanged = "term_changed",
    /// What was paid and is due, and how often.
    PaymentChanged = "payment_changed",
    /// A premium: of a policy, a coverage, an operation, or of coverages that are priced together.
    PremiumChanged = "premium_changed",
    /// A coverage's limit.
    LimitChanged = "limit_changed",
    /// A deductible.
    DeductibleChanged = "deductible_changed",
    /// A coverage is there that was not.
    CoverageAdded = "coverage_added",
    /// A coverage is there no longer.
    CoverageRemoved = "coverage_removed",
    /// A coverage in another way: declined, stacked, at actual cash value and the like.
    CoverageChanged = "coverage_changed",
    /// Somebody is insured by a policy who was not.
    InsuredAdded = "insured_added",
    /// Somebody is insured by a policy no longer.
    InsuredRemoved = "insured_removed",
    /// Who is the primary insured of a policy.
    InsuredChanged = "insured_changed",
    /// A vehicle is there that was not.
    VehicleAdded = "vehicle_added",
    /// A vehicle is there no longer, or marked as removed.
    VehicleRemoved = "vehicle_removed",
    /// What a vehicle is, how far and for what it is driven.
    VehicleChanged = "vehicle_changed",
    /// Who has a lien on a vehicle.
    LienholderChanged = "lienholder_changed",
    /// A dwelling is there that was not.
    DwellingAdded = "dwelling_added",
    /// A dwelling is there no longer.
    DwellingRemoved = "dwelling_removed",
    /// A dwelling's values and how losses are settled.
    DwellingChanged = "dwelling_changed",
    /// A location is there that was not.
    LocationAdded = "location_added",
    /// A location is there no longer.
    LocationRemoved = "location_removed",
    /// A location's number, and how losses are settled.
    LocationChanged = "location_changed",
    /// What the public record says of a property.
    PropertyChanged = "property_changed",
    /// An address of the account is there that was not.
    AddressAdded = "address_added",
    /// An address of the account is there no longer.
    AddressRemoved = "address_removed",
    /// An address, wherever one stands.
    AddressChanged = "address_changed",
    /// An operation is there that was not.
    OperationAdded = "operation_added",
    /// An operation is there no longer.
    OperationRemoved = "operation_removed",
    /// An operation's class, remunerations and rate.
    OperationChanged = "operation_changed",
    /// A mortgagee is there that was not.
    MortgageeAdded = "mortgagee_added",
    /// A mortgagee is there no longer.
    MortgageeRemoved = "mortgagee_removed",
    /// A mortgagee's name, rank or loan.
    MortgageeChanged = "mortgagee_changed",
    /// An additional interest is there that was not.
    InterestAdded = "interest_added",
    /// An additional interest is there no longer.
    InterestRemoved = "interest_removed",
    /// An additional interest's name, type or ways to reach it.
    InterestChanged = "interest_changed",
    /// A form or endorsement is there that was not.
    FormAdded = "form_added",
    /// A form or endorsement is there no longer.
    FormRemoved = "form_removed",
    /// A form or endorsement.
    FormChanged = "form_changed",
    /// Details of a life policy are there that were not.
    LifeAdded = "life_added",
    /// Details of a life policy are there no longer.
    LifeRemoved = "life_removed",
    /// Details of a life policy: amounts, values, owner and payor.
    LifeChanged = "life_changed",
    /// A rider is there that was not.
    RiderAdded = "rider_added",
    /// A rider is there no longer.
    RiderRemoved = "rider_removed",
    /// A rider.
    RiderChanged = "rider_changed",
    /// A beneficiary is there that was not.
    BeneficiaryAdded = "beneficiary_added",
    /// A beneficiary is there no longer.
    BeneficiaryRemoved = "beneficiary_removed",
    /// A beneficiary's name, rank or share.
    BeneficiaryChanged = "beneficiary_changed",
    /// A claim is there that was not, and is not said to be open.
    ClaimAdded = "claim_added",
    /// A claim is there no longer.
    ClaimRemoved = "claim_removed",
    /// A claim is open: one that was not there, or that was not open.
    ClaimOpened = "claim_opened",
    /// A claim was closed.
    ClaimClosed = "claim_closed",
    /// A claim in another way: payout, dates, who handles it, what it belongs to.
    ClaimChanged = "claim_changed",
    /// A loss of a business is there that was not.
    LossAdded = "loss_added",
    /// A loss of a business is there no longer.
    LossRemoved = "loss_removed",
    /// A loss of a business: dates and amounts.
    LossChanged = "loss_changed",
    /// An accident or violation is there that was not.
    DrivingRecordAdded = "driving_record_added",
    /// An accident or violation is there no longer.
    DrivingRecordRemoved = "driving_record_removed",
    /// An accident or violation.
    DrivingRecordChanged = "driving_record_changed",
    /// A document is there that was not.
    DocumentAdded = "document_added",
    /// A document is there no longer.
    DocumentRemoved = "document_removed",
    /// A document's title, type, day or policy.
    DocumentChanged = "document_changed",
    /// An agent is there that was not.
    AgentAdded = "agent_added",
    /// An agent is there no longer.
    AgentRemoved = "agent_removed",
    /// An agent's names, ways to reach them, and policies.
    AgentChanged = "agent_changed",
    /// An answer of the consumer is there that was not.
    AnswerAdded = "answer_added",
    /// An answer of the consumer is there no longer.
    AnswerRemoved = "answer_removed",
    /// An answer of the consumer.
    AnswerChanged = "answer_changed",
}

impl Serialize for ChangeKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
