// Clients of other projects: curl and wrk.
#include "../support/catch.hpp"
#include "../support/process.hpp"
#include "../support/scratch_file.hpp"
#include "../support/server.hpp"

#include <sake/actors.hpp>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <string>

using namespace sake;
using namespace sake::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

caf::behavior answer_json(caf::event_based_actor*) {
  return {[](const request&) { return response::json(200, R"({"message":"Hello"})"); }};
}

void add_program_routes(engine& app) {
  app.get("/plain", [](context& ctx) { ctx.string(200, "Hello, World!"); });
  app.get("/json", [](context& ctx) { ctx.json(200, {{"message", "Hello, World!"}}); });
  app.get("/actor", app.system().spawn(answer_json));
  app.get("/worker", [](context& ctx) { ctx.string(200, "from the pool"); }).worker();
  app.get("/coroutine", [](context& ctx) -> task<> {
    co_await ctx.sleep(std::chrono::milliseconds{1});
    ctx.string(200, "later");
  });
  app.get("/redirect", [](context& ctx) { ctx.redirect(302, "/plain"); });
  app.post("/length", [](context& ctx) { ctx.string(200, std::to_string(ctx.body().size())); });
  app.put("/length", [](context& ctx) { ctx.string(200, std::to_string(ctx.body().size())); });
}

std::string url(const server& own, const std::string& path) {
  return "http://127.0.0.1:" + std::to_string(own.app.port()) + path;
}

} // namespace

TEST_CASE("curl: ordinary requests are answered", "[e2e]") {
  server own;
  add_program_routes(own.app);
  own.start();
  CHECK(curl({url(own, "/plain")}).output == "Hello, World!");
  CHECK(curl({"--http1.0", url(own, "/plain")}).output == "Hello, World!");
  CHECK(curl({"--http1.0", "--include", "-H", "Connection: keep-alive", url(own, "/plain")})
            .output.find("Connection: keep-alive")
        != std::string::npos);
  CHECK(curl({"--location", url(own, "/redirect")}).output == "Hello, World!");
  CHECK_THAT(curl({"--head", url(own, "/plain")}).output,
             ContainsSubstring("Content-Length: 13") && EndsWith("\r\n\r\n"));
  CHECK(curl({"--request", "OPTIONS", "--include", url(own, "/plain")}).output.find("Allow: ")
        != std::string::npos);
  CHECK_THAT(curl({"--include", url(own, "/nowhere")}).output, ContainsSubstring("404 Not Found"));
  // Five requests on one connection: only the first connects.
  const auto many =
      curl({"--write-out", "%{stderr}%{num_connects} ", url(own, "/plain"), url(own, "/json"),
            url(own, "/actor"), url(own, "/worker"), url(own, "/coroutine")});
  CHECK(many.output
        == R"(Hello, World!{"message":"Hello, World!"}{"message":"Hello"}from the poollater)");
  CHECK(many.errors == "1 0 0 0 0 ");
}

TEST_CASE("curl: content in every framing is answered", "[e2e]") {
  server own;
  add_program_routes(own.app);
  own.start();
  const std::size_t size = GENERATE(1, 60'000, 900'000);
  CAPTURE(size);
  const scratch_file file{std::string(size, 'x')};
  const auto data = "@" + file.path();
  const auto expected = std::to_string(size);
  CHECK(curl({"--data-binary", data, url(own, "/length")}).output == expected);
  CHECK(curl({"--upload-file", file.path(), url(own, "/length")}).output == expected);
  CHECK(
      curl({"-H", "Transfer-Encoding: chunked", "--data-binary", data, url(own, "/length")}).output
      == expected);
  CHECK(curl({"--http1.0", "--data-binary", data, url(own, "/length")}).output == expected);
  // curl's own timeout for 100 Continue is longer than the test may take.
  const auto asked = curl({"--include", "--expect100-timeout", "300", "-H", "Expect: 100-continue",
                           "--data-binary", data, url(own, "/length")});
  CHECK_THAT(asked.output,
             StartsWith("HTTP/1.1 100 Continue\r\n") && EndsWith("\r\n\r\n" + expected));
}

TEST_CASE("curl: content that is too large is refused before it is sent", "[e2e]") {
  server own;
  add_program_routes(own.app);
  own.start();
  const scratch_file file{std::string(5 * 1024 * 1024, 'x')};
  for (const auto* expect : {"Expect: 100-continue", "Expect:"}) {
    CAPTURE(expect);
    const auto got = curl({"--include", "--expect100-timeout", "300", "-H", expect, "--data-binary",
                           "@" + file.path(), url(own, "/length")});
    CHECK_THAT(got.output, ContainsSubstring("413 Content Too Large"));
    CHECK(got.output.find("100 Continue") == std::string::npos);
  }
}

TEST_CASE("wrk: every request of a hundred connections is answered", "[e2e]") {
  const auto* path = GENERATE("/plain", "/json", "/actor", "/worker", "/coroutine");
  CAPTURE(path);
  server own;
  add_program_routes(own.app);
  own.start();
  const auto run = run_process({"wrk", "--threads", "2", "--connections", "100", "--duration", "1s",
                                "--timeout", "60s", url(own, path)});
  CAPTURE(run.output, run.errors);
  CHECK(run.status == 0);
  // wrk prints these only if there are any.
  CHECK(run.output.find("Socket errors") == std::string::npos);
  CHECK(run.output.find("Non-2xx") == std::string::npos);
  CHECK_THAT(run.output, ContainsSubstring("requests in"));
  CHECK(run.output.find(" 0 requests in") == std::string::npos);
  CHECK(own.ask(get(path)).status == 200);
}
