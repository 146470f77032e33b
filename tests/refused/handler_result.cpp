// expected: a handler returns nothing or a sake::task
#include <sake/sake.hpp>

#include <string>

void add(sake::engine& app) {
  app.get("/", [](sake::context&) { return std::string{"hello"}; });
}
