
const AT_ONCE = 200;

let shown = -1;        // which example
let edits = [];        // its rows that were edited, by index
let edit = -1;         // which of them is current
let rows = [];         // the row elements built so far
let cells = {};        // the step elements of either side, by number
let building = 0;      // the timer of what is still to be built

// ---- building

function body(example, step, side) {
  if (step.segments) return words(step.segments, side === "clean", side === "perturbed");
  return make("p", "text", step.text ?? example.clean[step.other - 1].text);
}

function withRole(role, element) {
  element.setAttribute("role", role);
  return element;
}

function cell(example, side, number) {
  if (!number) return withRole("cell", make("div", "empty"));
  const step = example[side][number - 1];
  const [kind, sign] = data.kinds[step.kind];
  const head = make("header", "", make("span", "number", String(number)), make("span", "kind", `${sign} ${kind}`));
  head.dataset.side = side;
  for (const mark of step.marks ?? []) {
    const leads = step.other && step.state === "moved" && mark.startsWith(data.edits.moved);
    head.append(make(leads ? "button" : "span", "mark", mark));
  }
  const element = make("article", `step kind-${step.kind} ${step.state ?? "kept"}`, head, body(example, step, side));
  element.setAttribute("aria-label", [`${side} step ${number}`, kind, ...(step.marks ?? [])].join(", "));
  element.dataset.side = side;
  element.dataset.number = number;
  cells[side][number] = element;
  return withRole("cell", element);
}

function isEdited(example, [clean, perturbed]) {
  return Boolean(!clean || !perturbed || example.clean[clean - 1].state || example.perturbed[perturbed - 1].state);
}

// The height that a row will about have, so that the scroll bar is right before it is drawn.
function height(example, [clean, perturbed], columns) {
  const lines = (side, number) => (number ? Math.ceil(example[side][number - 1].length / columns) : 0);
  return 32 + 23 * Math.max(1, lines("clean", clean), lines("perturbed", perturbed));
}

function build(until) {
  const example = data.examples[shown];
  const columns = Math.max(30, find("rows").clientWidth / 2 / 7.5);
  const fragment = document.createDocumentFragment();
  for (let at = rows.length; at < Math.min(until, example.rows.length); at += 1) {
    const pair = example.rows[at];
    const edited = isEdited(example, pair);
    if (!edited && (at === 0 || isEdited(example, example.rows[at - 1]))) fragment.append(fold(example, at));
    const pairOfCells = [cell(example, "clean", pair[0]), cell(example, "perturbed", pair[1])];
    const row = withRole("row", make("div", edited ? "row" : "row same", ...pairOfCells));
    row.tabIndex = -1;
    row.style.containIntrinsicBlockSize = `auto ${height(example, pair, columns)}px`;
    rows.push(row);
    fragment.append(row);
  }
  find("rows").append(fragment);
  clearTimeout(building);
  if (rows.length < example.rows.length) building = setTimeout(() => build(rows.length + 2 * AT_ONCE));
}

function fold(example, first) {
  let last = first;
  while (last < example.rows.length && !isEdited(example, example.rows[last])) last += 1;
  const count = last - first;
  const button = make("button", "", `… ${count} ${count === 1 ? "step" : "steps"} unchanged`);
  button.addEventListener("click", () => {
    build(last);
    const open = rows[first].classList.contains("open");
    for (const row of rows.slice(first, last)) row.classList.toggle("open", !open);
    button.setAttribute("aria-expanded", String(!open));
  });
  button.setAttribute("aria-expanded", "false");
  return withRole("row", make("div", "fold", withRole("cell", make("div", "", button))));
}

function part({ name, segments }) {
  return make("div", "part", make("h2", "", name), words(segments, true, true));
}

function show(index) {
  if (index < 0 || index >= data.examples.length || index === shown) return;
  shown = index;
  const example = data.examples[index];
  edits = example.rows.flatMap((pair, at) => (isEdited(example, pair) ? [at] : []));
  edit = -1;
  rows = [];
  cells = { clean: [], perturbed: [] };
  find("examples").selectedIndex = index;
  find("figures").replaceChildren(...example.figures.map(([name, value]) => make("div", "", make("dt", "", name), make("dd", "", value))));
  find("above").replaceChildren(...example.above.filter(({ name, edited }) => edited || name === "problem").map(part));
  find("below").replaceChildren(...example.below.map(part));
  find("legend").replaceChildren(...data.kinds.map(([kind, sign], at) => {
    const count = example.clean.filter((step) => step.kind === at).length;
    return make("li", `kind-${at}`, make("b", "kind", `${sign} ${kind} `), make("span", "", String(count)));
  }));
  find("rows").replaceChildren();
  find("rows").setAttribute("aria-rowcount", example.rows.length);
  build(AT_ONCE);
  place();
  draw();
  scrollTo(0, 0);
}

// ---- moving about

function place() {
  find("place").textContent = edit < 0 ? `${edits.length} edits` : `edit ${edit + 1} of ${edits.length}`;
}

function reveal(element) {
  element.scrollIntoView({ block: "nearest" });
  // Rows above may turn out higher or lower than they were taken for once they are drawn.
  requestAnimationFrame(() => element.scrollIntoView({ block: "nearest" }));
}

function go(to) {
  if (to < 0 || to >= edits.length) return;
  const last = rows[edits[edit]];
  last?.classList.remove("current");
  last?.removeAttribute("aria-current");
  edit = to;
  build(edits[to] + 1);
  const row = rows[edits[to]];
  row.classList.add("current");
  row.setAttribute("aria-current", "true");
  row.focus({ preventScroll: true });
  reveal(row);
  place();
}

