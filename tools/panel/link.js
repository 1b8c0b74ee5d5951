"use strict";
// The connection: SECoP over a WebSocket to where this page came from. It reconnects for ever.
const ANSWERS = {
  "*IDN?": "ISSE", describe: "describing", activate: "active", ping: "pong", change: "changed", do: "done", check: "checked",
  read: "reply", logging: "logging"
};
const PING = 5000, DEAD = 15000;

class Refused extends Error {
  constructor(name, text, info) {
    super(text || name);
    this.name = name;
    this.info = info || {};
  }
}

class Link {
  // told: {up(report), down(why), update(specifier, value, error, t), log(specifier, text)}
  constructor(told) {
    this.told = told;
    this.pause = 500;
    this.offset = 0; // s that this clock is ahead of the node's
    this.connect();
    setInterval(() => this.look(), PING);
  }

  connect() {
    this.asked = [];
    this.why = "";
    const socket = this.socket = new WebSocket(location.href.replace(/^http/, "ws").replace(/[?#].*$/, ""));
    socket.onmessage = message => socket === this.socket && this.line(message.data);
    socket.onclose = () => socket === this.socket && this.lost();
    socket.onopen = () => this.begin().catch(e => this.end(e.message));
    this.heard = Date.now();
  }

  async begin() {
    await this.ask("*IDN?");
    const report = (await this.ask("describe")).data;
    this.told.up(report);
    this.pause = 500;
    this.ask("logging", "", "info").catch(() => 0);
    await this.ask("activate");
    this.ping();
  }

  ping() {
    this.ask("ping", "panel").then(answer => {
      const t = answer.data && answer.data[1] && answer.data[1].t;
      this.offset = t ? Date.now() / 1000 - t : this.offset;
    }).catch(() => 0);
  }

  look() {
    if (Date.now() - this.heard > DEAD) this.end("it does not answer any more");
    else if (this.socket.readyState === 1) this.ping();
  }

  end(why) {
    this.why = this.why || why;
    this.socket.close();
    this.lost();
  }

  lost() {
    this.socket = {};
    for (const one of this.asked) one.reject(new Refused("CommunicationFailed", "the connection was lost: whether it was done is not known"));
    this.asked = [];
    this.told.down(this.why);
    setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(this.pause * 2, 10000);
  }

  // the answer {specifier, data}; throws Refused
  ask(action, specifier = "", data) {
    return new Promise((resolve, reject) => {
      if (this.socket.readyState !== 1) return reject(new Refused("CommunicationFailed", "there is no connection"));
      const line = [action, specifier];
      if (data !== undefined) line.push(JSON.stringify(data));
      this.asked.push({action, resolve, reject});
      this.socket.send(line.join(" ").trimEnd());
    });
  }

  line(line) {
    this.heard = Date.now();
    const [, action, specifier, text] = /^(\S*) ?(\S*) ?([^]*)$/.exec(line.trimEnd());
    let data;
    try { data = text ? JSON.parse(text) : undefined; } catch { data = undefined; }
    if (action === "update") return this.told.update(specifier, data && data[0], "", data && data[1] && data[1].t);
    if (action === "error_update") return this.told.update(specifier, undefined, this.words(data), data && data[2] && data[2].t);
    if (action === "log") return this.told.log(specifier, String(data));
    const i = this.asked.findIndex(one => action === "error_" + one.action || (one.action === "*IDN?" ? /ISSE|SECoP/.test(action) : action === ANSWERS[one.action]));
    if (i < 0) return;
    const [one] = this.asked.splice(i, 1);
    if (!action.startsWith("error_")) return one.resolve({specifier, data});
    if (one.action === "*IDN?") this.why = this.words(data);
    one.reject(new Refused(data && data[0] || "InternalError", data && data[1], data && data[2]));
  }

  words(data) {
    return data ? `${data[0]}: ${data[1] || ""}` : "an error without words";
  }
}
