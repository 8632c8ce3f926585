//! The least auto liability that each state asks for.

/// The day that the table is for.
pub const AS_OF: &str = "2026-01-01";

/// What is asked for whether or not the owner would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Bodily injury and property damage liability.
    Both,
    /// Property damage liability; bodily injury liability only has to suffice where it is bought.
    PropertyDamage,
    /// Nothing; what is bought has to suffice.
    Nothing,
}

/// A state's least limits of a standard policy for private cars, in thousands of dollars.
#[derive(Debug, Clone, Copy)]
pub struct Minimum {
    /// Its two letters.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Bodily injury, per person.
    pub per_person: i64,
    /// Bodily injury, per accident.
    pub per_incident: i64,
    /// Property damage, per accident.
    pub property: i64,
    /// A combined single limit, where the law names a lower one than both limits per accident together.
    pub single: Option<i64>,
    /// What has to be bought.
    pub duty: Duty,
    /// The day from which policies that begin or renew need these limits, where they were raised since 2025.
    pub since: Option<&'static str>,
    /// The law.
    pub law: &'static str,
}

const fn minimum(code: &'static str, name: &'static str, limits: [i64; 3], law: &'static str) -> Minimum {
    let [per_person, per_incident, property] = limits;
    Minimum {
        code,
        name,
        per_person,
        per_incident,
        property,
        single: None,
        duty: Duty::Both,
        since: None,
        law,
    }
}

impl Minimum {
    const fn since(mut self, day: &'static str) -> Self {
        self.since = Some(day);
        self
    }

    const fn single(mut self, thousands: i64) -> Self {
        self.single = Some(thousands);
        self
    }

    const fn duty(mut self, duty: Duty) -> Self {
        self.duty = duty;
        self
    }

    /// The minimum of the state that `text` names, by its letters or its name.
    pub fn of(text: &str) -> Option<&'static Self> {
        let text = text.trim();
        let is_it = |minimum: &&Self| {
            minimum.code.eq_ignore_ascii_case(text) || minimum.name.eq_ignore_ascii_case(text)
        };
        MINIMUMS.iter().find(is_it)
    }
}

