// Finding a company by what people type: WebAssembly of its own, loaded when a company is to be chosen.
import makeGlue from "../../../build/finder/finder.js";

/** In small letters, accents apart from theirs, and on one line: what the search expects. */
const plain = (text) => String(text ?? "").normalize("NFD").toLowerCase().replace(/\s/g, " ");

async function start() {
  const { Directory, load } = makeGlue();
  await load();
  return (carriers) => {
    const directory = new Directory(carriers.map(({ name, homepageUrl }) => `${plain(name)}\t${plain(homepageUrl)}\n`).join(""));
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
