// The object of one page session: keeps the newest notice of its pull and pushes each to the page.
import { DurableObject } from "cloudflare:workers";
import type { Env } from "./env";

export class Session extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS notice (only INTEGER PRIMARY KEY, revision INTEGER NOT NULL, text TEXT NOT NULL)",
    );
  }

  notify(revision: number, text: string): void {
    const { rowsWritten } = this.ctx.storage.sql.exec(
      `INSERT INTO notice (only, revision, text) VALUES (1, ?1, ?2)
       ON CONFLICT (only) DO UPDATE SET revision = excluded.revision, text = excluded.text
       WHERE excluded.revision > revision`,
      revision,
      text,
    );
    if (rowsWritten === 0) return;
    for (const socket of this.ctx.getWebSockets()) socket.send(text);
  }

  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    for (const row of this.ctx.storage.sql.exec<{ text: string }>("SELECT text FROM notice")) server.send(row.text);
    return new Response(null, { status: 101, webSocket: client });
  }
}
