// Stand-in for Canopy's Components script: the documented surface, credentials typed into frames of the
// sandbox's own origin and tokenized there, so that the page sees tokens only.
(function (root, make) {
  if (typeof module === "object" && module.exports) module.exports = make();
  else root.CanopyConnectComponents = make();
})(typeof self === "undefined" ? this : self, function () {
  "use strict";
  var ORIGIN = new URL(document.currentScript ? document.currentScript.src : location.href).origin;
  var count = 0;

  function form(options) {
    options = options || {};
    var carrier = options.carrierConfig || {};
    var id = "cc-" + ++count + "-" + Math.random().toString(36).slice(2);
    var handlers = {};
    var fields = {};
    var pending = null;
    var destroyed = false;

    function emit(name, data) {
      var callback = { tokensavailable: options.onTokensAvailable, error: options.onError, destroy: options.onDestroy }[name];
      if (callback) callback(data);
      (handlers[name] || []).slice().forEach(function (handler) {
        handler(data);
      });
    }

    function add(name, settings) {
      var frame = document.createElement("iframe");
      frame.src = ORIGIN + "/frames/field#" + encodeURIComponent(JSON.stringify(Object.assign({ form: id, field: name }, settings)));
      frame.title = settings.label;
      frame.style.cssText = "border:0;width:100%;height:44px;display:block";
      fields[name] = { frame: frame, ready: false, answer: null };
      components[name] = {
        mount: function (target) {
          var element = typeof target === "string" ? document.querySelector(target) : target;
          if (!element) throw new Error("nothing to mount " + name + " in: " + target);
          element.appendChild(frame);
        },
        unmount: function () {
          frame.remove();
        },
      };
    }

    function style(own) {
      return Object.assign({}, options.styles, own);
    }

    var components = {};
    add("username", { label: carrier.usernameFieldPlaceholder || "Username", style: style(options.usernameStyles), fonts: options.fonts });
    if (!carrier.disablePasswordField) add("password", { label: "Password", style: style(options.passwordStyles), fonts: options.fonts });
    if (carrier.thirdFieldPlaceholder) {
      add("thirdfield", {
        label: carrier.thirdFieldPlaceholder,
        pattern: carrier.thirdFieldValidatorRgx,
        flags: carrier.thirdFieldValidatorRgxFlags,
        patternError: carrier.thirdFieldValidatorError,
        style: style(options.thirdfieldStyles),
        fonts: options.fonts,
      });
    }

    function every(test) {
      return Object.keys(fields).every(function (name) {
        return test(fields[name]);
      });
    }

    function settle() {
      if (!pending || !every(function (field) { return field.answer; })) return;
      var result = { errors: {}, tokens: {} };
      Object.keys(fields).forEach(function (name) {
        var answer = fields[name].answer;
        fields[name].answer = null;
        if (answer.error) result.errors[name] = answer.error;
        else result.tokens[name] = answer.token;
      });
      var resolve = pending.resolve;
      pending = null;
      if (Object.keys(result.errors).length === 0) {
        result.errors = null;
        emit("tokensavailable", result.tokens);
      } else {
        result.tokens = null;
        emit("error", result.errors);
      }
      resolve(result);
    }

    function onMessage(event) {
      var message = event.data;
      if (event.origin !== ORIGIN || !message || message.form !== id) return;
      var field = fields[message.field];
      if (!field || event.source !== field.frame.contentWindow) return;
      if (message.type === "ready" && !field.ready) {
        field.ready = true;
        if (every(function (each) { return each.ready; })) emit("ready");
      } else if (message.type === "change") {
        emit("change", { field: message.field, empty: message.empty, valid: message.valid });
      } else if (message.type === "enter") {
        handle.submit();
      } else if (message.type === "tokenized") {
        field.answer = message;
        settle();
      }
    }
    window.addEventListener("message", onMessage);

    var handle = {
      components: components,
      on: function (name, handler) {
        (handlers[name] = handlers[name] || []).push(handler);
        return handle;
      },
      off: function (name, handler) {
        handlers[name] = (handlers[name] || []).filter(function (known) { return known !== handler; });
        return handle;
      },
      submit: function () {
        if (destroyed) return Promise.reject(new Error("the form was destroyed"));
        if (!every(function (field) { return field.ready; })) return Promise.reject(new Error("the form is not ready: mount every component first"));
        if (!pending) {
          pending = {};
          pending.promise = new Promise(function (resolve) { pending.resolve = resolve; });
          Object.keys(fields).forEach(function (name) {
            fields[name].frame.contentWindow.postMessage({ form: id, type: "tokenize" }, ORIGIN);
          });
        }
        return pending.promise;
      },
      destroy: function () {
        if (destroyed) return;
        destroyed = true;
        window.removeEventListener("message", onMessage);
        Object.keys(fields).forEach(function (name) { fields[name].frame.remove(); });
        emit("destroy");
        handlers = {};
      },
    };
    return handle;
  }

  return { form: form };
});