function goNear(row) {
  const at = edits.indexOf(row);
  if (at >= 0) go(at);
  else {
    build(row + 1);
    rows[row].classList.add("open");
    reveal(rows[row]);
  }
}

function rowOf(side, number) {
  const column = side === "clean" ? 0 : 1;
  return data.examples[shown].rows.findIndex((pair) => pair[column] === number);
}

function partner(element) {
  const { side, number } = element.dataset;
  const other = side === "clean" ? "perturbed" : "clean";
  const step = data.examples[shown][side][number - 1];
  return step.other ? { side: other, number: step.other } : null;
}

function mark(place) {
  for (const old of document.querySelectorAll(".partner")) old.classList.remove("partner");
  if (place) cells[place.side][place.number]?.classList.add("partner");
}

function jump(element) {
  const place = element && partner(element);
  if (!place) return;
  goNear(rowOf(place.side, place.number));
  mark(place);
  cells[place.side][place.number].querySelector("button.mark")?.focus({ preventScroll: true });
}

// ---- the overview

function draw() {
  const canvas = find("map");
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const example = data.examples[shown];
  const colours = [...find("legend").querySelectorAll(".kind")].map((element) => getComputedStyle(element).color);
  const marks = { clean: getComputedStyle(find("gone")).color, perturbed: getComputedStyle(find("come")).color };
  const bar = 9;
  const spans = { clean: spread(example.clean, width), perturbed: spread(example.perturbed, width) };
  const lines = example.perturbed.filter((step) => step.state === "moved").length;
  for (const [side, top] of [["clean", 0], ["perturbed", height - bar]]) {
    example[side].forEach((step, at) => {
      const [left, right] = spans[side][at];
      const edited = step.segments || (step.state && step.state !== "moved");
      pen.fillStyle = colours[step.kind];
      pen.globalAlpha = step.state === "removed" || step.state === "replaced" ? 0.25 : 1;
      pen.fillRect(left, top, Math.max(0.5, right - left - (right - left > 4 ? 1 : 0)), bar);
      pen.globalAlpha = 1;
      if (edited) {
        pen.fillStyle = marks[side];
        pen.fillRect(left, side === "clean" ? bar + 2 : top - 4, Math.max(1, right - left - 1), 2);
      }
    });
  }
  example.perturbed.forEach((step, at) => {
    if (step.state !== "moved") return;
    const from = (spans.clean[step.other - 1][0] + spans.clean[step.other - 1][1]) / 2;
    const to = (spans.perturbed[at][0] + spans.perturbed[at][1]) / 2;
    pen.strokeStyle = colours[step.kind];
    pen.globalAlpha = Math.max(0.05, Math.min(0.7, 50 / lines));
    pen.beginPath();
    pen.moveTo(from, bar + 1);
    pen.bezierCurveTo(from, height * 0.55, to, height * 0.45, to, height - bar - 1);
    pen.stroke();
  });
  pen.globalAlpha = 1;
  canvas.spans = spans;
}

// Where each step lies on a bar as long as the trace; a short step still takes some room.
function spread(steps, width) {
  const sizes = steps.map((step) => step.length + 20);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let at = 0;
  return sizes.map((size) => [(at / total) * width, ((at += size) / total) * width]);
}

find("map").addEventListener("click", ({ offsetX, offsetY, currentTarget: canvas }) => {
  const side = offsetY < canvas.clientHeight / 2 ? "clean" : "perturbed";
  const at = canvas.spans[side].findIndex(([left, right]) => left <= offsetX && offsetX <= right);
  if (at >= 0) goNear(rowOf(side, at + 1));
});

// ---- what a reader can do

const moved = (event) => event.target.closest?.(".step.moved");
find("rows").addEventListener("mouseover", (event) => mark(moved(event) && partner(moved(event))));
find("rows").addEventListener("mouseleave", () => mark(null));
find("rows").addEventListener("click", (event) => {
  if (event.target.closest("button.mark")) jump(moved(event));
});

function only() {
  const pressed = find("rows").classList.toggle("only");
  find("only").setAttribute("aria-pressed", String(pressed));
  if (edit >= 0) reveal(rows[edits[edit]]);
}

function theme() {
  switchTheme();
  draw();
}

function other() {
  const here = document.activeElement.closest?.(".step.moved");
  if (here) jump(here);
  else if (edit >= 0) jump(rows[edits[edit]].querySelector(".step.moved[data-side=perturbed]"));
}

const keys = {
  j: () => go(edit + 1),
  ArrowRight: () => go(edit + 1),
  k: () => go(edit - 1),
  ArrowLeft: () => go(edit - 1),
  n: () => show(shown + 1),
  p: () => show(shown - 1),
  o: other,
  c: only,
  t: theme,
  "?": () => find("keys").showModal(),
};

addEventListener("keydown", (event) => {
  const typing = event.target.tagName === "SELECT" || find("keys").open;
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
find("previous-edit").addEventListener("click", keys.k);
find("next-edit").addEventListener("click", keys.j);
find("previous-example").addEventListener("click", keys.p);
find("next-example").addEventListener("click", keys.n);
find("examples").addEventListener("change", (event) => {
  show(event.target.selectedIndex);
  event.target.blur(); // so that the keys are the page's again
});
find("only").addEventListener("click", only);
find("theme").addEventListener("click", theme);
find("help").addEventListener("click", keys["?"]);
addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

document.title = `${data.title} · ablate preview`;
find("title").textContent = data.title;
find("said").textContent = `${data.said} · seed ${data.seed}`;
find("examples").append(...data.examples.map(({ id }, at) => new Option(`${at + 1} of ${data.examples.length}: ${id}`)));
show(0);
