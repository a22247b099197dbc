"use strict";
const at = id => document.getElementById(id);
const made = (tag, text = "", kind = "", ...inside) => {
  const it = document.createElement(tag);
  if (text !== "") it.textContent = text;
  if (kind) it.className = kind;
  it.append(...inside);
  return it;
};
const asked = async (path, options) => (await fetch(path, options)).json();
const MOST_OPEN = 60; // operations of which all groups are open
let operations = [], chosen = null, told = null, chosenFiles = {}, turn = 0;

// --- the list: all operations, or those that a search finds, best first ---

async function list() {
  const query = at("filter").value.trim(), mine = ++turn;
  const ids = query ? await asked(`/_mock/search?q=${encodeURIComponent(query)}`) : null;
  if (mine !== turn) return;
  at("operations").replaceChildren(...(ids ? ids.map(id => operations.find(it => it.id === id)).filter(Boolean).map(line) : groups()));
  if (chosen) mark(chosen);
}

function line(it) {
  const button = made("button", "", it.deprecated ? "old" : "", verb(it.method), made("span", it.id));
  button.type = "button";
  button.title = `${it.path}\n${it.summary}`;
  button.dataset.operation = it.id;
  button.onclick = () => { location.hash = `#/operation/${encodeURIComponent(it.id)}`; choose(it); };
  return button;
}

// All operations under their first tags, as they come; of many, only the group of what is chosen is open.
function groups() {
  const by = Map.groupBy(operations, it => it.tags[0] || "");
  if (by.size < 2) return operations.map(line);
  return [...by].map(([tag, inside]) => fold(tag || "Others", operations.length <= MOST_OPEN, ...inside.map(line)));
}

function mark(it) {
  for (const button of lines()) {
    button.toggleAttribute("aria-current", button.dataset.operation === it.id);
    if (button.dataset.operation === it.id) {
      if (button.closest("details")) button.closest("details").open = true;
      button.scrollIntoView({ block: "nearest" });
    }
  }
}

const verb = method => made("span", method, `method ${method.toLowerCase()}`);
const lines = () => [...at("operations").querySelectorAll("button")];

function follow() {
  const [, kind, name] = location.hash.split("/").map(decodeURIComponent);
  const it = kind === "operation" && operations.find(one => one.id === name);
  if (it && it !== chosen) choose(it);
  if (kind === "request") open(name);
}

