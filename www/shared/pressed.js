// Work that a button starts, and what becomes of it if it goes wrong.

/** Asks `edge` for a button that waits so long, and says in `problem` what went wrong. Gives whether all went well. */
export async function pressed(button, problem, edge, work) {
  button.disabled = true;
  problem.textContent = "";
  try {
    await work();
    return true;
  } catch (error) {
    // Whoever left waits for nothing.
    if (edge.isForgotten) return false;
    problem.textContent = error.message;
    problem.scrollIntoView({ block: "nearest" });
    return false;
  } finally {
    button.disabled = false;
  }
}
