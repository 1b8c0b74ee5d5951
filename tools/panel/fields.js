"use strict";
// An element: properties, then children. What a node says goes in as text alone.
let made = 0;
function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const isNumber = x => typeof x === "number" && isFinite(x);

// how many digits a value of this data type has
function digits(info, x) {
  const given = /^%\.(\d+)([efg])$/.exec(info.fmtstr || "");
  if (given) return given[2] === "f" ? x.toFixed(given[1]) : given[2] === "e" ? x.toExponential(given[1]) : String(+x.toPrecision(given[1] || 1));
  if (info.type === "scaled") return x.toFixed(Math.max(0, Math.ceil(-Math.log10(info.scale || 1) - 1e-9)));
  return String(+x.toPrecision(6));
}

// a value as a person reads it
function shown(info, value) {
  if (value === undefined || value === null) return "\u2013";
  switch (info.type) {
    case "double": case "int": return isNumber(value) ? (info.type === "int" ? String(value) : digits(info, value)) : String(value);
    case "scaled": return isNumber(value) ? digits(info, value * info.scale) : String(value);
    case "bool": return value ? "on" : "off";
    case "enum": return Object.keys(info.members || {}).find(name => info.members[name] === value) || String(value);
    case "array": return Array.isArray(value) ? `[${value.map(x => shown(info.members || {}, x)).join(", ")}]` : String(value);
    case "tuple": return Array.isArray(value) ? `(${value.map((x, i) => shown((info.members || [])[i] || {}, x)).join(", ")})` : String(value);
    case "struct": return Object.entries(value).map(([name, x]) => `${name}: ${shown((info.members || {})[name] || {}, x)}`).join(", ");
    default: return typeof value === "string" ? value : JSON.stringify(value);
  }
}

// what a value is in a plot; undefined for what can't be plotted
function plotted(info, value) {
  if (info.type === "scaled") return isNumber(value) ? value * info.scale : undefined;
  if (info.type === "bool") return value ? 1 : 0;
  return isNumber(value) ? value : undefined;
}

// an editor of a data type: {element, get(), set(value)}; get() throws where what is typed is no such thing
function editor(info, label) {
  const named = {"aria-label": label};
  // a vector: a field for each component
  if (info.type === "array" && info.minlen === info.maxlen && info.maxlen > 0 && info.maxlen <= 8) return editor({type: "tuple", members: Array(info.maxlen).fill(info.members || {})}, label);
  const text = (more, get, set) => {
    const element = el("input", {type: "text", autocomplete: "off", ...named, ...more});
    return {element, get: () => get(element.value), set: value => { element.value = value === undefined || value === null ? "" : set(value); }};
  };
  const number = typed => {
    const value = Number(typed.trim().replace(",", "."));
    if (!typed.trim() || !isFinite(value)) throw new Refused("WrongType", "this has to be a number");
    return value;
  };
  switch (info.type) {
    case "double": return text({inputMode: "decimal"}, number, value => String(+value.toPrecision(9)));
    case "int": return text({inputMode: "numeric"}, number, String);
    case "scaled": return text({inputMode: "decimal"}, typed => Math.round(number(typed) / info.scale), value => digits(info, value * info.scale));
    case "string": return text({maxLength: Math.min(info.maxchars || 1000, 1000)}, String, String);
    case "bool": {
      const element = el("input", {type: "checkbox", role: "switch", ...named});
      return {element, get: () => element.checked, set: value => { element.checked = !!value; }};
    }
    case "enum": {
      const element = el("select", named, ...Object.entries(info.members || {}).map(([name, value]) => el("option", {value: String(value)}, name)));
      return {element, get: () => Number(element.value), set: value => { element.value = String(value); }};
    }
    case "tuple": case "struct": {
      const members = Object.entries(info.members || {}), optional = info.optional || [];
      const parts = members.map(([name, of]) => {
        const part = editor(of, `${label} ${name}`);
        part.used = optional.includes(name) ? el("input", {type: "checkbox", checked: true, "aria-label": `send ${name}`}) : null;
        return part;
      });
      const fields = members.map(([name, of], i) => el("label", {}, ...(parts[i].used ? [parts[i].used, " "] : []), info.type === "struct" ? name + " " : "", parts[i].element, of.unit ? " " + of.unit : ""));
      const element = el("fieldset", named, ...fields);
      return {
        element,
        get: () => info.type === "tuple" ? parts.map(part => part.get())
          : Object.fromEntries(members.map(([name], i) => [name, parts[i]]).filter(([, part]) => !part.used || part.used.checked).map(([name, part]) => [name, part.get()])),
        set: value => parts.forEach((part, i) => part.set(value === undefined || value === null ? undefined : value[members[i][0]]))
      };
    }
    default: return text({}, typed => {
      try { return JSON.parse(typed); } catch { if (info.type === "blob") return typed; throw new Refused("WrongType", "this has to be JSON, as [1, 2]"); }
    }, value => info.type === "blob" ? String(value) : JSON.stringify(value));
  }
}

// A form that checks first, and says why not at the field. ask(action, data) asks the node.
function field(info, label, button, action, ask, said) {
  const edit = info ? editor(info, label) : {element: "", get: () => undefined, set: () => 0};
  const why = el("span", {className: "why", role: "alert", id: "w" + ++made});
  const closest = el("button", {type: "button", hidden: true});
  const send = el("button", {type: "submit", "aria-label": `${button} ${label}`}, button);
  const form = el("form", {}, edit.element, info && info.unit ? el("span", {className: "hint"}, info.unit) : "", send, closest, why);
  let dirty = false, turn = 0, timer;
  const inputs = () => form.querySelectorAll("input,select,textarea");
  inputs().forEach(input => input.setAttribute("aria-describedby", why.id));
  const tell = (e, fine = "") => {
    why.textContent = e ? e.message : fine;
    why.className = e ? "why" : "why fine";
    inputs().forEach(input => input.setAttribute("aria-invalid", e ? "true" : "false"));
    const value = e && e.info && e.info.closest_valid;
    closest.hidden = value === undefined || value === null || !info;
    if (!closest.hidden) {
      closest.textContent = `take ${shown(info, value)}`;
      closest.onclick = () => { edit.set(value); tell(); change(); inputs()[0].focus(); };
    }
  };
  // true where the node would take it, or can't say
  const check = async value => {
    try { await ask("check", value); } catch (e) {
      if (!(e instanceof Refused) || !/^(NotCheckable|ProtocolError|NotImplemented)$/.test(e.name)) throw e;
    }
  };
  const change = () => {
    dirty = true;
    clearTimeout(timer);
    const mine = ++turn;
    timer = setTimeout(async () => {
      try { await check(edit.get()); if (mine === turn) tell(); } catch (e) { if (mine === turn) tell(e); }
    }, 400);
  };
  form.oninput = change;
  form.onsubmit = async event => {
    event.preventDefault();
    clearTimeout(timer);
    const mine = ++turn;
    try {
      const value = edit.get();
      await check(value);
      const answer = await ask(action, value);
      if (mine === turn) dirty = false;
      tell(null, said(answer));
    } catch (e) { tell(e); }
  };
  return {element: form, set: value => { if (!dirty && !form.contains(document.activeElement)) edit.set(value); }};
}
