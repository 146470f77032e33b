// The program of ./sake run: a page that shows the features of Sake, served by Sake.
#include "options.hpp"
#include "page.hpp"
#include "routes.hpp"

#include <sake/runtime/config/address.hpp>
#include <sake/runtime/config/version.hpp>

#include <cstdio>
#include <string>

namespace {

// The banner of engine::run, and URLs to try.
void greet(const sake::engine& app, const sake::config& config) {
  auto where = *sake::address::parse(config.address());
  where.port = app.port();
  const std::string url = "http://" + where.to_string();
  std::printf("%s\n", app.banner().c_str());
  std::printf(R"(
  Open %s in a browser, or try:

    curl %s/hello/you
    curl %s/fib/34
    curl -d '{"name": "You"}' %s/guests

  Ctrl+C ends it.
)",
              url.c_str(), url.c_str(), url.c_str(), url.c_str());
  std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) try {
  const auto chosen = showcase::parse_options(argc, argv);
  if (chosen.wants_help) {
    std::fputs(showcase::usage, stdout);
    return 0;
  }
  if (chosen.wants_version) {
    std::printf("sake %s\n", std::string{sake::version()}.c_str());
    return 0;
  }
  sake::engine app{chosen.config};
  app.use(showcase::add_fields);
  showcase::add_page(app, chosen.config);
  showcase::add_routes(app);
  if (const auto begun = app.start(); !begun) {
    std::fprintf(stderr, "sake-showcase: %s\n", begun.error.c_str());
    return 1;
  }
  greet(app, chosen.config);
  app.wait();
  return 0;
} catch (const showcase::usage_error& error) {
  std::fprintf(stderr, "sake-showcase: %s (--help tells more)\n", error.what());
  return 2;
}
