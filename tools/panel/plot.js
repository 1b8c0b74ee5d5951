"use strict";
// A plot of values over time: one picture for each unit, one below the other.
const HOUR = 3600, COLOURS = ["#d9480f", "#1971c2", "#2f9e44", "#9c36b5", "#c2255c", "#0c8599", "#e67700", "#5f3dc4"];
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

class Plot {
  constructor(canvas, legend) {
    this.canvas = canvas;
    this.legend = legend;
    this.span = 600;
    this.curves = new Map(); // specifier -> {name, unit, points: [[s, value or NaN]], on, limit()}
  }

  // a curve that may be shown
  add(specifier, unit, on, limits) {
    const old = this.curves.get(specifier);
    this.curves.set(specifier, {unit, on: old ? old.on : on, limits, points: old ? old.points : []});
  }

  point(specifier, value) {
    const curve = this.curves.get(specifier);
    if (!curve) return;
    const now = Date.now() / 1000, points = curve.points;
    points.push([now, value === undefined ? NaN : value]);
    while (points.length > 2 && points[1][0] < now - HOUR) points.shift();
    // what is older may be coarser
    if (points.length > 6000) curve.points = points.filter((p, i) => i > 3000 || i % 2);
  }

  show(specifier, on) {
    const curve = this.curves.get(specifier);
    if (curve) curve.on = on;
    this.draw();
  }

  draw() {
    const shown = [...this.curves].filter(([, curve]) => curve.on && curve.points.length);
    const units = [...new Set(shown.map(([, curve]) => curve.unit))];
    const canvas = this.canvas, ratio = devicePixelRatio || 1, wide = canvas.clientWidth, high = canvas.clientHeight;
    if (canvas.width !== Math.round(wide * ratio)) { canvas.width = Math.round(wide * ratio); canvas.height = Math.round(high * ratio); }
    const c = canvas.getContext("2d"), style = getComputedStyle(document.body);
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, wide, high);
    c.font = "12px system-ui, sans-serif";
    const now = Date.now() / 1000, words = [], pale = getComputedStyle(canvas).borderTopColor;
    // as far back as there is something
    const first = Math.min(now, ...shown.map(([, curve]) => curve.points[0][0])), span = Math.min(this.span, Math.max(30, now - first));
    const key = shown.map(([specifier], i) => `${specifier} ${i}`).join();
    if (key !== this.key) {
      this.key = key;
      this.legend.replaceChildren(...shown.map(([specifier], i) => {
        const line = el("i");
        line.style.borderTopColor = COLOURS[i % COLOURS.length];
        line.style.borderTopStyle = i % 4 ? "dashed" : "solid";
        return el("span", {}, line, specifier);
      }));
    }
    // a line for each of these s before now
    const steps = [5, 10, 30, 60, 120, 300, 600], each = steps.find(s => span / s <= (wide < 500 ? 4 : 8)) || 600, backs = [];
    for (let back = each; back < span; back += each) backs.push(back);
    units.forEach((unit, row) => {
      const top = 8 + row * (high - 20) / units.length, bottom = (row + 1) * (high - 20) / units.length - 4, left = 56, right = wide - 10;
      const mine = shown.map((one, i) => [one, i]).filter(([[, curve]]) => curve.unit === unit);
      let low = Infinity, most = -Infinity;
      for (const [[, {points}]] of mine) for (const [t, y] of points) if (t > now - span && isFinite(y)) { low = Math.min(low, y); most = Math.max(most, y); }
      for (const [[, {points}]] of mine) { const y = points[points.length - 1][1]; if (isFinite(y)) { low = Math.min(low, y); most = Math.max(most, y); } }
      if (low > most) return;
      // limits as well, where they are not so far off that the curve would be flat
      const range = Math.max(most - low, 1e-9), limits = mine.flatMap(([[, curve], i]) => curve.limits().map(limit => [limit, i]));
      const near = limits.map(([limit]) => limit).filter(limit => limit > low - range && limit < most + range);
      low = Math.min(low, ...near); most = Math.max(most, ...near);
      const around = Math.max((most - low) * .08, Math.abs(most) * 1e-6, 1e-9);
      low -= around; most += around;
      const x = t => right - (now - t) / span * (right - left), y = v => bottom - (v - low) / (most - low) * (bottom - top);
      c.textBaseline = "middle"; c.textAlign = "right"; c.lineWidth = 1;
      const step = nice((most - low) / Math.max(2, (bottom - top) / 45));
      for (let v = Math.ceil(low / step) * step; v <= most; v += step) {
        c.strokeStyle = pale; c.beginPath(); c.moveTo(left, y(v)); c.lineTo(right, y(v)); c.stroke();
        c.fillStyle = style.color; c.fillText(String(+v.toPrecision(6)), left - 6, y(v));
      }
      for (const back of backs) {
        c.strokeStyle = pale; c.beginPath(); c.moveTo(x(now - back), top); c.lineTo(x(now - back), bottom); c.stroke();
      }
      c.textAlign = "left"; c.textBaseline = "top"; c.fillStyle = style.color; c.fillText(unit, left + 4, top);
      c.save(); c.beginPath(); c.rect(left, top, right - left, bottom - top); c.clip();
      for (const [[specifier, curve], i] of mine) {
        c.strokeStyle = COLOURS[i % COLOURS.length];
        c.fillStyle = c.strokeStyle; c.lineWidth = 1.5; c.setLineDash([2, 4]); c.textAlign = "right";
        for (const [limit, of] of limits) if (of === i) {
          c.beginPath(); c.moveTo(left, y(limit)); c.lineTo(right, y(limit)); c.stroke();
          const above = y(limit) > top + 24;
          c.textBaseline = above ? "bottom" : "top"; c.fillText("limit", right - 4, y(limit) + (above ? -3 : 5));
        }
        c.lineWidth = 2; c.setLineDash(DASHES[i % 4]); c.beginPath();
        let pen = false, last;
        for (const [t, v] of curve.points) {
          if (isFinite(v)) { pen ? (c.lineTo(x(t), y(last)), c.lineTo(x(t), y(v))) : c.moveTo(x(t), y(v)); last = v; }
          pen = isFinite(v);
        }
        if (pen) { c.lineTo(x(now), y(last)); words.push(`${specifier} ${+last.toPrecision(5)} ${unit}`); }
        c.stroke();
      }
      c.restore(); c.setLineDash([]);
    });
    c.fillStyle = style.color; c.textBaseline = "bottom";
    c.textAlign = "center";
    for (const back of backs) {
      const at = wide - 10 - back / span * (wide - 66);
      if (at > 76) c.fillText(back < 60 || each % 60 ? `${back} s ago` : `${back / 60} min ago`, at, high - 2);
    }
    c.textAlign = "right"; c.fillText("now", wide - 10, high - 2);
    canvas.setAttribute("aria-label", words.length ? `plot: ${words.join(", ")}` : "no values yet");
  }
}

// 1, 2 or 5 times a power of ten, at least x
function nice(x) {
  const ten = 10 ** Math.floor(Math.log10(x));
  return [1, 2, 5, 10].find(n => n * ten >= x * .999) * ten;
}
