// Stand-in for Canopy's hosted SDK: the documented surface around a frame that the sandbox serves.
(function () {
  "use strict";
  var ORIGIN = new URL(document.currentScript.src).origin;
  var CALLBACKS = {
    authenticationSuccess: "onAuthenticationSuccess",
    sectionViewed: "onSectionViewed",
    userAction: "onUserAction",
    selectCustomInsuranceProvider: "onSelectCustomInsuranceProvider",
    exit: "onExit",
    error: "onError",
    destroy: "onDestroy",
  };
  var count = 0;

  function create(options) {
    if (!options || !options.publicAlias) throw new Error("CanopyConnect.create needs publicAlias");
    var id = "canopy-" + ++count + "-" + Math.random().toString(36).slice(2);
    var modal = options.modal !== false;
    var handlers = {};
    var frame = null;
    var shell = null;
    var destroyed = false;
    var focusedBefore = null;

    function emit(name, data) {
      var callback = options[CALLBACKS[name]];
      if (callback) callback(data);
      (handlers[name] || []).slice().forEach(function (handler) { handler(data); });
    }

    function build() {
      frame = document.createElement("iframe");
      frame.title = "Share your insurance";
      var settings = {
        handler: id,
        metaData: options.pullMetaData || null,
        consentToken: options.consentToken || null,
        reconnectToken: options.reconnectToken || null,
        hideCloseButton: Boolean(options.hideCloseButton) || !modal,
      };
      frame.src = ORIGIN + "/c/" + encodeURIComponent(options.publicAlias) + "#" + encodeURIComponent(JSON.stringify(settings));
      frame.style.cssText = "border:0;width:100%;height:100%;min-height:560px;background:#fff;border-radius:12px";
    }

    function remove() {
      if (shell) shell.remove();
      else if (frame) frame.remove();
      shell = frame = null;
      if (focusedBefore && focusedBefore.focus) focusedBefore.focus();
      focusedBefore = null;
    }

    function onKey(event) {
      if (event.key === "Escape" && modal && frame && !options.hideCloseButton) handler.close();
    }

    function onMessage(event) {
      var message = event.data;
      if (event.origin !== ORIGIN || !frame || event.source !== frame.contentWindow || !message || message.handler !== id) return;
      if (message.type === "close") handler.close();
      else if (CALLBACKS[message.type] && message.type !== "destroy") emit(message.type, message.data);
    }

    window.addEventListener("message", onMessage);
    window.addEventListener("keydown", onKey);

    var handler = {
      open: function () {
        if (destroyed) throw new Error("the handler was destroyed");
        if (frame) return handler;
        if (!modal) return handler.mount(options.mount);
        focusedBefore = document.activeElement;
        build();
        shell = document.createElement("div");
        shell.setAttribute("role", "dialog");
        shell.setAttribute("aria-modal", "true");
        shell.setAttribute("aria-label", "Share your insurance");
        shell.style.cssText = "position:fixed;inset:0;z-index:2147483647;background:#0008;display:grid;place-items:center;padding:16px";
        var box = document.createElement("div");
        box.style.cssText = "width:100%;max-width:440px;height:min(680px,100%)";
        box.append(frame);
        shell.append(box);
        document.body.append(shell);
        frame.focus();
        return handler;
      },
      mount: function (target) {
        if (destroyed) throw new Error("the handler was destroyed");
        if (frame) return handler;
        target = target || options.mount;
        var element = typeof target === "string" ? document.querySelector(target) : target;
        if (!element) throw new Error("nothing to mount in: " + target);
        build();
        element.append(frame);
        return handler;
      },
      close: function () {
        if (!frame) return handler;
        remove();
        emit("exit", {});
        return handler;
      },
      destroy: function () {
        if (destroyed) return;
        destroyed = true;
        remove();
        window.removeEventListener("message", onMessage);
        window.removeEventListener("keydown", onKey);
        emit("destroy", {});
        handlers = {};
      },
      on: function (name, callback) {
        (handlers[name] = handlers[name] || []).push(callback);
        return handler;
      },
      off: function (name, callback) {
        handlers[name] = (handlers[name] || []).filter(function (known) { return known !== callback; });
        return handler;
      },
    };
    return handler;
  }

  window.CanopyConnect = { create: create };
})();
