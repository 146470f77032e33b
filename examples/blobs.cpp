// Large content, uploaded into memory and downloaded from it without a copy.
#include <sake/sake.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace {

using octets = std::shared_ptr<const std::string>;

// Content by name. All reactors share it; each holds the lock for a moment only.
class store {
public:
  void put(std::string_view name, octets content) {
    const std::lock_guard lock{mutex_};
    by_name_.insert_or_assign(std::string{name}, std::move(content));
  }
  octets get(std::string_view name) const {
    const std::lock_guard lock{mutex_};
    const auto found = by_name_.find(name);
    return found != by_name_.end() ? found->second : nullptr;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, octets, std::less<>> by_name_;
};

constexpr std::string_view help = "curl -T FILE http://localhost:8080/blobs/NAME\n";

} // namespace

int main(int argc, char** argv) {
  sake::engine app;
  store blobs;

  app.get("/", [](sake::context& ctx) { ctx.data(200, "text/plain", sake::static_octets(help)); });

  // [upload]
  app.put("/blobs/:name",
          [&blobs](sake::context& ctx) {
            blobs.put(ctx.param("name"), std::make_shared<const std::string>(ctx.take_body()));
            ctx.status(204);
          })
      .limits({.content_bytes = 64 * 1024 * 1024}); // for this route; the default is 1 MiB
  // [/upload]

  // [download]
  app.get("/blobs/:name", [&blobs](sake::context& ctx) {
    if (const auto found = blobs.get(ctx.param("name")))
      ctx.data(200, "application/octet-stream", found); // a std::shared_ptr to a string
    else
      ctx.string(404, "no such blob\n");
  });
  // [/download]

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}
