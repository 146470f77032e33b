// A server under a CPU quota of the kernel, if this machine allows setting one.
#include "../support/catch.hpp"
#include "../support/server.hpp"
#include "../support/server_process.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

using namespace sake;
using namespace sake::test;
using Catch::Matchers::ContainsSubstring;

namespace fs = std::filesystem;

namespace {

/// A control group with a fifth of a core, of either version of cgroups(7).
class fifth_of_a_core {
public:
  fifth_of_a_core() {
    const fs::path mounted = "/sys/fs/cgroup";
    const auto name = "sake-test-" + std::to_string(::getpid());
    const bool is_old = fs::exists(mounted / "cpu" / "cpu.shares");
    path_ = (is_old ? mounted / "cpu" : mounted) / name;
    std::error_code failed;
    fs::create_directory(path_, failed);
    is_there_ =
        !failed && (is_old ? write("cpu.cfs_quota_us", "20000") : write("cpu.max", "20000 100000"));
  }
  ~fifth_of_a_core() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }

  [[nodiscard]] bool is_there() const noexcept { return is_there_; }
  /// A command that runs another command in the group.
  [[nodiscard]] std::vector<std::string> wrapper() const {
    return {"sh", "-c", "echo $$ >" + (path_ / "cgroup.procs").string() + " && exec \"$0\" \"$@\""};
  }

private:
  [[nodiscard]] bool write(const char* file, const char* text) const {
    std::ofstream out{path_ / file};
    return static_cast<bool>(out << text << std::flush);
  }

  fs::path path_;
  bool is_there_ = false;
};

} // namespace

TEST_CASE("a server with a fifth of a core has one reactor and one worker", "[e2e]") {
  const fifth_of_a_core group;
  if (!group.is_there()) {
    WARN("control groups cannot be made here");
    return;
  }
  server_process program{"plain", "127.0.0.1:0", group.wrapper()};
  const auto port = program.await_banner();
  const auto settings = program.read_line();
  CHECK_THAT(settings, ContainsSubstring("reactors=1"));
  CHECK_THAT(settings, ContainsSubstring("workers=1"));
  CHECK(client{port}.ask(get("/")).status == 200);
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
}
