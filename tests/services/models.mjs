// OpenAI, Azure OpenAI and Groq, as their documentation describes them.
import { answered, bearer, id, list, object, shape, text } from "./rules.mjs";

export const models = () => [
  model({ name: "openai", host: "api.openai.com", secret: ["OPENAI", "made-up-openai-key"], path: /^\/v1\/chat\/completions$/, key: bearer }),
  // learn.microsoft.com/azure/ai-foundry/openai/latest: the key in `api-key`
  model({
    name: "azure-openai", host: "agency.openai.azure.com", secret: ["AZURE_OPENAI", "made-up-azure-key"], path: /^\/openai\/v1\/chat\/completions$/,
    key: ({ headers }) => headers["api-key"],
  }),
  // console.groq.com/docs/api-reference#chat-create
  model({ name: "groq", host: "api.groq.com", secret: ["GROQ", "made-up-groq-key"], path: /^\/openai\/v1\/chat\/completions$/, key: bearer }),
];

/** platform.openai.com/docs/api-reference/chat/create, /docs/guides/error-codes; github.com/openai/openai-openapi: CreateChatCompletionRequest, ErrorResponse */
function model({ name, host, secret, path, key }) {
  const refused = (status, message, param = null, code = null) =>
    answered(status, { error: { message, type: status === 429 ? "rate_limit_error" : status < 500 ? "invalid_request_error" : "server_error", param, code } });
  const name64 = { type: "string", pattern: "^[A-Za-z0-9_-]{1,64}$" };
  const json_schema = object({ name: name64, schema: { type: "object" }, strict: { type: "boolean" } }, ["name", "schema"]);
  const format = object({ type: { const: "json_schema" }, json_schema }, ["type", "json_schema"]);
  const wrong = shape(
    object(
      {
        model: text(), messages: list(object({ role: { enum: ["system", "developer", "user", "assistant"] }, content: text() }, ["role", "content"]), 1),
        max_completion_tokens: { type: "integer", minimum: 1 }, max_tokens: { type: "integer", minimum: 1 }, response_format: format,
      },
      ["model", "messages"],
    ),
  );
  return {
    name,
    hosts: [host],
    secret,
    refused,
    admits: (call) => key(call) === secret[1] || refused(401, "Incorrect API key provided.", null, "invalid_api_key"),
    routes: [
      {
        method: "POST",
        path,
        take({ body }) {
          const [fault] = wrong(body);
          if (fault?.missing) return refused(400, `Missing required parameter: '${fault.member}'.`, fault.member, "missing_required_parameter");
          if (fault) return refused(400, `Invalid '${fault.member}': ${fault.says}.`, fault.member, "invalid_value");
          const asked = body.messages.at(-1).content;
          // What was asked for as JSON is answered in it, with the members that are required.
          const schema = body.response_format?.json_schema.schema;
          const content = schema ? JSON.stringify(Object.fromEntries((schema.required ?? []).map((member) => [member, "made up"]))) : `An answer to: ${asked}`;
          const words = content.split(" ");
          const limit = body.max_completion_tokens ?? body.max_tokens ?? Infinity;
          const [prompt_tokens, completion_tokens] = [body.messages.flatMap((it) => it.content.split(" ")).length, Math.min(words.length, limit)];
          return answered(200, {
            id: `chatcmpl-${id()}`, object: "chat.completion", created: Math.floor(Date.now() / 1000), model: body.model,
            choices: [
              {
                index: 0, message: { role: "assistant", content: words.slice(0, limit).join(" "), refusal: null }, logprobs: null,
                finish_reason: words.length > limit ? "length" : "stop",
              },
            ],
            usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
          });
        },
      },
    ],
  };
}
