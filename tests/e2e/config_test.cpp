// Options of a running program: the banner, threads on their cores, reloading the file.
#include "../support/catch.hpp"
#include "../support/client.hpp"
#include "../support/scratch_file.hpp"
#include "../support/server.hpp"
#include "../support/server_process.hpp"

#include <sake/actors/reactor/cores.hpp>
#include <sake/runtime/banner.hpp>
#include <sake/runtime/config/wrap.hpp>

#include <algorithm>
#include <csignal>
#include <string>
#include <utility>

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace sake;
using namespace sake::test;

namespace {

/// Cores and scheduling of the thread that a handler runs on.
struct placing {
  int cores = 0;
  int first = -1;
  int policy = -1;
  int nice = -1;
};

placing placing_here() {
  placing found;
  cpu_set_t own;
  ::sched_getaffinity(0, sizeof own, &own);
  found.cores = CPU_COUNT(&own);
  while (found.first < CPU_SETSIZE && !CPU_ISSET(++found.first, &own)) {
  }
  found.policy = ::sched_getscheduler(0);
  found.nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
  return found;
}

/// The placing of a reactor and of a worker of an engine with these options.
std::pair<placing, placing> placings(const config& options) {
  std::pair<placing, placing> found;
  server own{options};
  own.app.get("/reactor", [&](context& ctx) {
    found.first = placing_here();
    ctx.string(200, "");
  });
  own.app
      .get("/worker",
           [&](context& ctx) {
             found.second = placing_here();
             ctx.string(200, "");
           })
      .worker();
  own.start();
  CHECK(own.ask(get("/reactor")).status == 200);
  CHECK(own.ask(get("/worker")).status == 200);
  return found;
}

address at_home() {
  return *address::parse("127.0.0.1:8080");
}

} // namespace

// -- the banner -----------------------------------------------------------------------

TEST_CASE("the banner shows threads, scheduling and the origin of the options", "[e2e]") {
  CHECK(banner(at_home(), config{}.with_reactors(2).with_workers(3), true)
        == "sake listens on http://127.0.0.1:8080\n"
           "  reactors=2 workers=3(background,pinned)\n"
           "  scheduler=sharing(threads=1,throughput=300) adaptive=on max_connections=10000\n"
           "  config=code");
  CHECK(banner(*address::parse("unix:/run/sake"),
               config{}
                   .with_reactors(1)
                   .with_reactor_cores({0, 1})
                   .with_reactor_pinning(true)
                   .with_scheduler_policy(scheduler_policy::stealing)
                   .with_adaptive(false),
               false)
        == "sake listens on unix:/run/sake\n"
           "  reactors=1(pinned,cores=0-1) workers=none\n"
           "  scheduler=stealing(threads=1,throughput=300) adaptive=off\n"
           "  max_connections=10000 config=code");
}

TEST_CASE("the banner shows each named pool", "[e2e]") {
  const auto options = config{}
                           .with_reactors(1)
                           .with_workers(1)
                           .with_worker_pinning(false)
                           .with_worker_scheduling(scheduling::batch)
                           .with_worker_nice(5)
                           .with_worker_cores({1})
                           .with_pool("images", {.workers = 2, .scheduling = scheduling::normal});
  const auto text = banner(at_home(), options, true);
  CHECK(text.find(" workers=1(batch,nice=5,cores=1) pools.images=2(normal,pinned)\n")
        != std::string::npos);
}

TEST_CASE("run() prints only the banner, which names the file", "[e2e]") {
  const scratch_file file{"workers = 2\n"};
  server_process program{"configured", "127.0.0.1:0", {}, file.path()};
  const auto port = program.await_banner();
  CHECK(program.banner() == "sake listens on http://127.0.0.1:" + std::to_string(port));
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  CHECK(program.output()
        == "  "
               + wrap("reactors=1 workers=2(normal) scheduler=sharing(threads=1,throughput=300) "
                      "adaptive=on max_connections=10000 config="
                          + file.path(),
                      2, 2)
               + '\n');
}

// -- cores and priorities -----------------------------------------------------------------

TEST_CASE("by default reactors may run on all cores, while each worker stays on one", "[e2e]") {
  const auto usable = static_cast<int>(actors::usable_cores().size());
  const auto [reactor, worker] = placings(config{}.with_address("127.0.0.1:0").with_reactors(1));
  CHECK(reactor.cores == usable);
  CHECK(worker.cores == 1);
  CHECK(worker.policy == SCHED_BATCH);
  CHECK(worker.nice == std::min(reactor.nice + 15, 19));
}

TEST_CASE("reactors and workers stay on their configured cores", "[e2e]") {
  const auto usable = actors::usable_cores();
  const auto last = usable.back();
  const auto options =
      test_config().with_reactors(1).with_workers(1).with_reactor_cores({last}).with_worker_cores(
          {last});
  for (const bool is_pinned : {false, true}) {
    CAPTURE(is_pinned);
    const auto [reactor, worker] =
        placings(config{options}.with_reactor_pinning(is_pinned).with_worker_pinning(is_pinned));
    CHECK(reactor.cores == 1);
    CHECK(reactor.first == static_cast<int>(last));
    CHECK(worker.cores == 1);
    CHECK(worker.first == static_cast<int>(last));
  }
}

