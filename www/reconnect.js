// Takes the reconnect token out of the link's fragment, so that it stands in no address bar, bookmark or screenshot.
// The history entry keeps it for a reload: phones reload a page after a look at the message with the code.

const connect = document.querySelector("canopy-connect");
let token = history.state?.reconnectToken;

function takeToken() {
  const fresh = new URLSearchParams(location.hash.slice(1)).get("reconnect_token");
  token = fresh ?? token;
  if (!token) return;
  history.replaceState({ reconnectToken: token }, "", fresh ? location.pathname + location.search : location.href);
  connect.setAttribute("reconnect-token", token);
  document.getElementById("with-token").hidden = false;
  document.getElementById("without-token").hidden = true;
}

if (new URLSearchParams(location.search).get("mode") === "hosted") connect.setAttribute("mode", "hosted");
takeToken();
addEventListener("hashchange", takeToken);
