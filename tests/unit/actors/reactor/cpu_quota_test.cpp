// How many threads a quota of CPU time can keep busy.
#include "../../../support/catch.hpp"
#include "../../../support/scratch_folder.hpp"

#include <sake/actors/reactor/cpu_quota.hpp>
#include <sake/actors/reactor/detail/thread_times.hpp>

#include <filesystem>
#include <fstream>
#include <string>

using namespace sake::actors;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

namespace {

/// Files in the layout of cgroups(7).
struct groups {
  void write(const fs::path& path, const std::string& text) const {
    fs::create_directories((folder.path / path).parent_path());
    std::ofstream{folder.path / path} << text << '\n';
  }
  [[nodiscard]] std::optional<double> quota() const {
    return cpu_quota(folder.path / "own", folder.path / "mnt");
  }

  sake::test::scratch_folder folder;
};

} // namespace

TEST_CASE("without a limit there is no quota", "[quota]") {
  const groups g;
  CHECK_FALSE(g.quota());
  g.write("own", "0::/app");
  CHECK_FALSE(g.quota());
  g.write("mnt/app/cpu.max", "max 100000");
  CHECK_FALSE(g.quota());
}

TEST_CASE("the quota is the smallest of the group and its ancestors", "[quota]") {
  const groups g;
  g.write("own", "0::/slice/app");
  g.write("mnt/slice/app/cpu.max", "150000 100000");
  CHECK(g.quota() == 1.5);
  g.write("mnt/slice/cpu.max", "20000 100000");
  CHECK(g.quota() == 0.2);
  g.write("mnt/slice/cpu.max", "max 100000");
  g.write("mnt/cpu.max", "50000 50000");
  CHECK(g.quota() == 1.0);
}

TEST_CASE("the first version of control groups is read as well", "[quota]") {
  const groups g;
  g.write("own", "5:memory:/other\n4:cpu,cpuacct:/app");
  g.write("mnt/cpu/app/cpu.cfs_period_us", "100000");
  g.write("mnt/cpu/app/cpu.cfs_quota_us", "-1");
  CHECK_FALSE(g.quota());
  g.write("mnt/cpu/app/cpu.cfs_quota_us", "250000");
  CHECK(g.quota() == 2.5);
}

TEST_CASE("the thread count is the core count, limited by the quota", "[quota]") {
  CHECK(useful_threads(4, std::nullopt) == 4);
  CHECK(useful_threads(4, 0.2) == 1);
  CHECK(useful_threads(4, 1.0) == 1);
  CHECK(useful_threads(4, 1.5) == 2);
  CHECK(useful_threads(4, 4.0) == 4);
  CHECK(useful_threads(4, 64.0) == 4);
}

TEST_CASE("waiting for a core does not count as time of a handler", "[quota]") {
  using detail::time_spent;
  const detail::thread_times before{.cpu = 10ms, .waited = 5ms};
  // The thread ran for 2 ms and has waited for a core since.
  CHECK(time_spent(before, {.cpu = 12ms, .waited = 5ms}, 80ms, true) == 2ms);
  // The thread ran for 2 ms, waited 70 ms for a core, and has slept since.
  CHECK(time_spent(before, {.cpu = 12ms, .waited = 75ms}, 80ms, false) == 10ms);
  // The thread computes.
  CHECK(time_spent(before, {.cpu = 89ms, .waited = 6ms}, 80ms, true) == 79ms);
  // The thread sleeps.
  CHECK(time_spent(before, {.cpu = 10ms, .waited = 5ms}, 80ms, false) == 80ms);
}

TEST_CASE("the CPU time of a thread is read by its identity", "[quota]") {
  const auto own = detail::thread_identity::here();
  CHECK(detail::is_runnable(own));
  const auto before = detail::times_of(own);
  volatile unsigned work = 0;
  while (detail::times_of(own).cpu - before.cpu < 2ms)
    work = work + 1;
  CHECK(detail::times_of(own).cpu > before.cpu);
  CHECK_FALSE(detail::is_runnable({.id = 0, .cpu_clock = own.cpu_clock}));
}