// What Markdown says, without its signs.
const plain = text => text.replace(/\[([^\]]+)\]\([^)]*\)/g, "$1").replace(/\*\*|^---$|^#+ /gm, "");
const prose = text => plain(text).split(/`([^`\n]+)`/).map((part, index) => index % 2 ? made("code", part) : part);

// --- an operation: what it takes, what it answers, examples ---

const say = (name, kind) => made("span", "", "", made("code", name), " ", made("span", kind, "faint"));

function tree(branches) {
  return made("ul", "", "tree", ...branches.map(it => {
    const head = say(it.name, it.kind);
    if (it.is_required) head.append(" ", made("span", "required", "needed"));
    else if (it.default) head.append(" ", made("span", `= ${it.default}`, "faint mono"));
    const about = it.description ? made("div", "", "faint", ...prose(it.description)) : "";
    if (!it.branches.length) return made("li", "", "", made("span", "", "leaf", head, about));
    return made("li", "", "", made("details", "", "", made("summary", "", "", head), about, tree(it.branches)));
  }));
}

function fold(title, open, ...inside) {
  const it = made("details", "", "", made("summary", "", "", ...[title].flat()), ...inside);
  it.open = open;
  return it;
}

function answer(it, index) {
  const isGood = it.status[0] === "2" || it.status[0] === "3";
  const bodies = it.bodies.map(body => made("div", "", "", say(body.type, body.tree ? body.tree.kind : "anything"), body.tree ? tree(body.tree.branches) : "",
    body.example === null ? "" : fold("example", false, made("pre", JSON.stringify(body.example, null, 2)))));
  const headers = it.headers.length ? made("div", `headers: ${it.headers.join(", ")}`, "faint") : "";
  return fold([made("b", it.status, isGood ? "good" : "bad"), " ", ...prose(it.description)], isGood && index === 0, headers, ...bodies);
}

function examples(all) {
  const text = made("pre"), tabs = made("div", "", "tabs"), copy = made("button", "copy", "copy");
  tabs.setAttribute("role", "tablist");
  const pick = button => {
    for (const one of tabs.children) one.setAttribute("aria-selected", one === button);
    text.textContent = all[button.textContent];
  };
  for (const name of Object.keys(all)) {
    const button = made("button", name);
    button.type = "button";
    button.setAttribute("role", "tab");
    button.onclick = () => pick(button);
    tabs.append(button);
  }
  copy.type = "button";
  copy.onclick = () => navigator.clipboard.writeText(text.textContent).then(() => { copy.textContent = "copied"; });
  if (tabs.firstChild) pick(tabs.firstChild);
  return made("div", "", "", tabs, made("div", "", "example", text, copy));
}

async function choose(it) {
  chosen = it;
  chosenFiles = {};
  mark(it);
  at("status").textContent = "";
  at("answer").hidden = true;
  const facts = await asked(`/_mock/operation/${encodeURIComponent(it.id)}`);
  if (chosen !== it) return;
  told = facts;
  const head = made("h2", "", "", verb(it.method), ` ${it.path}`);
  at("about").replaceChildren(head, made("div", "", "", made("code", it.id), it.deprecated ? made("b", " deprecated", "warn") : "", " ", ...prose(it.summary)));
  at("more").replaceChildren();
  if (facts.trouble) at("about").append(made("p", facts.trouble, "bad"));
  else {
    if (facts.description) at("about").append(made("p", "", "faint said-of", ...prose(facts.description)));
    const good = facts.answers.filter(one => /^[23]/.test(one.status)), bad = facts.answers.filter(one => !/^[23]/.test(one.status));
    at("more").append(
      made("h3", "Example"), examples(facts.examples),
      fold("Takes", true, facts.takes.length ? tree(facts.takes) : made("p", "nothing", "faint")),
      fold("Answers", true, ...good.map(answer)), fold("Errors", false, ...bad.map(answer)));
    fields(facts);
    filled(facts.request, it);
  }
}

// --- the form: a field for each argument; what it stands for is written by the server ---

function field(it, value) {
  const name = `field-${it.name}`;
  let input, listed = "";
  if (it.kind === "boolean" || (it.kind === "choice" && !it.is_open)) {
    input = made("select", "", "", ...["", ...(it.kind === "boolean" ? [true, false] : it.listed)].map(one => made("option", String(one))));
  } else if (it.kind === "file") {
    input = made("input");
    input.type = "file";
    input.multiple = it.is_list;
  } else if (it.kind === "json") {
    input = made("textarea");
    input.rows = Math.min(14, Math.max(3, (JSON.stringify(value ?? null, null, 1)).split("\n").length));
  } else {
    input = made("input");
    if (it.kind === "integer" || it.kind === "number") input.inputMode = "decimal";
    if (it.listed.length) {
      listed = made("datalist", "", "", ...it.listed.map(one => made("option", String(one))));
      listed.id = `${name}-list`;
      input.setAttribute("list", listed.id);
    }
  }
  input.id = name;
  input.dataset.field = it.name;
  if (value !== undefined && it.kind !== "file") input.value = typeof value === "string" ? value : JSON.stringify(value, null, it.kind === "json" ? 1 : 0);
  if (it.default !== null && it.kind !== "file") input.placeholder = `${JSON.stringify(it.default)} where left out`;
  const label = made("label", "", "", say(it.name, it.takes), it.required ? made("span", " required", "needed") : "");
  label.htmlFor = name;
  label.title = it.description;
  return made("div", "", "", label, input, listed);
}

function fields(facts) {
  const values = facts.request.values || {};
  const first = facts.fields.filter(it => it.required || it.name in values || it.name === "stream");
  const rest = facts.fields.filter(it => !first.includes(it));
  at("fields").replaceChildren(...first.map(it => field(it, values[it.name])));
  if (rest.length) at("fields").append(fold(`${rest.length} more`, false, ...rest.map(it => field(it))));
  if (!first.length && !rest.length) at("fields").append(made("p", "It takes nothing.", "faint"));
}

function read(input, it) {
  if (it.kind === "file") return it.is_list ? [...input.files].map(file => file.name) : input.files[0]?.name ?? told.request.values?.[it.name];
  if (input.value === "") return undefined;
  const isText = it.kind === "string" || (it.kind === "choice" && typeof (it.listed[0] ?? "") === "string");
  if (isText) return input.value;
  try { return JSON.parse(input.value); } catch { return input.value; }
}

let waiting = 0;
function changed() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const values = {}, it = chosen;
    for (const input of at("fields").querySelectorAll("[data-field]")) {
      const about = told.fields.find(one => one.name === input.dataset.field), value = read(input, about);
      if (about.kind === "file") chosenFiles[about.name] = [...input.files];
      if (value !== undefined && !(Array.isArray(value) && !value.length && about.kind === "file")) values[about.name] = value;
    }
    const request = await asked(`/_mock/request/${encodeURIComponent(it.id)}`, { method: "POST", body: JSON.stringify(values) });
    if (it === chosen) filled(request, it);
  }, 120);
}

function filled(request, it) {
  at("problems").replaceChildren(...(request.problems || []).map(one => made("li", one.message)));
  if (!request.url) return;
  chosen.parts = request.parts;
  at("method").value = it.method;
  at("url").value = request.url;
  at("headers").value = request.headers.join("\n");
  at("body").value = request.parts ? request.parts.map(part => part.filename ? `${part.name}=@${part.filename}\n${part.text}` : `${part.name}=${part.text}`).join("\n---\n")
    : request.json !== undefined ? JSON.stringify(request.json, null, 2) : request.text || "";
}

// A form is written part by part, with --- between: name=text, or name=@filename and the content below it.
function form(text) {
  const data = new FormData();
  for (const part of text.split("\n---\n")) {
    const [head, ...rest] = part.split("\n"), cut = head.indexOf("="), name = head.slice(0, cut), value = head.slice(cut + 1);
    const file = Object.values(chosenFiles).flat().find(one => value === `@${one.name}`);
    if (file) data.append(name, file, file.name);
    else if (value.startsWith("@")) data.append(name, new Blob([rest.join("\n")]), value.slice(1));
    else data.append(name, [value, ...rest].join("\n"));
  }
  return data;
}

async function send(event) {
  event.preventDefault();
  const headers = {}, method = at("method").value.toUpperCase(), text = at("body").value, began = performance.now();
  for (const line of at("headers").value.split("\n")) {
    const cut = line.indexOf(":");
    if (cut > 0) headers[line.slice(0, cut).trim()] = line.slice(cut + 1).trim();
  }
  const only = Object.values(chosenFiles).flat();
  const whole = chosen?.parts && chosen.method === method ? form(text) : only.length === 1 && !chosen?.parts ? only[0] : text;
  at("answer").hidden = false;
  at("answer").replaceChildren();
  at("status").textContent = "…";
  try {
    const reply = await fetch(at("url").value, { method, headers, body: method === "GET" || method === "HEAD" || !text ? undefined : whole });
    at("status").textContent = `${reply.status} ${reply.statusText}`;
    at("status").className = reply.ok ? "good" : "bad";
    await received(reply, reply.headers.get("content-type") || "", began);
  } catch (error) {
    at("status").textContent = String(error);
    at("status").className = "bad";
  }
}

async function received(reply, type, began) {
  if (type.includes("json")) at("answer").textContent = JSON.stringify(await reply.json(), null, 2);
  else if (type.startsWith("text/")) {
    const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader(), isStream = type.startsWith("text/event-stream");
    let rest = "";
    for (let piece; !(piece = await reader.read()).done;) {
      if (!isStream) { at("answer").append(piece.value); continue; }
      const events = (rest + piece.value).split("\n\n");
      rest = events.pop();
      for (const one of events) at("answer").append(made("span", "", "event", made("span", `${(performance.now() - began).toFixed(0)} ms  `, "faint"), one));
    }
    if (rest) at("answer").append(rest);
  } else {
    const blob = await reply.blob(), link = made("a", `${blob.size} bytes of ${type || "nothing"}`);
    if (blob.size) { link.href = URL.createObjectURL(blob); link.download = "answer"; }
    at("answer").append(link);
  }
}

// --- the log: a row for each request; opened, both sides with what is wrong marked in place ---

function show(record) {
  at("none").hidden = true;
  const row = made("tr", "", "call"), verdict = made("td"), opener = made("button", `${record.method} ${record.path}`, "opener");
  row.dataset.request = record.request_id;
  const notes = [...(record.conduct || []), ...(record.doubts || []).map(doubt => `doubt: ${doubt}`)];
  if (record.verdict.length) verdict.append(made("span", "invalid", record.status < 400 ? "warn" : "bad"), made("ul", "", "", ...record.verdict.map(one => made("li", one))));
  else verdict.append(record.operation_id ? made("span", "valid", "good") : made("span", "no operation", "bad"));
  if (notes.length) verdict.append(made("ul", "", "warn", ...notes.map(one => made("li", one))));
  const time = `${new Date(record.began * 1000).toLocaleTimeString()}${record.seconds === undefined ? "" : ` ${(record.seconds * 1000).toFixed(1)} ms`}`;
  opener.type = "button";
  opener.setAttribute("aria-expanded", "false");
  row.append(made("td", record.status, record.status < 400 ? "good" : "bad"), made("td", "", "", opener, made("div", record.operation_id || "-", "faint")), verdict, made("td", time, "faint"));
  row.onclick = event => { if (!String(getSelection())) open(record.request_id, event); };
  at("requests").prepend(row);
  while (at("requests").rows.length > 200) at("requests").deleteRow(-1);
}

async function open(id) {
  const row = document.querySelector(`tr.call[data-request="${CSS.escape(id)}"]`);
  if (!row) return;
  const opener = row.querySelector(".opener"), isOpen = opener.getAttribute("aria-expanded") === "true";
  opener.setAttribute("aria-expanded", String(!isOpen));
  if (isOpen) { row.nextElementSibling.remove(); return; }
  const cell = made("td", "…", "opened"), reply = await fetch(`/_mock/exchange/${encodeURIComponent(id)}`);
  cell.colSpan = 4;
  row.after(made("tr", "", "detail", cell));
  history.replaceState(null, "", `#/request/${encodeURIComponent(id)}`);
  if (!reply.ok) { cell.textContent = "It is not kept any more."; return; }
  const it = await reply.json();
  cell.replaceChildren(
    made("h3", `${it.method} ${it.url}`), side(it.headers, it.body, it.problems),
    made("h3", `${it.status}`), side(it.answer_headers, it.answer, it.answer_problems));
}

