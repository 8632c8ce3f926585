// Finding a company by what people type: WebAssembly of its own, loaded when a company is to be chosen.
import makeGlue from "../../../build/finder/finder.js";

/** Small letters, without their accents in one piece: what the search expects. */
const plain = (text) => String(text ?? "").normalize("NFD").toLowerCase();

async function start() {
  const { Directory, load } = makeGlue();
  await load();
  return (carriers) => {
    const texts = (name) => carriers.map((carrier) => plain(carrier[name]));
    const directory = new Directory(texts("name"), texts("homepageUrl"));
    return (typed, most) => Array.from(directory.find(plain(typed), most ?? 0xffff_ffff), (at) => carriers[at]);
  };
}

let loading;

/** A function that makes, of a list of carriers, one that gives those which a text finds: the best first, at most so many. */
export const load = () =>
  (loading ??= start().catch((error) => {
    loading = undefined;
    throw error;
  }));