/// All states and the District of Columbia as of [`AS_OF`], each with its law.
///
/// What was raised last: California (SB 1107), Utah (HB 113) and Virginia on 2025-01-01, North Carolina (S.L. 2023-133) and
/// Massachusetts (H.5111) on 2025-07-01, New Jersey (P.L. 2022, c. 87) and Hawaii (Act 138 of 2024) on 2026-01-01. Not here:
/// New Jersey's basic policy, California's low cost program, higher limits for trucks and for hire, personal injury
/// protection, New York's higher limits for death, and Michigan's property protection. Tennessee's single limit is the one before
/// 2023, as no later one was found: none above it is called too low. Michigan's are those that an owner may choose instead of 250/500.
pub const MINIMUMS: &[Minimum] = &[
    minimum("AL", "Alabama", [25, 50, 25], "Ala. Code § 32-7-6"),
    minimum("AK", "Alaska", [50, 100, 25], "Alaska Stat. § 28.22.101"),
    minimum("AZ", "Arizona", [25, 50, 15], "Ariz. Rev. Stat. § 28-4009"),
    minimum("AR", "Arkansas", [25, 50, 25], "Ark. Code § 27-22-104"),
    minimum("CA", "California", [30, 60, 15], "Cal. Ins. Code § 11580.1b").since("2025-01-01"),
    minimum("CO", "Colorado", [25, 50, 15], "Colo. Rev. Stat. § 10-4-620"),
    minimum("CT", "Connecticut", [25, 50, 25], "Conn. Gen. Stat. § 14-112"),
    minimum("DE", "Delaware", [25, 50, 10], "Del. Code tit. 21, §§ 2118, 2902"),
    minimum("DC", "District of Columbia", [25, 50, 10], "D.C. Code § 31-2406"),
    minimum("FL", "Florida", [10, 20, 10], "Fla. Stat. §§ 324.021, 324.022")
        .single(30)
        .duty(Duty::PropertyDamage),
    minimum("GA", "Georgia", [25, 50, 25], "Ga. Code §§ 33-34-4, 33-7-11"),
    minimum("HI", "Hawaii", [40, 80, 20], "Haw. Rev. Stat. § 431:10C-301").since("2026-01-01"),
    minimum("ID", "Idaho", [25, 50, 15], "Idaho Code § 49-117"),
    minimum("IL", "Illinois", [25, 50, 20], "625 Ill. Comp. Stat. 5/7-203"),
    minimum("IN", "Indiana", [25, 50, 25], "Ind. Code § 9-25-4-5"),
    minimum("IA", "Iowa", [20, 40, 15], "Iowa Code § 321A.21"),
    minimum("KS", "Kansas", [25, 50, 25], "Kan. Stat. § 40-3107"),
    minimum("KY", "Kentucky", [25, 50, 25], "Ky. Rev. Stat. § 304.39-110").single(60),
    minimum("LA", "Louisiana", [15, 30, 25], "La. Rev. Stat. § 32:900"),
    minimum("ME", "Maine", [50, 100, 25], "Me. Rev. Stat. tit. 29-A, § 1605"),
    minimum("MD", "Maryland", [30, 60, 15], "Md. Code, Transp. § 17-103"),
    minimum("MA", "Massachusetts", [25, 50, 30], "Mass. Gen. Laws ch. 90, § 34A").since("2025-07-01"),
    minimum("MI", "Michigan", [50, 100, 10], "Mich. Comp. Laws § 500.3009"),
    minimum("MN", "Minnesota", [30, 60, 10], "Minn. Stat. § 65B.49"),
    minimum("MS", "Mississippi", [25, 50, 25], "Miss. Code § 63-15-3"),
    minimum("MO", "Missouri", [25, 50, 25], "Mo. Rev. Stat. § 303.190"),
    minimum("MT", "Montana", [25, 50, 20], "Mont. Code § 61-6-103"),
    minimum("NE", "Nebraska", [25, 50, 25], "Neb. Rev. Stat. § 60-310"),
    minimum("NV", "Nevada", [25, 50, 20], "Nev. Rev. Stat. § 485.185"),
    minimum("NH", "New Hampshire", [25, 50, 25], "N.H. Rev. Stat. § 259:61").duty(Duty::Nothing),
    minimum("NJ", "New Jersey", [35, 70, 25], "N.J. Stat. § 39:6B-1").since("2026-01-01"),
    minimum("NM", "New Mexico", [25, 50, 10], "N.M. Stat. § 66-5-208"),
    minimum("NY", "New York", [25, 50, 10], "N.Y. Veh. & Traf. Law § 311"),
    minimum("NC", "North Carolina", [50, 100, 50], "N.C. Gen. Stat. § 20-279.21").since("2025-07-01"),
    minimum("ND", "North Dakota", [25, 50, 25], "N.D. Cent. Code § 39-16.1-11"),
    minimum("OH", "Ohio", [25, 50, 25], "Ohio Rev. Code § 4509.51"),
    minimum("OK", "Oklahoma", [25, 50, 25], "Okla. Stat. tit. 47, § 7-204"),
    minimum("OR", "Oregon", [25, 50, 20], "Or. Rev. Stat. § 806.070"),
    minimum("PA", "Pennsylvania", [15, 30, 5], "75 Pa. Cons. Stat. § 1702"),
    minimum("RI", "Rhode Island", [25, 50, 25], "R.I. Gen. Laws § 31-47-2"),
    minimum("SC", "South Carolina", [25, 50, 25], "S.C. Code § 38-77-140"),
    minimum("SD", "South Dakota", [25, 50, 25], "S.D. Codified Laws § 32-35-70"),
    minimum("TN", "Tennessee", [25, 50, 25], "Tenn. Code § 55-12-102").single(60),
    minimum("TX", "Texas", [30, 60, 25], "Tex. Transp. Code § 601.072"),
    minimum("UT", "Utah", [30, 65, 25], "Utah Code § 31A-22-304").since("2025-01-01"),
    minimum("VT", "Vermont", [25, 50, 10], "Vt. Stat. tit. 23, § 800"),
    minimum("VA", "Virginia", [50, 100, 25], "Va. Code § 46.2-472").since("2025-01-01"),
    minimum("WA", "Washington", [25, 50, 10], "Wash. Rev. Code § 46.29.090"),
    minimum("WV", "West Virginia", [25, 50, 25], "W. Va. Code § 17D-4-2"),
    minimum("WI", "Wisconsin", [25, 50, 10], "Wis. Stat. § 344.33"),
    minimum("WY", "Wyoming", [25, 50, 20], "Wyo. Stat. § 31-9-405"),
];
