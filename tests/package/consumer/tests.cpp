// A user's tests, with everything that the kit links.
#include <sake/actors.hpp>
#include <sake/sake.hpp>
#include <sake/testing/contract.hpp>
#include <sake/testing/matchers.hpp>
#include <sake/testing/probe.hpp>
#include <sake/testing/simulation.hpp>
#include <sake/testing/test_app.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace sake::testing;
using namespace std::chrono_literals;

namespace {

void add_routes(sake::route_group& app) {
  app.get("/", [](sake::context& ctx) { ctx.string(200, "hi"); });
}

verdict asks_an_actor() {
  test_app app;
  probe asked{app};
  const auto whom = asked.handle();
  app.routes().get("/left", [whom](sake::context& ctx) -> sake::task<> {
    const auto left = co_await ctx.ask<int>(whom, 1s, std::string{"tea"});
    ctx.string(200, left ? std::to_string(*left) : "none");
  });
  auto pending = app.send(request("GET", "/left"));
  asked.expect<std::string>().reply(3);
  return matches(pending.take(), has_content("3"));
}

bool report(const char* what, const verdict& held) {
  std::cout << what << ": " << held << '\n';
  return static_cast<bool>(held);
}

} // namespace

int main() {
  test_app app{add_routes};
  const bool answers = report("an answer", matches(app.get("/"), has_content("hi")));
  const bool asks = report("a probe", asks_an_actor());
  const bool keeps = report("the contract", check_contract(add_routes, {request("GET", "/")}));
  const auto played = simulate(
      [](simulation& run) {
        add_routes(run.app().routes());
        run.client().ask(request("GET", "/"), has_content("hi"));
      },
      {.first = 1, .count = 10});
  std::cout << "a simulation: " << played << '\n';
  return answers && asks && keeps && played ? 0 : 1;
}
