// The chart of the comparison: elapsed time to the right, the duration of a ping upwards, by powers
// of ten.

const margin = { top: 44, right: 20, bottom: 34, left: 64 };
const least = 0.1;

export class Chart {
  #canvas;
  #phases = [];
  #samples = [];
  #isDue = false;

  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  /** Clears the chart. A phase is {name, title, seconds}; phases follow each other. */
  clear(phases) {
    this.#phases = phases.map((phase) => ({ ...phase }));
    this.#samples = [];
    this.drawSoon();
  }

  /** Adds a ping: `at` counts seconds from the start of its phase. */
  add(phase, at, ms) {
    this.#samples.push({ phase, at, ms });
    this.drawSoon();
  }

  /** Draws a line for a phase, at the height of `ms`. */
  mark(phase, ms) {
    this.#phases[phase].mark = ms;
    this.drawSoon();
  }

  drawSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = devicePixelRatio;
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    const pen = this.#canvas.getContext("2d");
    pen.scale(scale, scale);

    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const look = {
      line: colour("line"),
      muted: colour("muted"),
      dots: { none: colour("muted"), inline: colour("ink"), pool: colour("accent") },
      font: (size, weight = 400) => `${weight} ${size}px ${colour("sans")}`,
    };
    const area = {
      left: margin.left,
      right: width - margin.right,
      top: margin.top,
      bottom: height - margin.bottom,
    };
    const most = 10 ** Math.ceil(Math.log10(Math.max(100, ...this.#samples.map((s) => s.ms))));
    const share = (ms) => Math.log10(Math.max(ms, least) / least) / Math.log10(most / least);
    const y = (ms) => area.bottom - share(ms) * (area.bottom - area.top);

    this.#drawScale(pen, look, area, y, most);
    this.#drawPhases(pen, look, area, y);
  }

  #drawScale(pen, look, area, y, most) {
    pen.strokeStyle = look.line;
    pen.fillStyle = look.muted;
    pen.font = look.font(12);
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (let ms = least; ms <= most * 1.01; ms *= 10) {
      const height = Math.round(y(ms)) + 0.5;
      line(pen, area.left, height, area.right, height);
      pen.fillText(ms < 999 ? `${Number(ms.toPrecision(1))} ms` : `${Math.round(ms / 1000)} s`, area.left - 12, height);
    }
  }

  #drawPhases(pen, look, area, y) {
    const all = this.#phases.reduce((sum, phase) => sum + phase.seconds, 0);
    const perSecond = (area.right - area.left) / all;
    let left = area.left;
    this.#phases.forEach((phase, index) => {
      const right = left + phase.seconds * perSecond;
      pen.strokeStyle = look.line;
      if (index > 0) line(pen, Math.round(left) + 0.5, area.top - 24, Math.round(left) + 0.5, area.bottom);

      pen.fillStyle = pen.strokeStyle = look.dots[phase.name];
      pen.textAlign = "center";
      pen.textBaseline = "alphabetic";
      pen.font = look.font(13, 600);
      pen.fillText(phase.title, (left + right) / 2, area.top - 18, right - left - 4);

      pen.globalAlpha = 0.55;
      for (const { at, ms } of this.#samples.filter((s) => s.phase === index)) {
        pen.beginPath();
        pen.arc(Math.min(left + at * perSecond, right), y(ms), 2.4, 0, 2 * Math.PI);
        pen.fill();
      }
      pen.globalAlpha = 1;

      if (phase.mark !== undefined) {
        pen.lineWidth = 1.5;
        line(pen, left + 6, y(phase.mark), right - 6, y(phase.mark));
        pen.lineWidth = 1;
      }
      left = right;
    });

    pen.fillStyle = look.muted;
    pen.font = look.font(12);
    pen.textBaseline = "top";
    for (let second = 0; second <= all; second += 2)
      pen.fillText(`${second} s`, area.left + second * perSecond, area.bottom + 10);
  }
}

function line(pen, x1, y1, x2, y2) {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}
