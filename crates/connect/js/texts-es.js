// texts.js in Spanish.
const NOT_HERE = "Compartir no funciona en esta página por el momento. Comuníquese con {agency}.";

const NO_LINK = "Este enlace ya no es válido. Pida a {agency} uno nuevo.";

export const TEXTS = {
  agency: "su agencia de seguros",
  carrier: "su compañía de seguros",
  start: "Compartir mi seguro",
  startNote: "Usted inicia sesión en su compañía de seguros; {agency} recibe sus pólizas, nunca su contraseña.",
  opening: "Abriendo…",
  resume: "Continuar",
  resumeNote: "La ventana se cerró antes de terminar. No se ha perdido nada: puede seguir.",
  reconnect: "Volver a conectar mi seguro",
  reconnectNote: "Su compañía de seguros le pide que vuelva a iniciar sesión para que {agency} vea sus pólizas actuales.",
  hosted: "Continúe en la ventana que se ha abierto.",
  stop: "Detener y volver",

  consentHeading: "Comparta su seguro con {agency}",
  consentPoints: [
    "Elija su compañía de seguros e inicie sesión.",
    "{agency} recibe sus pólizas y sus documentos.",
    "Usted escribe su contraseña en campos de Canopy Connect, de modo que {agency} nunca la ve.",
  ],
  consentSentence:
    "Al hacer clic en «{label}», usted acepta la Política de privacidad del usuario final y los Términos de servicio de Canopy Connect.",
  agree: "Aceptar y continuar",
  terms: "Leer la Política de privacidad y los Términos de servicio",
  termsTitle: "Política de privacidad y Términos de servicio",

  loading: "Un momento…",

  failedHeading: "No ha funcionado",
  retry: "Volver a intentar",
  startOver: "Empezar de nuevo",
  again: "Empiece de nuevo, por favor.",
  later: "Vuelva a intentarlo en unos minutos.",
  newLink: "Pida a {agency} un enlace nuevo.",
  offline: "Se perdió la conexión. Intentando de nuevo…",
  online: "Ya está conectado de nuevo.",
  EDGE_UNREACHABLE: "No se nos puede alcanzar en este momento. Revise su conexión y vuelva a intentarlo.",
  SCRIPT_FAILED:
    "No se pudo cargar una parte de esta página. Puede que la detenga un bloqueador de contenido: permita usecanopy.com en esta página y vuelva a intentarlo.",
  ORIGIN_NOT_ALLOWED: NOT_HERE,
  NOT_CONFIGURED: NOT_HERE,
  PAGE_INVALID: NOT_HERE,
  SESSION_EXPIRED: "Esto duró más de una hora y se terminó por su seguridad. {again}",
  SESSION_OVER: NO_LINK,
  PROVIDER_ERROR: "No se pudo alcanzar a {carrier}. No se cambió nada. {later}",
  INTERNAL_ERROR: "Algo falló en el camino. No se cambió nada. {later}",
  VALIDATION_ERROR: "{carrier} no pudo hacerlo. Comuníquese con {agency}.",
  ANSWER_LOST: "Perdimos el contacto con {carrier} mientras usted iniciaba sesión, y no se envía dos veces. {again}",
  RECONNECT_REFUSED: NO_LINK,
  CANOPY_REFUSED: "No se aceptó. Revise lo que escribió y vuelva a intentarlo.",
  TOO_MANY_REQUESTS: "Demasiados intentos. Espere un minuto y vuelva a intentarlo.",
  failed: "Algo falló. Vuelva a intentarlo o comuníquese con {agency}.",
};
