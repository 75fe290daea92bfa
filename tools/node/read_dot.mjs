// Draws graphs with graphviz itself: a JSON list of texts on stdin, a JSON list on stdout of {svg} or {error}.
import { readFileSync } from "node:fs";
import { Graphviz } from "@hpcc-js/wasm-graphviz";

const graphviz = await Graphviz.load();

function draw(text) {
  try {
    return { svg: graphviz.layout(text, "svg", "dot") };
  } catch (error) {
    return { error: String(error) };
  }
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(draw)));
