#include <sake/testing/matchers.hpp>
#include <sake/testing/test_app.hpp>

#include <iostream>

int main() {
  sake::testing::test_app app;
  app.routes().get("/", [](sake::context& ctx) { ctx.string(200, "hi"); });
  const auto held = matches(app.get("/"), sake::testing::has_content("hi"));
  std::cout << held << '\n';
  return held ? 0 : 1;
}