TEST_CASE("a pinned reactor starts workers that may run on every core", "[e2e]") {
  const auto usable = actors::usable_cores();
  int cores = 0;
  server own{test_config().with_reactors(1).with_workers(1).with_reactor_pinning(true)};
  // No route is placed on the pool, so the reactor starts it.
  own.app.get("/", [&](context& ctx) -> task<> {
    cores = co_await ctx.offload([] { return placing_here().cores; });
    ctx.string(200, std::to_string(placing_here().cores));
  });
  own.start();
  CHECK(own.ask(get("/")).content == "1");
  CHECK(cores == static_cast<int>(usable.size()));
}

TEST_CASE("workers have the configured scheduling class and nice value", "[e2e]") {
  const int usual = ::getpriority(PRIO_PROCESS, 0);
  const auto [reactor, worker] =
      placings(test_config().with_worker_scheduling(scheduling::batch).with_worker_nice(3));
  CHECK(reactor.policy == SCHED_OTHER);
  CHECK(reactor.nice == usual);
  CHECK(worker.policy == SCHED_BATCH);
  CHECK(worker.nice == std::min(usual + 3, 19));
}

TEST_CASE("actors run under either policy of CAF's scheduler", "[e2e]") {
  const auto policy = GENERATE(scheduler_policy::sharing, scheduler_policy::stealing);
  server own{test_config()
                 .with_scheduler_policy(policy)
                 .with_scheduler_threads(2)
                 .with_scheduler_throughput(1)};
  own.app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  own.start();
  CHECK(own.ask(get("/")).content == "home");
}

// -- reloading the file ------------------------------------------------------------------

TEST_CASE("SIGHUP reloads the file: the pool is resized, other changes are reported", "[e2e]") {
  const scratch_file file{"workers = 1\nkeep_alive = true\n"};
  server_process program{"configured", "127.0.0.1:0", {}, file.path()};
  const auto port = program.await_banner();
  const auto workers = [port] { return client{port}.ask(get("/workers")).content; };
  CHECK(workers() == "1");

  file.write("workers = 3\nkeep_alive = true\n");
  program.signal(SIGHUP);
  program.await_error("the configuration was read again; applied=workers needs_restart=none\n");
  wait_until([&] { return workers() == "3"; });

  file.write("workers = 2\nkeep_alive = false\n[limits]\nfield_count = 9\n");
  program.signal(SIGHUP);
  program.await_error("the configuration was read again; applied=workers "
                      "needs_restart=keep_alive,limits.field_count\n");
  wait_until([&] { return workers() == "2"; });

  // Changes that need a restart are reported until the file agrees with the running options.
  program.signal(SIGHUP);
  program.await_error("applied=none needs_restart=keep_alive,limits.field_count\n");
  file.write("workers = 2\n");
  program.signal(SIGHUP);
  program.await_error("applied=none needs_restart=none\n");

  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
}

TEST_CASE("SIGHUP resizes named pools, but neither adds nor removes one", "[e2e]") {
  const scratch_file file{"[pools.images]\nworkers = 1\n[pools.mail]\nworkers = 2\n"};
  server_process program{"configured", "127.0.0.1:0", {}, file.path()};
  program.await_banner();
  file.write(
      "[pools.images]\nworkers = 3\nnice = 1\nscheduling = \"batch\"\n[pools.new]\nworkers = 1\n");
  program.signal(SIGHUP);
  program.await_error("a pool was resized; workers=3 before=1 pool=images\n");
  program.await_error(
      "the configuration was read again; applied=pools.images.workers needs_restart="
      "pools.images.scheduling,pools.images.nice,pools.mail.workers,");
  program.await_error("pools.new.workers,");
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
}

TEST_CASE("errors in a reloaded file are reported line by line and change nothing", "[e2e]") {
  const scratch_file file{"workers = 1\n"};
  server_process program{"configured", "127.0.0.1:0", {}, file.path()};
  const auto port = program.await_banner();
  file.write("workers = 3\nreactor = 2\nkeep_alive = 1\n");
  program.signal(SIGHUP);
  const auto begin = "error the configuration stays as it is; error=\"" + file.path();
  program.await_error(begin
                      + R"(:2:1: unknown option \"reactor\"; did you mean \"reactors\"?")"
                        "\n");
  program.await_error(begin + ":3:14: keep_alive wants true or false, not 1\"\n");
  CHECK(client{port}.ask(get("/workers")).content == "1");
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
}

TEST_CASE("without a file SIGHUP ends the program, as it does by default", "[e2e]") {
  server_process program{"patient"};
  program.await_banner();
  program.signal(SIGHUP);
  CHECK(program.wait() == 128 + SIGHUP);
}
