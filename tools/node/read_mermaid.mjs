// Reads mermaid flowcharts with mermaid itself: a JSON list of texts on stdin, a JSON list of what stands in each on
// stdout: {type, nodes: {id: label}, edges: [[from, to]], config} or {error}.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const page = new JSDOM("<!doctype html><body></body>");
globalThis.window = page.window;
globalThis.document = page.window.document;
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });

// What a browser shows for a label: mermaid's placeholders are entities again, entities are letters, <br/> is a line.
function shown(label) {
  const html = label.replace(/ﬂ°°/g, "&#").replace(/ﬂ°/g, "&").replace(/¶ß/g, ";");
  const element = document.createElement("div");
  element.innerHTML = html.replace(/<br\s*\/?>/g, "\n");
  return { text: element.textContent, elements: element.getElementsByTagName("*").length };
}

async function read(text) {
  try {
    const parsed = await mermaid.parse(text);
    const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
    const nodes = [...diagram.db.getVertices().values()].map((node) => [node.id, shown(node.text)]);
    const groups = diagram.db.getSubGraphs().map((group) => [group.id, shown(group.title)]);
    const edges = diagram.db.getEdges().map((edge) => [edge.start, edge.end, shown(edge.text ?? "").text]);
    return { type: parsed.diagramType, config: parsed.config, nodes, groups, edges };
  } catch (error) {
    return { error: String(error) };
  }
}

const texts = JSON.parse(readFileSync(0, "utf8"));
const answers = [];
for (const text of texts) answers.push(await read(text));
process.stdout.write(JSON.stringify(answers));
process.exit(0);
