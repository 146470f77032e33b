#include "page.hpp"

#include <sake/http/fields.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace showcase {

namespace {

// Allows only files of this server, and no inline code.
constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view media_type(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> types{{
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".cpp", "text/plain; charset=utf-8"},
  }};
  for (const auto& [suffix, type] : types)
    if (name.ends_with(suffix))
      return type;
  throw std::logic_error("no media type is known for " + std::string{name});
}

bool is_current(std::string_view if_none_match, std::string_view tag) {
  return if_none_match == "*" || sake::http::has_list_element(if_none_match, tag);
}

/// A handler for one file. A client may cache it, and revalidates it each time.
auto serve(const asset& file) {
  return [&file, type = media_type(file.name)](sake::context& ctx) {
    ctx.set_header("Cache-Control", "no-cache").set_header("ETag", file.tag);
    if (is_current(ctx.header("If-None-Match"), file.tag)) {
      ctx.status(304);
      return;
    }
    if (type.starts_with("text/html")) {
      ctx.set_header("Content-Security-Policy", content_security_policy);
      // Isolation from other sites makes the browser's clock precise.
      ctx.set_header("Cross-Origin-Opener-Policy", "same-origin");
      ctx.set_header("Cross-Origin-Embedder-Policy", "require-corp");
    }
    ctx.data(200, type, std::string{file.content});
  };
}

std::string milliseconds(std::chrono::duration<double, std::milli> duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", duration.count());
  return text.data();
}

} // namespace

void add_page(sake::engine& app, const sake::config& started_with) {
  for (const auto& file : assets) {
    app.get("/" + std::string{file.name}, serve(file));
    if (file.name == "index.html")
      app.get("/", serve(file));
  }

  app.get("/runtime", [started_with](sake::context& ctx) {
    ctx.json(200, {{"reactors", started_with.reactors()},
                   {"workers", started_with.worker_pool() ? started_with.workers() : 0},
                   {"cores", std::thread::hardware_concurrency()}});
  });
}

void add_fields(sake::context& ctx) {
  ctx.next([began = std::chrono::steady_clock::now()](sake::context& done) {
    const auto taken = std::chrono::steady_clock::now() - began;
    done.set_header("Server-Timing", "sake;dur=" + milliseconds(taken));
    done.set_header("X-Content-Type-Options", "nosniff");
    done.set_header("Cross-Origin-Resource-Policy", "same-origin");
    done.set_header("Referrer-Policy", "no-referrer");
    if (!done.response().header("Cache-Control"))
      done.set_header("Cache-Control", "no-store");
  });
}

} // namespace showcase
