//! The words of an invitation's page, in the languages that it knows. `{agency}` is the agency's name.

/// See above.
#[derive(Debug)]
pub(super) struct Words {
    /// As BCP 47 writes it.
    pub lang: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    pub heading: &'static str,
    pub lead: &'static str,
    pub no_script: &'static str,
    pub questions: &'static str,
    pub or: &'static str,
    pub over: &'static str,
    pub over_then: &'static str,
    pub unknown: &'static str,
    pub unknown_then: &'static str,
    /// Where nobody has named it.
    pub agency: &'static str,
}

const ENGLISH: Words = Words {
    lang: "en",
    title: "Share your insurance with {agency}",
    description: "Sign in to your insurance company once, and {agency} receives your policies, never your password.",
    heading: "Your current insurance, without the paperwork",
    lead: "Sign in to your insurance company, and {agency} has your policies. It takes about two minutes. Nothing is shared before you agree.",
    no_script: "This needs JavaScript, which is off or did not load.",
    questions: "Questions, or no online account?",
    or: "or",
    over: "This link is no longer valid",
    over_then: "It was good for a while, and that time is over. Please ask {agency} for a new link: they are glad to send one.",
    unknown: "There is nothing behind this link",
    unknown_then: "It may have been cut off on its way. Please open it once more from the message that you got, or ask {agency} for a new one.",
    agency: "your insurance agency",
};

const SPANISH: Words = Words {
    lang: "es",
    title: "Comparta su seguro con {agency}",
    description: "Inicie sesión una vez en su compañía de seguros, y {agency} recibe sus pólizas, nunca su contraseña.",
    heading: "Su seguro actual, sin papeleo",
    lead: "Inicie sesión en su compañía de seguros y {agency} tendrá sus pólizas. Toma unos dos minutos. No se comparte nada antes de que usted acepte.",
    no_script: "Esto necesita JavaScript, que está desactivado o no se cargó.",
    questions: "¿Tiene preguntas o no tiene cuenta en línea?",
    or: "o",
    over: "Este enlace ya no es válido",
    over_then: "Era válido por un tiempo, y ese tiempo terminó. Pida un enlace nuevo a {agency}: con gusto se lo enviarán.",
    unknown: "No hay nada en este enlace",
    unknown_then: "Es posible que se haya cortado en el camino. Ábralo otra vez desde el mensaje que recibió, o pida uno nuevo a {agency}.",
    agency: "su agencia de seguros",
};

/// Those of a language; English where there are none.
pub(super) fn of(lang: Option<&str>) -> &'static Words {
    let language = lang.and_then(|lang| lang.split('-').next()).unwrap_or_default();
    if language.eq_ignore_ascii_case("es") { &SPANISH } else { &ENGLISH }
}
