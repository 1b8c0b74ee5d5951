"use strict";
// The page, made from the description alone.
const $ = id => document.getElementById(id);
const CLASSES = ["off", "ready", "warning", "busy", "error"];
const INTERFACE = ["value", "status", "target"], LINES = 300;
const plot = new Plot($("plot"), $("legend"));
let values = new Map(), rows = new Map(), report = null, drawn = "", alive = false, lost = 0;

const link = new Link({
  up(now) {
    report = now;
    alive = true;
    $("old").hidden = true;
    document.body.classList.remove("stale");
    $("link").textContent = "connected";
    const text = JSON.stringify(now);
    if (text !== drawn) { drawn = text; draw(); }
    note("", lost ? "connected again" : "connected");
  },
  down(why) {
    if (alive || !lost) { lost = Date.now(); note("", `no connection ${why}`); }
    alive = false;
    $("link").textContent = "not connected";
    $("old").hidden = false;
    document.body.classList.add("stale");
    age();
    this.why = why;
  },
  update(specifier, value, error, t) {
    if (!specifier.includes(":")) specifier += ":value";
    const before = values.get(specifier), row = rows.get(specifier);
    values.set(specifier, {value, error, at: t ? t + link.offset : Date.now() / 1000, t});
    if (row) row(value, error);
    if (/:status$/.test(specifier) && Array.isArray(value)) {
      const [code, text] = value;
      // what a guard has to say is said by the status
      if ((code >= 400 || code >= 200 && code < 300) && !(before && before.value && before.value[1] === text)) note(specifier.split(":")[0], text || words(code), code >= 400 ? "s4" : "s2");
    }
    if (error && !(before && before.error === error)) note(specifier, error, "s4");
  },
  log(specifier, text) {
    const [module, level] = specifier.split(":");
    note(module === "." ? "" : module, text, level === "error" ? "s4" : "");
  }
});

const words = code => CLASSES[Math.min(4, Math.floor(code / 100))] || "unknown";

function note(who, text, className = "") {
  const log = $("log"), end = log.scrollHeight - log.scrollTop - log.clientHeight < 30;
  log.append(el("li", {className}, `${new Date().toLocaleTimeString()} ${who ? who + ": " : ""}${text}`));
  while (log.children.length > LINES) log.firstChild.remove();
  if (end) log.scrollTop = log.scrollHeight;
}

// whether a module or accessible is for whom is chosen: "user", 1, or "wwr" (a letter for each of user, advanced, expert)
function visible(visibility, level) {
  const at = {user: 1, advanced: 2, expert: 3}[visibility];
  if (at) return level >= at;
  if (isNumber(visibility)) return level >= visibility;
  if (/^[wr-]{3}$/.test(visibility || "")) return visibility[level - 1] !== "-";
  return true;
}

function draw() {
  const level = Number($("level").value), main = $("modules");
  rows = new Map();
  main.replaceChildren();
  document.title = $("name").textContent = String(report.equipment_id || "SEC node");
  $("about").textContent = String(report.description || "");
  const groups = new Map();
  for (const [name, module] of Object.entries(report.modules || {})) {
    if (!visible(module.visibility, level)) continue;
    const group = String(module.group || "");
    groups.set(group, [...groups.get(group) || [], card(name, module, level)]);
  }
  const several = groups.size > 1;
  for (const [group, cards] of groups) {
    if (several) main.append(el("h2", {}, group || "modules"));
    main.append(...cards);
  }
  $("stop").hidden = !stops().length;
  for (const [specifier, {value, error}] of values) if (rows.has(specifier)) rows.get(specifier)(value, error);
  plot.draw();
}

const stops = () => Object.entries(report ? report.modules : {}).filter(([, module]) => (module.accessibles || {}).stop).map(([name]) => name);