function side(headers, body, problems) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n");
  return made("div", "", "", fold("headers", false, made("pre", lines)), marked(body, problems));
}

function marked(body, problems) {
  const left = [...problems], box = made("pre");
  let value;
  try { value = JSON.parse(body); } catch { value = undefined; }
  const line = (text, path) => {
    const mine = left.filter(one => one.path === path);
    for (const one of mine) left.splice(left.indexOf(one), 1);
    const it = made("span", text, mine.length ? "line wrong" : "line");
    for (const one of mine) it.append(made("span", `   ${one.message.replace(`${path}: `, "")}`, "said"));
    return it;
  };
  const missing = path => left.filter(one => one.path.startsWith(path) && /^\.?[^.[\]]+$/.test(one.path.slice(path.length)) && one.path !== path);
  const write = (item, path, indent, head, tail) => {
    if (item === null || typeof item !== "object" || !Object.keys(item).length) { box.append(line(`${indent}${head}${JSON.stringify(item)}${tail}`, path)); return; }
    const isList = Array.isArray(item), keys = Object.keys(item);
    box.append(line(`${indent}${head}${isList ? "[" : "{"}`, path));
    keys.forEach((key, index) => write(item[key], isList ? `${path}[${key}]` : path ? `${path}.${key}` : key, `${indent}  `, isList ? "" : `${JSON.stringify(key)}: `, index < keys.length - 1 ? "," : ""));
    if (!isList) for (const one of missing(path)) { left.splice(left.indexOf(one), 1); box.append(made("span", "", "line wrong", made("span", `${indent}  ${one.message}`, "said"))); }
    box.append(made("span", `${indent}${isList ? "]" : "}"}${tail}`, "line"));
  };
  if (value !== undefined) write(value, "", "", "", "");
  else box.append(body || "no body");
  return made("div", "", "", left.length ? made("ul", "", "bad", ...left.map(one => made("li", one.message))) : "", box);
}

