// Where handlers run, over real sockets: named pools, and their size while they run.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <string>
#include <vector>

using namespace sake;
using namespace sake::test;

TEST_CASE("a pool is declared by its name, and again in place of what was before",
          "[placement][config]") {
  config options;
  options.with_pool("images", {.workers = 2})
      .with_pool("mail", {.workers = 3})
      .with_pool("images", {.workers = 4});
  CHECK(options.check().empty());
  REQUIRE(options.pools().size() == 2);
  CHECK(options.pools().at(0).name == "images");
  CHECK(options.pools().at(0).settings.workers == 4);
  CHECK(options.pools().at(1).name == "mail");
}

TEST_CASE("a pool that cannot be is named with its reason", "[placement][config]") {
  const auto errors = config{}
                          .with_pool("images", {.workers = 0})
                          .with_pool("mail", {.workers = 1025})
                          .with_pool("", {})
                          .with_pool("a b", {})
                          .with_pool(std::string(33, 'x'), {})
                          .check();
  CHECK(errors.size() == 5);
  CHECK(errors.at(0) == "workers of the pool \"images\" must be 1 to 1024");
}
