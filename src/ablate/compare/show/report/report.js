
// ---- tables

const collator = new Intl.Collator("en", { numeric: true });

// A sortable table over rows of { cells, keys, ... }: `keys` holds the numbers that columns are sorted by, null where text or nothing is.
// `judged` is the column that holds verdicts. `facets` are [name, choices, initial choice]; a row is shown where its own value of that name is the chosen one, or "all" is chosen.
function sheet({ host, columns, rows, facets = [], csv, name, opens, judged }) {
  const numeric = columns.map((_, at) => rows.some((row) => typeof row.keys?.[at] === "number"));
  let order = null;
  const search = make("input");
  search.type = "search";
  search.placeholder = "filter";
  search.setAttribute("aria-label", `filter ${name}`);
  const count = make("output");
  const selects = facets.map(([facet, choices, initial]) => {
    const select = make("select", "", ...choices.map((choice) => new Option(choice)));
    select.setAttribute("aria-label", facet);
    select.dataset.facet = facet;
    select.value = initial;
    return select;
  });
  const tools = make("div", "tools", search, ...selects, count);
  if (csv) tools.append(download(`${name}.csv`, "CSV", csv, "text/csv"));
  const heads = columns.map((column, at) => {
    const button = make("button", "", column);
    button.addEventListener("click", () => sort(at));
    const head = make("th", numeric[at] ? "number" : "", button);
    head.scope = "col";
    return head;
  });
  const body = make("tbody");
  host.append(tools, make("div", "sheet", make("table", "", make("thead", "", make("tr", "", ...heads)), body)));
  const elements = new Map(rows.map((row) => [row, line(row)]));

  function line(row) {
    const cells = row.cells.map((text, at) => make("td", numeric[at] ? "number" : "", text));
    const element = make("tr", "", ...cells);
    if (judged !== undefined) mark(cells[judged]);
    if (opens) {
      const button = make("button", "", row.cells[0]);
      cells[0].replaceChildren(button);
      element.classList.add("opens");
      element.addEventListener("click", () => {
        for (const old of body.querySelectorAll(".chosen")) old.classList.remove("chosen");
        element.classList.add("chosen");
        opens(row);
      });
    }
    return element;
  }

  function sort(at) {
    order = order?.at === at ? { at, sign: -order.sign } : { at, sign: 1 };
    heads.forEach((head, place) => {
      if (place === at) head.setAttribute("aria-sort", order.sign > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    show();
  }

  // What is empty stands last, whichever way the rest is sorted.
  function compare(one, other) {
    const { at, sign } = order;
    const [a, b] = numeric[at] ? [one.keys[at], other.keys[at]] : [one.cells[at] || null, other.cells[at] || null];
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * (numeric[at] ? a - b : collator.compare(a, b));
  }

  function show() {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = rows.filter((row) => selects.every((select) => select.value === "all" || row[select.dataset.facet] === select.value)
      && wanted.every((word) => row.cells.some((cell) => cell.toLowerCase().includes(word))));
    if (order) kept.sort(compare);
    body.replaceChildren(...kept.map((row) => elements.get(row)));
    count.textContent = `${kept.length} of ${rows.length}`;
  }

  search.addEventListener("input", show);
  for (const select of selects) select.addEventListener("change", show);
  show();
}

function download(name, label, text, type) {
  const link = make("a", "", label);
  link.href = "#";
  link.addEventListener("click", (event) => {
    if (link.href.startsWith("blob:")) return;
    event.preventDefault();
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
  });
  return link;
}

const GOOD = /^(harmless|alike|better|holds)/;
const BAD = /^(harmful|worse|contradicted)/;

function mark(cell) {
  cell.classList.add("judged");
  const look = GOOD.test(cell.textContent) ? "good" : BAD.test(cell.textContent) ? "bad" : "";
  if (look) cell.replaceChildren(make("span", `tag ${look}`, cell.textContent));
}

function unique(values) {
  return [...new Set(values.filter(Boolean))];
}

// ---- figures

function figure({ name, title, caption, image, columns, rows, total, csv }) {
  const picture = make("img");
  picture.src = `data:image/svg+xml;base64,${image}`;
  picture.alt = `${title}. ${caption}`;
  const svg = new TextDecoder().decode(Uint8Array.from(atob(image), (sign) => sign.charCodeAt(0)));
  const details = make("details", "", make("summary", "", "data"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return;
    const shown = rows.length < total ? [make("p", "faint", `the first ${rows.length} of ${total} rows; the CSV has all`)] : [];
    const head = make("tr", "", ...columns.map((column) => make("th", "", column)));
    const lines = rows.map((row) => make("tr", "", ...row.map((cell) => make("td", typeof cell === "number" ? "number" : "", String(cell)))));
    details.append(...shown, make("div", "sheet", make("table", "", make("thead", "", head), make("tbody", "", ...lines))));
  });
  const links = make("div", "links", details, download(`${name}.csv`, "CSV", csv, "text/csv"), download(`${name}.svg`, "SVG", svg, "image/svg+xml"));
  const element = make("figure", "", make("div", "picture", picture), make("figcaption", "", caption), links);
  element.id = `figure-${name}`;
  return element;
}

// ---- single items

function openItem({ item }) {
  const asked = make("dl", "asked", make("dt", "", "problem"), make("dd", "text", item.problem), make("dt", "", "answer"), make("dd", "text", item.accepted));
  const only = make("button", "", "only its own words");
  only.setAttribute("aria-pressed", "false");
  const answers = make("div", "answers", ...item.answers.map((answer, at) => card(answer, data.drill.arms[at])));
  only.addEventListener("click", () => only.setAttribute("aria-pressed", String(answers.classList.toggle("only"))));
  const legend = make("span", "faint", make("del", "", "clean had this"), " ", make("ins", "", "this arm has this"));
  find("item").replaceChildren(make("h3", "", `${item.task}, item ${item.item}`), asked, make("div", "tools", only, legend), answers);
  find("item").scrollIntoView({ block: "nearest" });
}

function card(answer, arm) {
  const head = make("header", "", make("h4", "", arm.name), make("span", "", `${arm.family}, seed ${arm.seed}`));
  if ("right" in answer) head.append(make("span", `tag ${answer.right ? "good" : "bad"}`, answer.right ? "✓ right" : "✗ wrong"));
  if (answer.finished === false) head.append(make("span", "", "not ended"));
  if (answer.tokens) head.append(make("span", "", `${answer.tokens} tokens`));
  if (answer.share !== null) head.append(make("span", "", `right in ${Math.round(100 * answer.share)} % of its runs`));
  const element = make("article", "answer", head);
  if (answer.same) element.append(make("p", "faint", "the clean arm's answer, word for word"));
  else if (answer.segments) element.append(words(answer.segments, true, true));
  else if ("text" in answer) {
    if (answer.unlike) element.append(make("p", "faint", "too unlike the clean arm's answer to be compared"));
    element.append(make("p", "text", answer.text));
  } else element.append(make("p", "faint", "no answer is kept"));
  return element;
}

// ---- the page

document.title = `${data.study} · ablate report`;
find("study").textContent = data.study;
find("sentence").textContent = data.sentence;
find("said").textContent = data.said;

const [evidence, ...others] = data.figures;
if (evidence) find("evidence").append(figure(evidence));
for (const other of others) find("figures").append(make("h2", "", other.title), figure(other));

sheet({
  host: find("arms"),
  name: "arms",
  columns: data.arms.columns,
  rows: data.arms.rows,
  csv: data.arms.csv,
  judged: data.arms.columns.length - 1,
  facets: [
    ["scope", data.arms.scopes, data.arms.scopes[0]],
    ["family", ["all", ...unique(data.arms.rows.map((row) => row.family))], "all"],
    ["verdict", ["all", ...unique(data.arms.rows.map((row) => row.verdict))], "all"],
  ],
});
if (data.claims.length) {
  sheet({ host: find("claims"), name: "claims", columns: ["claim", "outcome", "points", "p", "what else"], rows: data.claims, judged: 1 });
} else find("claims-part").remove();
if (data.notes.length) find("notes").append(...data.notes.map((note) => make("li", "", note)));
else find("notes-part").remove();

find("drill-said").textContent = data.drill.said;
if (data.drill.items.length) {
  const clean = data.drill.arms.findIndex((arm) => arm.family === "clean");
  const rows = data.drill.items.map((item) => {
    const shares = item.answers.map((answer) => answer.share).filter((share) => share !== null);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const of = clean < 0 ? null : item.answers[clean].share;
    const percent = (share) => (share === null ? "" : `${Math.round(100 * share)} %`);
    return { item, task: item.task, cells: [`${item.task} ${item.item}`, percent(of), percent(mean), item.problem.slice(0, 300)], keys: [null, of, mean, null] };
  });
  const tasks = unique(rows.map((row) => row.task));
  sheet({ host: find("drill"), name: "items", columns: ["item", "clean", "all arms", "problem"], rows, facets: [["task", ["all", ...tasks], "all"]], opens: openItem });
}
find("methods").append(...data.methods.map((paragraph) => make("p", "", paragraph)));

find("theme").addEventListener("click", switchTheme);
addEventListener("keydown", (event) => {
  if (event.key === "t" && !["INPUT", "SELECT"].includes(event.target.tagName) && !event.ctrlKey && !event.metaKey && !event.altKey) switchTheme();
});
