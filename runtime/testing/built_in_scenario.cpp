#include "built_in_scenario.hpp"

#include "../../actors/handlers/spawned.hpp"
#include "../../actors/request/ask.hpp"
#include "../../routing/response_stream.hpp"
#include "../../routing/supervision.hpp"
#include "../../routing/when.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <charconv>
#include <cstddef>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sake::testing {

namespace {

using namespace std::chrono_literals;

using done_atom = caf::atom_constant<caf::atom("done")>;

// -- record of the handlers ---------------------------------------------------------------

/// What handlers did, to check the responses against.
struct ledger {
  struct entry {
    int runs = 0;
    bool failed = false;
  };
  std::map<int, entry> requests;
  /// Failures of the supervised actor; with too many it is quarantined.
  std::size_t failures = 0;
  /// The values that the counter has returned to clients.
  std::set<std::string> counts;
};

struct shared_parts {
  simulation& run;
  ledger& book;
  caf::actor office;

  /// Records that a handler begins with request `id`; throws in `percent_fails` % of the runs.
  void begin(int id, unsigned percent_fails = 0) const {
    auto& entry = book.requests[id];
    ++entry.runs;
    if (run.chance(percent_fails)) {
      entry.failed = true;
      throw std::runtime_error("by the seed's will");
    }
  }
};

constexpr unsigned fails_often = 15;
constexpr unsigned fails_mostly = 60;

/// The second failure is followed by a backoff, the third by quarantine.
constexpr supervision strict{.restarts = 2, .backoff = 30ms, .quarantine = 200ms};

/// Octets that a stream writes at a time.
constexpr std::size_t stream_piece = 5;

int number_of(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

int id_of(const context& ctx) {
  return number_of(ctx.param("id"));
}

int id_of(const http::request& from) {
  return number_of(from.param("id"));
}

std::string own_text(int id) {
  return "answer to " + std::to_string(id);
}

http::response own_response(int id) {
  return http::response::text(200, own_text(id));
}

void answer(context& ctx) {
  ctx.string(200, own_text(id_of(ctx)));
}

// -- actors -------------------------------------------------------------------------------

void fail_quietly(caf::scheduled_actor* self) {
  self->set_exception_handler(
      [](std::exception_ptr&) { return caf::exit_reason::unhandled_exception; });
}

struct promises {
  std::multimap<int, caf::typed_response_promise<int>> open;
};

// Answers later, by a delayed message to itself.
caf::behavior office(caf::stateful_actor<promises>* self, simulation* run) {
  return {[self, run](int id) {
            auto promise = self->make_response_promise<int>();
            self->state.open.emplace(id, promise);
            self->delayed_send(self, run->delay(20ms), done_atom::value, id);
            return promise;
          },
          [self](done_atom, int id) {
            const auto oldest = self->state.open.find(id);
            oldest->second.deliver(id);
            self->state.open.erase(oldest);
          }};
}

// -- the routes -----------------------------------------------------------------------------

void add_functions(route_group& at, const shared_parts& with) {
  at.post("/echo/:id", [with](context& ctx) {
    with.begin(id_of(ctx));
    ctx.string(200, own_text(id_of(ctx)) + std::string{ctx.body()});
  });
  const auto fails = [with](context& ctx) {
    with.begin(id_of(ctx), fails_often);
    answer(ctx);
  };
  at.get("/fails/:id", fails);
  at.get("/pool/:id", fails).worker();
  at.get("/urgent/:id", fails).worker().high_priority();
  at.get("/scheduler/:id", fails).on_scheduler();
  at.get("/detached/:id", fails).detached();
}

void add_coroutines(route_group& at, const shared_parts& with) {
  at.get("/sleep/:id", [with](context& ctx) -> task<> {
    const auto frame = with.run.alive("coroutine");
    co_await ctx.sleep(with.run.delay(50ms));
    with.begin(id_of(ctx), fails_often);
    answer(ctx);
  });
  at.get("/bounded/:id", [with](context& ctx) -> task<> {
      const auto frame = with.run.alive("coroutine");
      with.begin(id_of(ctx));
      co_await ctx.sleep(with.run.delay(20ms));
      answer(ctx);
    }).max_in_flight(1);
  at.get("/late/:id", [with](context& ctx) -> task<> {
    const auto frame = with.run.alive("coroutine");
    with.begin(id_of(ctx));
    co_await ctx.sleep(1h);
    answer(ctx);
  });
  at.get("/offload/:id", [with](context& ctx) -> task<> {
    const auto frame = with.run.alive("coroutine");
    const int id = co_await ctx.offload([id = id_of(ctx)] { return id; });
    with.begin(id);
    answer(ctx);
  });
  at.get("/ask/:id", [with](context& ctx) -> task<> {
    const auto frame = with.run.alive("coroutine");
    const auto id = co_await ctx.ask<int>(with.office, 5s, id_of(ctx));
    with.begin(id ? *id : 0);
    answer(ctx);
  });
  at.get("/both/:id", [with](context& ctx) -> task<> {
    const auto frame = with.run.alive("coroutine");
    const auto [asked, same] = co_await when_all(
        ctx.ask<int>(with.office, 5s, id_of(ctx)),
        when_any(ctx.sleep(with.run.delay(20ms)), ctx.ask<int>(with.office, 5s, id_of(ctx))));
    with.begin(asked ? *asked : 0);
    answer(ctx);
  });
  at.get("/pool-sleep/:id", [with](context& ctx) -> task<> {
      const auto frame = with.run.alive("coroutine");
      co_await ctx.sleep(with.run.delay(20ms));
      const int id = co_await ctx.offload([id = id_of(ctx)] { return id; });
      with.begin(id);
      answer(ctx);
    }).worker();
  at.get("/stream/:id", [with](context& ctx) -> task<> {
    const auto frame = with.run.alive("coroutine");
    with.begin(id_of(ctx));
    const auto text = own_text(id_of(ctx));
    auto out = ctx.stream(200, "text/plain");
    for (std::size_t begin = 0; begin < text.size(); begin += stream_piece) {
      co_await out.write(std::string_view{text}.substr(begin, stream_piece));
      co_await ctx.sleep(with.run.delay(5ms));
    }
  });
}

void add_actors(route_group& at, const shared_parts& with) {
  at.get("/actor/:id", [with](caf::event_based_actor*) -> caf::behavior {
    return {[with](const http::request& asked) {
      with.begin(id_of(asked));
      return own_response(id_of(asked));
    }};
  });
  const auto fails = [with](caf::event_based_actor* self) -> caf::behavior {
    fail_quietly(self);
    return {[with, own = with.run.alive("actor")](const http::request& asked) {
      with.begin(id_of(asked), fails_often);
      return own_response(id_of(asked));
    }};
  };
  at.get("/each/:id", fails).per_request();
  at.get("/keyed/:key/:id", fails).keyed_by("key");
  // Asks another actor before it responds.
  at.get("/relay/:id", [with](caf::event_based_actor* self) -> caf::behavior {
    return {[with, self](const http::request& asked) {
      const int id = id_of(asked);
      with.begin(id);
      auto promise = self->make_response_promise<http::response>();
      self->request(with.office, caf::infinite, id).then([promise](int same) mutable {
        promise.deliver(own_response(same));
      });
      return promise;
    }};
  });
  at.get("/count/:id", [with](caf::event_based_actor*) -> caf::behavior {
    return {[with, n = 0](const http::request& asked) mutable {
      with.begin(id_of(asked));
      return http::response::text(200, std::to_string(++n));
    }};
  });
}

// One actor for all requests, in no group, so that it fails often enough to be quarantined. The
// last actor lives as long as the app.
void add_supervised(route_group& at, const shared_parts& with) {
  const auto fails = [with](caf::event_based_actor* self) -> caf::behavior {
    fail_quietly(self);
    return {[with](const http::request& asked) {
      try {
        with.begin(id_of(asked), fails_mostly);
      } catch (const std::exception&) {
        ++with.book.failures;
        throw;
      }
      return own_response(id_of(asked));
    }};
  };
  at.get("/supervised/:id", fails).supervised(strict);
}

void add_routes(route_group& app, const shared_parts& with) {
  add_supervised(app, with);
  const auto add_all = [&with](route_group at) {
    add_functions(at, with);
    add_coroutines(at, with);
    add_actors(at, with);
  };
  add_all(app);
  auto before = app.group("/before");
  before.use([](context& ctx) { ctx.set_header("X-Seen", "before"); });
  add_all(before);
  auto after = app.group("/after");
  after.use(
      [](context& ctx) { ctx.next([](context& done) { done.set_header("X-Seen", "after"); }); });
  add_all(after);
  auto around = app.group("/around");
  around.use([with](context& ctx) -> task<> {
    const auto frame = with.run.alive("coroutine");
    co_await ctx.next();
    ctx.set_header("X-Seen", "around");
  });
  add_all(around);
}

// -- the clients ----------------------------------------------------------------------------

struct kind {
  std::string_view path;
  /// Other statuses than 200: 503 if it may be full, 504 if late; 500 only if its handler failed.
  bool may_be_full = false;
  bool is_late = false;
};

constexpr kind kinds[] = {
    {.path = "/fails/"},
    {.path = "/pool/", .may_be_full = true},
    {.path = "/sleep/"},
    {.path = "/late/", .is_late = true},
    {.path = "/offload/", .may_be_full = true},
    {.path = "/ask/"},
    {.path = "/both/"},
    {.path = "/bounded/", .may_be_full = true},
    {.path = "/urgent/", .may_be_full = true},
    {.path = "/scheduler/", .may_be_full = true},
    {.path = "/detached/", .may_be_full = true},
    {.path = "/stream/"},
    {.path = "/pool-sleep/", .may_be_full = true},
    {.path = "/actor/"},
    {.path = "/each/"},
    {.path = "/keyed/a/"},
    {.path = "/keyed/b/"},
    {.path = "/relay/"},
};

constexpr kind supervised{.path = "/supervised/"};

constexpr std::string_view groups[] = {"", "/before", "/after", "/around"};

verdict hold_against(const response& got, const kind& of, int id, const ledger& book) {
  const auto found = book.requests.find(id);
  const auto done = found == book.requests.end() ? ledger::entry{} : found->second;
  if (done.runs > 1)
    return verdict{"its handler ran " + std::to_string(done.runs) + " times"};
  if (of.is_late)
    return matches(got, has_status(504));
  const bool may_rest = &of == &supervised && book.failures > strict.restarts;
  if (got.status() == 503 && (of.may_be_full || may_rest) && done.runs == 0)
    return matches(got, has_header("Retry-After"));
  // Requests queued for an actor that fails go to the next actor.
  if (done.failed)
    return matches(got, has_status(500));
  return matches(got, has_status(200), has_content(own_text(id)));
}

template <std::size_t Size>
const auto& any(simulation& run, const auto (&from)[Size]) {
  return from[run.below(Size)];
}

void ask_something(simulated_client& client, simulation& run, ledger& book, int id) {
  const auto path = std::string{any(run, groups)};
  const auto number = std::to_string(id);
  const auto dice = run.below(10);
  if (dice == 0) {
    const std::string text(run.below(400), 'x');
    client.ask(request{"POST", path + "/echo/" + number}.content(text),
               [expected = own_text(id) + text](const response& got) {
                 return matches(got, has_status(200), has_content(expected));
               });
  } else if (dice == 1) {
    client.ask(request{"GET", path + "/count/" + number}, [path, &book](const response& got) {
      if (!book.counts.insert(path + ' ' + got.content()).second)
        return verdict{"the counter said " + got.content() + " twice"};
      return matches(got, has_status(200));
    });
  } else if (dice == 2) {
    client.ask(request{"GET", "/nowhere/" + number}, has_status(404));
  } else {
    const kind& chosen = dice == 3 ? supervised : any(run, kinds);
    const auto group = dice == 3 ? std::string{} : path;
    client.ask(
        request{"GET", group + std::string{chosen.path} + number},
        [&chosen, &book, id](const response& got) { return hold_against(got, chosen, id, book); });
  }
}

// -- the defect -----------------------------------------------------------------------------

/// A pool with a worker that falls asleep without checking the queue again.
class drowsy_executor final : public manual_executor {
public:
  using manual_executor::manual_executor;

  void insert(std::shared_ptr<routing::work> task) override {
    manual_executor::insert(std::move(task));
    if (worker_ == state::asleep)
      worker_ = state::awake;
  }

  [[nodiscard]] std::size_t ready() override {
    if (worker_ == state::asleep)
      return 0;
    return worker_ == state::drowsy ? 1 : manual_executor::ready();
  }

  void run(std::size_t i) override {
    if (worker_ == state::drowsy) {
      worker_ = state::asleep; // the defect: tasks submitted since are not seen
      return;
    }
    manual_executor::run(i);
    worker_ = state::drowsy;
  }

private:
  enum class state { awake, drowsy, asleep };
  state worker_ = state::asleep;
};

void play(simulation& run, planted defect) {
  http::limits small;
  small.buffered_content_bytes = 100;
  const auto options = config{}
                           .with_limits(small)
                           .with_workers(1 + run.below(3))
                           .with_worker_max_queued(run.chance(20) ? 0 : 64)
                           .with_max_requests_per_connection(run.chance(20) ? 3 : 0);
  auto& app = run.app(options, 1 + run.below(3));
  if (defect == planted::lost_wakeup)
    app.runtime().set_executor("", std::make_unique<drowsy_executor>(app.system(), 1, 64));
  auto& book = run.keep<ledger>();
  add_routes(app.routes(), {run, book, app.spawn(office, &run)});
  int id = 0;
  for (auto clients = 2 + run.below(4); clients > 0; --clients) {
    auto& client = run.client();
    if (run.chance(40))
      client.may_leave();
    for (auto requests = 1 + run.below(5); requests > 0; --requests)
      ask_something(client, run, book, ++id);
  }
}

} // namespace

scenario built_in_scenario(planted defect) {
  return [defect](simulation& run) { play(run, defect); };
}

} // namespace sake::testing