// --- keys, and the beginning ---

document.addEventListener("keydown", event => {
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key === "/" && !isTyping) { event.preventDefault(); at("filter").focus(); }
  if (event.key === "Enter" && event.ctrlKey) at("form").requestSubmit();
  if (event.key === "Escape" && event.target === at("filter")) { at("filter").value = ""; list(); }
  const buttons = lines().filter(it => it.offsetParent), here = buttons.indexOf(document.activeElement);
  if ((event.target === at("filter") || here >= 0) && /^Arrow(Down|Up)$/.test(event.key)) {
    event.preventDefault();
    const next = buttons[here + (event.key === "ArrowDown" ? 1 : -1)];
    (next || (here <= 0 && event.key === "ArrowUp" ? at("filter") : buttons[here]))?.focus();
  }
  if (event.key === "Enter" && event.target === at("filter")) buttons[0]?.click();
});
at("filter").oninput = list;
at("fields").oninput = changed;
at("form").onsubmit = send;
addEventListener("hashchange", follow);
at("down").onclick = () => at("log").scrollIntoView();
asked("/_mock/operations").then(async facts => {
  document.title = at("title").textContent = `${facts.title} ${facts.version}: ${facts.role}`;
  operations = facts.operations;
  await list();
  follow();
  if (!chosen && operations.length) choose(operations[0]);
});
let isLinked = false, feed = null;
function listen() {
  feed?.close();
  feed = new EventSource("/_mock/requests");
  feed.onopen = () => { at("state").textContent = "live"; at("requests").replaceChildren(); };
  feed.onerror = () => { at("state").textContent = "the server is gone"; };
  feed.onmessage = event => {
    const record = JSON.parse(event.data);
    show(record);
    if (!isLinked && location.hash === `#/request/${encodeURIComponent(record.request_id)}`) { isLinked = true; open(record.request_id); }
  };
}
listen();
addEventListener("pagehide", () => feed.close()); // a page that is kept for "back" must not keep its connection
addEventListener("pageshow", event => { if (event.persisted) listen(); });
