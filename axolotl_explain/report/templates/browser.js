"use strict";
// Unpacks the completions and shows a page of those that pass the filters. Text from
// data only ever becomes text nodes.
(async () => {
  const PAGE = 25;
  const find = (id) => document.getElementById(id);
  const form = find("filters"), list = find("rows"), shown = find("shown");
  const pager = find("pager"), field = form.elements;

  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const count = (value) => value.toLocaleString("en");

  async function unpack() {
    const binary = atob(find("data").textContent);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    const unzipped = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(unzipped).json();
  }

  let data;
  try {
    data = await unpack();
  } catch (error) {
    shown.textContent = `This browser cannot unpack the completions (${error}).`;
    return;
  }
  const { groups, texts, columns } = data;
  const total = columns.group.length;
  const searched = new Array(total);
  let hits = [], page = 0, same = null;

  const levels = ["none", "short", "medium", "long"];
  const rank = (level) => (levels.indexOf(level) + 5) % 5;

  function fill(select, every, names) {
    select.append(new Option(every, ""));
    for (const name of names) select.append(new Option(name, name));
    select.disabled = names.length < 2;
  }
  const distinct = (key) => [...new Set(groups.map((group) => group[key]))];
  fill(field.run, "all runs", distinct("run"));
  fill(field.level, "all levels", distinct("level").sort((a, b) => rank(a) - rank(b)));
  field.valid.disabled = !columns.valid.some((value) => value >= 0);

  const problem = (i) => `${groups[columns.group[i]].data}\n${columns.id[i] || columns.row[i]}`;

  function haystack(i) {
    if (searched[i] === undefined) {
      searched[i] = [
        texts[columns.prompt[i]], columns.completion[i], texts[columns.answer[i]],
        columns.extracted[i] ?? "", columns.id[i],
      ].join("\n").toLowerCase();
    }
    return searched[i];
  }

  function passing() {
    const { run, level, right, valid, truncated, text } = field;
    const wanted = groups.map((group) =>
      (!run.value || group.run === run.value) && (!level.value || group.level === level.value));
    const needle = text.value.trim().toLowerCase();
    const found = [];
    for (let i = 0; i < total; i++) {
      if (!wanted[columns.group[i]]) continue;
      if (right.value === "flexible") {
        if (columns.right[i] || columns.flexible[i] !== 1) continue;
      } else if (right.value && columns.right[i] !== +right.value) continue;
      if (valid.value && columns.valid[i] !== +valid.value) continue;
      if (truncated.value && columns.truncated[i] !== +truncated.value) continue;
      if (same !== null && problem(i) !== same) continue;
      if (needle && !haystack(i).includes(needle)) continue;
      found.push(i);
    }
    const sign = { long: -1, short: 1 }[field.order.value];
    if (sign) found.sort((a, b) => sign * (columns.tokens[a] - columns.tokens[b]) || a - b);
    return found;
  }

  // A text with the searched words marked.
  function marked(element, text) {
    const needle = field.text.value.trim().toLowerCase();
    const lower = text.toLowerCase();
    let from = 0;
    if (needle && lower.length === text.length) {
      for (let at; (at = lower.indexOf(needle, from)) >= 0; from = at + needle.length) {
        element.append(text.slice(from, at), make("mark", "", text.slice(at, at + needle.length)));
      }
    }
    element.append(text.slice(from));
    return element;
  }

  function block(title, text) {
    const part = make("div", "said");
    part.append(make("h4", "", title), marked(make("pre"), text));
    return part;
  }

  function body(i) {
    const group = groups[columns.group[i]];
    const inside = make("div", "body");
    inside.append(block("Prompt", texts[columns.prompt[i]]));
    inside.append(block("Completion", columns.completion[i]));
    const facts = [
      ["answer given", columns.extracted[i] ?? "none found"],
      ["right answer", texts[columns.answer[i]]],
    ];
    if (!columns.right[i] && columns.flexible[i] === 1) facts.push(["flexible match", "right"]);
    if (columns.valid[i] >= 0) {
      const reason = texts[columns.reason[i]];
      const step = columns.step[i];
      const where = reason || (step === null ? "" : `step ${step}`);
      const words = columns.valid[i] ? "every step is right" : `first wrong: ${where || "not said"}`;
      facts.push(["explanation", words]);
    }
    facts.push(["ending", columns.truncated[i] ? "cut off" : "complete"]);
    facts.push(["row", `${columns.row[i] || "–"} of ${group.data}`]);
    if (columns.id[i]) facts.push(["id", columns.id[i]]);
    facts.push(["model", group.model ?? "base model, untrained"]);
    const meta = texts[columns.meta[i]];
    for (const [key, value] of Object.entries(meta ? JSON.parse(meta) : {})) {
      facts.push([key, typeof value === "string" ? value : JSON.stringify(value)]);
    }
    const told = make("dl");
    for (const [key, value] of facts) told.append(make("dt", "", key), make("dd", "", value));
    const beside = make("div", "told");
    beside.append(make("h4", "", "Verdict"), told);
    inside.append(beside);
    if (groups.length > 1) {
      const button = make("button", "", "This problem at every level and run");
      button.type = "button";
      button.addEventListener("click", () => {
        form.reset();
        same = problem(i);
        show(0);
        shown.focus();
      });
      beside.append(button);
    }
    return inside;
  }

  function row(i) {
    const group = groups[columns.group[i]];
    const item = make("li"), details = make("details"), head = make("summary");
    const right = columns.right[i];
    const level = make("span", "level");
    const dot = make("span", "dot");
    dot.dataset.level = rank(group.level);
    level.append(dot, group.level);
    const given = columns.extracted[i] ?? "missing";
    const gold = texts[columns.answer[i]];
    head.append(
      make("span", `verdict ${right ? "right" : "wrong"}`, right ? "✓ right" : "✗ wrong"),
      level,
      make("span", "from", group.run),
      marked(make("span", "prompt"), texts[columns.prompt[i]].trim().replace(/\s+/g, " ")),
      make("span", "given", `answer ${right ? given : `${given}, not ${gold}`}`),
      make("span", "cost", `${count(columns.tokens[i])} tokens`),
    );
    details.append(head);
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(body(i));
    });
    item.append(details);
    return item;
  }

  function draw() {
    const last = Math.max(0, Math.ceil(hits.length / PAGE) - 1);
    page = Math.min(Math.max(page, 0), last);
    const start = page * PAGE, end = Math.min(start + PAGE, hits.length);
    list.start = start + 1;
    list.replaceChildren(...hits.slice(start, end).map(row));
    const right = hits.reduce((sum, i) => sum + columns.right[i], 0);
    const only = same === null ? "" : " of one problem (Clear shows all again)";
    shown.textContent = hits.length
      ? `${count(hits.length)} of ${count(total)} completions${only}, ${count(right)} right`
      : `None of ${count(total)} completions passes these filters.`;
    find("page").textContent = `${count(start + 1)}–${count(end)} of ${count(hits.length)}`;
    pager.hidden = last === 0;
    for (const button of pager.querySelectorAll("button")) {
      const back = button.dataset.go === "first" || button.dataset.go === "previous";
      button.disabled = page === (back ? 0 : last);
    }
  }

  function show(at) {
    hits = passing();
    page = at;
    draw();
  }

  let waiting = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => show(0), event.target === field.text ? 120 : 0);
  });
  form.addEventListener("reset", () => {
    same = null;
    setTimeout(() => show(0), 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  pager.addEventListener("click", (event) => {
    const move = {
      first: () => 0,
      previous: () => page - 1,
      next: () => page + 1,
      last: () => Infinity,
    }[event.target.dataset.go];
    if (!move) return;
    page = move();
    draw();
    shown.scrollIntoView({ block: "nearest" });
  });

  shown.tabIndex = -1;
  form.hidden = total === 0;
  if (total) show(0);
  else shown.textContent = "No completions were kept.";
  document.documentElement.dataset.ready = performance.now().toFixed(0);
})();
