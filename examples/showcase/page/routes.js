// The routes: read from their source, shown, and tried.

import { duration, timed } from "./measure.js";

// // [POST /guests {"name": "You"}] The description of the route.
const beginning = /^\s*\/\/ \[(\w+) (\S+)(?: (.*?))?\] (.*)$/;
const ending = /^\s*\/\/ \[end\]$/;
const comment = /^\s*\/\/ (.*)$/;

/** Reads the routes from the source: a list of {method, path, content, about, code}. */
export function readRoutes(source) {
  const routes = [];
  let lines; // the lines of the code, once it has begun
  let route;
  for (const line of source.split("\n")) {
    const found = beginning.exec(line);
    const more = lines === undefined ? comment.exec(line) : null;
    if (found) {
      const [, method, path, content = "", about] = found;
      route = { method, path, content, about, code: [] };
      routes.push(route);
      lines = undefined;
    } else if (route === undefined || ending.test(line)) {
      route = undefined;
    } else if (more) {
      route.about += ` ${more[1]}`;
    } else {
      lines = route.code;
      lines.push(line.replace(/^ {2}/, ""));
    }
  }
  return routes.map((each) => ({ ...each, code: each.code.join("\n").trim() }));
}

const tokens =
  /(?<comment>\/\/.*)|(?<text>"(?:\\.|[^"\\])*")|(?<word>\b(?:auto|co_await|co_return|const|if|mutable|return|throw)\b)|[^"/a-z]+|[a-z]\w*|./giu;

/** The code as nodes: comments, strings and keywords are marked. */
function highlight(code) {
  return [...code.matchAll(tokens)].map((match) => {
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    if (!kind) return match[0];
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = match[0];
    return span;
  });
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The same request for a shell. */
function curlLine({ method, path, content }) {
  const words = ["curl", "-i"];
  if (method === "HEAD") words.push("--head");
  else if (method !== (content ? "POST" : "GET")) words.push("-X", method);
  if (content) {
    words.push("-H", quoted(`Content-Type: ${mediaType(content)}`), "-d", quoted(content));
  }
  return [...words, quoted(new URL(path, location.origin).href)].join(" ");
}

const mediaType = (content) => (/^\s*[[{]/.test(content) ? "application/json" : "text/plain");

/** Connects the list of routes and the request form with their part of the page. */
export function setUpRoutes(routes) {
  const at = (id) => document.getElementById(id);
  const form = at("request");
  const { method, path, content } = form.elements;

  const request = () => ({
    method: method.value,
    path: path.value.startsWith("/") ? path.value : `/${path.value}`,
    content: content.closest("label").hidden ? "" : content.value,
  });

  function update() {
    content.closest("label").hidden = ["GET", "HEAD"].includes(method.value);
    at("curl").textContent = curlLine(request());
  }

  function choose(route, button) {
    at("routes").querySelector("[aria-current]")?.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    at("about").textContent = route.about;
    at("code").replaceChildren(...highlight(route.code));
    method.value = route.method;
    path.value = route.path;
    content.value = route.content;
    at("response").hidden = true;
    update();
  }

  async function send() {
    const { content: body, ...wanted } = request();
    const options = { method: wanted.method };
    if (body) Object.assign(options, { body, headers: { "Content-Type": mediaType(body) } });
    try {
      show(await timed(wanted.path, options));
    } catch (error) {
      at("status").textContent = "No answer";
      at("timing").textContent = error.message;
      at("content").textContent = "";
      at("fields").replaceChildren();
    }
    at("response").hidden = false;
  }

  function show({ response, content: text, ms }) {
    const inside = /\bdur=([\d.]+)/.exec(response.headers.get("Server-Timing") ?? "");
    at("status").textContent = `${response.status} ${response.statusText}`;
    at("timing").textContent =
      `${duration(ms)} on the wire` + (inside ? `, ${duration(Number(inside[1]))} in Sake` : "");
    at("content").textContent = text;
    at("fields").replaceChildren(...[...response.headers].flatMap(([name, value]) => {
      const term = document.createElement("dt");
      const detail = document.createElement("dd");
      term.textContent = name;
      detail.textContent = value;
      return [term, detail];
    }));
  }

  for (const route of routes) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    for (const name of ["method", "path"]) {
      const span = document.createElement("span");
      span.className = name;
      span.textContent = route[name];
      button.append(span, " ");
    }
    button.addEventListener("click", () => choose(route, button));
    item.append(button);
    at("routes").append(item);
  }

  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  at("copy").hidden = !navigator.clipboard; // absent unless the browser trusts the address
  at("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(at("curl").textContent);
    at("copy").textContent = "Copied";
    setTimeout(() => (at("copy").textContent = "Copy"), 1500);
  });

  at("routes").querySelector("button").click();
}
