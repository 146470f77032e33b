#include "routes.hpp"

#include "common/cpu_time.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

namespace sake::bench {

namespace {

/// The longest burn of /burn.
constexpr std::uint32_t longest_ms = 10'000;

/// The result of POST /blob.
struct digest {
  std::size_t length = 0;
  std::string sha256;
};
SAKE_JSON(digest, length, sha256);

std::string sha256(std::string_view octets) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  if (::EVP_Digest(octets.data(), octets.size(), sum.data(), &size, ::EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i)
    (text += digits[sum[i] >> 4]) += digits[sum[i] & 15];
  return text;
}

/// A file to which runs of handlers are appended, a line each, by any number of processes.
class run_log {
public:
  explicit run_log(const std::string& path) {
    if (path.empty())
      return;
    file_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file_ < 0)
      throw std::system_error(errno, std::generic_category(), "open " + path);
  }
  run_log(const run_log&) = delete;
  run_log& operator=(const run_log&) = delete;
  ~run_log() {
    if (file_ >= 0)
      ::close(file_);
  }

  void add(std::string_view what) {
    const auto line = std::string{what} + '\n';
    if (file_ >= 0 && ::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
      throw std::system_error(errno, std::generic_category(), "write");
  }

private:
  int file_ = -1;
};

} // namespace

void add_node_routes(engine& app, const std::string& name, const std::string& once_log) {
  app.get("/where", [name](context& ctx) { ctx.string(200, name); }).worker();
  app.get("/burn/:ms",
          [name](context& ctx) {
            const auto ms = number(ctx, "ms", longest_ms);
            if (!ms)
              return ctx.string(400,
                                "ms is a whole number from 0 to " + std::to_string(longest_ms));
            burn(std::chrono::milliseconds{*ms});
            ctx.string(200, name);
          })
      .worker();
  app.post("/once/:id",
           [name, log = std::make_shared<run_log>(once_log)](context& ctx) {
             log->add(ctx.param("id"));
             ctx.string(200, name);
           })
      .worker();
  app.post("/blob",
           [](context& ctx) {
             ctx.json(200, digest{ctx.body().size(), sha256(ctx.body())});
           })
      .worker();
  app.get("/nodes", [&app](context& ctx) { ctx.json(200, app.nodes()); });
}

} // namespace sake::bench