function card(name, module, level) {
  const accessibles = module.accessibles || {}, info = of => (accessibles[of] || {}).datainfo || {};
  const badge = el("span", {className: "badge s0"}, "no status yet"), value = el("span", {className: "value"}, "\u2013"), age = el("span", {className: "age"});
  const head = el("div", {className: "top"}, el("h3", {}, name), accessibles.status ? badge : "");
  const article = el("article", {"aria-label": name}, head, el("p", {className: "about"}, String(module.description || "")));
  const ask = (action, of, data) => link.ask(action, `${name}:${of}`, data);
  const unit = of => { let i = info(of); while (i.members && i.type === "array") i = i.members; return i.unit || ""; };
  const curves = el("p", {className: "hint"});
  // what can be plotted of a value: itself, or the first components of a vector, as [suffix, of the value, data type]
  const parts = of => {
    const kind = info(of), plain = kind => /^(double|int|scaled|bool)$/.test((kind || {}).type);
    if (plain(kind)) return [["", x => x, kind]];
    const members = kind.type === "tuple" ? kind.members || [] : kind.type === "array" && kind.maxlen <= 8 ? Array(kind.maxlen).fill(kind.members) : [];
    return members.map((member, i) => [`[${i}]`, x => Array.isArray(x) ? x[i] : undefined, member]).filter(part => plain(part[2])).slice(0, 3);
  };
  const trace = (of, x, error) => {
    for (const [suffix, get, kind] of parts(of)) plot.point(`${name}:${of}${suffix}`, error ? undefined : plotted(kind, get(x)));
  };
  const curve = (of, on, into = curves) => {
    const found = parts(of).map(([suffix, , kind]) => [`${name}:${of}${suffix}`, kind]);
    if (!found.length) return;
    const limits = () => {
      if (of !== "target") return [];
      const last = of => (values.get(`${name}:${of}`) || {}).value;
      const found = last("target_limits") || [last("target_min"), last("target_max")];
      return found.map(x => plotted(info("target"), x)).filter(isNumber);
    };
    for (const [specifier, kind] of found) plot.add(specifier, kind.unit || "", on, limits);
    const box = el("input", {type: "checkbox", checked: plot.curves.get(found[0][0]).on, onchange: () => found.forEach(([specifier]) => plot.show(specifier, box.checked))});
    into.append(el("label", {}, box, into === curves ? ` plot ${of} ` : " plot"));
  };
  if (accessibles.value) {
    article.append(el("div", {className: "top"}, value, age));
    curve("value", plot.curves.size < 6);
    rows.set(`${name}:value`, (x, error) => {
      value.replaceChildren(error ? el("small", {className: "s4"}, error) : shown(info("value"), x), el("small", {}, error ? "" : " " + unit("value")));
      trace("value", x, error);
    });
    age.dataset.of = `${name}:value`;
  }
  if (accessibles.status) rows.set(`${name}:status`, (x, error) => {
    const [code, text] = Array.isArray(x) ? x : [400, error];
    badge.textContent = text ? `${words(code)}: ${text}` : words(code);
    badge.className = `badge s${Math.min(4, Math.floor(code / 100))}`;
  });
  const parameter = (of, into) => {
    const a = accessibles[of], specifier = `${name}:${of}`, now = el("span", {className: "now"}, "\u2013");
    let edit = null;
    if (a.readonly === false) edit = field(info(of), `${name} ${of}`, "Set", "change", (action, data) => ask(action, of, data), answer => `it is now ${shown(info(of), answer.data && answer.data[0])}`);
    const row = el("div", {className: "row"}, el("span", {className: "name", title: String(a.description || "")}, of), el("div", {}, now, " ", el("span", {className: "hint"}, unit(of)), edit ? edit.element : ""));
    into.append(row);
    if (of !== "target") curve(of, false, row.lastChild);
    rows.set(specifier, (x, error) => {
      now.textContent = error || shown(info(of), x);
      now.className = error ? "now s4" : "now";
      if (edit && !error) edit.set(x);
      trace(of, x, error);
    });
    if (a.constant !== undefined) rows.get(specifier)(a.constant, "");
  };
  if (accessibles.target) {
    parameter("target", article);
    curve("target", plot.curves.size < 7);
  }
  if (accessibles.stop) article.append(el("p", {}, el("button", {type: "button", className: "stop", "aria-label": `Stop ${name}`, onclick: () => stop(name)}, "Stop")));
  const more = el("details", {}, el("summary", {}, "parameters and commands")), groups = new Map();
  for (const [of, a] of Object.entries(accessibles)) {
    if (INTERFACE.includes(of) || of === "stop" || !visible(a.visibility, level)) continue;
    const group = String(a.group || "");
    if (!groups.has(group)) groups.set(group, group ? el("fieldset", {}, el("legend", {}, group)) : el("div"));
    const into = groups.get(group), kind = info(of);
    if (kind.type !== "command") {
      parameter(of, into);
      continue;
    }
    const form = field(kind.argument, `${name} ${of}`, kind.argument ? "Do" : of, "do", (action, data) => ask(action, of, data), answer => kind.result ? `it gives ${shown(kind.result, answer.data && answer.data[0])}` : "done");
    into.append(el("div", {className: "row"}, el("span", {className: "name", title: String(a.description || "")}, of), form.element));
  }
  for (const group of groups.values()) more.append(group);
  if (groups.size) article.append(more);
  if (curves.firstChild) article.append(curves);
  return article;
}

async function stop(name) {
  try { await link.ask("do", `${name}:stop`); note(name, "stopped"); } catch (e) { note(name, `it was not stopped: ${e.message}`, "s4"); }
}

// how old what is shown is
function age() {
  const now = Date.now() / 1000;
  for (const element of document.querySelectorAll("[data-of]")) {
    const found = values.get(element.dataset.of), s = found ? Math.max(0, now - found.at) : 0;
    element.textContent = !found ? "" : s < 2 ? "now" : s < 120 ? `${Math.round(s)} s ago` : s < 7200 ? `${Math.round(s / 60)} min ago` : `${Math.round(s / 3600)} h ago`;
  }
  if (!alive && lost) $("old").textContent = `No connection for ${Math.round((Date.now() - lost) / 1000)} s: what you see is old. ${link.told.why || "It tries again."}`;
  plot.draw();
}

$("stop").onclick = () => stops().forEach(stop);
$("level").onchange = draw;
$("span").onchange = () => { plot.span = Number($("span").value); plot.draw(); };
addEventListener("resize", () => plot.draw());
setInterval(age, 1000);
